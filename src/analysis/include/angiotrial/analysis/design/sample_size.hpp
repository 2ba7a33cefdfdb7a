// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>

/// Sample size and power of two-arm trials with one look. A group-sequential trial needs
/// `inflation` (group_sequential.hpp) times as many at most. All levels are one-sided; sizes are
/// not rounded: totals of both arms unless said.
namespace angiotrial::analysis {

struct PlanningErrors {
  double alpha = 0.025;
  double power = 0.9;
};

/// Two means: exact power of the t test (non-central t). `allocation` = n treatment / n control.
struct MeansDesign {
  double difference = 0.0;  ///< positive
  double sd = 1.0;
  double allocation = 1.0;
};
[[nodiscard]] double sample_size(const MeansDesign& design, const PlanningErrors& errors);
[[nodiscard]] double power(const MeansDesign& design, double total, double alpha);
/// Drift of a group-sequential trial that gives the exact power of the t test at its last look.
[[nodiscard]] double sequential_drift(const MeansDesign& design, double total, double alpha);

/// Size against a comparison of final values, where baseline and final value correlate by rho in
/// [-1, 1] and have one spread:  ANCOVA 1 - rho^2,  change from baseline 2 (1 - rho).
struct BaselineEffect {
  double ancova = 1.0;
  double change = 1.0;
};
[[nodiscard]] BaselineEffect baseline_effect(double rho);

/// Two rates (proportions): normal approximation, variance under the null by restricted maximum
/// likelihood (Farrington and Manning 1990, doi:10.1002/sim.4780091208); margin is the difference
/// treatment - control under the null, below the planned one.
struct RatesDesign {
  double treatment = 0.0;
  double control = 0.0;
  double margin = 0.0;
  double allocation = 1.0;
};
[[nodiscard]] double sample_size(const RatesDesign& design, const PlanningErrors& errors);
/// The restricted estimates (treatment, control).
[[nodiscard]] std::pair<double, double> restricted_rates(const RatesDesign& design);

/// Events of a log-rank test, 1:1.
[[nodiscard]] double schoenfeld_events(double hazard_ratio, const PlanningErrors& errors,
                                       double allocation = 1.0);
[[nodiscard]] double freedman_events(double hazard_ratio, const PlanningErrors& errors);

/// Exponential survival and drop-out, uniform accrual, follow-up after the last patient. Time in
/// any one unit; hazards per that unit.
struct SurvivalDesign {
  double control_hazard = 0.0;
  double hazard_ratio = 1.0;
  double dropout_hazard = 0.0;
  double accrual = 0.0;
  double follow_up = 0.0;
};
/// P(event seen by calendar time) of one patient in an arm with the hazard given.
[[nodiscard]] double event_probability(const SurvivalDesign& design, double hazard, double time);
/// Patients who give that many events, 1:1, at the end of follow-up.
[[nodiscard]] double subjects_for_events(const SurvivalDesign& design, double events);
/// Calendar time at which `subjects` patients have given `events`.
[[nodiscard]] double time_of_events(const SurvivalDesign& design, double subjects, double events);
/// Patients by Lachin and Foulkes 1986 (doi:10.2307/2531201), 1:1, and the events they give.
struct SubjectsAndEvents {
  double subjects = 0.0;
  double events = 0.0;
};
[[nodiscard]] SubjectsAndEvents lachin_foulkes(const SurvivalDesign& design,
                                               const PlanningErrors& errors);

/// Counts (NB2). Fisher information of one patient about the log rate, exposure t:
///   i(t) = lambda t / (1 + phi lambda t)
[[nodiscard]] double count_information(double rate, double exposure, double dispersion);
/// The same averaged over exposures uniform on [follow_up, follow_up + accrual].
[[nodiscard]] double expected_count_information(double rate, double dispersion, double accrual,
                                                double follow_up);

struct CountsDesign {
  double control_rate = 0.0;
  double rate_ratio = 1.0;
  double dispersion = 0.0;  ///< phi
  double accrual = 0.0;     ///< 0: the same exposure for all
  double follow_up = 1.0;
  double null_ratio = 1.0;
  double allocation = 1.0;  ///< n treatment / n control
};
/// Patients of both arms: (z_a + z_b)^2 (1 / i_control + 1 / (r i_treatment)) (1 + r) / ln(ratio /
/// null)^2 with r the allocation.
[[nodiscard]] double count_patients(const CountsDesign& design, const PlanningErrors& errors);
/// Patients in each arm, 1:1: (z_a + z_b)^2 (1 / i_control + 1 / i_treatment) / ln(ratio)^2.
[[nodiscard]] double patients_per_arm(const CountsDesign& design, const PlanningErrors& errors);
/// Largest information about the log rate ratio.
[[nodiscard]] double count_design_information(const CountsDesign& design,
                                              const PlanningErrors& errors);

/// Blinded re-estimation (Friede and Schmidli 2010, doi:10.1002/sim.3861): pooled rate and
/// dispersion, the planned ratio.
[[nodiscard]] double blinded_patients_per_arm(double pooled_rate, double dispersion,
                                              double rate_ratio, double exposure,
                                              const PlanningErrors& errors);

}  // namespace angiotrial::analysis
