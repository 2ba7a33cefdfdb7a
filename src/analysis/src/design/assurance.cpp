// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/assurance.hpp>

#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

#include "borrowing/mixture_parts.hpp"
#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

using quadrature::normal_cdf;
using quadrature::upper_quantile;

AssuranceStatus check(double per_arm, double alpha) {
  if (!(alpha > 0.0 && alpha < 1.0)) return AssuranceStatus::invalid_level;
  if (!(per_arm > 0.0) || !std::isfinite(per_arm)) return AssuranceStatus::invalid_size;
  return AssuranceStatus::computed;
}

bool positive(double x) { return x > 0.0 && std::isfinite(x); }

double log_beta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }

}  // namespace

std::string_view name_of(AssuranceStatus status) {
  switch (status) {
    case AssuranceStatus::computed:
      return "computed";
    case AssuranceStatus::invalid_level:
      return "the level must lie between 0 and 1";
    case AssuranceStatus::invalid_size:
      return "a size that is not positive, or fewer patients at the end than now";
    case AssuranceStatus::invalid_parameter:
      return "a parameter outside its range";
  }
  return "unknown";
}

Assurance assurance(const NormalAssurance& plan) {
  Assurance out{check(plan.per_arm, plan.alpha), 0.0, 0.0, 0.0};
  if (out.status != AssuranceStatus::computed) return out;
  if (!positive(plan.outcome_sd) || !(plan.prior_sd >= 0.0) || !std::isfinite(plan.prior_mean)) {
    out.status = AssuranceStatus::invalid_parameter;
    return out;
  }
  const double se = plan.outcome_sd * std::sqrt(2.0 / plan.per_arm);
  const double critical = upper_quantile(plan.alpha);
  out.assurance = normal_cdf((plan.prior_mean - critical * se) / std::hypot(plan.prior_sd, se));
  out.power_at_mean = normal_cdf(plan.prior_mean / se - critical);
  out.ceiling = plan.prior_sd > 0.0 ? normal_cdf(plan.prior_mean / plan.prior_sd)
                                    : (plan.prior_mean > 0.0 ? 1.0 : 0.0);
  return out;
}

Assurance assurance(const CountAssurance& plan) {
  Assurance out{check(plan.per_arm, plan.alpha), 0.0, 0.0, 0.0};
  if (out.status != AssuranceStatus::computed) return out;
  if (!positive(plan.control_rate) || !positive(plan.exposure) || !(plan.dispersion >= 0.0) ||
      !positive(plan.prior_sd) || !std::isfinite(plan.prior_mean + plan.dispersion)) {
    out.status = AssuranceStatus::invalid_parameter;
    return out;
  }
  const double events = plan.control_rate * plan.exposure;
  const double critical = upper_quantile(plan.alpha);
  const auto power = [&](double theta) {
    const double variance =
        (std::exp(-theta) / events + 1.0 / events + 2.0 * plan.dispersion) / plan.per_arm;
    return normal_cdf(-theta / std::sqrt(variance) - critical);
  };
  // Power rises from 0 to 1 within some standard errors of theta = 0 and falls again, on the scale
  // of theta itself, where nobody treated has events: panels are as fine as either near where it
  // happens, and beyond follow the prior.
  const double steep = std::sqrt((2.0 / events + 2.0 * plan.dispersion) / plan.per_arm);
  const double flat = 40.0 + 2.0 * std::fabs(std::log(plan.per_arm)) + std::fabs(std::log(events));
  constexpr double end = 9.0;
  for (double from = -end; from < end;) {
    const double theta = std::fabs(plan.prior_mean + plan.prior_sd * from);
    double step = std::max(0.5 * steep, 0.25 * theta);
    if (theta < flat) step = std::min(step, 1.0);
    const double to = std::min(end, from + std::min(step / plan.prior_sd, 1.0));
    quadrature::for_each_node<16>(from, to, [&](double z, double w) {
      out.assurance +=
          w * quadrature::normal_density(z) * power(plan.prior_mean + plan.prior_sd * z);
    });
    from = std::max(to, std::nextafter(from, end));
  }
  out.power_at_mean = power(plan.prior_mean);
  out.ceiling = normal_cdf(-plan.prior_mean / plan.prior_sd);
  return out;
}

namespace {

// Power at p_1 = 1 - q_1, averaged over p_2 ~ Beta. With s the normal deviate of the test beyond
// its critical value c, it is E F(p_2(c + s)), F the distribution of p_2 and p_2(z) the rate at
// which
//   n (p_1 - p_2)^2 = z^2 (p_1 q_1 + p_2 (1 - p_2)),
// which leaves [0, 1] where F is 0 or 1: no quadrature over a steep power curve.
double power_over_controls(const RateAssurance& plan, double p1, double q1, double critical) {
  const MixtureComponent controls{1.0, plan.control_a, plan.control_b};
  const double n = plan.per_arm;
  const double at_one = std::max(-8.3, -std::sqrt(n * q1 / p1) - critical);
  const double at_zero = std::min(8.3, std::sqrt(n * p1 / q1) - critical);
  double sum = normal_cdf(std::min(at_one, at_zero));
  const double se = std::sqrt((p1 * q1 + 1.0e-300) / n);
  const double width = std::sqrt(mixtures::component_variance(MixtureFamily::beta, controls)) / se;
  mixtures::for_each_node(at_one, at_zero, std::min(0.7, 0.5 * width), [&](double s, double w) {
    const double z = critical + s;
    const double root = std::sqrt(z * z + p1 * q1 * (8.0 * n + 4.0 * z * z));
    const double p2 = (2.0 * n * p1 + z * z - z * root) / (2.0 * (n + z * z));
    const double q2 = (2.0 * n * q1 + z * z + z * root) / (2.0 * (n + z * z));
    sum += w * quadrature::normal_density(s) * mixtures::beta_cdf(controls, p2, q2);
  });
  return sum;
}

}  // namespace

Assurance assurance(const RateAssurance& plan) {
  Assurance out{check(plan.per_arm, plan.alpha), 0.0, 0.0, 0.0};
  if (out.status != AssuranceStatus::computed) return out;
  const Mixture treated{MixtureFamily::beta, {{1.0, plan.treatment_a, plan.treatment_b}}, 1.0};
  const Mixture controls{MixtureFamily::beta, {{1.0, plan.control_a, plan.control_b}}, 1.0};
  if (check(treated) != MixtureStatus::valid || check(controls) != MixtureStatus::valid) {
    out.status = AssuranceStatus::invalid_parameter;
    return out;
  }
  const double critical = upper_quantile(plan.alpha);
  const auto power = [&](double p1, double p2) {
    const double se = std::sqrt((p1 * (1.0 - p1) + p2 * (1.0 - p2)) / plan.per_arm);
    return normal_cdf((p1 - p2) / se - critical);
  };
  const auto& own = treated.components[0];
  const double spread = std::sqrt(mixtures::component_variance(treated.family, own));
  const double other =
      std::sqrt(mixtures::component_variance(controls.family, controls.components[0]));
  mixtures::for_each_end_node(
      0.0, 1.0, 0.5 * std::min(spread, other), mixtures::reach_of(std::min(own.a, own.b)),
      [&](const mixtures::EndNode& n) {
        const double mass = n.weight * mixtures::beta_density(own, n.above_low, n.below_high);
        if (mass < 1.0e-17) return;
        out.assurance += mass * power_over_controls(plan, n.above_low, n.below_high, critical);
      });
  out.power_at_mean = power(mean(treated), mean(controls));
  out.ceiling = probability_of_difference(treated, controls, 0.0);
  return out;
}

// Sum over the events k still to come of the beta-binomial mass where the final posterior passes.
Predictive predictive_probability(const PredictivePlan& plan, int events, int observed) {
  Predictive out;
  if (!positive(plan.a) || !positive(plan.b) || !(plan.null > 0.0 && plan.null < 1.0) ||
      !(plan.threshold > 0.0 && plan.threshold < 1.0) || events < 0 || events > observed) {
    return out;
  }
  out.status = AssuranceStatus::invalid_size;
  if (observed > plan.largest || plan.largest < 1) return out;
  out.status = AssuranceStatus::computed;
  const int left = plan.largest - observed;
  const double a = plan.a + events;
  const double b = plan.b + observed - events;
  for (int k = 0; k <= left; ++k) {
    const double end_a = a + k;
    const double end_b = b + left - k;
    if (!(boost::math::ibetac(end_a, end_b, plan.null) > plan.threshold)) continue;
    const double choose = -log_beta(k + 1.0, left - k + 1.0) - std::log(left + 1.0);
    out.probability += std::exp(choose + log_beta(end_a, end_b) - log_beta(a, b));
  }
  return out;
}

}  // namespace angiotrial::analysis
