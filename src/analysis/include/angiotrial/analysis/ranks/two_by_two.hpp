// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

/// Two proportions: plain, and over strata.
namespace angiotrial::analysis {

enum class TableStatus {
  fitted = 0,
  invalid_input = 1,  ///< a code other than 0 and 1, a count below 0 or above its total
  empty_arm = 2,      ///< no stratum has both arms
  no_variation = 3,   ///< the same outcome everywhere: no test
};
[[nodiscard]] std::string_view name_of(TableStatus status);

/// Events among patients; active first in all differences and ratios.
struct TwoProportions {
  double active_events = 0.0;
  double active_patients = 0.0;
  double control_events = 0.0;
  double control_patients = 0.0;
};

struct ProportionDifference {
  TableStatus status = TableStatus::invalid_input;
  double active = 0.0;
  double control = 0.0;
  double difference = 0.0;
  double se = 0.0;  ///< unpooled, Wald
  double wald_lower = 0.0;
  double wald_upper = 0.0;
  double newcombe_lower = 0.0;  ///< hybrid score, Newcombe 1998 method 10
  double newcombe_upper = 0.0;
  double corrected_lower = 0.0;  ///< Wald with continuity correction, within -1 and 1
  double corrected_upper = 0.0;
  // Tests of no difference, two-sided; NaN where every outcome is the same, or the error is 0.
  double wald_p = 1.0;
  double chi_square = 0.0;  ///< Pearson
  double chi_square_p = 1.0;
  double corrected_chi_square = 0.0;  ///< Yates
  double corrected_p = 1.0;
};
/// Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I).
[[nodiscard]] ProportionDifference proportion_difference(const TwoProportions& table,
                                                         double level = 0.95);

struct StratifiedTables {
  std::span<const int> active;   ///< 1 active, 0 control
  std::span<const int> outcome;  ///< 1 event, 0 none
  std::span<const int> stratum;  ///< 0 to strata - 1
  int strata = 1;
};

struct MantelHaenszel {
  TableStatus status = TableStatus::invalid_input;
  double chi_square = 0.0;  ///< one degree of freedom
  double p_value = 1.0;
  int strata_used = 0;             ///< with both arms and both outcomes
  double common_odds_ratio = 0.0;  ///< 0 or infinite where one diagonal is empty
  double se_log_odds_ratio = 0.0;  ///< Robins, Breslow and Greenland 1986 (doi:10.2307/2531052)
  double lower = 0.0;              ///< of the odds ratio; absent interval: 0 to infinity
  double upper = 0.0;
};
/// Cochran-Mantel-Haenszel. `continuity` takes one half off a distance from the mean of at least
/// one half, as R does unless told otherwise.
[[nodiscard]] MantelHaenszel mantel_haenszel(const StratifiedTables& tables,
                                             bool continuity = false, double level = 0.95);

}  // namespace angiotrial::analysis
