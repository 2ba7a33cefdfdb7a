// SPDX-License-Identifier: Apache-2.0
#include "display.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "shelf.hpp"

namespace angiotrial::report {
namespace {

using analysis::Row;

std::string printed(double value, std::chars_format format, int precision) {
  std::array<char, 400> buffer{};  // the longest fixed double has 309 digits before the point
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
  return std::string(buffer.data(), end.ptr);
}

/// 4.82e5 instead of 4.82e+05.
std::string scientific(double value) {
  std::string text = printed(value, std::chars_format::scientific, 2);
  const std::size_t e = text.find('e');
  const std::string sign = text[e + 1] == '-' ? "-" : "";
  std::string exponent = text.substr(e + 2);
  exponent.erase(0, std::min(exponent.find_first_not_of('0'), exponent.size() - 1));
  std::string mantissa = text.substr(0, e);
  if (mantissa.ends_with(".00")) mantissa.erase(mantissa.size() - 3);
  return mantissa + "e" + sign + exponent;
}

/// Decimals that leave `digits` significant ones.
int decimals_for(double value, int digits) {
  if (value == 0.0) return 0;
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return std::clamp(digits - 1 - magnitude, 0, 6);
}

/// Decimals of a statistic, or nothing when three significant digits are meant.
std::optional<int> usual_decimals(const Row& row) {
  if (row.statistic == "p_value") return 3;
  if (row.statistic == distance_statistic) return 1;
  if (row.unit == "ratio") return 2;
  if (row.unit == "s") return row.statistic == "se" ? 1 : 0;
  if (row.unit == "%" || row.unit == "1/week" || row.unit == "years" || row.unit == "kg") return 1;
  return std::nullopt;
}

std::string rounded(const Row& row, double value) {
  const bool cells = row.unit == "cells" || row.unit == "cells/kg";
  if (std::abs(value) >= (cells ? 1e4 : 1e6)) return scientific(value);
  if (const auto decimals = usual_decimals(row)) return fixed(value, *decimals);
  if (value == std::floor(value)) return fixed(value, 0);
  if (row.statistic == "n" || row.statistic == "count") {
    return fixed(value, std::abs(value) < 100.0 ? 1 : 0);
  }
  return fixed(value, decimals_for(value, 3));
}

}  // namespace

std::string_view name_of(Part part) {
  constexpr std::array<std::string_view, 5> names{"value", "mcse", "q025", "q500", "q975"};
  return names[static_cast<std::size_t>(part)];
}

std::optional<double> part_of(const Row& row, Part part) {
  switch (part) {
    case Part::value:
      return row.value;
    case Part::mcse:
      return row.mcse;
    case Part::q025:
      return row.q025;
    case Part::q500:
      return row.q500;
    case Part::q975:
      return row.q975;
  }
  return std::nullopt;
}

std::string fixed(double value, int decimals) {
  std::string text = printed(value, std::chars_format::fixed, decimals);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string number_text(const Row& row, Part part) {
  const std::optional<double> value = part_of(row, part);
  if (!value || !std::isfinite(*value)) return "";
  if (part == Part::mcse) {
    return std::abs(*value) >= 1e4 ? scientific(*value) : fixed(*value, decimals_for(*value, 2));
  }
  if (row.source == "published" && std::abs(*value) < 1e4) {
    const std::string text = formats::shortest(*value);
    const std::size_t point = text.find('.');
    // What was computed from published numbers has digits nobody published.
    return point != std::string::npos && text.size() - point > 3 ? rounded(row, *value) : text;
  }
  return rounded(row, *value);
}

std::string statistic_title(std::string_view statistic) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> titles{
      {{"sd", "SD"},
       {"se", "SE"},
       {"lower", "lower limit"},
       {"upper", "upper limit"},
       {"p_value", "p value"},
       {"poisson_p_value", "p value of overdispersion"},
       {"between_subjects_p_value", "p value of variation between subjects"},
       {"f", "F"},
       {"n", "number"},
       {distance_statistic, "distance in published SE"},
       {"sd_individual_effect", "SD of individual effects"},
       {"threshold_gain_percent", "gain of the ischaemic threshold"}}};
  const auto found =
      std::ranges::find(titles, statistic, [](const auto& entry) { return entry.first; });
  if (found != titles.end()) return std::string(found->second);
  std::string words(statistic);
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string unit_title(std::string_view unit) {
  if (unit == "1/week") return "per week";
  if (unit == "1" || unit == "subjects" || unit == "ratio" || unit == "probability") return "";
  return std::string(unit);
}

bool within_one_se(const Row& distance) {
  return distance.value && std::abs(*distance.value) <= 1.0;
}

}  // namespace angiotrial::report
