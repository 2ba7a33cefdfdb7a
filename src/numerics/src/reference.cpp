// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/reference.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <cmath>

namespace angiotrial::numerics {
namespace {

double product(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// s V
std::vector<double> amount(const ReferenceEquation& equation, std::span<const double> source) {
  std::vector<double> result(source.size(), 0.0);
  for (std::size_t i = 0; i < source.size(); ++i) {
    const double volume = double{equation.walls->volume[i]};
    if (volume > 0.0) result[i] = volume * source[i];
  }
  return result;
}

/// Adds the flow from `a` to its neighbour `b` to both.
void exchange(double conductance, std::span<const double> field, std::size_t a, std::size_t b,
              std::vector<double>& out) {
  const double flow = conductance * (field[a] - field[b]);
  out[a] += flow;
  out[b] -= flow;
}

}  // namespace

std::vector<double> reference_apply(const ReferenceEquation& equation,
                                    std::span<const double> field) {
  const Grid& grid = equation.grid;
  const Walls& walls = *equation.walls;
  ANGIOTRIAL_EXPECT(field.size() == grid.size(), "one value of the field for each cell");
  ANGIOTRIAL_EXPECT(equation.decay.size() == grid.size(), "one decay for each cell");
  const double coupling = equation.diffusivity / (grid.spacing * grid.spacing);
  const std::array<std::size_t, 3> step{1, grid.index(0, 1, 0), grid.index(0, 0, 1)};
  std::vector<double> out(grid.size(), 0.0);
  std::size_t at = 0;
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < grid.cells[1]; ++j) {
      for (int i = 0; i < grid.cells[0]; ++i, ++at) {
        if (walls.volume[at] == 0.0F) continue;
        out[at] += equation.decay[at] * double{walls.volume[at]} * field[at];
        const std::array<int, 3> place{i, j, k};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          if (place[axis] + 1 == grid.cells[axis]) continue;
          if (walls.volume[at + step[axis]] == 0.0F) continue;
          exchange(coupling * double{walls.face[axis][at]}, field, at, at + step[axis], out);
        }
      }
    }
  }
  return out;
}

double reference_residual(const ReferenceEquation& equation, std::span<const double> source,
                          std::span<const double> field) {
  const std::vector<double> right = amount(equation, source);
  std::vector<double> rest = reference_apply(equation, field);
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = right[i] - rest[i];
  const double size = product(right, right);
  ANGIOTRIAL_EXPECT(size > 0.0, "a residual is relative to a source");
  return std::sqrt(product(rest, rest) / size);
}

std::vector<double> reference_solve(const ReferenceEquation& equation,
                                    std::span<const double> source, double tolerance) {
  constexpr int most_steps = 10000;
  std::vector<double> field(source.size(), 0.0);
  std::vector<double> rest = amount(equation, source);
  std::vector<double> direction = rest;
  double size = product(rest, rest);
  const double enough = tolerance * tolerance * size;
  for (int step = 0; step < most_steps && size > enough; ++step) {
    const std::vector<double> image = reference_apply(equation, direction);
    const double length = size / product(direction, image);
    for (std::size_t i = 0; i < field.size(); ++i) {
      field[i] += length * direction[i];
      rest[i] -= length * image[i];
    }
    const double next = product(rest, rest);
    for (std::size_t i = 0; i < field.size(); ++i) {
      direction[i] = rest[i] + next / size * direction[i];
    }
    size = next;
  }
  return field;
}

}  // namespace angiotrial::numerics
