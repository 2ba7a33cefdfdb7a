// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/report/html.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "shelf.hpp"

namespace angiotrial::report {

/// One endpoint of the first screen and of the courses.
struct Endpoint {
  std::string_view paramcd;
  std::string_view contrast;  ///< statistic that compares arms
  std::string_view title;
  std::string_view unit;    ///< empty where the title says it
  std::string_view better;  ///< which direction is the better one, in words
};

inline constexpr Endpoint angina{"ANGWK", "rate_ratio", "Angina episodes per week", "",
                                 "Fewer is better."};
inline constexpr Endpoint exercise{"ETTCHG", "difference", "Change in exercise time since baseline",
                                   "s", "More is better."};

/// "Change in exercise time since baseline, s".
[[nodiscard]] inline std::string titled(const Endpoint& endpoint) {
  std::string out(endpoint.title);
  return endpoint.unit.empty() ? out : out + ", " + std::string(endpoint.unit);
}

/// The input with its index, and the questions every section asks.
struct Sheet {
  explicit Sheet(const ReportInput& in);

  [[nodiscard]] const analysis::Row* simulated(Want want) const;
  /// Of the trial that this study repeats.
  [[nodiscard]] const analysis::Row* published(Want want) const;
  /// Arms that are compared with the reference.
  [[nodiscard]] std::vector<std::string> treated_arms() const;
  [[nodiscard]] std::size_t arm_index(std::string_view arm) const;

  const ReportInput& input;
  Shelf shelf;
  bool many = false;     ///< more than one replicate
  std::string trial;     ///< scenario of the published rows; empty when there are none
  std::string interval;  ///< what the intervals of simulated values are, in words
};

}  // namespace angiotrial::report
