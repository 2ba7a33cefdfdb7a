// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/data_table.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/formats/number_text.hpp>

#include "utf8.hpp"
#include "words.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace angiotrial::formats {

using diagnostics::Problem;

void TextCells::push_back(std::string_view text) {
  if (2 * (levels_.size() + 1) > slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = std::hash<std::string_view>{}(text)&mask;
  while (slots_[at] != 0 && levels_[slots_[at] - 1] != text) at = (at + 1) & mask;
  if (slots_[at] == 0) {
    ANGIOTRIAL_EXPECT(levels_.size() < std::numeric_limits<std::uint32_t>::max() - 1,
                      "a column holds fewer than 2^32 different texts");
    levels_.emplace_back(text);
    if (text.size() >= sizeof(std::string) / 2) level_bytes_ += text.size() + 1;
    slots_[at] = static_cast<std::uint32_t>(levels_.size());
  }
  codes_.push_back(slots_[at] - 1);
}

void TextCells::grow() {
  slots_.assign(std::max<std::size_t>(16, 2 * slots_.size()), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    std::size_t at = std::hash<std::string_view>{}(levels_[level]) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<std::uint32_t>(level + 1);
  }
}

std::size_t TextCells::bytes() const {
  return codes_.capacity() * sizeof(std::uint32_t) + slots_.size() * sizeof(std::uint32_t) +
         levels_.capacity() * sizeof(std::string) + level_bytes_;
}

bool DataColumn::missing(std::size_t row) const {
  return kind == Kind::number ? std::isnan(numbers[row]) : texts[row].empty();
}

std::string DataColumn::text(std::size_t row) const {
  if (missing(row)) return {};
  return kind == Kind::number ? shortest(numbers[row]) : texts[row];
}

const DataColumn* DataTable::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &DataColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

bool cell_missing(std::string_view text) {
  text = trimmed(text);
  return text.empty() || text == "NA" || text == ".";
}

std::optional<double> cell_number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.substr(1).starts_with('-')) text.remove_prefix(1);
  return finite_number(text);
}

void ProblemKind::add(Problem problem) {
  ++count_;
  if (count_ <= most_) {
    problems_.push_back(std::move(problem));
  } else {
    last_ = std::move(problem);
  }
}

void ProblemKind::finish() {
  if (count_ > most_) {
    const std::size_t more = count_ - most_;
    problems_.push_back({last_.file, 0, last_.key, "",
                         std::to_string(more) + " more of the same kind: " + last_.rule, ""});
  }
  count_ = 0;
}

std::optional<std::vector<double>> require_numbers(const DataTable& table, std::string_view column,
                                                   std::vector<Problem>& problems) {
  const DataColumn* const found = table.find(column);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const DataColumn& other : table.columns) names.push_back(other.name);
    const auto near = diagnostics::nearest(column, names);
    problems.push_back({table.file, 0, std::string(column), "", "the column is missing",
                        near ? "the nearest column is " + *near : ""});
    return std::nullopt;
  }
  if (found->kind == DataColumn::Kind::number) return found->numbers;
  ProblemKind bad(problems);
  std::vector<double> numbers(table.rows(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const std::string& cell = found->texts[row];
    if (cell_missing(cell)) continue;
    if (const auto number = cell_number(cell)) {
      numbers[row] = *number;
    } else {
      bad.add({table.file, table.lines[row], found->name, shortened(cell, 80), "must be a number",
               cell.find(',') != std::string::npos ? "the decimal sign is a point" : ""});
    }
  }
  if (bad.count() > 0) return std::nullopt;
  return numbers;
}

}  // namespace angiotrial::formats
