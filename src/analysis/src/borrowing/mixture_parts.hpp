// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/mixture_prior.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

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

/// Double-exponential rule (Takahasi and Mori 1974) on [low, high] for integrands that may be
/// singular at the ends and change over `narrowest`: f(x, weight). Nodes in rising order.
template <class F>
void for_each_node(double low, double high, double narrowest, F&& f) {
  if (!(high > low)) return;
  constexpr double pi = std::numbers::pi;
  constexpr double reach = 3.7;
  const double span = high - low;
  const double wanted = std::clamp(1.1 * narrowest / span, 5.0e-4, 0.09);
  const int half = static_cast<int>(std::ceil(reach / wanted));
  const double h = reach / half;
  for (int i = -half; i <= half; ++i) {
    const double t = h * i;
    const double u = 0.5 * pi * std::sinh(t);
    // x = low + span / (1 + e^(-2u)), written from the nearer end.
    const double e = std::exp(-2.0 * std::fabs(u));
    const double share = e / (1.0 + e);
    const double x = u < 0.0 ? low + span * share : high - span * share;
    const double weight = h * span * pi * std::cosh(t) * share / (1.0 + e);
    if (x > low && x < high && weight > 0.0) f(x, weight);
  }
}

}  // namespace angiotrial::analysis::mixtures
