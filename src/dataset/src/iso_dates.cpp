// SPDX-License-Identifier: Apache-2.0
#include "iso_dates.hpp"

#include <charconv>

namespace angiotrial::dataset {
namespace {

std::optional<int> digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && text[0] != '-' ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::sys_days> day_of_iso(std::string_view text) {
  if (text.size() < 10 || (text.size() > 10 && text[10] != 'T')) return std::nullopt;
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day || *year < 1800 || *year > 2999) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

}  // namespace angiotrial::dataset
