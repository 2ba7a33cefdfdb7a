// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>
#include <angiotrial/analysis/survival/survival.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Weighted log-rank tests, stratified or not, their maximum, and the test for trend.
///
///   U_g = sum_t w(t) (d_g - d n_g / n),   var U hypergeometric,   summed over strata
namespace angiotrial::analysis {

enum class LogRankStatus {
  fitted = 0,
  invalid_input = 1,  ///< a time that is not finite or negative, weights that are not finite
  no_information = 2  ///< no event at which two groups were at risk: U has no variance
};
[[nodiscard]] std::string_view name_of(LogRankStatus status);

/// w(t) from S, Kaplan-Meier of all groups of the stratum together, just before t.
struct LogRankWeight {
  double rho = 0.0;  ///< Fleming and Harrington 1991: S^rho (1 - S)^gamma
  double gamma = 0.0;
  /// Modestly weighted (Magirr and Burman 2019, doi:10.1002/sim.8186), instead: 1 / max(S, S*) with
  /// S* just before the last event time not after this one.
  std::optional<double> modest_until = {};
};

struct LogRankData {
  std::span<const Observation> sample = {};
  std::span<const int> group = {};  ///< 0 .. groups - 1
  int groups = 2;
  std::span<const int> stratum = {};  ///< any labels; empty: one stratum
};

struct WeightedLogRank {
  LogRankStatus status = LogRankStatus::invalid_input;
  std::vector<double> observed;  ///< by group, weighted
  std::vector<double> expected;
  std::vector<double> variance;  ///< groups x groups
  double chi_square = 0.0;
  int df = 0;            ///< groups that were at risk at an event, less one
  double p_value = 1.0;  ///< two-sided
  double z = 0.0;        ///< for two groups: above 0 when group 1 has more events than expected
};
[[nodiscard]] WeightedLogRank weighted_log_rank(const LogRankData& data,
                                                const LogRankWeight& weight = {});
const WeightedLogRank& weighted_log_rank(const LogRankData& data, const LogRankWeight& weight,
                                         SurvivalWorkspace& workspace);

/// Test for trend: sum_g score_g U_g over its standard error; positive when groups of high score
/// have more events than expected.
struct LogRankTrend {
  LogRankStatus status = LogRankStatus::invalid_input;
  double z = 0.0;
  double p_value = 1.0;  ///< two-sided
};
[[nodiscard]] LogRankTrend log_rank_trend(const LogRankData& data, std::span<const double> scores,
                                          const LogRankWeight& weight = {});

/// Largest of several weighted tests of two groups, with its joint normal distribution.
struct MaxCombo {
  LogRankStatus status = LogRankStatus::invalid_input;
  std::vector<double> score;        ///< U_1, one a weight
  std::vector<double> z;            ///< as of WeightedLogRank
  std::vector<double> correlation;  ///< of z, weights x weights
  double largest = 0.0;             ///< max |z|; one-sided: max -z, fewer events in group 1
  double p_value = 1.0;
  double p_error = 0.0;  ///< numerical, absolute
};
/// 1 to 12 weights.
[[nodiscard]] MaxCombo max_combo(const LogRankData& data, std::span<const LogRankWeight> weights,
                                 Sides sides = Sides::two);

}  // namespace angiotrial::analysis
