// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/trial_size.hpp>

#include <cmath>
#include <limits>

#include "design/crossing_family.hpp"
#include "design/looks.hpp"
#include "design/stage_bounds.hpp"
#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {

std::string_view name_of(SizeStatus status) {
  switch (status) {
    case SizeStatus::planned:
      return "planned";
    case SizeStatus::invalid_level:
      return "levels: alpha inside (0, 1/2), power above it and below 1";
    case SizeStatus::invalid_parameter:
      return "a parameter outside its range";
    case SizeStatus::no_effect:
      return "no effect to detect, or on the wrong side of the null";
    case SizeStatus::invalid_looks:
      return "the design of the looks was refused, or is Fisher's";
    case SizeStatus::unreachable:
      return "no size gives that power";
    case SizeStatus::too_many:
      return "the power needs millions of patients, too many for exposures that are summed one by "
             "one (an accrual_speed other than 1, or a dispersion and a rate so large)";
  }
  return "unknown";
}

namespace {

/// Drift of the looks over that of one look, and what they cost: inflation and expected sizes.
void add_cost(Looks& out) {
  const double fixed =
      quadrature::upper_quantile(out.errors.alpha) + quadrature::normal_quantile(out.errors.power);
  const auto probit = [](double p) {
    return quadrature::normal_quantile(std::clamp(p, 1.0e-15, 1.0 - 1.0e-15));
  };
  const double target = probit(out.errors.power);
  // One recursion serves all drifts near; a design that needs more than twice the drift of one look
  // has a recursion a drift.
  const double near = 2.0 * fixed;
  const CrossingFamily family(out.information, out.futility, out.critical, {0.0, near});
  const bool wide = family.at(near).reject() < out.errors.power;
  const auto probabilities = [&](double d) { return wide ? out.crossing(d) : family.at(d); };
  const auto missing = [&](double d) { return probit(probabilities(d).reject()) - target; };
  const double most = wide ? 4.0 * fixed + 8.0 : near;
  if (wide && missing(most) < 0.0) {
    out.status = SizeStatus::unreachable;
    return;
  }
  const double drift = smooth_root(missing, 1.02 * fixed, 1.03 * fixed, 0.0, most);
  out.inflation = drift * drift / (fixed * fixed);
  const auto expected = [&](double d) {
    return expected_information(probabilities(d), out.information) * out.inflation;
  };
  out.expected_null = expected(0.0);
  out.expected_half = expected(0.5 * drift);
  out.expected_alternative = expected(drift);
}

}  // namespace

Looks looks_of(const PlanningErrors& errors, const AdaptiveDesign* design) {
  Looks out;
  if (design != nullptr &&
      (design->status != DesignStatus::planned || design->plan.rule == StageRule::fisher)) {
    out.status = SizeStatus::invalid_looks;
    return out;
  }
  out.errors = errors;
  if (design != nullptr) out.errors.alpha = design->plan.alpha;
  const double alpha = out.errors.alpha;
  if (!(alpha > 0.0 && alpha < 0.5) || !(out.errors.power > alpha && out.errors.power < 1.0)) {
    out.status = SizeStatus::invalid_level;
    return out;
  }
  out.status = SizeStatus::planned;
  if (design == nullptr) {
    out.information = {1.0};
    out.critical = {quadrature::upper_quantile(alpha)};
  } else {
    out.information = design->plan.information;
    out.critical = design->critical;
    out.futility = design->plan.futility;
  }
  if (out.critical.size() > 1) add_cost(out);
  return out;
}

StageProbabilities Looks::crossing(double drift) const {
  std::vector<double> mean;
  for (const double t : information) mean.push_back(drift * std::sqrt(t));
  return analysis::crossing(information, futility, critical, mean);
}

namespace {

/// Expected sizes of `out.largest` patients where the power's size is `planned`: the drift grows
/// with the square root of the size.
void expect_at_size(const Looks& looks, double planned, TrialSize& out) {
  const double fixed = quadrature::upper_quantile(looks.errors.alpha) +
                       quadrature::normal_quantile(looks.errors.power);
  const double drift = fixed * std::sqrt(looks.inflation * out.largest / planned);
  const auto expected = [&](double d) {
    return looks.information.size() == 1
               ? out.largest
               : out.largest * expected_information(looks.crossing(d), looks.information);
  };
  out.expected_null = expected(0.0);
  out.expected_half = expected(0.5 * drift);
  out.expected_alternative = expected(drift);
}

}  // namespace

TrialSize size_from(const Looks& looks, double fixed, std::optional<double> size) {
  TrialSize out;
  out.status = SizeStatus::planned;
  out.fixed = fixed;
  const double planned = fixed * looks.inflation;
  out.largest = size.value_or(planned);
  for (const double t : looks.information) out.at_look.push_back(t * out.largest);
  out.expected_null = fixed * looks.expected_null;
  out.expected_half = fixed * looks.expected_half;
  out.expected_alternative = fixed * looks.expected_alternative;
  if (size) expect_at_size(looks, planned, out);
  return out;
}

namespace {

TrialSize refuse(SizeStatus status) {
  TrialSize out;
  out.status = status;
  return out;
}

bool positive(double x) { return x > 0.0 && std::isfinite(x); }

/// t with the tail of z, which is how a z bound is used on a t statistic.
double t_of_normal(double z, double df) {
  const double tail = quadrature::normal_cdf(-std::fabs(z));
  // The quantile is of the order tail^(-1 / df): beyond all numbers where few patients meet an
  // early bound.
  if (!(tail > 0.0) || -std::log(tail) > 600.0 * std::min(df, 1.0)) {
    return std::copysign(std::numeric_limits<double>::infinity(), z);
  }
  return std::copysign(student_tail_quantile(df, tail), z);
}

}  // namespace

TrialSize plan_means(const MeansDesign& design, const PlanningErrors& errors,
                     const AdaptiveDesign* looks, std::optional<double> size) {
  if (size && !positive(*size)) return refuse(SizeStatus::invalid_parameter);
  if (!positive(design.sd) || !positive(design.allocation) || !std::isfinite(design.difference)) {
    return refuse(SizeStatus::invalid_parameter);
  }
  if (!(design.difference > 0.0)) return refuse(SizeStatus::no_effect);
  const Looks all = looks_of(errors, looks);
  if (all.status != SizeStatus::planned) return refuse(all.status);
  TrialSize out = size_from(all, sample_size(design, all.errors), size);
  const double r = design.allocation;
  for (std::size_t k = 0; k < out.at_look.size(); ++k) {
    const double n = out.at_look[k];
    const double se = design.sd * (1.0 + r) / std::sqrt(r * n);
    out.critical_effect.push_back(n > 2.5 ? t_of_normal(all.critical[k], n - 2.0) * se
                                          : std::numeric_limits<double>::quiet_NaN());
  }
  return out;
}

TrialSize plan_rates(const RatesDesign& design, const PlanningErrors& errors,
                     const AdaptiveDesign* looks, std::optional<double> size) {
  if (size && !positive(*size)) return refuse(SizeStatus::invalid_parameter);
  const auto inside = [](double p) { return p > 0.0 && p < 1.0; };
  if (!inside(design.treatment) || !inside(design.control) || !positive(design.allocation) ||
      !(std::fabs(design.margin) < 1.0)) {
    return refuse(SizeStatus::invalid_parameter);
  }
  const double effect = design.treatment - design.control - design.margin;
  if (effect == 0.0) return refuse(SizeStatus::no_effect);
  const Looks all = looks_of(errors, looks);
  if (all.status != SizeStatus::planned) return refuse(all.status);
  TrialSize out = size_from(all, sample_size(design, all.errors), size);
  const double r = design.allocation;
  for (std::size_t k = 0; k < out.at_look.size(); ++k) {
    const double sign = effect > 0.0 ? 1.0 : -1.0;
    const double n2 = out.at_look[k] / (1.0 + r);
    const auto excess = [&](double p1) {
      RatesDesign at = design;
      at.treatment = p1;
      const auto [a, b] = restricted_rates(at);
      const double se = std::sqrt(a * (1.0 - a) / (r * n2) + b * (1.0 - b) / n2);
      return sign * (p1 - design.control - design.margin) - all.critical[k] * se;
    };
    const double from = std::clamp(design.control + design.margin, 1.0e-9, 1.0 - 1.0e-9);
    const double to = sign > 0.0 ? 1.0 - 1.0e-12 : 1.0e-12;
    const bool reached = excess(to) > 0.0 && excess(from) < 0.0;
    out.critical_effect.push_back(
        reached ? root(excess, std::min(from, to), std::max(from, to), 1.0e-13) - design.control
                : std::copysign(1.0, sign));
  }
  return out;
}

TrialSize plan_events(double hazard_ratio, double allocation, EventFormula formula,
                      const PlanningErrors& errors, const AdaptiveDesign* looks) {
  if (!positive(hazard_ratio) || !positive(allocation)) {
    return refuse(SizeStatus::invalid_parameter);
  }
  if (hazard_ratio == 1.0) return refuse(SizeStatus::no_effect);
  const Looks all = looks_of(errors, looks);
  if (all.status != SizeStatus::planned) return refuse(all.status);
  const double share = (1.0 + allocation) / std::sqrt(allocation);
  double events = schoenfeld_events(hazard_ratio, all.errors, allocation);
  if (formula == EventFormula::freedman) {
    // z^2 (1 + r HR)^2 / (r (1 - HR)^2)
    const double z = std::log(hazard_ratio) * std::sqrt(events) / share;
    const double ratio = (1.0 + allocation * hazard_ratio) / (1.0 - hazard_ratio);
    events = z * z * ratio * ratio / allocation;
  }
  TrialSize out = size_from(all, events);
  const double sign = hazard_ratio < 1.0 ? -1.0 : 1.0;
  for (std::size_t k = 0; k < out.at_look.size(); ++k) {
    out.critical_effect.push_back(
        std::exp(sign * all.critical[k] * share / std::sqrt(out.at_look[k])));
  }
  return out;
}

TrialPower power_of_means(const MeansDesign& design, double total, const AdaptiveDesign& looks) {
  TrialPower out;
  const Looks all = looks_of({looks.plan.alpha, 0.9}, &looks);
  out.status = all.status;
  if (all.status != SizeStatus::planned) return out;
  if (!positive(design.sd) || !positive(design.allocation) || !(total > 2.0)) {
    out.status = SizeStatus::invalid_parameter;
    return out;
  }
  const auto p = all.crossing(sequential_drift(design, total, looks.plan.alpha));
  double sum = 0.0;
  for (const double here : p.upper) out.rejected.push_back(sum += here);
  out.expected_size = total * expected_information(p, all.information);
  return out;
}

}  // namespace angiotrial::analysis
