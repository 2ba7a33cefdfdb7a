// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/parameters.hpp>
#include <angiotrial/heart/perfusion.hpp>
#include <angiotrial/heart/ventricle.hpp>

#include <array>
#include <cstdint>
#include <vector>

/// The inner surface of the wall that a catheter can touch: the true state that a map estimates.
///
/// The innermost layer of microregions is the mesh. A catheter, and what a needle leaves, stand
/// on it; `normal` points out of the cavity.
namespace angiotrial::delivery {

using PositionMm = std::array<double, 3>;

/// Depth (0 epicardium, 1 endocardium) beyond which a microregion belongs to the inner third.
inline constexpr double innermost_depth = 2.0 / 3.0;

/// Two unit vectors along the wall and the one that points out of the cavity.
struct Frame {
  PositionMm around{};  ///< circumferential
  PositionMm along{};   ///< towards the base or the apex
  PositionMm outward{};
};

/// Arrays over patches, in the order of the ventricle's microregions.
struct Endocardium {
  std::vector<double> x_mm, y_mm, z_mm;
  std::vector<double> mass_g;
  std::vector<double> wall_mm;           ///< true thickness here
  std::vector<double> below_surface_mm;  ///< from the endocardium to the patch's centre
  std::vector<std::uint8_t> segment;     ///< 1 to 17
  std::vector<double> ischaemic;         ///< 1 where viable wall lacks flow, else 0
  std::vector<double> scar;              ///< 1 where not viable, else 0
  double axis_ratio = 1.0;               ///< long over short axis of the surface

  [[nodiscard]] std::size_t size() const { return x_mm.size(); }
  [[nodiscard]] PositionMm position(std::size_t patch) const {
    return {x_mm[patch], y_mm[patch], z_mm[patch]};
  }
};

/// Expects a ventricle with a layer beyond innermost_depth and one flow for each microregion.
[[nodiscard]] Endocardium endocardium_of(const Parameters& parameters,
                                         const heart::Ventricle& ventricle,
                                         const heart::Perfusion& perfusion);

/// Of the ellipsoid about the long axis on which `at` lies.
[[nodiscard]] Frame frame_at(const Endocardium& wall, const PositionMm& at);

/// The patch whose centre is closest; the first of equals.
[[nodiscard]] std::size_t nearest_patch(const Endocardium& wall, const PositionMm& at);

}  // namespace angiotrial::delivery
