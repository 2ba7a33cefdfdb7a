// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/muscle.hpp>

#include <cmath>
#include <limits>

namespace angiotrial::heart {
namespace {

/// Cell of the box that holds a place, or -1.
std::ptrdiff_t cell_at(const tissue::Domain& d, const tissue::PositionMm& at) {
  std::ptrdiff_t index = 0, stride = 1;
  for (std::size_t k = 0; k < 3; ++k) {
    const double cell = std::floor((at[k] - d.first_centre_mm[k]) / d.spacing_mm + 0.5);
    if (!(cell >= 0.0 && cell < d.cells[k])) return -1;
    index += stride * static_cast<std::ptrdiff_t>(cell);
    stride *= d.cells[k];
  }
  return index;
}

tissue::PositionMm centre_of(const tissue::Domain& d, std::size_t cell) {
  const auto nx = static_cast<std::size_t>(d.cells[0]), ny = static_cast<std::size_t>(d.cells[1]);
  return {d.first_centre_mm[0] + d.spacing_mm * static_cast<double>(cell % nx),
          d.first_centre_mm[1] + d.spacing_mm * static_cast<double>(cell / nx % ny),
          d.first_centre_mm[2] + d.spacing_mm * static_cast<double>(cell / (nx * ny))};
}

}  // namespace

tissue::PositionMm in_muscle(const Organ& organ, const tissue::PositionMm& at) {
  const tissue::Domain& d = organ.domain;
  const double deep = -0.5 * d.spacing_mm;
  const std::ptrdiff_t here = cell_at(d, at);
  if (here >= 0 && d.level_mm[static_cast<std::size_t>(here)] <= deep) return at;
  double least = std::numeric_limits<double>::infinity();
  tissue::PositionMm nearest{};
  for (const std::uint32_t cell : organ.voxel) {
    if (d.level_mm[cell] > deep) continue;
    const tissue::PositionMm centre = centre_of(d, cell);
    double square = 0.0;
    for (std::size_t k = 0; k < 3; ++k) square += (centre[k] - at[k]) * (centre[k] - at[k]);
    if (square >= least) continue;
    least = square;
    nearest = centre;
  }
  ANGIOTRIAL_EXPECT(std::isfinite(least), "an organ has muscle");
  return nearest;
}

}  // namespace angiotrial::heart
