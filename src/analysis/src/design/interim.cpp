// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/group_sequential.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {

double conditional_power(double z, double t, double drift, double critical) {
  ANGIOTRIAL_EXPECT(t > 0.0 && t < 1.0, "an interim look");
  return quadrature::normal_cdf((z * std::sqrt(t) + drift * (1.0 - t) - critical) /
                                std::sqrt(1.0 - t));
}

double predictive_power(double z, double t, double critical) {
  ANGIOTRIAL_EXPECT(t > 0.0 && t < 1.0, "an interim look");
  return quadrature::normal_cdf((z / std::sqrt(t) - critical) * std::sqrt(t / (1.0 - t)));
}

double inverse_normal(std::span<const double> p, std::span<const double> weights) {
  ANGIOTRIAL_EXPECT(p.size() == weights.size() && !p.empty(), "a weight a p-value");
  double sum = 0.0;
  double square = 0.0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    ANGIOTRIAL_EXPECT(p[k] > 0.0 && p[k] < 1.0, "p-values inside (0, 1)");
    sum += weights[k] * quadrature::upper_quantile(p[k]);
    square += weights[k] * weights[k];
  }
  return sum / std::sqrt(square);
}

double fisher_combination(std::span<const double> p) {
  ANGIOTRIAL_EXPECT(!p.empty(), "a p-value");
  double sum = 0.0;
  for (const double value : p) {
    ANGIOTRIAL_EXPECT(value > 0.0 && value <= 1.0, "p-values inside (0, 1]");
    sum -= 2.0 * std::log(value);
  }
  return chi_square_tail(2.0 * static_cast<double>(p.size()), sum);
}

PromisingZone promising_zone(double z, const PromisingZonePlan& plan) {
  ANGIOTRIAL_EXPECT(
      plan.interim > 0.0 && plan.planned > plan.interim && plan.largest >= plan.planned,
      "rising sample sizes");
  const double critical = plan.critical.value_or(quadrature::upper_quantile(plan.alpha));
  const double second = plan.planned - plan.interim;
  const double needed =
      (critical * std::sqrt(plan.planned) - z * std::sqrt(plan.interim)) / std::sqrt(second);
  PromisingZone out;
  out.conditional_power = quadrature::normal_cdf(z * std::sqrt(second / plan.interim) - needed);
  // Where the interim alone gives the target no further patient is needed.
  const double aim = std::max(0.0, needed + quadrature::normal_quantile(plan.target));
  out.uncapped = plan.interim / (z * z) * aim * aim + plan.interim;
  const bool enlarge =
      out.conditional_power >= plan.promising && out.conditional_power < plan.target;
  out.size = enlarge ? std::min(out.uncapped, plan.largest) : plan.planned;
  out.adjusted_critical =
      (std::sqrt(out.size - plan.interim) * needed + z * std::sqrt(plan.interim)) /
      std::sqrt(out.size);
  return out;
}

}  // namespace angiotrial::analysis
