// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/check_dates.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace angiotrial::dataset {
namespace {

using formats::DataColumn;
using formats::DataTable;

/// Whether the text begins as 2011-02-30 does: digits and hyphens in their places.
bool shaped_as_date(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00";
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
  }
  return text.size() == shape.size() || text[shape.size()] == 'T';
}

/// Expects digits alone.
unsigned number(std::string_view digits) {
  unsigned out = 0;
  for (const char digit : digits) out = 10 * out + static_cast<unsigned>(digit - '0');
  return out;
}

bool in_calendar(std::string_view text) {
  return std::chrono::year_month_day{std::chrono::year{static_cast<int>(number(text.substr(0, 4)))},
                                     std::chrono::month{number(text.substr(5, 2))},
                                     std::chrono::day{number(text.substr(8, 2))}}
      .ok();
}

bool named_as_date(std::string_view name) {
  constexpr std::array<std::string_view, 3> endings{"DT", "DTC", "DTM"};
  return std::ranges::any_of(endings, [&](std::string_view end) { return name.ends_with(end); });
}

/// What to make of a different text of a column.
enum class Text { empty, date, impossible, other };

Text kind_of(const std::string& text) {
  if (text.empty()) return Text::empty;
  if (!shaped_as_date(text)) return Text::other;
  return in_calendar(text) ? Text::date : Text::impossible;
}

void check(const DataTable& table, const DataColumn& column,
           std::vector<diagnostics::Problem>& problems) {
  std::vector<Text> kinds;
  for (const std::string& text : column.texts.levels()) kinds.push_back(kind_of(text));
  if (std::ranges::find(kinds, Text::impossible) == kinds.end()) return;
  std::size_t filled = 0, dates = 0;
  for (const std::uint32_t code : column.texts.codes()) {
    if (kinds[code] != Text::empty) ++filled;
    if (kinds[code] == Text::date) ++dates;
  }
  if (!named_as_date(column.name) && 2 * dates <= filled) return;
  formats::ProblemKind wrong(problems);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (kinds[column.texts.codes()[i]] != Text::impossible) continue;
    wrong.add({table.file, table.lines[i], column.name, column.texts[i],
               "is no date of the calendar", "a date reads 2011-02-28"});
  }
}

}  // namespace

std::vector<diagnostics::Problem> check_dates(std::span<const DataTable> tables) {
  std::vector<diagnostics::Problem> problems;
  for (const DataTable& table : tables) {
    for (const DataColumn& column : table.columns) {
      if (column.kind == DataColumn::Kind::text) check(table, column, problems);
    }
  }
  return problems;
}

}  // namespace angiotrial::dataset
