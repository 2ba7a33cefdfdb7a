// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

/// Fixed Gauss-Legendre rules for the integrals of this room.
namespace angiotrial::analysis::quadrature {

/// f(node, weight) for each of N points of the rule on [a, b].
template <unsigned N, class F>
void for_each_node(double a, double b, F&& f) {
  using Rule = boost::math::quadrature::gauss<double, N>;
  const double centre = 0.5 * (a + b);
  const double half = 0.5 * (b - a);
  for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
    const double x = Rule::abscissa()[i];
    const double w = Rule::weights()[i] * half;
    if (x != 0.0) f(centre - half * x, w);
    f(centre + half * x, w);
  }
}

/// The same on equal panels no wider than `width`.
template <unsigned N, class F>
void for_each_panel_node(double a, double b, double width, F&& f) {
  if (!(b > a)) return;
  const auto panels = static_cast<int>(std::ceil((b - a) / width));
  const double step = (b - a) / panels;
  for (int p = 0; p < panels; ++p) {
    for_each_node<N>(a + p * step, p + 1 == panels ? b : a + (p + 1) * step, f);
  }
}

/// Phi(x), accurate in both tails.
inline double normal_cdf(double x) { return 0.5 * std::erfc(-x * std::numbers::sqrt2 * 0.5); }
/// phi(x)
inline double normal_density(double x) {
  return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi * std::numbers::sqrt2 * 0.5;
}
/// Phi^-1(p), 0 < p < 1
double normal_quantile(double p);
/// z with upper tail q
inline double upper_quantile(double q) { return -normal_quantile(q); }

/// Calls f(s, w) on a rule for E[g(S)], nu S^2 ~ chi-square(nu), good to about 1e-13 for smooth g.
template <class F>
void for_each_scale(double df, F&& f);

/// ln of the density of S, and an interval that holds all but 1e-16 of it.
double log_scale_density(double s, double df);
struct Interval {
  double low = 0.0;
  double high = 0.0;
};
Interval scale_range(double df);

template <class F>
void for_each_scale(double df, F&& f) {
  if (!std::isfinite(df)) {
    f(1.0, 1.0);
    return;
  }
  const Interval range = scale_range(df);
  // The density is about a normal of sd 1 / sqrt(2 nu); the integrands change over about 0.4.
  const double width = std::min((range.high - range.low) / 3.0, 0.6) * (1.0 + 1.0e-12);
  for_each_panel_node<14>(range.low, range.high, width, [&](double s, double w) {
    f(s, w * std::exp(log_scale_density(s, df)));
  });
}

}  // namespace angiotrial::analysis::quadrature
