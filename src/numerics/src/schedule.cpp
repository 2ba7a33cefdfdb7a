// SPDX-License-Identifier: Apache-2.0
#include "schedule.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::numerics {

int sweeps_for(double rho, double target) {
  if (rho <= 0.0) return 1;
  const double root = rho / (1.0 + std::sqrt(1.0 - rho * rho));
  const double r = root * root;
  // 2 x/(1 + x^2) = target for x = r^n.
  const double x = target / (1.0 + std::sqrt(1.0 - target * target));
  return std::max(1, static_cast<int>(std::ceil(std::log(x) / std::log(r))));
}

std::vector<float> half_sweep_weights(double rho, int sweeps) {
  std::vector<float> weights;
  weights.reserve(2 * static_cast<std::size_t>(sweeps));
  double weight = 1.0;
  for (int half = 0; half < 2 * sweeps; ++half) {
    weights.push_back(static_cast<float>(weight));
    weight = 1.0 / (1.0 - rho * rho * (half == 0 ? 0.5 : 0.25 * weight));
  }
  return weights;
}

}  // namespace angiotrial::numerics
