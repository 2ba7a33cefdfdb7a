// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/endocardium.hpp>

#include <algorithm>

/// Distances and the kernel of the mapping system. Private.
namespace angiotrial::delivery {

inline double distance2_mm2(const PositionMm& a, const PositionMm& b) {
  const double dx = a[0] - b[0], dy = a[1] - b[1], dz = a[2] - b[2];
  return dx * dx + dy * dy + dz * dz;
}

/// (1 - d^2/R^2)^2 within R, else 0.
inline double reach_weight(double d2_mm2, double reach_mm) {
  const double t = std::max(0.0, 1.0 - d2_mm2 / (reach_mm * reach_mm));
  return t * t;
}

}  // namespace angiotrial::delivery
