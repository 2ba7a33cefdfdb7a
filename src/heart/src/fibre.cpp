// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/organ.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::heart {
namespace {

using Vector = std::array<double, 3>;

double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
double length(const Vector& a) { return std::sqrt(dot(a, a)); }
Vector scaled(const Vector& a, double by) { return {a[0] * by, a[1] * by, a[2] * by}; }
Vector combined(double p, const Vector& a, double q, const Vector& b) {
  return {p * a[0] + q * b[0], p * a[1] + q * b[1], p * a[2] + q * b[2]};
}

/// Sums for the least-squares plane e = mean + slope . (x - centre) through depths near a place.
struct Fit {
  int voxels = 0;
  double depth = 0.0, nearest2_mm2 = 0.0, nearest_depth = 0.5;
  Vector x{}, depth_x{};
  std::array<Vector, 3> xx{};

  void add(const Vector& offset, double e) {
    const double d2 = dot(offset, offset);
    if (voxels == 0 || d2 < nearest2_mm2) {
      nearest2_mm2 = d2;
      nearest_depth = e;
    }
    ++voxels;
    depth += e;
    for (std::size_t a = 0; a < 3; ++a) {
      x[a] += offset[a];
      depth_x[a] += e * offset[a];
      for (std::size_t b = 0; b < 3; ++b) xx[a][b] += offset[a] * offset[b];
    }
  }
};

Fit fit_near(const Organ& organ, const Vector& at, int reach_cells) {
  const tissue::Domain& d = organ.domain;
  std::array<int, 3> low{}, high{};
  for (std::size_t a = 0; a < 3; ++a) {
    const int centre = static_cast<int>(std::lround((at[a] - d.first_centre_mm[a]) / d.spacing_mm));
    low[a] = std::clamp(centre - reach_cells, 0, d.cells[a] - 1);
    high[a] = std::clamp(centre + reach_cells, 0, d.cells[a] - 1);
  }
  Fit fit;
  for (int k = low[2]; k <= high[2]; ++k) {
    for (int j = low[1]; j <= high[1]; ++j) {
      const auto row = static_cast<std::uint32_t>((k * d.cells[1] + j) * d.cells[0]);
      const auto end = row + static_cast<std::uint32_t>(high[0]);
      auto it = std::lower_bound(organ.voxel.begin(), organ.voxel.end(),
                                 row + static_cast<std::uint32_t>(low[0]));
      for (; it != organ.voxel.end() && *it <= end; ++it) {
        const Vector offset{
            d.first_centre_mm[0] + static_cast<double>(*it - row) * d.spacing_mm - at[0],
            d.first_centre_mm[1] + j * d.spacing_mm - at[1],
            d.first_centre_mm[2] + k * d.spacing_mm - at[2]};
        fit.add(offset, static_cast<double>(
                            organ.depth[static_cast<std::size_t>(it - organ.voxel.begin())]));
      }
    }
  }
  return fit;
}

/// Outward normal and depth of the wall at a place.
struct Wall {
  Vector normal{};
  double depth = 0.5;
};

/// Slope by Cramer's rule; none where the voxels do not span space or depth does not change.
bool solve(const Fit& f, const Vector& outwards, Wall& wall) {
  wall.depth = f.nearest_depth;
  wall.normal = outwards;
  if (f.voxels < 8) return false;
  const double n = f.voxels;
  std::array<Vector, 3> c{};
  Vector b{};
  for (std::size_t i = 0; i < 3; ++i) {
    b[i] = f.depth_x[i] - f.depth * f.x[i] / n;
    for (std::size_t j = 0; j < 3; ++j) c[i][j] = f.xx[i][j] - f.x[i] * f.x[j] / n;
  }
  const double determinant = dot(c[0], cross(c[1], c[2]));
  const double size = c[0][0] + c[1][1] + c[2][2];
  if (std::abs(determinant) <= 1e-6 * size * size * size) return false;
  const Vector slope{dot(b, cross(c[1], c[2])), dot(b, cross(c[2], c[0])),
                     dot(b, cross(c[0], c[1]))};
  const double steep = length(slope);
  if (steep <= 1e-9 * std::abs(determinant)) return false;
  wall.normal = scaled(slope, (determinant > 0.0 ? -1.0 : 1.0) / steep);
  const double mean = f.depth / n - dot(slope, f.x) / (n * determinant);
  wall.depth = std::clamp(mean, 0.0, 1.0);
  return true;
}

Wall wall_at(const Organ& organ, const Vector& at) {
  const double r = std::hypot(at[0], at[1]);
  const Vector outwards = r > 0.0 ? Vector{at[0] / r, at[1] / r, 0.0} : Vector{0.0, 0.0, -1.0};
  const int cells = std::max({organ.domain.cells[0], organ.domain.cells[1], organ.domain.cells[2]});
  Wall wall{outwards, 0.5};
  // About 2 mm around the place, wider where there is too little muscle to fit.
  int reach = std::max(2, static_cast<int>(std::lround(2.0 / organ.domain.spacing_mm)));
  for (; reach < 2 * cells; reach *= 2) {
    if (solve(fit_near(organ, at, reach), outwards, wall)) break;
  }
  return wall;
}

}  // namespace

tissue::PositionMm fibre_at(const Parameters& p, const Organ& organ,
                            const tissue::PositionMm& at_mm) {
  const Wall wall = wall_at(organ, at_mm);
  // Clockwise seen from the apex, towards the base: a right-handed helix at the endocardium.
  const double r = std::hypot(at_mm[0], at_mm[1]);
  Vector around = r > 0.0 ? Vector{at_mm[1] / r, -at_mm[0] / r, 0.0} : Vector{0.0, -1.0, 0.0};
  around = combined(1.0, around, -dot(around, wall.normal), wall.normal);
  around = scaled(around, 1.0 / length(around));
  Vector along = cross(wall.normal, around);
  // At the tip of the apex the wall is level: away from the axis is then along.
  const double rising = std::abs(along[2]) > 1e-9 ? along[2] : dot(along, {at_mm[0], at_mm[1], 0});
  if (rising < 0.0) along = scaled(along, -1.0);
  const double epi = p.anatomy.epicardial_helix_deg.value();
  const double endo = p.anatomy.endocardial_helix_deg.value();
  const double helix = std::numbers::pi / 180.0 * (epi + wall.depth * (endo - epi));
  return combined(std::cos(helix), around, std::sin(helix), along);
}

}  // namespace angiotrial::heart
