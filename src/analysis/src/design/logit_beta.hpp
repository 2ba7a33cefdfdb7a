// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {

/// Steps of a grid in the standard deviation of the narrowest density on it.
inline constexpr double steps_of_spread = 2.5;

// ln of the density of u = logit x: a ln x + b ln (1 - x); its derivative a - (a + b) x.
struct LogitBeta {
  double a, b;

  double log_density(double u) const {
    const double tail = std::log(1.0 + std::exp(-std::fabs(u)));
    return a * (std::min(u, 0.0) - tail) - b * (std::max(u, 0.0) + tail);
  }
  double slope(double u) const { return a - (a + b) / (1.0 + std::exp(-u)); }
  double mode() const { return std::log(a / b); }
  double spread() const { return std::sqrt(1.0 / a + 1.0 / b); }
};

inline double logit(double x) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (x <= 0.0) return -infinity;
  return x >= 1.0 ? infinity : std::log(x / (1.0 - x));
}

inline double inverse_logit(double u) { return 1.0 / (1.0 + std::exp(-u)); }

}  // namespace angiotrial::analysis
