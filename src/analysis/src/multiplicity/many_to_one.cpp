// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

double tail(double t, double df, Sides sides) {
  const double x = sides == Sides::two ? std::fabs(t) : t;
  const double one = std::isfinite(df)
                         ? cdf(complement(boost::math::students_t_distribution<double>(df), x))
                         : quadrature::normal_cdf(-x);
  return sides == Sides::two ? 2.0 * one : one;
}

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
  out.p_unadjusted = tail(out.t, df, sides);
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
    out.comparisons[i].p_adjusted =
        1.0 - product_max_t_probability(statistic[i], lambda, arms.df, sides);
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
    const double p = 1.0 - product_max_t_probability(statistic[order[i]], left, arms.df, sides);
    running = std::max(running, p);
    out.step_down[order[i]] = running;
  }
  return out;
}

ManyToOne contrast_test(const ArmMeans& arms, std::span<const double> contrasts, Sides sides,
                        double level) {
  check(arms);
  const std::size_t arm_count = arms.means.size();
  const std::size_t count = contrasts.size() / arm_count;
  ANGIOTRIAL_EXPECT(count >= 1 && count * arm_count == contrasts.size(), "whole contrasts");
  const auto c = [&](std::size_t i, std::size_t a) { return contrasts[i * arm_count + a]; };
  std::vector<double> correlation(count * count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      for (std::size_t a = 0; a < arm_count; ++a) {
        correlation[i * count + j] += c(i, a) * c(j, a) / arms.sizes[a];
      }
    }
  }
  ManyToOne out;
  std::vector<double> root(count);
  for (std::size_t i = 0; i < count; ++i) {
    root[i] = std::sqrt(correlation[i * count + i]);
    double estimate = 0.0;
    for (std::size_t a = 0; a < arm_count; ++a) estimate += c(i, a) * arms.means[a];
    out.comparisons.push_back(compare(estimate, arms.sigma * root[i], arms.df, sides));
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) correlation[i * count + j] /= root[i] * root[j];
  }
  const CorrelationMatrix matrix{correlation, count};
  for (Comparison& x : out.comparisons) {
    const double t = sides == Sides::two ? std::fabs(x.t) : x.t;
    x.p_adjusted = 1.0 - max_t_probability(t, matrix, arms.df, sides).value;
  }
  out.critical_value = max_t_quantile(level, matrix, arms.df, sides);
  intervals(out, sides);
  return out;
}

ManyToOne williams(const ArmMeans& arms, double level) {
  check(arms);
  const std::size_t doses = arms.means.size() - 1;
  std::vector<double> contrasts(doses * (doses + 1), 0.0);
  for (std::size_t top = 1; top <= doses; ++top) {
    double* row = contrasts.data() + (top - 1) * (doses + 1);
    double total = 0.0;
    for (std::size_t a = doses + 1 - top; a <= doses; ++a) total += arms.sizes[a];
    row[0] = -1.0;
    for (std::size_t a = doses + 1 - top; a <= doses; ++a) row[a] = arms.sizes[a] / total;
  }
  return contrast_test(arms, contrasts, Sides::one, level);
}

ManyToOne umbrella(const ArmMeans& arms, double level) {
  check(arms);
  const std::size_t doses = arms.means.size() - 1;
  std::vector<double> contrasts;
  for (std::size_t first = 1; first <= doses; ++first) {
    for (std::size_t last = first; last <= doses; ++last) {
      std::vector<double> row(doses + 1, 0.0);
      double inside = 0.0;
      double outside = 0.0;
      for (std::size_t a = 0; a <= doses; ++a) {
        (a >= first && a <= last ? inside : outside) += arms.sizes[a];
      }
      for (std::size_t a = 0; a <= doses; ++a) {
        const bool in = a >= first && a <= last;
        row[a] = in ? arms.sizes[a] / inside : -arms.sizes[a] / outside;
      }
      contrasts.insert(contrasts.end(), row.begin(), row.end());
    }
  }
  return contrast_test(arms, contrasts, Sides::one, level);
}

}  // namespace angiotrial::analysis
