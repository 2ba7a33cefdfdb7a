// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/units/names.hpp>

#include <array>
#include <cstdint>
#include <vector>

/// One patient's left ventricle at segment resolution: 17 AHA segments x 3 layers x patches of a
/// fixed mass (about 0.5 g, so that flow dispersion stays at a measured scale), in
/// structure-of-arrays form.
///
/// Frame, mm: origin on the long axis at the equator, z towards the base, x towards the lateral
/// wall, y towards the anterior wall.
namespace angiotrial::heart {

inline constexpr int segment_count = 17;
inline constexpr int layer_count = 3;
enum class Territory : std::uint8_t { lad, lcx, rca };
inline constexpr int territory_count = 3;

/// Epicardial state of one coronary territory.
struct Artery {
  double stenosis_diameter_fraction = 0.0;  ///< 0 open to 1 closed
  bool occluded = false;
  double linear_mmhg_s_per_ml = 0.0;       ///< A of the stenosis law
  double quadratic_mmhg_s2_per_ml2 = 0.0;  ///< B of the stenosis law
  double collateral_flow_index = 0.0;      ///< CFI, in [0, 1)
};

/// Arrays run over microregions; all have the same length. Order: segment, then layer from
/// epicardium to endocardium, then patch.
struct Ventricle {
  units::Grams mass_g;
  std::array<Artery, territory_count> arteries{};
  units::BpmMmhg resting_rate_pressure;               ///< of this patient, for flow at rest
  units::Fraction maximal_extraction_fraction{0.80};  ///< E_max after the diffusion limit

  std::vector<std::uint8_t> segment;  ///< 1 to 17
  std::vector<Territory> territory;
  std::vector<double> depth;             ///< e: 0 epicardium to 1 endocardium
  std::vector<double> mass_of_g;         ///< mass of the microregion
  std::vector<double> conductance;       ///< g_p, mL/min/g/mmHg at maximal vasodilation
  std::vector<std::uint8_t> viable;      ///< 0 in scar
  std::vector<double> x_mm, y_mm, z_mm;  ///< centre of the microregion
  double wall_thickness_mm = 9.5;        ///< mean at the equator
  std::vector<double> local_wall_mm;     ///< where each microregion is; empty for the ellipsoid

  [[nodiscard]] std::size_t size() const { return segment.size(); }
  void resize(std::size_t microregions);
};

}  // namespace angiotrial::heart
