// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/domain.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

/// Walls to grow in: slabs and pieces of ellipsoid shells. For tests and benchmarks.
namespace angiotrial::tissue::synthetic {

/// Deterministic uniform numbers (Park and Miller's generator).
class Uniform {
 public:
  explicit Uniform(std::uint64_t seed) : state_(seed) {}
  double operator()(double least, double most) {
    state_ = state_ * 48271 % 2147483647;
    return least + (most - least) * static_cast<double>(state_) / 2147483647.0;
  }

 private:
  std::uint64_t state_;
};

/// Cells of a box from its lower corner, level(x, y, z) in mm at their centres and regions that are
/// cubes of `region_mm`.
template <class Level>
Domain fill(const PositionMm& low_mm, const PositionMm& high_mm, double spacing_mm,
            double region_mm, Level level) {
  Domain d;
  d.spacing_mm = spacing_mm;
  std::array<int, 3> blocks{};
  for (std::size_t a = 0; a < 3; ++a) {
    d.cells[a] = static_cast<int>(std::lround((high_mm[a] - low_mm[a]) / spacing_mm));
    d.first_centre_mm[a] = low_mm[a] + 0.5 * spacing_mm;
    blocks[a] = static_cast<int>(std::ceil(d.cells[a] * spacing_mm / region_mm));
  }
  d.regions = blocks[0] * blocks[1] * blocks[2];
  const auto block = [&](int i) { return static_cast<int>((i + 0.5) * spacing_mm / region_mm); };
  for (int k = 0; k < d.cells[2]; ++k) {
    for (int j = 0; j < d.cells[1]; ++j) {
      for (int i = 0; i < d.cells[0]; ++i) {
        const double f =
            level(d.first_centre_mm[0] + i * spacing_mm, d.first_centre_mm[1] + j * spacing_mm,
                  d.first_centre_mm[2] + k * spacing_mm);
        d.level_mm.push_back(static_cast<float>(f));
        d.region.push_back(f < 0.9 * spacing_mm
                               ? static_cast<std::uint16_t>(
                                     block(i) + blocks[0] * (block(j) + blocks[1] * block(k)))
                               : no_region);
      }
    }
  }
  return d;
}

/// Tissue for 0 < z < thickness, with two cells to spare above and below.
inline Domain slab(double side_mm, double thickness_mm, double spacing_mm = 1.0,
                   double region_mm = 8.0) {
  const double top = spacing_mm * std::ceil(thickness_mm / spacing_mm + 2.0);
  return fill({-0.5 * side_mm, -0.5 * side_mm, -2.0 * spacing_mm},
              {0.5 * side_mm, 0.5 * side_mm, top}, spacing_mm, region_mm,
              [&](double, double, double z) { return std::max(-z, z - thickness_mm); });
}

/// A shell around the ellipsoid with half axes (radius, radius, height).
struct Shell {
  double radius_mm = 25.0, height_mm = 45.0, thickness_mm = 9.5;

  struct Point {
    PositionMm at, normal, along;  ///< `along` runs round the axis
  };
  /// On the inner face, at an angle round the axis and a height.
  [[nodiscard]] Point inner(double angle, double z_mm) const {
    const double ring = std::sqrt(1.0 - z_mm * z_mm / (height_mm * height_mm));
    Point p;
    p.at = {radius_mm * ring * std::cos(angle), radius_mm * ring * std::sin(angle), z_mm};
    const double nx = p.at[0] / (radius_mm * radius_mm);
    const double ny = p.at[1] / (radius_mm * radius_mm);
    const double nz = z_mm / (height_mm * height_mm);
    const double size = std::sqrt(nx * nx + ny * ny + nz * nz);
    p.normal = {nx / size, ny / size, nz / size};
    p.along = {-std::sin(angle), std::cos(angle), 0.0};
    return p;
  }

  [[nodiscard]] double level_mm(double x, double y, double z) const {
    return std::max(distance(x, y, z, thickness_mm), -distance(x, y, z, 0.0));
  }

 private:
  /// |q| (|q| - 1)/|grad| of the ellipsoid grown by `grown` on every side: first order in distance.
  [[nodiscard]] double distance(double x, double y, double z, double grown) const {
    const double a = radius_mm + grown;
    const double c = height_mm + grown;
    const double q = std::sqrt((x * x + y * y) / (a * a) + z * z / (c * c));
    const double g = std::sqrt((x * x + y * y) / (a * a * a * a) + z * z / (c * c * c * c));
    return g > 0.0 ? q * (q - 1.0) / g : -a;
  }
};

/// Ten sites in rows of 4, 3 and 3, `spacing` apart on the inner face, at the given depths.
inline std::vector<Shell::Point> ten_sites(const Shell& shell, double spacing_mm) {
  std::vector<Shell::Point> sites;
  for (int i = 0; i < 10; ++i) {
    const int row = i < 4 ? 0 : (i < 7 ? 1 : 2);
    const int place = i < 4 ? i : (i - 4) % 3;
    const double z = spacing_mm * 0.866 * (row - 1.0);
    const double arc = spacing_mm * (place - 1.5 + (row == 1 ? 0.5 : 0.0));
    const double ring = std::sqrt(1.0 - z * z / (shell.height_mm * shell.height_mm));
    sites.push_back(shell.inner(arc / (shell.radius_mm * ring), z));
  }
  return sites;
}

inline PositionMm below(const Shell::Point& site, double depth_mm) {
  PositionMm at = site.at;
  for (std::size_t a = 0; a < 3; ++a) at[a] += depth_mm * site.normal[a];
  return at;
}

}  // namespace angiotrial::tissue::synthetic
