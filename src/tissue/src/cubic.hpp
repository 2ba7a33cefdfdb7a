// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace angiotrial::tissue {

/// Four neighbours on an even grid and their weights (Catmull-Rom: once differentiable, exact at
/// the nodes).
struct CubicWeights {
  std::size_t first = 0;
  std::array<double, 4> weight{};
};

/// `position` in grid steps from node 0, 1 <= position <= nodes - 2.
[[nodiscard]] inline CubicWeights cubic_weights(double position, std::size_t nodes) {
  auto cell = static_cast<std::size_t>(position);
  if (cell > nodes - 3) cell = nodes - 3;
  const double u = position - static_cast<double>(cell);
  const double v = 1.0 - u;
  return {cell - 1,
          {-0.5 * u * v * v, 1.0 + u * u * (1.5 * u - 2.5), 1.0 + v * v * (1.5 * v - 2.5),
           -0.5 * v * u * u}};
}

}  // namespace angiotrial::tissue
