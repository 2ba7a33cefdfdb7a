// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/trial_size.hpp>

#include <optional>
#include <vector>

/// Survival trials with hazards and accrual constant by pieces.
namespace angiotrial::analysis {

/// A step function of time: value[i] from start[i] (start[0] = 0, rising) to the next start.
struct StepFunction {
  std::vector<double> start{0.0};
  std::vector<double> value{0.0};
};

struct SurvivalTrialPlan {
  StepFunction control_hazard;  ///< time since entry
  double hazard_ratio = 1.0;
  StepFunction control_dropout;  ///< hazard of leaving, time since entry
  StepFunction treatment_dropout;
  StepFunction accrual;      ///< patients a time unit up to each proportion; only its shape counts
  double accrual_end = 0.0;  ///< 0: all enter at once, whatever `accrual`
  double follow_up = 0.0;    ///< after the last patient
  double allocation = 1.0;   ///< n treatment / n control
};

/// P(event seen by the calendar time) of a patient who enters at random during accrual; the
/// treatment's hazard is the control's times `ratio`.
[[nodiscard]] double event_probability(const SurvivalTrialPlan& plan, double ratio,
                                       const StepFunction& dropout, double time);
/// Events of both arms by a calendar time where `subjects` enter in all.
[[nodiscard]] double expected_events(const SurvivalTrialPlan& plan, double subjects, double time);

/// From the events needed to patients, or from patients by Lachin and Foulkes to events.
enum class SurvivalFormula { schoenfeld, freedman, lachin_foulkes };
struct SurvivalTrialSize {
  SizeStatus status = SizeStatus::invalid_parameter;
  double subjects = 0.0, events = 0.0;  ///< largest
  std::vector<double> events_at_look, calendar, critical_ratio;
};
/// `size` given: so many patients, whatever the power of the errors needs.
[[nodiscard]] SurvivalTrialSize plan_survival(const SurvivalTrialPlan& plan,
                                              SurvivalFormula formula, const PlanningErrors& errors,
                                              const AdaptiveDesign* looks = nullptr,
                                              std::optional<double> size = std::nullopt);

}  // namespace angiotrial::analysis
