// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Analysis of a trial that runs in stages, for means, rates and survival: stage by stage the
/// combination statistic, conditional rejection probability, repeated confidence interval and
/// p-value; where the trial stops, the stage-wise ordered p-value, estimates and interval.
/// Treatment is sample 1, control sample 2; n2 = 0 is a single arm.
namespace angiotrial::analysis {

enum class Favours { larger, smaller };  ///< values of the effect that favour the treatment

/// A stage's own patients.
struct MeansStage {
  double n1 = 0.0, n2 = 0.0;
  double mean1 = 0.0, mean2 = 0.0;
  double sd1 = 0.0, sd2 = 0.0;  ///< divisor n - 1
};
enum class StageVariance { pooled, welch, known };  ///< t, Welch's t, or the sd taken as known
struct MeansTrial {
  std::span<const MeansStage> stages;
  double null_difference = 0.0;
  Favours favours = Favours::larger;
  StageVariance variance = StageVariance::pooled;
};

struct RatesStage {
  double n1 = 0.0, n2 = 0.0;
  double events1 = 0.0, events2 = 0.0;
};
/// Score test with the variance under the null (Farrington and Manning for a margin).
struct RatesTrial {
  std::span<const RatesStage> stages;
  double null_difference = 0.0;  ///< single arm: the null rate
  Favours favours = Favours::larger;
};

/// Cumulative events and log-rank z (positive where the hazard of the treatment is larger).
struct SurvivalStage {
  double events = 0.0;
  double log_rank = 0.0;
  double allocation = 1.0;  ///< n treatment / n control
};
/// Effects are hazard ratios; information is events r / (1 + r)^2.
struct SurvivalTrial {
  std::span<const SurvivalStage> stages;
  double null_ratio = 1.0;
  Favours favours = Favours::larger;
};

enum class StageStatus {
  analysed = 0,
  design_not_planned,
  no_stage,
  too_many_stages,
  invalid_data,  ///< sizes, spreads or events outside their range, not finite or falling
};
[[nodiscard]] std::string_view name_of(StageStatus status);

/// What intervals and estimates after stopping rest on.
enum class FinalScale {
  of_the_test,    ///< the tests of every effect, as the stages made them; one look: their interval
  pooled_spread,  ///< normal statistics with the spread of all data, as rpact
};

struct StageAnalysis {
  double estimate = 0.0;   ///< all data so far (survival: ratio from the log-rank)
  double p_value = 1.0;    ///< one-sided, this stage's own data
  double overall_p = 1.0;  ///< one-sided, all data so far
  double statistic = 0.0;  ///< that the design's bounds are for
  bool rejected = false;
  bool futile = false;
  /// After a binding stop for futility: nothing is rejected any more.
  bool after_futility = false;
  /// None at the last stage; 0 from a binding stop for futility on.
  std::optional<double> conditional_rejection;
  /// Repeated confidence interval, level 1 - 2 alpha. Both NaN where the stages contradict each
  /// other so that no effect is left (Fisher's combination).
  double lower = 0.0, upper = 0.0;
  std::optional<double> repeated_p;  ///< none where the bound has no level of its own
};

/// At the first stage that rejects, stops for binding futility, or is the last.
struct FinalAnalysis {
  std::size_t stage = 0;
  bool for_futility = false;  ///< which binds
  double p_value = 1.0;
  /// None for Fisher's combination.
  std::optional<SequentialEstimate> effect;
};

struct AdaptiveAnalysis {
  StageStatus status = StageStatus::no_stage;
  std::vector<StageAnalysis> stages;
  std::optional<FinalAnalysis> stopped;
};

[[nodiscard]] AdaptiveAnalysis analyse_stages(const AdaptiveDesign& design, const MeansTrial& trial,
                                              FinalScale scale = FinalScale::of_the_test);
[[nodiscard]] AdaptiveAnalysis analyse_stages(const AdaptiveDesign& design, const RatesTrial& trial,
                                              FinalScale scale = FinalScale::of_the_test);
[[nodiscard]] AdaptiveAnalysis analyse_stages(const AdaptiveDesign& design,
                                              const SurvivalTrial& trial,
                                              FinalScale scale = FinalScale::of_the_test);

/// What the stages still to come may bring: patients of each (survival: events), both arms.
struct FurtherMeans {
  std::vector<double> sizes;
  double difference = 0.0;
  double sd = 1.0;
  double allocation = 1.0;
};
struct FurtherRates {
  std::vector<double> sizes;
  double rate1 = 0.0, rate2 = 0.0;
  double allocation = 1.0;
};
struct FurtherSurvival {
  std::vector<double> events;
  double hazard_ratio = 1.0;
  double allocation = 1.0;
};
/// Conditional power up to each stage to come; empty where nothing is to come, binding futility
/// stopped the trial or the analysis was refused. For rates the drift allows for the null variance
/// in the test.
[[nodiscard]] std::vector<double> conditional_power(const AdaptiveDesign& design,
                                                    const MeansTrial& trial,
                                                    const AdaptiveAnalysis& analysis,
                                                    const FurtherMeans& further);
[[nodiscard]] std::vector<double> conditional_power(const AdaptiveDesign& design,
                                                    const RatesTrial& trial,
                                                    const AdaptiveAnalysis& analysis,
                                                    const FurtherRates& further);
[[nodiscard]] std::vector<double> conditional_power(const AdaptiveDesign& design,
                                                    const SurvivalTrial& trial,
                                                    const AdaptiveAnalysis& analysis,
                                                    const FurtherSurvival& further);

}  // namespace angiotrial::analysis
