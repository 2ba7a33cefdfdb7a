// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include "signal.hpp"

/// Sums over the shells of one depot.
namespace angiotrial::tissue {

struct GainSums {
  double gain_mm3 = 0.0;   ///< integral of share x gain
  double radius_mm = 0.0;  ///< sqrt( integral of share x gain x r^2 / the same without r^2 )
};

/// By the midpoint rule: 4 pi r^2 dr share gain.
[[nodiscard]] inline GainSums sum_gain(const Shells& shells, std::span<const double> shares,
                                       std::span<const double> gains) {
  double zeroth = 0.0;
  double second = 0.0;
  for (std::size_t k = 0; k < gains.size(); ++k) {
    const double square = shells.radius_mm[k] * shells.radius_mm[k];
    const double part = square * shares[k] * gains[k];
    zeroth += part;
    second += square * part;
  }
  return {.gain_mm3 = 4.0 * std::numbers::pi * shells.width_mm * zeroth,
          .radius_mm = zeroth > 0.0 ? std::sqrt(second / zeroth) : 0.0};
}

/// Volume weights of the core, the ball of one SD; a shell cut by its surface counts in part.
/// They sum to 1.
[[nodiscard]] inline std::vector<double> core_weights(const Shells& shells, double sd_mm) {
  std::vector<double> weights(shells.radius_mm.size());
  const auto cube = [](double x) { return x * x * x; };
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double inner = std::min(sd_mm, shells.radius_mm[k] - 0.5 * shells.width_mm);
    const double outer = std::min(sd_mm, shells.radius_mm[k] + 0.5 * shells.width_mm);
    weights[k] = (cube(outer) - cube(inner)) / cube(sd_mm);
  }
  return weights;
}

[[nodiscard]] inline double weighted_sum(std::span<const double> weights,
                                         std::span<const double> values) {
  double sum = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * values[k];
  return sum;
}

}  // namespace angiotrial::tissue
