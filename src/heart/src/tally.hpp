// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/ventricle.hpp>
#include <angiotrial/tissue/depot.hpp>

#include <vector>

/// Counts voxels into the microregions of a ventricle. Private.
namespace angiotrial::heart {

class Tally {
 public:
  explicit Tally(std::size_t microregions) : sums_(microregions) {}

  void add(std::size_t microregion, double depth, const tissue::PositionMm& at_mm) {
    Sum& s = sums_[microregion];
    s.voxels += 1.0;
    s.depth += depth;
    s.x_mm += at_mm[0];
    s.y_mm += at_mm[1];
    s.z_mm += at_mm[2];
  }

  /// Number of voxels of each microregion.
  [[nodiscard]] std::vector<double> voxels() const;

  /// Mean depth and centre of each microregion from its voxels (one without voxels keeps what it
  /// has), and masses in the given proportions that sum to the mass of the ventricle.
  void finish(const std::vector<double>& weights, Ventricle& ventricle) const;

 private:
  struct Sum {
    double voxels = 0.0, depth = 0.0, x_mm = 0.0, y_mm = 0.0, z_mm = 0.0;
  };
  std::vector<Sum> sums_;
};

}  // namespace angiotrial::heart
