// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/helmholtz.hpp>
#include <angiotrial/numerics/reference.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

/// Small problems with every kind of wall, from a seed.
namespace angiotrial::numerics {

/// Numbers in [0, 1) that differ with seed and place (SplitMix64; Steele et al. 2014).
inline double noise(std::uint64_t seed, std::size_t place) {
  std::uint64_t z = (seed + 1) * 0x9E3779B97F4A7C15ULL + place * 0xD1B54A32D192ED03ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return static_cast<double>((z ^ (z >> 31U)) >> 11U) * 0x1.0p-53;
}

enum class Kind { open, stairs, cut };

struct Sample {
  Grid grid;
  Walls walls;
  double diffusivity;
  std::vector<double> decay, source;

  [[nodiscard]] std::vector<float> float_decay() const { return {decay.begin(), decay.end()}; }
  [[nodiscard]] ReferenceEquation reference() const { return {grid, &walls, diffusivity, decay}; }
  [[nodiscard]] double amount(const std::vector<double>& per_volume) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < per_volume.size(); ++i) {
      sum += per_volume[i] * double{walls.volume[i]};
    }
    return sum;
  }
};

inline Walls walls_of(const Grid& grid, Kind kind, std::uint64_t seed) {
  if (kind == Kind::open) return open_box(grid);
  if (kind == Kind::stairs) {
    std::vector<std::uint8_t> inside(grid.size());
    for (std::size_t i = 0; i < inside.size(); ++i) inside[i] = noise(seed, i) < 0.7 ? 1 : 0;
    inside[0] = 1;
    return staircase(grid, inside);
  }
  std::vector<float> level;
  for (int k = 0; k <= grid.cells[2]; ++k) {
    for (int j = 0; j <= grid.cells[1]; ++j) {
      for (int i = 0; i <= grid.cells[0]; ++i) {
        const double wave = std::sin(0.5 * i + 6.0 * noise(seed, 1)) +
                            std::cos(0.4 * j + 6.0 * noise(seed, 2)) + std::sin(0.3 * k);
        level.push_back(static_cast<float>(wave - 0.7));
      }
    }
  }
  return cut_cells(grid, level);
}

/// Decay varies by a factor of 4 when `uneven`; decay lengths of 0.5 to 2.5 cells.
inline Sample sample(Kind kind, std::array<int, 3> cells, std::uint64_t seed, bool uneven = true) {
  Sample s;
  s.grid = {cells, 0.5};
  s.walls = walls_of(s.grid, kind, seed);
  s.diffusivity = 0.1 + noise(seed, 3);
  for (std::size_t i = 0; i < s.grid.size(); ++i) {
    s.decay.push_back(double{static_cast<float>(0.7 + (uneven ? 2.0 * noise(seed + 7, i) : 0.0))});
    s.source.push_back(noise(seed + 9, i) < 0.1 ? noise(seed + 11, i) : 0.0);
  }
  s.source[0] = 1.0;
  s.source[s.source.size() / 2] = 1.0;
  return s;
}

inline std::vector<double> solve(const Sample& s, const std::vector<double>& source,
                                 double tolerance = 1e-12, int threads = 1) {
  Helmholtz<double> solver(s.grid, s.walls, s.diffusivity);
  solver.set_decay(s.float_decay());
  std::vector<double> field(s.grid.size(), 0.0);
  solver.solve(source, field, {tolerance, 0}, threads);
  return field;
}

}  // namespace angiotrial::numerics
