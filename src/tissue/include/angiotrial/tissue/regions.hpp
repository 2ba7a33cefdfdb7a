// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/depot.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// Which tissue belongs to which depot. A point belongs to the depot whose cells are densest there
/// and sees that depot's field only: between two equal depots the border is the mid-plane.
///
///   plane towards j at   p = d/2 + s^2 ln(N_i psi_i / N_j psi_j)/d      from depot i
///   beyond it lies       (1 - p/r)/2                                    of the sphere of radius r
///
/// The wall is a slab; what is beyond its two faces has the same closed form. What several
/// neighbours leave is the product of what each leaves: measured against superposed fields it errs
/// less than the sum does (docs/rooms/tissue.md).
namespace angiotrial::tissue {

/// Share of the sphere of radius r > 0 that lies beyond a plane at distance p from its centre;
/// p is negative when the centre itself is beyond.
[[nodiscard]] double share_beyond(double plane_mm, double radius_mm);

/// Share of a Gaussian depot's cells that its shape would put inside the wall; 1 without a wall.
/// Retained cells are in tissue, so the density inside is divided by it.
[[nodiscard]] double share_in_wall(const Depot& depot);

class Regions {
 public:
  /// Expects cells and potency >= 0, SD > 0, and a depth inside the wall where there is a wall.
  explicit Regions(std::span<const Depot> depots);

  /// For each radius, the share of that sphere around depot `index` that is its own tissue.
  /// `radii_mm` ascending and > 0, as long as `shares`.
  void shares(std::size_t index, std::span<const double> radii_mm, std::span<double> shares) const;

 private:
  [[nodiscard]] double plane_mm(std::size_t own, std::size_t other) const;

  std::span<const Depot> depots_;
  std::vector<double> log_density_;  ///< of cells times potency at the centre
};

}  // namespace angiotrial::tissue
