// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/heart/organ.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

/// A left ventricle from a user's segmentation, usable wherever the ellipsoid is.
///
///   depth    e = d_epi/(d_epi + d_endo), by exact Euclidean distances to outside and cavity
///   levels   the cavity's length along the axis in equal thirds; what lies beyond it is the apex
///   angles   the right-ventricular insertions are at 120 and 240 degrees, linear in between
///   mass     of the segmented wall below the base plane; the patient's mass and volume do not
///   count
namespace angiotrial::heart {

/// Points in mm, in the frame of the mask.
struct Landmarks {
  tissue::PositionMm apex_mm{};         ///< tip of the left ventricle: gives the axis
  tissue::PositionMm base_centre_mm{};  ///< on the axis, in the plane where the wall ends
  /// Where the right ventricle meets the septum, at any one height between apex and base.
  tissue::PositionMm anterior_insertion_mm{};
  tissue::PositionMm inferior_insertion_mm{};
};

/// Voxels of any spacing on the axes of a frame of the user's choice.
struct Mask {
  std::string name;  ///< file, as the user named it, for messages
  std::array<int, 3> cells{};
  std::array<double, 3> spacing_mm{1.0, 1.0, 1.0};
  tissue::PositionMm first_centre_mm{};
  std::vector<std::uint8_t> inside;  ///< not 0 in muscle; x fastest
  Landmarks landmarks;
  /// Whether the frame is left-handed, as the project's own is (x lateral, y anterior, z to the
  /// base); scanners write right-handed ones. A wrong one shows as swapped insertions.
  bool left_handed = false;
};

/// Every rule that the mask breaks; empty for a usable one:
///   sizes and numbers; spacing 0.1 to 4 mm, at most 4 times as coarse one way as another; not
///   empty; one component of face neighbours; not at the box's edge; a cavity, open at the base and
///   only there; no holes in the wall; wall of 20 to 600 mL and cavity of 10 to 600 mL; landmarks
///   in the box, 30 to 180 mm from apex to base, insertions 60 to 170 degrees apart, not swapped.
[[nodiscard]] std::vector<diagnostics::Problem> problems_of(const Mask& mask);

/// Resampled to cubes of `spacing` (0.1 to 4 mm) on the project's frame; anisotropic masks too.
[[nodiscard]] diagnostics::Result<Organ> build_organ(const Parameters& parameters,
                                                     const cohort::Patient& patient,
                                                     const random::Streams& streams,
                                                     const Mask& mask, units::Mm spacing);

}  // namespace angiotrial::heart
