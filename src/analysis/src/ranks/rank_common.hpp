// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis::ranks {

inline bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

inline double two_sided(double z) { return 2.0 * quadrature::normal_cdf(-std::fabs(z)); }

/// Largest k with P(X <= k - 1) <= tail, at least 1; with the level reached. From R's qwilcox:
/// the smallest k with P(X <= k) >= tail.
inline std::size_t lower_rank(const std::vector<double>& p, double tail, double& achieved) {
  double below = 0.0;
  std::size_t k = 0;
  while (k < p.size() && below + p[k] < tail) below += p[k++];
  if (k == 0) {
    k = 1;
    below = p[0];
  }
  achieved = 1.0 - 2.0 * below;
  return k;
}

/// Twice the smaller tail of a symmetric distribution on 0, 1, ...
inline double exact_without_ties(const std::vector<double>& p, double statistic) {
  const auto at = static_cast<std::size_t>(std::lround(statistic));
  double below = 0.0;
  double above = 0.0;
  for (std::size_t u = 0; u < p.size(); ++u) {
    if (u <= at) below += p[u];
    if (u >= at) above += p[u];
  }
  return std::min(1.0, 2.0 * std::min(below, above));
}

}  // namespace angiotrial::analysis::ranks
