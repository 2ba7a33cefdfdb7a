// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shape.hpp"

#include <array>
#include <cmath>
#include <vector>

/// How microregions tile the wall: their order is segment, layer from epicardium to endocardium,
/// patch. Private.
namespace angiotrial::heart {

/// [0, 360).
[[nodiscard]] inline double wrapped(double degrees) {
  return degrees - 360.0 * std::floor(degrees / 360.0);
}

/// One place in the lattice of a segment, before the segment is turned to its angle.
struct Place {
  double offset_deg = 0.0;  ///< from the segment's centre
  double z_mm = 0.0;
};

/// n patches in rows along the axis, from the apex to the base; rows differ by at most one patch,
/// and their heights are as their numbers of patches.
struct Lattice {
  int patches = 1, rows = 1;
  double width_deg = 0.0, low_mm = 0.0, height_mm = 0.0;

  [[nodiscard]] int before(int row) const { return row * patches / rows; }
  [[nodiscard]] int count(int row) const { return before(row + 1) - before(row); }
  [[nodiscard]] double bottom_mm(int row) const {
    return low_mm + height_mm * before(row) / patches;
  }
  [[nodiscard]] Place at(int patch) const;
  [[nodiscard]] int row_at(double z_mm) const;
};

[[nodiscard]] Lattice lattice_of(const Ring& ring, const Shape& shape);

/// Where a height lies: which ring (0 basal to 3 apex), and which row of its lattice.
struct Level {
  int ring = 0, row = 0;
  bool operator==(const Level&) const = default;
};

/// From a place in the wall to its segment and microregion, for one shape.
class Locator {
 public:
  Locator(const Rings& rings, const Shape& shape);

  /// Heights beyond the base or the tip count as the last there is.
  [[nodiscard]] Level level_at(double z_mm) const;
  /// AHA number; counter-clockwise seen from the apex, 0 lateral, 90 anterior.
  [[nodiscard]] int segment(const Level& level, double angle_deg) const;
  /// The microregion of the outer layer at this angle; the one below it in the next layer is
  /// layer_stride further on.
  [[nodiscard]] int outer_region(const Level& level, double angle_deg) const;
  [[nodiscard]] int layer_stride(const Level& level) const {
    return rings_[static_cast<std::size_t>(level.ring)].patches;
  }
  /// Volume of each microregion in the truncated ellipsoid, mm3, exactly.
  [[nodiscard]] std::vector<double> volumes_mm3(const Shape& shape) const;

 private:
  Rings rings_;
  std::array<Lattice, 4> lattices_;
  std::array<int, 4> first_{};  ///< microregion of each ring
};

/// Layer of a depth: thirds of the wall.
[[nodiscard]] inline int layer_of(double depth) {
  return depth * layer_count < 1.0 ? 0 : depth * layer_count < 2.0 ? 1 : 2;
}

}  // namespace angiotrial::heart
