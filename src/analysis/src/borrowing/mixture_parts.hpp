// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/mixture_prior.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "multiplicity/quadrature.hpp"

/// Single components, and the quadrature that all integrals over a mixture share.
namespace angiotrial::analysis::mixtures {

[[nodiscard]] double log_density(MixtureFamily family, const MixtureComponent& c, double x);
[[nodiscard]] double lower_tail(MixtureFamily family, const MixtureComponent& c, double x);
[[nodiscard]] double upper_tail(MixtureFamily family, const MixtureComponent& c, double x);
[[nodiscard]] double component_quantile(MixtureFamily family, const MixtureComponent& c, double p);
[[nodiscard]] double component_mean(MixtureFamily family, const MixtureComponent& c);
[[nodiscard]] double component_variance(MixtureFamily family, const MixtureComponent& c);

/// Interval that holds all but about 1e-17, and the smallest standard deviation of a component.
struct Range {
  double low = 0.0, high = 1.0;
  double narrowest = 1.0;
};
[[nodiscard]] Range range_of(const Mixture& mixture);

/// A node of a rule on [low, high]: exact distances from the ends, which x rounds.
struct EndNode {
  double x = 0.0, above_low = 0.0, below_high = 0.0, weight = 0.0;
};
/// How far the rule below must reach so that a density x^(shape - 1) at an end keeps all but about
/// 1e-17 of its mass.
inline double reach_of(double shape) { return std::clamp(std::asinh(12.5 / shape), 3.7, 6.0); }

/// Double-exponential rule (Takahasi and Mori 1974) on [low, high] for integrands that may be
/// singular at the ends and change over `narrowest`. Nodes in rising order.
template <class F>
void for_each_end_node(double low, double high, double narrowest, double reach, F&& f) {
  if (!(high > low)) return;
  constexpr double pi = std::numbers::pi;
  const double span = high - low;
  const double wanted = std::clamp(1.1 * narrowest / span, 5.0e-4, 0.09);
  const int half = static_cast<int>(std::ceil(reach / wanted));
  const double h = reach / half;
  for (int i = -half; i <= half; ++i) {
    const double t = h * i;
    const double u = 0.5 * pi * std::sinh(t);
    // x = low + span / (1 + e^(-2u)), written from the nearer end.
    const double e = std::exp(-2.0 * std::fabs(u));
    const double near = span * (e / (1.0 + e));
    const double far = span / (1.0 + e);
    const double weight = h * pi * std::cosh(t) * near / (1.0 + e);
    if (!(weight > 0.0)) continue;
    f(u < 0.0 ? EndNode{low + near, near, far, weight} : EndNode{high - near, far, near, weight});
  }
}

/// The same for integrands that need no more than x: f(x, weight), low < x < high.
template <class F>
void for_each_node(double low, double high, double narrowest, F&& f) {
  for_each_end_node(low, high, narrowest, 3.7, [&](const EndNode& n) {
    if (n.x > low && n.x < high) f(n.x, n.weight);
  });
}

/// Gauss-Legendre panels over a normal mixture: as wide as the narrowest component near its mean,
/// wider away from it. f(x, weight), x rising.
template <class F>
void for_each_normal_node(const Mixture& mixture, double low, double high, F&& f) {
  for (double from = low, to = low; from < high; from = to) {
    double step = high - from;
    for (const MixtureComponent& c : mixture.components) {
      step = std::min(step, std::max(c.b, std::fabs(from - c.a) / 9.0));
    }
    to = from + step < high ? from + step : high;
    std::array<std::pair<double, double>, 16> nodes;
    std::size_t count = 0;
    quadrature::for_each_node<16>(from, to, [&](double x, double w) { nodes[count++] = {x, w}; });
    std::sort(nodes.begin(), nodes.end());
    for (const auto& [x, w] : nodes) f(x, w);
  }
}

/// Density and distribution function of a beta component at x = 1 - rest.
[[nodiscard]] double beta_density(const MixtureComponent& c, double x, double rest);
[[nodiscard]] double beta_cdf(const MixtureComponent& c, double x, double rest);

}  // namespace angiotrial::analysis::mixtures
