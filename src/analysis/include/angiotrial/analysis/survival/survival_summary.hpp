// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/survival.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Summaries of a Kaplan-Meier curve: quantiles, cumulative hazard, restricted mean.
namespace angiotrial::analysis {

enum class SurvivalStatus {
  fitted = 0,
  invalid_input = 1,  ///< a horizon that is not finite or not above 0
  empty_sample = 2,
  no_information = 3  ///< a comparison without variance, or of a mean of 0
};
[[nodiscard]] std::string_view name_of(SurvivalStatus status);

/// Time by which a share p has failed, and where the limits of the curve reach p. Where the curve
/// lies level at 1 - p, the middle of that step (R's quantile.survfit). Empty: not reached.
struct SurvivalQuantile {
  std::optional<double> time, lower, upper;
};
/// `last_time`: the latest time of the sample, censored or not; it ends a level step. 0 < p < 1.
[[nodiscard]] SurvivalQuantile survival_quantile(std::span<const SurvivalPoint> curve,
                                                 double last_time, double p, double level,
                                                 SurvivalInterval interval);

enum class HazardEstimate {
  nelson_aalen,       ///< increments d / n, variance d / n^2
  fleming_harrington  ///< ties one after the other: sum over k < d of 1 / (n - k), and squares
};
struct HazardPoint {
  double time = 0.0;
  double cumulative_hazard = 0.0;
  double se = 0.0;
};
[[nodiscard]] std::vector<HazardPoint> cumulative_hazard(std::span<const SurvivalPoint> curve,
                                                         HazardEstimate estimate);

/// Area under the curve up to `horizon`, standard error of Greenwood's kind:
///   mu = int_0^tau S,   var mu = sum (int_t^tau S)^2 d / (n (n - d))
struct RestrictedMean {
  SurvivalStatus status = SurvivalStatus::empty_sample;
  double horizon = 0.0;
  double mean = 0.0;
  double se = 0.0;
  bool extended = false;  ///< the horizon lies beyond the last time and S is not 0 there
};
[[nodiscard]] RestrictedMean restricted_mean(std::span<const Observation> sample, double horizon);
[[nodiscard]] RestrictedMean restricted_mean(std::span<const Observation> sample, double horizon,
                                             SurvivalWorkspace& workspace);

struct RestrictedContrast {
  double estimate = 0.0;
  double se = 0.0;  ///< of the difference, or of the log ratio
  double lower = 0.0;
  double upper = 0.0;
  double p_value = 1.0;  ///< two-sided, normal
};
struct RestrictedComparison {
  SurvivalStatus status = SurvivalStatus::invalid_input;
  RestrictedContrast difference;                 ///< first less second
  std::optional<RestrictedContrast> ratio;       ///< first over second
  std::optional<RestrictedContrast> lost_ratio;  ///< of the time lost, tau - mu
};
/// Independent samples with the same horizon (otherwise invalid_input).
[[nodiscard]] RestrictedComparison compare_restricted_means(const RestrictedMean& first,
                                                            const RestrictedMean& second,
                                                            double level = 0.95);

}  // namespace angiotrial::analysis
