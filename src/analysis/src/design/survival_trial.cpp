// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/survival_trial.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "design/looks.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool valid(const StepFunction& f) {
  if (f.start.empty() || f.start.size() != f.value.size() || f.start[0] != 0.0) return false;
  for (std::size_t i = 0; i < f.start.size(); ++i) {
    if (!(f.value[i] >= 0.0) || !std::isfinite(f.value[i])) return false;
    if (i > 0 && !(f.start[i] > f.start[i - 1])) return false;
  }
  return true;
}

double at(const StepFunction& f, double t) {
  std::size_t i = f.start.size() - 1;
  while (i > 0 && f.start[i] > t) --i;
  return f.value[i];
}

std::vector<double> merged_starts(const StepFunction& a, const StepFunction& b) {
  std::vector<double> out(a.start);
  out.insert(out.end(), b.start.begin(), b.start.end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// Over a piece with hazard l and drop-out e of length d, from a share S still there:
//   events S l / (l + e) (1 - e^-(l + e) d)
double event_share(const StepFunction& hazard, double ratio, const StepFunction& dropout,
                   const std::vector<double>& starts, double time) {
  double there = 1.0;
  double events = 0.0;
  for (std::size_t i = 0; i < starts.size() && starts[i] < time; ++i) {
    const double to = std::min(time, i + 1 < starts.size() ? starts[i + 1] : infinity);
    const double l = ratio * at(hazard, starts[i]);
    const double rate = l + at(dropout, starts[i]);
    const double length = to - starts[i];
    events += there * (rate > 0.0 ? l / rate * -std::expm1(-rate * length) : 0.0);
    there *= std::exp(-rate * length);
  }
  return events;
}

double accrued(const SurvivalTrialPlan& plan, double to) {
  double sum = 0.0;
  for (std::size_t i = 0; i < plan.accrual.start.size(); ++i) {
    const double next = i + 1 < plan.accrual.start.size() ? plan.accrual.start[i + 1] : infinity;
    const double length = std::min({next, to, plan.accrual_end}) - plan.accrual.start[i];
    if (length > 0.0) sum += plan.accrual.value[i] * length;
  }
  return sum;
}

double treated_share(const SurvivalTrialPlan& plan) {
  return plan.allocation / (1.0 + plan.allocation);
}

double mean_probability(const SurvivalTrialPlan& plan, double time) {
  const double share = treated_share(plan);
  return (1.0 - share) * event_probability(plan, 1.0, plan.control_dropout, time) +
         share * event_probability(plan, plan.hazard_ratio, plan.treatment_dropout, time);
}

SizeStatus check(const SurvivalTrialPlan& plan) {
  const auto positive = [](double x) { return x > 0.0 && std::isfinite(x); };
  if (!valid(plan.control_hazard) || !valid(plan.control_dropout) ||
      !valid(plan.treatment_dropout) || !valid(plan.accrual) || !positive(plan.hazard_ratio) ||
      !(plan.accrual_end >= 0.0) || !(plan.follow_up >= 0.0) ||
      !positive(plan.accrual_end + plan.follow_up) || !positive(plan.allocation) ||
      (plan.accrual_end > 0.0 && !(accrued(plan, plan.accrual_end) > 0.0))) {
    return SizeStatus::invalid_parameter;
  }
  return plan.hazard_ratio == 1.0 ? SizeStatus::no_effect : SizeStatus::planned;
}

// n ln(HR)^2 = (z_a sqrt(V_0) + z_b sqrt(V_1))^2, V the sum over arms of 1 / (share P(event));
// under the null both arms have the patients' mean hazard.
double lachin_foulkes_subjects(const SurvivalTrialPlan& plan, const PlanningErrors& errors) {
  const double end = plan.accrual_end + plan.follow_up;
  const double share = treated_share(plan);
  const double pooled = 1.0 - share + share * plan.hazard_ratio;
  const auto variance = [&](double control, double treated) {
    return 1.0 / ((1.0 - share) * event_probability(plan, control, plan.control_dropout, end)) +
           1.0 / (share * event_probability(plan, treated, plan.treatment_dropout, end));
  };
  const double sum =
      quadrature::upper_quantile(errors.alpha) * std::sqrt(variance(pooled, pooled)) +
      quadrature::normal_quantile(errors.power) * std::sqrt(variance(1.0, plan.hazard_ratio));
  return sum * sum / (std::log(plan.hazard_ratio) * std::log(plan.hazard_ratio));
}

}  // namespace

double event_probability(const SurvivalTrialPlan& plan, double ratio, const StepFunction& dropout,
                         double time) {
  const auto starts = merged_starts(plan.control_hazard, dropout);
  if (plan.accrual_end == 0.0) {
    return event_share(plan.control_hazard, ratio, dropout, starts, time);
  }
  // The integrand bends where entry or time since entry meets a step.
  std::vector<double> edges{0.0, std::min(time, plan.accrual_end)};
  const double last = edges[1];
  const auto add = [&](double entry) {
    if (entry > 0.0 && entry < last) edges.push_back(entry);
  };
  for (const double s : plan.accrual.start) add(s);
  for (const double s : starts) add(time - s);
  std::sort(edges.begin(), edges.end());
  double sum = 0.0;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const double density = at(plan.accrual, 0.5 * (edges[i] + edges[i + 1]));
    quadrature::for_each_node<16>(edges[i], edges[i + 1], [&](double entry, double w) {
      sum += w * density * event_share(plan.control_hazard, ratio, dropout, starts, time - entry);
    });
  }
  return sum / accrued(plan, plan.accrual_end);
}

double expected_events(const SurvivalTrialPlan& plan, double subjects, double time) {
  return subjects * mean_probability(plan, time);
}

SurvivalTrialSize plan_survival(const SurvivalTrialPlan& plan, SurvivalFormula formula,
                                const PlanningErrors& errors, const AdaptiveDesign* looks,
                                std::optional<double> size) {
  SurvivalTrialSize out;
  out.status = check(plan);
  if (size && !(*size > 0.0 && std::isfinite(*size))) out.status = SizeStatus::invalid_parameter;
  if (out.status != SizeStatus::planned) return out;
  const Looks all = looks_of(errors, looks);
  out.status = all.status;
  if (out.status != SizeStatus::planned) return out;
  const double end = plan.accrual_end + plan.follow_up;
  const double seen = mean_probability(plan, end);
  out.status = seen > 0.0 ? SizeStatus::planned : SizeStatus::unreachable;
  if (!(seen > 0.0)) return out;
  if (formula == SurvivalFormula::lachin_foulkes) {
    out.subjects = lachin_foulkes_subjects(plan, all.errors) * all.inflation;
    out.events = out.subjects * seen;
  } else {
    const auto by =
        formula == SurvivalFormula::freedman ? EventFormula::freedman : EventFormula::schoenfeld;
    out.events = plan_events(plan.hazard_ratio, plan.allocation, by, errors, looks).largest;
    out.subjects = out.events / seen;
  }
  if (size) {
    out.subjects = *size;
    out.events = out.subjects * seen;
  }
  // A chance of an event so small that no number holds the patients, or their events.
  if (!std::isfinite(out.subjects) || !std::isfinite(out.events) || !(out.events > 0.0)) {
    out.status = SizeStatus::unreachable;
    return out;
  }
  const double scale = (1.0 + plan.allocation) / std::sqrt(plan.allocation);
  const double sign = plan.hazard_ratio < 1.0 ? -1.0 : 1.0;
  for (std::size_t k = 0; k < all.information.size(); ++k) {
    const double events = all.information[k] * out.events;
    out.events_at_look.push_back(events);
    out.critical_ratio.push_back(std::exp(sign * all.critical[k] * scale / std::sqrt(events)));
    const auto missing = [&](double time) {
      return out.subjects * mean_probability(plan, time) - events;
    };
    out.calendar.push_back(all.information[k] >= 1.0 ? end : root_from_0(missing, end, 1.0e-13));
  }
  return out;
}

}  // namespace angiotrial::analysis
