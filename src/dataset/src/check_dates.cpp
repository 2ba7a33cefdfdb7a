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

/// Whether the text has digits where the shape has 0, letters where it has A, and else the same.
bool shaped_as(std::string_view text, std::string_view shape) {
  return std::ranges::equal(text, shape, [](char c, char of) {
    if (of == '0') return c >= '0' && c <= '9';
    return of == 'A' ? (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') : c == of;
  });
}

/// Expects digits alone.
unsigned number(std::string_view digits) {
  unsigned out = 0;
  for (const char digit : digits) out = 10 * out + static_cast<unsigned>(digit - '0');
  return out;
}

/// 1 to 12; 0 for no month.
unsigned month_of(std::string_view letters) {
  constexpr std::string_view names = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
  std::string upper(letters);
  for (char& c : upper) c = static_cast<char>(c & ~0x20);
  const std::size_t at = names.find(upper);
  return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<unsigned>(at / 3) + 1;
}

bool in_calendar(unsigned year, unsigned month, unsigned day) {
  return std::chrono::year_month_day{std::chrono::year{static_cast<int>(year)},
                                     std::chrono::month{month}, std::chrono::day{day}}
      .ok();
}

enum class Text { empty, date, impossible, other };

Text date_if(bool possible) { return possible ? Text::date : Text::impossible; }

/// 2011-02-28 with or without a time behind it, as ISO 8601 and CDISC have it; 28FEB2011, the
/// DATE9. of SAS; 28/02/2011, 28.2.2011 and 2/28/2011, of which either order may be the one meant.
Text kind_of(std::string_view text) {
  if (text.empty()) return Text::empty;
  const std::string_view day = text.substr(0, std::min(text.find('T'), text.size()));
  if (shaped_as(day, "0000-00-00")) {
    return date_if(
        in_calendar(number(day.substr(0, 4)), number(day.substr(5, 2)), number(day.substr(8))));
  }
  if (shaped_as(text, "00AAA0000")) {
    return date_if(in_calendar(number(text.substr(5)), month_of(text.substr(2, 3)),
                               number(text.substr(0, 2))));
  }
  std::string slashed(text);
  std::ranges::replace_if(slashed, [](char c) { return c == '.' || c == '-'; }, '/');
  for (const std::string_view shape : {"00/00/0000", "0/00/0000", "00/0/0000", "0/0/0000"}) {
    if (!shaped_as(slashed, shape)) continue;
    const std::size_t first = shape.find('/'), second = shape.rfind('/');
    const unsigned one = number(text.substr(0, first));
    const unsigned two = number(text.substr(first + 1, second - first - 1));
    const unsigned year = number(text.substr(second + 1));
    return date_if(in_calendar(year, one, two) || in_calendar(year, two, one));
  }
  return Text::other;
}

bool named_as_date(std::string_view name) {
  constexpr std::array<std::string_view, 3> endings{"DT", "DTC", "DTM"};
  return std::ranges::any_of(endings, [&](std::string_view end) { return name.ends_with(end); });
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
