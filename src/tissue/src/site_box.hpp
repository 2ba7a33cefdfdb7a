// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/grid.hpp>
#include <angiotrial/tissue/parameters.hpp>

#include <cstdint>

#include "lattice.hpp"

/// The fine cells around one depot: what of them is tissue, and where the cells are.
namespace angiotrial::tissue {

/// A depot's SD along its fibre and across, at the volume of its sd_mm.
struct DepotWidths {
  double along_mm = 0.0;
  double across_mm = 0.0;
};
[[nodiscard]] DepotWidths widths(const Depot& depot);

/// x' Sigma^-1 x of the depot's Gaussian at an offset from its centre.
[[nodiscard]] double squared_distance(const Depot& depot, const PositionMm& offset_mm);

/// Whether an offset from the depot's centre is within its reach.
[[nodiscard]] bool within_reach(const Parameters& p, const Depot& depot,
                                const PositionMm& offset_mm);

/// Half the sides of the box around the depot's reach: an ellipsoid whose half axes are 3 SD and 6
/// decay lengths. What lies further out gets nothing, as at radial resolution.
[[nodiscard]] PositionMm reach_mm(const Parameters& p, const Depot& depot);

struct CoreCell {
  std::uint32_t cell = 0;  ///< of the box
  float weight = 0.0F;     ///< share of the core's open volume; they sum to 1
};

/// From where to where, along x, a row of the box is within the depot's reach.
struct Stretch {
  int from = 0, to = 0;
};

struct SiteBox {
  FineBox box;
  numerics::Grid grid;
  numerics::Walls walls;      ///< of every fine cell
  std::vector<float> shape;   ///< exp(-q/2), 0 off tissue and out of reach
  double peak_per_mm3 = 0.0;  ///< living cells at time 0 where the shape is 1
  double placed_cells = 0.0;  ///< sum over the box
  std::vector<CoreCell> core;
  std::vector<Stretch> reach;  ///< of each row, y faster than z

  [[nodiscard]] bool has_tissue() const { return !shape.empty(); }
};

/// Cuts the box out of the lattice and places the depot's cells in its tissue, all of them.
/// has_tissue() is false where there is none.
[[nodiscard]] SiteBox make_site_box(const Parameters& p, const Lattice& lattice,
                                    const Depot& depot);

}  // namespace angiotrial::tissue
