// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/ventricle.hpp>

/// The truncated ellipsoid of one patient and the places of its microregions. Private.
namespace angiotrial::heart {

/// Half-axes in mm at end-diastole; the endocardium is scaled to the cavity volume, the wall to
/// the mass.
struct Shape {
  double endo_radius_mm = 0.0, endo_half_length_mm = 0.0;  ///< a, c of the endocardium
  double epi_radius_mm = 0.0, epi_half_length_mm = 0.0;
  double base_height_mm = 0.0;  ///< z_b
};

/// V = pi a^2 c (h - h^3/3 + 2/3), h = z_b/c: volume in mm3 below the base plane.
[[nodiscard]] double truncated_volume_mm3(double radius_mm, double half_length_mm,
                                          double base_height_mm);

/// Half-axes of the surface at depth e: a and c run linearly from epicardium to endocardium.
struct HalfAxes {
  double radius_mm = 0.0, half_length_mm = 0.0;
};
[[nodiscard]] HalfAxes half_axes(const Shape& shape, double depth);

/// Radius of the surface at depth e at height z; 0 beyond its tip.
[[nodiscard]] double radius_at(const Shape& shape, double depth, double z_mm);

[[nodiscard]] Shape shape_of(const Anatomy& parameters, cohort::Sex sex, double mass_g,
                             double cavity_ml);

/// A ring of segments of equal width at one level: basal, mid, apical, or the apex.
struct Ring {
  int first_segment = 1;  ///< AHA number
  int segments = 6;
  double first_centre_deg = 90.0;  ///< of the first segment; later ones follow counter-clockwise
  double width_deg = 60.0;
  double segment_mass_g = 0.0;
  int patches = 1;                     ///< per segment and layer
  double low_mm = 0.0, high_mm = 0.0;  ///< z
  double border_shift_deg = 0.0;       ///< of the mean territory borders against the basal ones
};

using Rings = std::array<Ring, 4>;

[[nodiscard]] Rings rings_of(const Anatomy& parameters, const Shape& shape, double mass_g);

/// Borders of the territories in degrees, basal level: LAD runs from lcx_lad counter-clockwise to
/// lad_rca, RCA from there to rca_lcx.
struct Borders {
  double lad_rca_deg = 180.0, rca_lcx_deg = 300.0, lcx_lad_deg = 60.0;
};

/// Fills segment, territory, depth, mass and centres; `ventricle` must have the right size.
void place(const Rings& rings, const Shape& shape, const Borders& borders, Ventricle& ventricle);

[[nodiscard]] std::size_t microregions_of(const Rings& rings);

}  // namespace angiotrial::heart
