// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/depot.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

/// A piece of tissue in three dimensions, given by whoever knows the organ.
namespace angiotrial::tissue {

inline constexpr std::uint16_t no_region = std::numeric_limits<std::uint16_t>::max();

/// A box of cubic cells, x fastest, that holds the organ with at least two cells to spare on each
/// side. Tissue is where the level set is negative.
struct Domain {
  std::array<int, 3> cells{};
  double spacing_mm = 1.0;
  PositionMm first_centre_mm{};  ///< centre of cell (0, 0, 0)
  std::vector<float> level_mm;   ///< at cell centres: about the distance to the wall, < 0 in tissue
  std::vector<std::uint16_t> region;  ///< of each cell, for sums over regions; no_region off tissue
  int regions = 0;
  /// Volume of tissue in each region; empty: counted from level_mm whenever it is needed.
  std::vector<double> region_tissue_mm3;
  /// Of the tissue in each region at rest; empty: Secretion::tissue_oxygen_mmhg everywhere.
  std::vector<float> region_oxygen_mmhg;
};

}  // namespace angiotrial::tissue
