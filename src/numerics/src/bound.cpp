// SPDX-License-Identifier: Apache-2.0
#include "state.hpp"
#include "wavefront.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::numerics {
namespace {

/// Enough to spread the wish of a sliver, whose own row says little, over its neighbours.
constexpr int smoothings = 6;

/// Single-precision sweeps may round a quotient down by this much.
constexpr double rounding = 2.0e-6;

}  // namespace

// Half sweeps with nothing on the right-hand side carry a vector x > 0 on one colour to G1 G0 x,
// whose spectral radius is rho^2. By Collatz and Wielandt the largest quotient of the two is an
// upper bound, for any x; the smoother x, the closer.
double Problem::smoothed_rho() {
  const Sweep sweep = this->sweep();
  std::fill(right.colour(0), right.colour(2), 0.0F);
  std::fill(field.colour(0), field.colour(2), 0.0F);  // e + (x - e) rounds by what e was
  float* const x = field.colour(1);
  const auto size = static_cast<std::size_t>(field.colour(2) - x);
  for (std::size_t m = 0; m < size; ++m) x[m] = inverse.colour(1)[m] > 0.0F ? 1.0F : 0.0F;
  Team team(1);
  Progress progress(static_cast<std::size_t>(Wavefront::most_blocks(sweep, 1)));
  const std::vector<float> weights(2 * smoothings, 1.0F);
  const std::span all(weights);
  Wavefront(sweep, all.first(2 * smoothings - 2), 0, team, progress).run(0, 0);
  before.assign(x, x + size);
  Wavefront(sweep, all.last(2), 0, team, progress).run(0, 0);
  double most = 0.0;
  for (std::size_t m = 0; m < size; ++m) {
    if (before[m] > 0.0F) most = std::max(most, double{x[m]} / double{before[m]});
  }
  std::fill(field.colour(0), field.colour(2), 0.0F);
  return std::sqrt(most) * (1.0 + rounding);
}

}  // namespace angiotrial::numerics
