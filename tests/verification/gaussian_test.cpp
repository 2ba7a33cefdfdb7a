// SPDX-License-Identifier: Apache-2.0
// A Gaussian source in a medium without end, against the closed form.
#include "field.hpp"

#include <angiotrial/tissue/field.hpp>

#include <numbers>

namespace angiotrial::verification {
namespace {

using numerics::Grid;

TEST(Gaussian, TheClosedFormHasItsTabulatedValues) {
  const std::array<std::array<double, 2>, 6> known{{{0.0, 153736.0},
                                                    {0.05, 140721.0},
                                                    {0.1, 108314.0},
                                                    {0.2, 40238.2},
                                                    {0.3, 9522.49},
                                                    {0.5, 367.344}}};
  for (const auto& [r, expected] : known) {
    const double value = tissue::gaussian_field(r, 0.1, diffusivity, decay);
    report("Gaussian 1 mm, r = " + std::to_string(r) + " cm", expected, value);
    EXPECT_NEAR(value / expected, 1.0, 5e-6);
  }
}

/// Relative error, root of the sum of squares, within 6 mm; the source stands on a corner of cells
/// in a box whose faces are 11 decay lengths further out.
double error_within_6_mm(double h, double sd) {
  const int half = static_cast<int>(std::lround(1.4 / h));
  const int n = 2 * half;
  const Grid grid{{n, n, n}, h};
  const double middle = half * h;
  std::vector<double> source(grid.size());
  const auto distance = [&](const Place& x) {
    return std::hypot(x[0] - middle, x[1] - middle, x[2] - middle);
  };
  const double top = std::pow(2.0 * std::numbers::pi * sd * sd, -1.5);
  for_each_cell(grid, [&](std::size_t i, const Place& x) {
    source[i] = top * std::exp(-0.5 * std::pow(distance(x) / sd, 2));
  });
  const std::vector<double> c = solve(grid, numerics::open_box(grid), source, 1e-8);
  double squares = 0.0, size = 0.0;
  for_each_cell(grid, [&](std::size_t i, const Place& x) {
    if (distance(x) > 0.6) return;
    const double exact = tissue::gaussian_field(distance(x), sd, diffusivity, decay);
    squares += (c[i] - exact) * (c[i] - exact);
    size += exact * exact;
  });
  return std::sqrt(squares / size);
}

TEST(Gaussian, TheGridConvergesAsTabulated) {
  for (const auto& [h, sd, expected] : {std::tuple{0.1, 0.1, 3.6e-2},
                                        {0.05, 0.1, 8.8e-3},
                                        {0.025, 0.1, 2.2e-3},
                                        {0.1, 0.05, 3.7e-2},
                                        {0.05, 0.05, 3.6e-2},
                                        {0.025, 0.05, 8.6e-3}}) {
    const double error = error_within_6_mm(h, sd);
    report("Gaussian " + std::to_string(sd) + " cm, h = " + std::to_string(h) + " cm, error",
           expected, error);
    EXPECT_NEAR(error / expected, 1.0, 0.03);
  }
}

}  // namespace
}  // namespace angiotrial::verification
