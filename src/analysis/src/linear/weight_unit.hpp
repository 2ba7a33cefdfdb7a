// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace angiotrial::analysis {

/// A power of two, so that nothing is rounded, near the mean of the weights above 0: with weights
/// in this unit a stopping rule means the same whatever they add up to. 1 without weights.
[[nodiscard]] inline double weight_unit(std::span<const double> weights) {
  double sum = 0.0;
  std::size_t count = 0;
  for (const double w : weights) {
    if (!(w > 0.0)) continue;
    sum += w;
    ++count;
  }
  return count > 0 ? std::ldexp(1.0, std::ilogb(sum / static_cast<double>(count))) : 1.0;
}

}  // namespace angiotrial::analysis
