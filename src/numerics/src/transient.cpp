// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/transient.hpp>

#include <angiotrial/diagnostics/contract.hpp>

namespace angiotrial::numerics {

// Backward Euler:  (k + 1/h) c' - div D grad c' = s + c/h
// Midpoint:        (k + 2/h) m - div D grad m = s + 2c/h,   c' = 2m - c
Transient::Transient(const Grid& grid, const Walls& walls, double diffusivity, double decay,
                     double step, Scheme scheme)
    : rate_((scheme == Scheme::midpoint ? 2.0 : 1.0) / step),
      scheme_(scheme),
      solver_(grid, walls, diffusivity),
      right_(grid.size()),
      next_(grid.size()) {
  ANGIOTRIAL_EXPECT(step > 0.0, "a step goes forward");
  ANGIOTRIAL_EXPECT(decay >= 0.0, "decay is not negative");
  solver_.set_decay(decay + rate_);
}

Certificate Transient::advance(std::span<const double> source, std::span<double> field,
                               double tolerance, int threads) {
  ANGIOTRIAL_EXPECT(source.size() == right_.size(), "one source for each cell");
  ANGIOTRIAL_EXPECT(field.size() == right_.size(), "one value of the field for each cell");
  for (std::size_t i = 0; i < right_.size(); ++i) {
    right_[i] = source[i] + rate_ * field[i];
    next_[i] = field[i];
  }
  const Certificate certificate = solver_.solve(right_, next_, {tolerance, 0}, threads);
  const bool midpoint = scheme_ == Scheme::midpoint;
  for (std::size_t i = 0; i < right_.size(); ++i) {
    field[i] = midpoint ? 2.0 * next_[i] - field[i] : next_[i];
  }
  return certificate;
}

}  // namespace angiotrial::numerics
