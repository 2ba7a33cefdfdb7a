// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive.hpp>
#include <angiotrial/analysis/design/sample_size.hpp>

#include <optional>
#include <string_view>
#include <vector>

/// Sample sizes of trials with one look or several, with refusals as statuses. Levels one-sided,
/// sizes not rounded unless said.
namespace angiotrial::analysis {

enum class SizeStatus {
  planned = 0,
  invalid_level,      ///< alpha outside (0, 1/2), or power outside (alpha, 1)
  invalid_parameter,  ///< a rate, spread, hazard, time or allocation outside its range
  no_effect,          ///< the planned effect is the null's, or on the wrong side of it
  invalid_looks,      ///< a refused or a Fisher design
  unreachable,        ///< no size, or no follow-up, gives the power
  too_many,           ///< counts: so many patients that their exposures are not summed
};
[[nodiscard]] std::string_view name_of(SizeStatus status);

/// `looks` null: one look at errors.alpha; else its own alpha, group sequential or inverse normal.
/// `size` given: looks, critical effects and expected sizes are those of so many patients, at which
/// the power may be more than that of the errors; `fixed` stays the size for that power.
struct TrialSize {
  SizeStatus status = SizeStatus::invalid_parameter;
  double fixed = 0.0;                 ///< with one look: patients of both arms (survival: events)
  double largest = 0.0;               ///< with all looks taken
  std::vector<double> at_look;        ///< cumulative
  double expected_null = 0.0;         ///< mean size where there is no effect
  double expected_half = 0.0;         ///< half the effect
  double expected_alternative = 0.0;  ///< the planned effect
  /// That just rejects at each look; NaN or infinite where so few patients cannot reject.
  std::vector<double> critical_effect;
};
[[nodiscard]] TrialSize plan_means(const MeansDesign& design, const PlanningErrors& errors,
                                   const AdaptiveDesign* looks = nullptr,
                                   std::optional<double> size = std::nullopt);
/// The treatment's rate may be above or below; critical effects are differences, by the null
/// variance at the planned control rate.
[[nodiscard]] TrialSize plan_rates(const RatesDesign& design, const PlanningErrors& errors,
                                   const AdaptiveDesign* looks = nullptr,
                                   std::optional<double> size = std::nullopt);
enum class EventFormula { schoenfeld, freedman };
/// Events; critical effects are hazard ratios.
[[nodiscard]] TrialSize plan_events(double hazard_ratio, double allocation, EventFormula formula,
                                    const PlanningErrors& errors,
                                    const AdaptiveDesign* looks = nullptr);

/// Power of a means trial with `total` patients at most; by look, cumulative.
struct TrialPower {
  SizeStatus status = SizeStatus::invalid_parameter;
  std::vector<double> rejected;  ///< by look, cumulative
  double expected_size = 0.0;
};
[[nodiscard]] TrialPower power_of_means(const MeansDesign& design, double total,
                                        const AdaptiveDesign& looks);

/// Counts (NB2) with staggered entry: patient i = 0 .. n - 1 of an arm enters at
/// accrual (i / (n - 1))^(1 / speed); speed 1 is uniform. Exposure ends at `end`, or after
/// `follow_up` where that is given.
struct CountTrial {
  double control_rate = 0.0;
  double rate_ratio = 1.0;
  double null_ratio = 1.0;
  double dispersion = 0.0;
  double allocation = 1.0;  ///< n treatment / n control
  double accrual = 0.0;
  double end = 1.0;  ///< calendar time of the last analysis
  double speed = 1.0;
  std::optional<double> follow_up;
};
/// Information about the log rate ratio at a calendar time:  1 / (1 / sum i_c + 1 / sum i_t).
[[nodiscard]] double information_at(const CountTrial& trial, double n_control, double n_treatment,
                                    double time);
struct CountTrialSize {
  SizeStatus status = SizeStatus::invalid_parameter;
  double needed = 0.0;   ///< information that the power needs
  double reached = 0.0;  ///< information that the whole numbers below give at the end
  double n_control = 0.0, n_treatment = 0.0;  ///< whole: the least that give it
  std::vector<double> critical;               ///< z of the test for a smaller rate, negative
  std::vector<double> calendar;  ///< time at which each look's share of information is there
};
/// Information that the power needs; none where the trial or the looks are refused.
[[nodiscard]] std::optional<double> count_information_for(const CountTrial& trial,
                                                          const PlanningErrors& errors,
                                                          const AdaptiveDesign* looks = nullptr);
/// Up to 10^8 patients, or 10^7 where entry is not uniform or the dispersion so large that their
/// exposures are summed one by one. `size` given: the whole numbers are the most that make up no
/// more, `needed` is what they reach.
[[nodiscard]] CountTrialSize plan_counts(const CountTrial& trial, const PlanningErrors& errors,
                                         const AdaptiveDesign* looks = nullptr,
                                         std::optional<double> size = std::nullopt);

}  // namespace angiotrial::analysis
