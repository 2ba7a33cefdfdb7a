// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/arm_contrasts.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "multiplicity/adjusted_tail.hpp"

namespace angiotrial::analysis {
namespace {

/// c' S d of two contrasts.
double form(const double* c, std::span<const double> s, const double* d, std::size_t k) {
  double sum = 0.0;
  for (std::size_t a = 0; a < k; ++a) {
    for (std::size_t b = 0; b < k; ++b) sum += c[a] * s[a * k + b] * d[b];
  }
  return sum;
}

bool independent(const ArmEstimates& arms) {
  const std::size_t k = arms.estimates.size();
  for (std::size_t a = 0; a < k; ++a) {
    for (std::size_t b = 0; b < k; ++b) {
      if (a != b && arms.covariance[a * k + b] != 0.0) return false;
    }
  }
  return true;
}

/// The correlation of some of the statistics.
std::vector<double> part_of(std::span<const double> correlation, std::size_t count,
                            std::span<const std::size_t> chosen) {
  std::vector<double> out;
  for (const std::size_t i : chosen) {
    for (const std::size_t j : chosen) out.push_back(correlation[i * count + j]);
  }
  return out;
}

double adjusted(double t, std::span<const double> correlation, std::size_t count, double df,
                Sides sides) {
  return max_t_p_value(t, {correlation, count}, df, sides).value;
}

void step_down(std::span<const double> statistic, std::span<const double> correlation, double df,
               Sides sides, ManyToOne& out) {
  const std::size_t count = statistic.size();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return statistic[a] > statistic[b]; });
  out.step_down.assign(count, 1.0);
  double running = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const std::size_t> left(order.data() + i, count - i);
    const std::vector<double> part = part_of(correlation, count, left);
    running = std::max(running, adjusted(statistic[order[i]], part, left.size(), df, sides));
    out.step_down[order[i]] = running;
  }
}

ManyToOne compare(const ArmEstimates& arms, std::span<const double> contrasts, Sides sides,
                  double level, bool with_steps) {
  const std::size_t k = arms.estimates.size();
  const std::size_t count = contrasts.size() / std::max<std::size_t>(k, 1);
  ANGIOTRIAL_EXPECT(k >= 2 && arms.covariance.size() == k * k, "a covariance of at least two arms");
  ANGIOTRIAL_EXPECT(arms.sigma > 0.0 && arms.df > 0.0, "positive sigma and degrees of freedom");
  ANGIOTRIAL_EXPECT(count >= 1 && count * k == contrasts.size(), "whole contrasts");
  ManyToOne out;
  std::vector<double> root, statistic, correlation;
  for (std::size_t i = 0; i < count; ++i) {
    const double* c = contrasts.data() + i * k;
    root.push_back(std::sqrt(form(c, arms.covariance, c, k)));
    Comparison x;
    x.estimate = std::inner_product(c, c + k, arms.estimates.begin(), 0.0);
    x.se = arms.sigma * root[i];
    x.t = x.estimate / x.se;
    statistic.push_back(sides == Sides::two ? std::fabs(x.t) : x.t);
    x.p_unadjusted = unadjusted_p(x.t, arms.df, sides);
    out.comparisons.push_back(x);
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      const double covariance =
          form(contrasts.data() + i * k, arms.covariance, contrasts.data() + j * k, k);
      correlation.push_back(i == j ? 1.0 : covariance / (root[i] * root[j]));
    }
  }
  out.critical_value = max_t_quantile(level, {correlation, count}, arms.df, sides);
  for (std::size_t i = 0; i < count; ++i) {
    Comparison& x = out.comparisons[i];
    x.p_adjusted = adjusted(statistic[i], correlation, count, arms.df, sides);
    x.lower = x.estimate - out.critical_value * x.se;
    x.upper = sides == Sides::two ? x.estimate + out.critical_value * x.se
                                  : std::numeric_limits<double>::infinity();
  }
  if (with_steps) step_down(statistic, correlation, arms.df, sides, out);
  return out;
}

}  // namespace

ManyToOne contrast_test(const ArmEstimates& arms, std::span<const double> contrasts, Sides sides,
                        double level) {
  return compare(arms, contrasts, sides, level, false);
}

ManyToOne dunnett(const ArmEstimates& arms, Sides sides, double level) {
  const std::size_t k = arms.estimates.size();
  ANGIOTRIAL_EXPECT(k >= 2 && arms.covariance.size() == k * k, "a covariance of at least two arms");
  std::vector<double> sizes, contrasts;
  for (std::size_t a = 0; a < k; ++a) sizes.push_back(1.0 / arms.covariance[a * (k + 1)]);
  if (independent(arms) && std::ranges::all_of(sizes, [](double n) { return n >= 1.0; })) {
    return dunnett(ArmMeans{arms.estimates, sizes, arms.sigma, arms.df}, sides, level);
  }
  for (std::size_t a = 1; a < k; ++a) {
    contrasts.resize(contrasts.size() + k, 0.0);
    contrasts[(a - 1) * k] = -1.0;
    contrasts[(a - 1) * k + a] = 1.0;
  }
  return compare(arms, contrasts, sides, level, true);
}

std::vector<double> williams_contrasts(std::span<const double> sizes) {
  const std::size_t doses = sizes.size() - 1;
  std::vector<double> contrasts(doses * (doses + 1), 0.0);
  for (std::size_t top = 1; top <= doses; ++top) {
    double* row = contrasts.data() + (top - 1) * (doses + 1);
    double total = 0.0;
    for (std::size_t a = doses + 1 - top; a <= doses; ++a) total += sizes[a];
    row[0] = -1.0;
    for (std::size_t a = doses + 1 - top; a <= doses; ++a) row[a] = sizes[a] / total;
  }
  return contrasts;
}

std::vector<double> umbrella_contrasts(std::span<const double> sizes) {
  const std::size_t doses = sizes.size() - 1;
  std::vector<double> contrasts;
  for (std::size_t first = 1; first <= doses; ++first) {
    for (std::size_t last = first; last <= doses; ++last) {
      double inside = 0.0;
      double outside = 0.0;
      for (std::size_t a = 0; a <= doses; ++a) {
        (a >= first && a <= last ? inside : outside) += sizes[a];
      }
      for (std::size_t a = 0; a <= doses; ++a) {
        const bool in = a >= first && a <= last;
        contrasts.push_back(in ? sizes[a] / inside : -sizes[a] / outside);
      }
    }
  }
  return contrasts;
}

}  // namespace angiotrial::analysis
