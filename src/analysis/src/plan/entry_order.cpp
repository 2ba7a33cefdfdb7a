// SPDX-License-Identifier: Apache-2.0
#include "plan/entry_order.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>

#include "plan/frame_columns.hpp"

namespace angiotrial::analysis {
namespace {

bool digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// 2024-03-01, or with T09:30, T09:30:15 and fractions of a second: texts of one length then sort
/// as the moments do.
bool date(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.ddddddddd";
  constexpr std::size_t day = 10, minute = 16, second = 19, fraction = 21;
  const std::size_t size = text.size();
  if (size != day && size != minute && size != second && size < fraction) return false;
  if (size > shape.size()) return false;
  return std::ranges::equal(text, shape.substr(0, size),
                            [](char c, char s) { return s == 'd' ? digit(c) : c == s; });
}

std::size_t digits_from(std::string_view text) {
  std::size_t first = text.size();
  while (first > 0 && digit(text[first - 1])) --first;
  return first;
}

/// The whole number at the end of each text; none where what stands before differs.
std::optional<std::vector<double>> numbers_behind(const std::vector<std::string>& texts) {
  std::vector<double> out;
  for (const std::string& text : texts) {
    const std::size_t first = digits_from(text);
    const auto number = formats::finite_number(std::string_view(text).substr(first));
    if (!number || text.substr(0, first) != texts[0].substr(0, digits_from(texts[0]))) {
      return std::nullopt;
    }
    out.push_back(*number);
  }
  return out;
}

/// Where each level stands in time; empty where its text does not tell.
std::vector<double> places_of(const Factor& order) {
  const std::vector<std::string>& levels = order.levels;
  std::vector<double> sorted(levels.size());
  std::iota(sorted.begin(), sorted.end(), 0.0);
  if (std::ranges::all_of(levels, [](const std::string& text) {
        return formats::finite_number(text).has_value();
      })) {
    return sorted;
  }
  if (std::ranges::all_of(levels, [&](const std::string& text) {
        return date(text) && text.size() == levels[0].size();
      })) {
    return sorted;
  }
  return numbers_behind(levels).value_or(std::vector<double>{});
}

/// As frames find it: by its name in the same case, or else in another.
const formats::DataTable* subject_table_of(const Task& task) {
  const std::string& name = task.plan.columns.subject_table;
  if (name.empty()) return nullptr;
  const formats::DataTable* found = nullptr;
  for (const formats::DataTable& table : task.tables) {
    if (table.name == name) return &table;
    if (found == nullptr && folded(table.name) == folded(name)) found = &table;
  }
  return found;
}

/// Adds the subjects to whom the table gives one of these arms.
void add_randomised(const formats::DataTable& table, const ColumnMap& columns,
                    const std::vector<std::string>& arms, std::set<std::string>& names) {
  const formats::DataColumn* subject = table.find(columns.subject);
  const formats::DataColumn* arm = table.find(columns.arm);
  if (arm == nullptr) return;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    if (std::ranges::find(arms, arm->text(r)) == arms.end()) continue;
    names.insert(subject != nullptr ? subject->text(r) : "row " + std::to_string(r + 1));
  }
}

}  // namespace

std::vector<std::size_t> entry_order(const std::string& column, Frame& frame) {
  std::vector<std::size_t> entry(frame.rows());
  std::iota(entry.begin(), entry.end(), std::size_t{0});
  if (column.empty()) return entry;
  const Factor order = frame.factor(column);
  const std::vector<double> places = places_of(order);
  if (places.empty() && !order.levels.empty()) {
    frame.add_problem(column, order.levels.front(), "is text that does not tell the order of entry",
                      "numbers, ISO 8601 dates of one form, or R1, R2, ... R10");
    return entry;
  }
  std::vector<double> place(frame.rows(), -1.0);
  for (std::size_t i = 0; i < entry.size(); ++i) {
    if (order.codes[i] < 0) {
      frame.add_problem(i, column, "", "the order of entry is missing");
    } else {
      place[i] = places[static_cast<std::size_t>(order.codes[i])];
    }
  }
  std::ranges::stable_sort(entry, {}, [&](std::size_t i) { return place[i]; });
  for (std::size_t e = 1; e < entry.size(); ++e) {
    const std::size_t i = entry[e];
    if (order.codes[i] < 0 || place[i] != place[entry[e - 1]]) continue;
    frame.add_problem(i, column, order.levels[static_cast<std::size_t>(order.codes[i])],
                      "two subjects have the same order of entry", "use a number that counts them");
  }
  return entry;
}

std::vector<std::string> randomised_without_row(const Frame& frame, const Task& task) {
  const ColumnMap& columns = task.plan.columns;
  std::set<std::string> names;
  add_randomised(frame.table(), columns, frame.arms(), names);
  const formats::DataTable* subjects = subject_table_of(task);
  const bool joined = frame.table().find(columns.subject) != nullptr;
  if (joined && subjects != nullptr) add_randomised(*subjects, columns, frame.arms(), names);
  for (const int subject : frame.subject()) {
    names.erase(frame.subject_name(static_cast<std::size_t>(subject)));
  }
  return {names.begin(), names.end()};
}

}  // namespace angiotrial::analysis
