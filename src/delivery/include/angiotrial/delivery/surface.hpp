// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/map.hpp>

#include <array>
#include <vector>

/// A map spread over the endocardium, for pictures and tables:
///
///   f(patch) = sum_i w_i f_i / sum_i w_i,   w = (1 - d^2/R^2)^2 within R
///
/// R is the averaging reach of the mapping system. A patch that no point reaches shows the nearest
/// point, and says so.
namespace angiotrial::delivery {

/// Arrays over the patches of the endocardium.
struct MapSurface {
  std::vector<double> unipolar_mv;
  std::vector<double> shortening_percent;  ///< empty if it was not measured
  std::vector<double> wall_mm;             ///< as imaged
  std::vector<bool> within_reach;          ///< false: taken from the nearest point
};

/// Means over a segment's patches by mass; `patches` 0 and values 0 where it has none.
struct SegmentMean {
  int patches = 0;
  units::Millivolts unipolar_mv;
  units::Percent shortening_percent;
  units::Mm wall_mm;
};

/// Expects a map of at least one point.
[[nodiscard]] MapSurface spread(const Parameters& parameters, const Endocardium& wall,
                                const ElectromechanicalMap& map);

/// Entry s is AHA segment s + 1.
[[nodiscard]] std::array<SegmentMean, heart::segment_count> segment_means(
    const Endocardium& wall, const MapSurface& surface);

}  // namespace angiotrial::delivery
