// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/helmholtz.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

/// What the verification cases share. Lengths in cm, times in s.
namespace angiotrial::verification {

inline constexpr double diffusivity = 1.0e-6;  ///< cm2/s
inline constexpr double decay = 2.0e-4;        ///< 1/s
inline const double decay_length = std::sqrt(diffusivity / decay);

using Place = std::array<double, 3>;

/// Calls visit(index, middle of the cell) for every cell.
template <class Visit>
void for_each_cell(const numerics::Grid& grid, const Visit& visit) {
  const double h = grid.spacing;
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < grid.cells[1]; ++j) {
      for (int i = 0; i < grid.cells[0]; ++i) {
        visit(grid.index(i, j, k), Place{(i + 0.5) * h, (j + 0.5) * h, (k + 0.5) * h});
      }
    }
  }
}

inline std::vector<double> solve(const numerics::Grid& grid, const numerics::Walls& walls,
                                 const std::vector<double>& source, double tolerance) {
  numerics::Helmholtz<double> solver(grid, walls, diffusivity);
  solver.set_decay(decay);
  std::vector<double> field(grid.size(), 0.0);
  const numerics::Certificate proof = solver.solve(source, field, {tolerance, 0});
  EXPECT_LT(proof.relative_residual, tolerance);
  return field;
}

/// Cubic interpolation between middles of cells, the field mirrored at the closed faces of the box.
inline double at(const numerics::Grid& grid, const std::vector<double>& field, const Place& place) {
  std::array<std::array<int, 4>, 3> cell{};
  std::array<std::array<double, 4>, 3> weight{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double x = place[axis] / grid.spacing - 0.5;
    const int first = static_cast<int>(std::floor(x)) - 1;
    for (int a = 0; a < 4; ++a) {
      double w = 1.0;
      for (int b = 0; b < 4; ++b) {
        if (a != b) w *= (x - (first + b)) / (a - b);
      }
      const int n = grid.cells[axis];
      const int place_of = first + a < 0 ? -1 - (first + a) : first + a;
      const auto slot = static_cast<std::size_t>(a);
      cell[axis][slot] = place_of >= n ? 2 * n - 1 - place_of : place_of;
      weight[axis][slot] = w;
    }
  }
  double sum = 0.0;
  for (std::size_t a = 0; a < 4; ++a) {
    for (std::size_t b = 0; b < 4; ++b) {
      for (std::size_t c = 0; c < 4; ++c) {
        sum += weight[0][a] * weight[1][b] * weight[2][c] *
               field[grid.index(cell[0][a], cell[1][b], cell[2][c])];
      }
    }
  }
  return sum;
}

/// Order seen between two errors on grids that differ by a factor of 2.
inline double order(double coarse, double fine) { return std::log2(coarse / fine); }

/// One line of the table, on the screen and in the test's record.
inline void report(const std::string& what, double expected, double got) {
  std::printf("| %-44s | %16.10g | %16.10g | %9.2e |\n", what.c_str(), expected, got,
              expected != 0.0 ? std::abs(got / expected - 1.0) : std::abs(got));
  testing::Test::RecordProperty(what, std::to_string(got));
}

}  // namespace angiotrial::verification
