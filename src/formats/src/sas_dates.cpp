// SPDX-License-Identifier: Apache-2.0
#include "sas_dates.hpp"

#include "table_name.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace angiotrial::formats {
namespace {

constexpr std::array<std::string_view, 11> date_formats{"DATE",   "DAY",      "DDMMYY",  "MMDDYY",
                                                        "YYMMDD", "E8601DA",  "B8601DA", "IS8601DA",
                                                        "MONYY",  "WORDDATE", "WEEKDATE"};
constexpr std::array<std::string_view, 5> date_time_formats{"DATETIME", "E8601DT", "B8601DT",
                                                            "IS8601DT", "DATEAMPM"};

}  // namespace

SasTime sas_time(std::string_view format) {
  const std::string capitals = in_capitals(std::string(format));
  std::string_view name = capitals;
  name = name.substr(0, name.find('.'));
  // The width is the digits at the end of the name.
  name = name.substr(0, name.find_last_not_of("0123456789") + 1);
  if (std::ranges::count(date_time_formats, name) > 0) return SasTime::date_time;
  if (std::ranges::count(date_formats, name) > 0) return SasTime::date;
  // DDMMYYD, YYMMDDN and their like name the sign between the parts.
  const std::string_view stem = name.substr(0, name.empty() ? 0 : name.size() - 1);
  const bool separated = stem == "DDMMYY" || stem == "MMDDYY" || stem == "YYMMDD";
  return separated ? SasTime::date : SasTime::none;
}

std::optional<std::string> iso_of_sas(SasTime kind, double value) {
  constexpr double seconds_a_day = 86400.0;
  const double days = std::floor(kind == SasTime::date ? value : value / seconds_a_day);
  if (!(days >= -138061.0 && days <= 2936547.0)) return std::nullopt;  // 1582-01-01, 9999-12-31
  using std::chrono::year_month_day;
  const std::chrono::sys_days origin{std::chrono::year{1960} / 1 / 1};
  const year_month_day date{origin + std::chrono::days{static_cast<int>(days)}};
  std::array<char, 48> text{};
  int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (kind == SasTime::date_time) {
    const int second = static_cast<int>(value - days * seconds_a_day);
    const auto used = static_cast<std::size_t>(length);
    length += std::snprintf(text.data() + used, text.size() - used, "T%02d:%02d:%02d",
                            second / 3600, second / 60 % 60, second % 60);
  }
  return std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace angiotrial::formats
