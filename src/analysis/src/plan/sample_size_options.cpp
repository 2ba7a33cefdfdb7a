// SPDX-License-Identifier: Apache-2.0
#include "plan/sample_size_options.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::array<std::string_view, 3> comparisons{"final_values", "ancova", "change"};
constexpr std::array<std::string_view, 3> formulas{"schoenfeld", "freedman", "lachin_foulkes"};
constexpr schema::Range a_rate{.least = 0.0, .most = 1e6};
constexpr schema::Range a_time{.least = 0.0, .most = 1e6};

/// Of how patients enter, where all enter at once.
std::optional<Offence> entry_unread(std::string_view key, bool given) {
  if (!given) return std::nullopt;
  return Offence{key, "", "is used with an accrual above 0 alone"};
}

Offence above_0(std::string_view key, double value) {
  return {key, formats::shortest(value), "must be above 0"};
}

/// A step function of the plan: a value a piece, the first from 0, the next ones later.
std::optional<Offence> offence_of_pieces(std::string_view values_key,
                                         const std::vector<double>& values,
                                         std::string_view from_key,
                                         const std::vector<double>& from) {
  if (values.empty()) return Offence{values_key, "", "must name a value"};
  if (values.size() != from.size()) {
    return Offence{from_key, std::to_string(from.size()) + " numbers",
                   "must name where each of the " + std::to_string(values.size()) + " values of " +
                       std::string(values_key) + " begins"};
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (i == 0 ? from[0] != 0.0 : !(from[i] > from[i - 1])) {
      return Offence{from_key, formats::shortest(from[i]), "must begin at 0 and rise"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Offence> offence(const SizeOfMeans& o) {
  if (!(o.sd > 0.0)) return above_0("sd", o.sd);
  if (o.comparison == AnalysisOfMeans::final_values && o.baseline_correlation != 0.0) {
    return Offence{"baseline_correlation", formats::shortest(o.baseline_correlation),
                   "is for the comparisons ancova and change"};
  }
  const bool determined =
      o.baseline_correlation == 1.0 ||
      (o.baseline_correlation == -1.0 && o.comparison == AnalysisOfMeans::ancova);
  if (determined) {
    return Offence{"baseline_correlation", formats::shortest(o.baseline_correlation),
                   "leaves nothing that varies"};
  }
  return std::nullopt;
}

std::optional<Offence> offence(const SizeOfRates& o) {
  for (const auto& [key, rate] : {std::pair{"treatment", o.treatment}, {"control", o.control}}) {
    if (!(rate > 0.0 && rate < 1.0)) {
      return Offence{key, formats::shortest(rate), "must lie between 0 and 1"};
    }
  }
  if (std::fabs(o.margin) >= 1.0) {
    return Offence{"margin", formats::shortest(o.margin), "must lie between -1 and 1"};
  }
  return std::nullopt;
}

std::optional<Offence> offence(const SizeOfCounts& o) {
  for (const auto& [key, value] : {std::pair{"control_rate", o.control_rate},
                                   {"rate_ratio", o.rate_ratio},
                                   {"null_ratio", o.null_ratio},
                                   {"follow_up", o.accrual + o.follow_up}}) {
    if (!(value > 0.0)) return above_0(key, value);
  }
  if (o.same_exposure && !(o.follow_up > 0.0)) return above_0("follow_up", o.follow_up);
  return entry_unread("accrual_speed", o.accrual == 0.0 && o.accrual_speed != 1.0);
}

std::optional<Offence> offence(const SizeOfSurvival& o) {
  if (auto found =
          offence_of_pieces("control_hazard", o.control_hazard, "hazard_from", o.hazard_from)) {
    return found;
  }
  if (auto found =
          offence_of_pieces("accrual_rate", o.accrual_rate, "accrual_from", o.accrual_from)) {
    return found;
  }
  if (std::ranges::max(o.control_hazard) == 0.0) return above_0("control_hazard", 0.0);
  if (!(o.hazard_ratio > 0.0)) return above_0("hazard_ratio", o.hazard_ratio);
  if (!(o.accrual + o.follow_up > 0.0)) {
    return Offence{"follow_up", "0", "must be above 0 where accrual is 0: nobody is followed"};
  }
  double entering = 0.0;
  for (std::size_t i = 0; i < o.accrual_from.size(); ++i) {
    if (o.accrual_from[i] < o.accrual) entering += o.accrual_rate[i];
  }
  if (o.accrual > 0.0 && entering == 0.0) {
    return Offence{"accrual_rate", "0", "must be above 0 at some time of the accrual"};
  }
  return entry_unread("accrual_rate",
                      o.accrual == 0.0 && o.accrual_rate != SizeOfSurvival{}.accrual_rate);
}

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
  visit("accrual", o.accrual, a_time, "time over which patients enter; 0: all at once", analyst);
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
