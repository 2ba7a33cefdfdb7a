// SPDX-License-Identifier: Apache-2.0
#include "shape.hpp"
#include "lattice.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::heart {
namespace {

constexpr double radians_per_degree = std::numbers::pi / 180.0;

/// The wall grows by t times its reference thickness until it holds the mass: Newton on the wall
/// volume, which is smooth and rising in t.
double wall_scale(double a, double c, double z_b, double wall_a, double wall_c, double wall_mm3) {
  const double target = truncated_volume_mm3(a, c, z_b) + wall_mm3;
  double t = 1.0;
  for (int step = 0; step < 8; ++step) {  // three steps reach rounding from any adult heart
    const double epi_a = a + t * wall_a, epi_c = c + t * wall_c, h = z_b / epi_c;
    const double excess = truncated_volume_mm3(epi_a, epi_c, z_b) - target;
    if (std::abs(excess) <= 1e-12 * target) break;
    // V = pi a^2 (z_b + 2c/3 - z_b^3/(3 c^2)), differentiated along (wall_a, wall_c).
    const double slope =
        std::numbers::pi * (2.0 * epi_a * wall_a * (z_b + 2.0 * epi_c / 3.0 - h * h * z_b / 3.0) +
                            epi_a * epi_a * wall_c * (2.0 / 3.0 + 2.0 * h * h * h / 3.0));
    t = std::max(0.01, t - excess / slope);
  }
  return t;
}

/// The cap's layers lie one above the other on the axis: each at half the height of its surface
/// over the cavity, one patch on the axis, more of them on a circle of half that surface's width.
std::array<double, 2> cap_place(const Shape& shape, double depth, int patches) {
  const double c =
      shape.epi_half_length_mm + depth * (shape.endo_half_length_mm - shape.epi_half_length_mm);
  if (patches == 1) return {0.0, -c};
  const double z_mm = -0.5 * (c + shape.endo_half_length_mm);
  return {radius_at(shape, depth, z_mm), z_mm};
}

Territory territory_at(const Borders& borders, double degrees) {
  const double angle = wrapped(degrees - borders.lcx_lad_deg);
  // Angles run from the LCX-LAD border; a border pushed past its neighbour leaves an empty arc.
  const double lad_end = std::clamp(borders.lad_rca_deg - borders.lcx_lad_deg, 0.0, 360.0);
  const double rca_end = std::clamp(borders.rca_lcx_deg - borders.lcx_lad_deg, lad_end, 360.0);
  if (angle < lad_end) return Territory::lad;
  return angle < rca_end ? Territory::rca : Territory::lcx;
}

/// Apical segments are turned by half the difference of the widths, so their borders are too:
/// LAD 45-225, RCA 225-315, LCX 315-45 degrees.
Borders borders_at(const Ring& ring, const Borders& basal) {
  const double shift = ring.border_shift_deg;
  return {basal.lad_rca_deg + 3.0 * shift, basal.rca_lcx_deg + shift, basal.lcx_lad_deg - shift};
}

}  // namespace

HalfAxes half_axes(const Shape& shape, double depth) {
  return {
      shape.epi_radius_mm + depth * (shape.endo_radius_mm - shape.epi_radius_mm),
      shape.epi_half_length_mm + depth * (shape.endo_half_length_mm - shape.epi_half_length_mm)};
}

// In the cap beyond the cavity a surface ends before the next layer's height: the floor at 0.
double radius_at(const Shape& shape, double depth, double z_mm) {
  const auto [a, c] = half_axes(shape, depth);
  return a * std::sqrt(std::max(0.0, 1.0 - (z_mm / c) * (z_mm / c)));
}

double truncated_volume_mm3(double radius_mm, double half_length_mm, double base_height_mm) {
  const double h = base_height_mm / half_length_mm;
  return std::numbers::pi * radius_mm * radius_mm * half_length_mm *
         (h - h * h * h / 3.0 + 2.0 / 3.0);
}

Shape shape_of(const Anatomy& p, cohort::Sex sex, double mass_g, double cavity_ml) {
  const bool male = sex == cohort::Sex::male;
  const double a = (male ? p.male_endocardial_radius_mm : p.female_endocardial_radius_mm).value();
  const double c =
      (male ? p.male_endocardial_half_length_mm : p.female_endocardial_half_length_mm).value();
  const double z_b = (male ? p.male_base_height_mm : p.female_base_height_mm).value();
  const double wall_a = (male ? p.male_equatorial_wall_mm : p.female_equatorial_wall_mm).value();
  const double wall_c = (male ? p.male_apical_wall_mm : p.female_apical_wall_mm).value();
  const double s = std::cbrt(cavity_ml * 1000.0 / truncated_volume_mm3(a, c, z_b));
  const double wall_mm3 = 1000.0 * mass_g / p.muscle_density_g_per_ml.value();
  const double t = wall_scale(s * a, s * c, s * z_b, wall_a, wall_c, wall_mm3);
  return {s * a, s * c, s * a + t * wall_a, s * c + t * wall_c, s * z_b};
}

Rings rings_of(const Anatomy& p, const Shape& shape, double mass_g) {
  const double basal = p.basal_segment_mass_g.value(), mid = p.mid_segment_mass_g.value();
  const double apical = p.apical_segment_mass_g.value(), apex = p.apex_mass_g.value();
  const double scale = mass_g / (6.0 * basal + 6.0 * mid + 4.0 * apical + apex);
  // The cavity in equal thirds; the cap is the muscle beyond it.
  const double apex_mm = -shape.endo_half_length_mm;
  const double third_mm = (shape.base_height_mm - apex_mm) / 3.0;
  Rings rings{
      Ring{1, 6, 90.0, 60.0, scale * basal, 1, apex_mm + 2 * third_mm, shape.base_height_mm, 0.0},
      Ring{7, 6, 90.0, 60.0, scale * mid, 1, apex_mm + third_mm, apex_mm + 2 * third_mm, 0.0},
      Ring{13, 4, 90.0, 90.0, scale * apical, 1, apex_mm, apex_mm + third_mm, 15.0},
      Ring{17, 1, 0.0, 360.0, scale * apex, 1, -shape.epi_half_length_mm, apex_mm, 15.0}};
  for (Ring& ring : rings) {
    const double patches = ring.segment_mass_g / layer_count / p.microregion_mass_g.value();
    ring.patches = std::max(1, static_cast<int>(std::lround(patches)));
  }
  return rings;
}

std::size_t microregions_of(const Rings& rings) {
  int count = 0;
  for (const Ring& ring : rings) count += ring.segments * layer_count * ring.patches;
  return static_cast<std::size_t>(count);
}

namespace {

/// The angles of a ring's segments.
struct Turns {
  std::array<double, 6> centre_deg{}, cosine{}, sine{};
};

Turns turns_of(const Ring& ring) {
  Turns turns;
  for (std::size_t k = 0; k < static_cast<std::size_t>(ring.segments); ++k) {
    turns.centre_deg[k] = ring.first_centre_deg + static_cast<double>(k) * ring.width_deg;
    turns.cosine[k] = std::cos(turns.centre_deg[k] * radians_per_degree);
    turns.sine[k] = std::sin(turns.centre_deg[k] * radians_per_degree);
  }
  return turns;
}

/// One patch of the ring in all its segments and one layer; `at` is the first segment's index.
void place_around(const Ring& ring, const Turns& turns, const Borders& borders, const Place& place,
                  double depth, double radius_mm, std::size_t at, Ventricle& v) {
  const bool cap = ring.segments == 1;
  const double mass_g = ring.segment_mass_g / layer_count / ring.patches;
  const auto stride = std::size_t{layer_count} * static_cast<std::size_t>(ring.patches);
  const double offset = place.offset_deg * radians_per_degree;
  const double start_x = radius_mm * std::cos(offset), start_y = radius_mm * std::sin(offset);
  for (std::size_t k = 0; k < static_cast<std::size_t>(ring.segments); ++k, at += stride) {
    v.segment[at] = static_cast<std::uint8_t>(ring.first_segment + static_cast<int>(k));
    // Any artery can feed the apex; most often it is the LAD, as in the AHA scheme.
    v.territory[at] =
        cap ? Territory::lad : territory_at(borders, turns.centre_deg[k] + place.offset_deg);
    v.depth[at] = depth;
    v.mass_of_g[at] = mass_g;
    v.x_mm[at] = turns.cosine[k] * start_x - turns.sine[k] * start_y;
    v.y_mm[at] = turns.sine[k] * start_x + turns.cosine[k] * start_y;
    v.z_mm[at] = place.z_mm;
  }
}

}  // namespace

void place(const Rings& rings, const Shape& shape, const Borders& basal, Ventricle& v) {
  v.wall_thickness_mm = shape.epi_radius_mm - shape.endo_radius_mm;
  std::size_t ring_start = 0;
  for (const Ring& ring : rings) {
    const bool cap = ring.segments == 1;
    const Lattice lattice = lattice_of(ring, shape);
    const Borders borders = borders_at(ring, basal);
    const Turns turns = turns_of(ring);
    for (int patch = 0; patch < ring.patches; ++patch) {
      Place spot = lattice.at(patch);
      for (int layer = 0; layer < layer_count; ++layer) {
        const double depth = (layer + 0.5) / layer_count;
        double radius_mm = radius_at(shape, depth, spot.z_mm);
        if (cap) {
          const auto [cap_radius_mm, z_mm] = cap_place(shape, depth, ring.patches);
          radius_mm = 0.5 * cap_radius_mm;
          spot = {360.0 * patch / ring.patches, z_mm};
        }
        const auto at = ring_start + static_cast<std::size_t>(layer * ring.patches + patch);
        place_around(ring, turns, borders, spot, depth, radius_mm, at, v);
      }
    }
    ring_start += static_cast<std::size_t>(ring.segments * layer_count * ring.patches);
  }
}

}  // namespace angiotrial::heart
