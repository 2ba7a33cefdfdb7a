// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/arm_contrasts.hpp>
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "multiplicity/adjusted_tail.hpp"

namespace angiotrial::analysis {
namespace {

void check(const ArmMeans& arms) {
  ANGIOTRIAL_EXPECT(arms.means.size() >= 2 && arms.means.size() == arms.sizes.size(),
                    "at least a control and a treatment, each with a size");
  ANGIOTRIAL_EXPECT(arms.sigma > 0.0 && arms.df > 0.0, "positive sigma and degrees of freedom");
  for (const double n : arms.sizes) ANGIOTRIAL_EXPECT(n >= 1.0, "patients in every arm");
}

Comparison compare(double estimate, double se, double df, Sides sides) {
  Comparison out;
  out.estimate = estimate;
  out.se = se;
  out.t = estimate / se;
  out.p_unadjusted = unadjusted_p(out.t, df, sides);
  return out;
}

void intervals(ManyToOne& result, Sides sides) {
  for (Comparison& c : result.comparisons) {
    c.lower = c.estimate - result.critical_value * c.se;
    c.upper = sides == Sides::two ? c.estimate + result.critical_value * c.se
                                  : std::numeric_limits<double>::infinity();
  }
}

}  // namespace

ManyToOne dunnett(const ArmMeans& arms, Sides sides, double level) {
  check(arms);
  ManyToOne out;
  std::vector<double> lambda;
  std::vector<double> statistic;
  for (std::size_t i = 1; i < arms.means.size(); ++i) {
    const double se = arms.sigma * std::sqrt(1.0 / arms.sizes[i] + 1.0 / arms.sizes[0]);
    out.comparisons.push_back(compare(arms.means[i] - arms.means[0], se, arms.df, sides));
    lambda.push_back(std::sqrt(arms.sizes[i] / (arms.sizes[i] + arms.sizes[0])));
    const double t = out.comparisons.back().t;
    statistic.push_back(sides == Sides::two ? std::fabs(t) : t);
  }
  const std::size_t k = lambda.size();
  for (std::size_t i = 0; i < k; ++i) {
    out.comparisons[i].p_adjusted = product_max_t_p_value(statistic[i], lambda, arms.df, sides);
  }
  out.critical_value = product_max_t_quantile(level, lambda, arms.df, sides);
  intervals(out, sides);

  // Step-down (Dunnett and Tamhane 1991): the i-th largest against the comparisons not yet
  // rejected.
  std::vector<std::size_t> order(k);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return statistic[a] > statistic[b]; });
  out.step_down.assign(k, 1.0);
  double running = 0.0;
  for (std::size_t i = 0; i < k; ++i) {
    std::vector<double> left;
    for (std::size_t j = i; j < k; ++j) left.push_back(lambda[order[j]]);
    const double p = product_max_t_p_value(statistic[order[i]], left, arms.df, sides);
    running = std::max(running, p);
    out.step_down[order[i]] = running;
  }
  return out;
}

ManyToOne contrast_test(const ArmMeans& arms, std::span<const double> contrasts, Sides sides,
                        double level) {
  check(arms);
  const std::size_t k = arms.means.size();
  std::vector<double> covariance(k * k, 0.0);
  for (std::size_t a = 0; a < k; ++a) covariance[a * (k + 1)] = 1.0 / arms.sizes[a];
  return contrast_test(ArmEstimates{arms.means, covariance, arms.sigma, arms.df}, contrasts, sides,
                       level);
}

ManyToOne williams(const ArmMeans& arms, double level) {
  check(arms);
  return contrast_test(arms, williams_contrasts(arms.sizes), Sides::one, level);
}

ManyToOne umbrella(const ArmMeans& arms, double level) {
  check(arms);
  return contrast_test(arms, umbrella_contrasts(arms.sizes), Sides::one, level);
}

}  // namespace angiotrial::analysis
