// SPDX-License-Identifier: Apache-2.0
#include "plan/sample_size_options.hpp"

#include <array>
#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::array<std::string_view, 3> comparisons{"final_values", "ancova", "change"};
constexpr std::array<std::string_view, 3> formulas{"schoenfeld", "freedman", "lachin_foulkes"};
constexpr schema::Range a_rate{.least = 0.0, .most = 1e6};
constexpr schema::Range a_time{.least = 0.0, .most = 1e6};

}  // namespace

void describe(schema::Visitor& visit, SizeOfMeans& o) {
  visit("difference", o.difference, {.least = -1e9, .most = 1e9},
        "planned difference of the means, either sign", analyst);
  visit("sd", o.sd, {.least = 0.0, .most = 1e9}, "standard deviation in each arm", analyst);
  visit("comparison", o.comparison, comparisons,
        "what is compared: final values, final values adjusted for the baseline, or the change",
        analyst);
  visit("baseline_correlation", o.baseline_correlation, {.least = -1.0, .most = 1.0},
        "correlation of baseline and final value, for ancova and change", analyst);
}

void describe(schema::Visitor& visit, SizeOfRates& o) {
  visit("treatment", o.treatment, {.least = 0.0, .most = 1.0}, "planned rate of the treated",
        analyst);
  visit("control", o.control, {.least = 0.0, .most = 1.0}, "planned rate of the controls", analyst);
  visit("margin", o.margin, {.least = -1.0, .most = 1.0},
        "difference treatment - control under the null hypothesis", analyst);
}

void describe(schema::Visitor& visit, SizeOfCounts& o) {
  visit("control_rate", o.control_rate, a_rate, "events of a control in a unit of time", analyst);
  visit("rate_ratio", o.rate_ratio, a_rate, "planned ratio, below null_ratio", analyst);
  visit("null_ratio", o.null_ratio, a_rate, "ratio under the null hypothesis", analyst);
  visit("dispersion", o.dispersion, {.least = 0.0, .most = 1e4},
        "phi: the variance is mean + phi mean^2", analyst);
  visit("accrual", o.accrual, a_time, "time over which patients enter; 0: all at once", analyst);
  visit("accrual_speed", o.accrual_speed, {.least = 0.01, .most = 100.0},
        "patient i of n enters at accrual (i / (n - 1))^(1 / speed); 1: uniform", analyst);
  visit("follow_up", o.follow_up, a_time, "time after the last entry", analyst);
  visit("same_exposure", o.same_exposure,
        "each patient is followed for follow_up only; else until the last one has been", analyst);
}

void describe(schema::Visitor& visit, SizeOfSurvival& o) {
  visit("control_hazard", o.control_hazard, a_rate,
        "hazard of the controls, constant by pieces of time since entry", analyst);
  visit("hazard_from", o.hazard_from, a_time, "where each piece begins; the first at 0", analyst);
  visit("hazard_ratio", o.hazard_ratio, a_rate, "planned, treatment to control", analyst);
  visit("control_dropout", o.control_dropout, a_rate, "hazard of leaving, controls", analyst);
  visit("treatment_dropout", o.treatment_dropout, a_rate, "hazard of leaving, treated", analyst);
  visit("accrual", o.accrual, a_time, "time over which patients enter", analyst);
  visit("follow_up", o.follow_up, a_time, "time after the last entry", analyst);
  visit("accrual_rate", o.accrual_rate, a_rate,
        "patients in a unit of time, by pieces; only its shape counts", analyst);
  visit("accrual_from", o.accrual_from, a_time, "where each piece begins; the first at 0", analyst);
  visit("formula", o.formula, formulas,
        "events by Schoenfeld or Freedman and patients from them; or patients by Lachin and "
        "Foulkes and events from them",
        analyst);
}

MeansDesign of_means(const SizeOfMeans& o, double allocation) {
  const BaselineEffect effect = baseline_effect(o.baseline_correlation);
  const double share = o.comparison == AnalysisOfMeans::ancova   ? effect.ancova
                       : o.comparison == AnalysisOfMeans::change ? effect.change
                                                                 : 1.0;
  return {std::fabs(o.difference), o.sd * std::sqrt(share), allocation};
}

CountTrial of_counts(const SizeOfCounts& o, double allocation) {
  CountTrial t;
  t.control_rate = o.control_rate;
  t.rate_ratio = o.rate_ratio;
  t.null_ratio = o.null_ratio;
  t.dispersion = o.dispersion;
  t.allocation = allocation;
  t.accrual = o.accrual;
  t.end = o.accrual + o.follow_up;
  t.speed = o.accrual_speed;
  if (o.same_exposure) t.follow_up = o.follow_up;
  return t;
}

SurvivalTrialPlan of_survival(const SizeOfSurvival& o, double allocation) {
  SurvivalTrialPlan plan;
  plan.control_hazard = {o.hazard_from, o.control_hazard};
  plan.hazard_ratio = o.hazard_ratio;
  plan.control_dropout.value = {o.control_dropout};
  plan.treatment_dropout.value = {o.treatment_dropout};
  plan.accrual = {o.accrual_from, o.accrual_rate};
  plan.accrual_end = o.accrual;
  plan.follow_up = o.follow_up;
  plan.allocation = allocation;
  return plan;
}

}  // namespace angiotrial::analysis
