// SPDX-License-Identifier: Apache-2.0
#include "ellipsoid.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::heart {
namespace {

constexpr int spare_cells = 2;

/// About the distance to an ellipsoid, negative inside.
class Surface {
 public:
  Surface(double a, double c, double z)
      : per_a2_(1.0 / (a * a)), axial2_(z * z / (c * c)), axial4_(axial2_ / (c * c)) {}

  [[nodiscard]] double distance_mm(double r2) const {
    const double k0 = std::sqrt(r2 * per_a2_ + axial2_);
    return k0 * (k0 - 1.0) / std::sqrt(r2 * per_a2_ * per_a2_ + axial4_);
  }

 private:
  double per_a2_, axial2_, axial4_;
};

/// e with r^2/a(e)^2 + z^2/c(e)^2 = 1: Newton from a guess. The left side is convex and rising in
/// e, and the wall thin against its radii, so that three steps reach float precision.
double depth_at(const Shape& s, double r2, double z2, double guess) {
  const double da = s.endo_radius_mm - s.epi_radius_mm;
  const double dc = s.endo_half_length_mm - s.epi_half_length_mm;
  double e = guess;
  for (int step = 0; step < 3; ++step) {
    const double per_a = 1.0 / (s.epi_radius_mm + e * da);
    const double per_c = 1.0 / (s.epi_half_length_mm + e * dc);
    const double radial = r2 * per_a * per_a, axial = z2 * per_c * per_c;
    e += 0.5 * (radial + axial - 1.0) / (radial * per_a * da + axial * per_c * dc);
  }
  return std::clamp(e, 0.0, 1.0);
}

}  // namespace

tissue::Domain box_of(const Shape& s, double h) {
  const double widest_mm = std::max(s.epi_radius_mm, 0.5 * h);
  const int half = static_cast<int>(std::ceil(widest_mm / h)) + spare_cells;
  const int below = static_cast<int>(std::ceil((s.base_height_mm + s.epi_half_length_mm) / h));
  tissue::Domain d;
  d.cells = {2 * half, 2 * half, below + 2 * spare_cells};
  d.spacing_mm = h;
  d.first_centre_mm = {(0.5 - half) * h, (0.5 - half) * h,
                       s.base_height_mm + (0.5 - below - spare_cells) * h};
  return d;
}

void fill_quarter(const Shape& s, double z, double margin_mm, const Quarter& q) {
  const Surface endo(s.endo_radius_mm, s.endo_half_length_mm, z);
  const Surface epi(s.epi_radius_mm, s.epi_half_length_mm, z);
  const double above_base = z - s.base_height_mm;
  const double z2 = std::min(z, s.base_height_mm) * std::min(z, s.base_height_mm);
  for (std::size_t i = 0; i < q.level_mm.size(); ++i) {
    const double r2 = q.radius2_mm2[i];
    const double to_epi = epi.distance_mm(r2), to_endo = -endo.distance_mm(r2);
    const double level = std::max(std::max(to_epi, to_endo), above_base);
    q.level_mm[i] = static_cast<float>(level);
    q.depth[i] = 0.0F;
    if (level >= margin_mm || to_epi >= 0.0) continue;
    const double guess = to_endo >= 0.0 ? 1.0 : to_epi / (to_epi + to_endo);
    q.depth[i] = static_cast<float>(to_endo >= 0.0 ? 1.0 : depth_at(s, r2, z2, guess));
  }
}

}  // namespace angiotrial::heart
