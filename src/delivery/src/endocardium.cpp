// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/endocardium.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::delivery {
namespace {

/// Inferoseptal and anteroseptal segments, basal and mid, and the apical septum.
bool is_septal(int segment) {
  return segment == 2 || segment == 3 || segment == 8 || segment == 9 || segment == 14;
}

/// Of 17 equal segments 5 are septal; the mean over the circumference stays 1.
double circumferential_factor(double septal_ratio, int segment) {
  constexpr double septal_share = 5.0 / 17.0;
  const double free_wall = 1.0 / (septal_share * septal_ratio + 1.0 - septal_share);
  return is_septal(segment) ? septal_ratio * free_wall : free_wall;
}

/// Longest distance from the long axis, and from the equator down to the apex.
struct Extent {
  double radius_mm = 0.0, depth_mm = 0.0;
};

Extent extent_of(const Endocardium& wall) {
  Extent e;
  for (std::size_t i = 0; i < wall.size(); ++i) {
    const double radius2 = wall.x_mm[i] * wall.x_mm[i] + wall.y_mm[i] * wall.y_mm[i];
    e.radius_mm = std::max(e.radius_mm, radius2);
    e.depth_mm = std::max(e.depth_mm, -wall.z_mm[i]);
  }
  e.radius_mm = std::sqrt(e.radius_mm);
  return e;
}

/// h = h_equator (1 - (1 - apical) (z/z_apex)^2) x around x scar, z below the equator.
void set_wall(const Wall& p, double equator_mm, double apex_depth_mm,
              const std::vector<double>& depth, Endocardium& wall) {
  for (std::size_t i = 0; i < wall.size(); ++i) {
    const double down = std::max(0.0, -wall.z_mm[i]) / apex_depth_mm;
    const double scar = wall.scar[i] > 0.0 ? p.scar_ratio : 1.0;
    wall.wall_mm[i] = equator_mm * (1.0 - (1.0 - p.apical_ratio) * down * down) * scar *
                      circumferential_factor(p.septal_ratio, wall.segment[i]);
    wall.below_surface_mm[i] = (1.0 - depth[i]) * wall.wall_mm[i];
  }
}

double length(const PositionMm& v) { return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]); }

}  // namespace

Endocardium endocardium_of(const Parameters& p, const heart::Ventricle& ventricle,
                           const heart::Perfusion& perfusion) {
  ANGIOTRIAL_EXPECT(perfusion.hyperaemic_flow.size() == ventricle.size(),
                    "each microregion has a flow");
  std::vector<std::size_t> inner;
  inner.reserve(ventricle.size());
  for (std::size_t i = 0; i < ventricle.size(); ++i) {
    if (ventricle.depth[i] > innermost_depth) inner.push_back(i);
  }
  ANGIOTRIAL_EXPECT(!inner.empty(), "the ventricle has an innermost layer");

  Endocardium wall;
  const std::size_t n = inner.size();
  for (auto* of : {&wall.x_mm, &wall.y_mm, &wall.z_mm, &wall.mass_g, &wall.wall_mm,
                   &wall.below_surface_mm, &wall.ischaemic, &wall.scar}) {
    of->resize(n);
  }
  wall.segment.resize(n);
  std::vector<double> depth(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t from = inner[i];
    wall.x_mm[i] = ventricle.x_mm[from];
    wall.y_mm[i] = ventricle.y_mm[from];
    wall.z_mm[i] = ventricle.z_mm[from];
    wall.mass_g[i] = ventricle.mass_of_g[from];
    wall.segment[i] = ventricle.segment[from];
    depth[i] = ventricle.depth[from];
    const bool viable = ventricle.viable[from] != 0;
    const bool low =
        perfusion.hyperaemic_flow[from] < p.map.ischaemic_flow_ml_per_min_per_g.value();
    wall.scar[i] = viable ? 0.0 : 1.0;
    wall.ischaemic[i] = viable && low ? 1.0 : 0.0;
  }
  const Extent extent = extent_of(wall);
  ANGIOTRIAL_EXPECT(extent.radius_mm > 0.0 && extent.depth_mm > 0.0, "the wall has an extent");
  wall.axis_ratio = extent.depth_mm / extent.radius_mm;
  set_wall(p.wall, ventricle.wall_thickness_mm, extent.depth_mm, depth, wall);
  if (!ventricle.local_wall_mm.empty()) {  // measured, so no rule of thumb is needed
    for (std::size_t i = 0; i < n; ++i) {
      wall.wall_mm[i] = ventricle.local_wall_mm[inner[i]];
      wall.below_surface_mm[i] = (1.0 - depth[i]) * wall.wall_mm[i];
    }
  }
  return wall;
}

Frame frame_at(const Endocardium& wall, const PositionMm& at) {
  // Gradient of (x^2 + y^2)/a^2 + z^2/c^2, with k = c/a.
  const double k2 = wall.axis_ratio * wall.axis_ratio;
  const double radius = std::sqrt(at[0] * at[0] + at[1] * at[1]);
  Frame f;
  // At the very apex any direction is circumferential.
  f.around =
      radius > 1e-9 ? PositionMm{-at[1] / radius, at[0] / radius, 0.0} : PositionMm{1.0, 0.0, 0.0};
  const PositionMm gradient{at[0], at[1], at[2] / k2};
  const double size = length(gradient);
  f.outward = size > 1e-9 ? PositionMm{gradient[0] / size, gradient[1] / size, gradient[2] / size}
                          : PositionMm{0.0, 0.0, -1.0};
  f.along = {f.outward[1] * f.around[2] - f.outward[2] * f.around[1],
             f.outward[2] * f.around[0] - f.outward[0] * f.around[2],
             f.outward[0] * f.around[1] - f.outward[1] * f.around[0]};
  return f;
}

std::size_t nearest_patch(const Endocardium& wall, const PositionMm& at) {
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < wall.size(); ++i) {
    const double dx = wall.x_mm[i] - at[0], dy = wall.y_mm[i] - at[1], dz = wall.z_mm[i] - at[2];
    const double distance2 = dx * dx + dy * dy + dz * dz;
    if (distance2 < least) {
      least = distance2;
      best = i;
    }
  }
  return best;
}

}  // namespace angiotrial::delivery
