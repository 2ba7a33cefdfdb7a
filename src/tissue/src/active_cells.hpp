// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/voxel.hpp>

#include <cstdint>
#include <vector>

#include "cell_union.hpp"
#include "unit_fields.hpp"

namespace angiotrial::tissue {

/// The cells of tissue that see a signal, in ascending slots, and what is summed over them.
struct ActiveCells {
  std::vector<std::uint32_t> slot;
  std::vector<std::uint32_t> domain_cell;
  std::vector<std::uint16_t> region;
  std::vector<float> share;              ///< open share of volume
  std::vector<float> slow, fast, homed;  ///< c/c50, as UnitSignals
  std::vector<std::int32_t> of_slot;     ///< index here, or -1

  [[nodiscard]] std::size_t size() const { return slot.size(); }
};

/// `most_homed` is the highest number of homed cells per mm3 at a depot's centre.
[[nodiscard]] ActiveCells find_active(const Lattice& lattice, std::span<const SiteBox> sites,
                                      const CellUnion& cells, const UnitSignals& signals,
                                      double most_homed);

/// Tissue of each region in mm3; 0 for regions that hold no active cell.
[[nodiscard]] std::vector<double> region_tissue_mm3(const Domain& domain,
                                                    const ActiveCells& active);

/// Adds total gain and region gains of one time from the gain of each active cell.
void sum_gains(const Lattice& lattice, const ActiveCells& active, std::span<const float> gains,
               std::span<const double> tissue_mm3, VoxelCourse& course);

/// Means over the tissue of each domain cell, weighted by open volume.
[[nodiscard]] VoxelFields picture(const Lattice& lattice, std::span<const SiteBox> sites,
                                  const CellUnion& cells, const ActiveCells& active,
                                  std::span<const float> gains, std::span<const float> signals,
                                  std::span<const float> cells_per_mm3);

}  // namespace angiotrial::tissue
