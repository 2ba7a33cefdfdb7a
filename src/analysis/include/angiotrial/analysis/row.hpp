// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <tuple>

namespace angiotrial::analysis {

/// One statistic: a row of results.json. Whatever the terminal, the report or a table shows is one
/// of these. Texts that do not apply are empty; numbers that do not apply are empty optionals.
struct Row {
  std::string source = "simulated";  ///< simulated, truth, published; of plans observed, design
  std::string scenario;
  std::string arm;      ///< empty: all arms together
  std::string arm_ref;  ///< the reference arm of a contrast
  std::string group;    ///< subgroup, segment, category or reason
  std::string paramcd;  ///< ANGWK, ETTDUR, ...
  std::string param;    ///< in words
  std::string avisit;
  std::optional<double> month;
  std::string statistic;  ///< n, mean, sd, rate_ratio, lower, ...
  std::string method;
  std::string estimand;
  std::string analysis;     ///< name of the analysis in the plan file; empty in a simulated trial
  std::string conventions;  ///< information, ties, degrees of freedom, scale of the interval ...
  std::string note;         ///< what a reader must know of this number: a refusal, a fall-back
  std::optional<double> level;  ///< of the interval
  std::optional<double> value;  ///< empty when it could not be estimated
  std::string unit;
  std::optional<double> mcse;              ///< Monte Carlo standard error; empty for one replicate
  std::optional<double> q025, q500, q975;  ///< quantiles over replicates

  bool operator==(const Row&) const = default;
};

/// Which statistic a row is, without its value: equal keys over replicates are the same quantity.
/// Ordered as text, field by field. The references live as long as the row.
[[nodiscard]] inline auto row_key(const Row& row) {
  return std::tie(row.source, row.scenario, row.paramcd, row.group, row.month, row.avisit, row.arm,
                  row.arm_ref, row.estimand, row.method, row.analysis, row.conventions,
                  row.statistic, row.unit);
}

/// Strict weak order by row_key.
[[nodiscard]] inline bool before(const Row& a, const Row& b) { return row_key(a) < row_key(b); }

/// Whether two rows hold the same statistic.
[[nodiscard]] inline bool same_statistic(const Row& a, const Row& b) {
  return row_key(a) == row_key(b);
}

}  // namespace angiotrial::analysis
