// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/units/names.hpp>

#include <array>
#include <vector>

/// What an injection leaves behind and what grows from it. Tissue knows no heart and no patient.
namespace angiotrial::tissue {

using PositionMm = std::array<double, 3>;

/// Cells at one injection site, just after loss through the catheter and early washout.
struct Depot {
  PositionMm position_mm{};
  units::Cells cells;     ///< retained at time 0, >= 0
  double potency = 1.0;   ///< secretion per cell, relative to fresh cells of a non-diabetic donor
  units::Mm sd_mm{2.52};  ///< isotropic Gaussian of the volume of 4 x 2 x 2 mm (B4)
  /// In three dimensions: SD along `fibre` over SD across it, at the volume of sd_mm; >= 1.
  double elongation = 1.0;
  PositionMm fibre{1.0, 0.0, 0.0};  ///< unit vector
  /// Wall as a slab around the depot; both 0 for tissue without end. Else 0 <= depth <= thickness.
  units::Mm wall_thickness_mm{0.0};
  units::Mm depth_mm{0.0};  ///< of the centre below one face of the slab
};

/// What grew around one depot, at each requested time.
struct DepotCourse {
  /// Integral over the depot's own region of the relative gain of functional vessel density.
  std::vector<double> density_gain_mm3;
  /// Root-mean-square distance from the centre of that gain, in three dimensions.
  std::vector<double> gain_radius_mm;
  /// Drive of arteriolar growth in [0, 1]: lagged, see arterioles.hpp.
  std::vector<double> arteriolar_drive;
};

struct VesselCourse {
  std::vector<units::Days> times;
  std::vector<DepotCourse> depots;  ///< in the order of the depots given
};

}  // namespace angiotrial::tissue
