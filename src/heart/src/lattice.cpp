// SPDX-License-Identifier: Apache-2.0
#include "lattice.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::heart {
namespace {

constexpr double radians_per_degree = std::numbers::pi / 180.0;

/// Volume inside the surface at depth e between two heights, mm3:
/// pi a^2 integral of 1 - z^2/c^2, where that is positive.
double volume_between_mm3(const Shape& shape, double depth, double low_mm, double high_mm) {
  const auto [a, c] = half_axes(shape, depth);
  const double low = std::clamp(low_mm, -c, c), high = std::clamp(high_mm, -c, c);
  const auto primitive = [c = c](double z) { return z - z * z * z / (3.0 * c * c); };
  return std::numbers::pi * a * a * (primitive(high) - primitive(low));
}

}  // namespace

Place Lattice::at(int patch) const {
  int row = 0;
  while (before(row + 1) <= patch) ++row;
  const int first = before(row), in_row = before(row + 1) - first;
  const double share = (patch - first + 0.5) / in_row;
  const double level = (first + 0.5 * in_row) / patches;
  return {(share - 0.5) * width_deg, low_mm + level * height_mm};
}

int Lattice::row_at(double z_mm) const {
  int row = 0;
  while (row + 1 < rows && z_mm >= bottom_mm(row + 1)) ++row;
  return row;
}

Lattice lattice_of(const Ring& ring, const Shape& shape) {
  const double height_mm = ring.high_mm - ring.low_mm;
  if (ring.segments == 1) return {ring.patches, 1, ring.width_deg, ring.low_mm, height_mm};
  const double radius_mm = radius_at(shape, 0.5, 0.5 * (ring.low_mm + ring.high_mm));
  const double width_mm = radius_mm * ring.width_deg * radians_per_degree;
  const auto rows = static_cast<int>(std::lround(std::sqrt(ring.patches * height_mm / width_mm)));
  return {ring.patches, std::clamp(rows, 1, ring.patches), ring.width_deg, ring.low_mm, height_mm};
}

Locator::Locator(const Rings& rings, const Shape& shape) : rings_(rings) {
  int first = 0;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    lattices_[r] = lattice_of(rings[r], shape);
    first_[r] = first;
    first += rings[r].segments * layer_count * rings[r].patches;
  }
}

Level Locator::level_at(double z_mm) const {
  int ring = 0;
  while (ring < 3 && z_mm < rings_[static_cast<std::size_t>(ring)].low_mm) ++ring;
  return {ring, lattices_[static_cast<std::size_t>(ring)].row_at(z_mm)};
}

int Locator::segment(const Level& level, double angle_deg) const {
  const Ring& ring = rings_[static_cast<std::size_t>(level.ring)];
  if (ring.segments == 1) return ring.first_segment;
  const double from_first = wrapped(angle_deg - ring.first_centre_deg + 0.5 * ring.width_deg);
  return ring.first_segment +
         std::min(ring.segments - 1, static_cast<int>(from_first / ring.width_deg));
}

int Locator::outer_region(const Level& level, double angle_deg) const {
  const auto r = static_cast<std::size_t>(level.ring);
  const Ring& ring = rings_[r];
  const Lattice& lattice = lattices_[r];
  if (ring.segments == 1) {
    // The first patch of the cap is centred on the lateral wall.
    const double width_deg = 360.0 / ring.patches;
    return first_[r] +
           static_cast<int>(wrapped(angle_deg + 0.5 * width_deg) / width_deg) % ring.patches;
  }
  const double from_first = wrapped(angle_deg - ring.first_centre_deg + 0.5 * ring.width_deg);
  const int k = std::min(ring.segments - 1, static_cast<int>(from_first / ring.width_deg));
  const int columns = lattice.count(level.row);
  const double share = from_first / ring.width_deg - k;
  const int column = std::clamp(static_cast<int>(share * columns), 0, columns - 1);
  return first_[r] + k * layer_count * ring.patches + lattice.before(level.row) + column;
}

std::vector<double> Locator::volumes_mm3(const Shape& shape) const {
  std::vector<double> volume(microregions_of(rings_));
  auto at = volume.begin();
  for (std::size_t r = 0; r < rings_.size(); ++r) {
    const Ring& ring = rings_[r];
    const Lattice& lattice = lattices_[r];
    std::vector<double> of_layers;  // of one segment
    for (int layer = 0; layer < layer_count; ++layer) {
      const double outer = static_cast<double>(layer) / layer_count;
      const double inner = static_cast<double>(layer + 1) / layer_count;
      for (int row = 0; row < lattice.rows; ++row) {
        const double low = lattice.bottom_mm(row), high = lattice.bottom_mm(row + 1);
        const double turn = volume_between_mm3(shape, outer, low, high) -
                            volume_between_mm3(shape, inner, low, high);
        const int columns = lattice.count(row);
        of_layers.insert(of_layers.end(), static_cast<std::size_t>(columns),
                         turn / (ring.segments * columns));
      }
    }
    for (int k = 0; k < ring.segments; ++k) at = std::copy(of_layers.begin(), of_layers.end(), at);
  }
  return volume;
}

}  // namespace angiotrial::heart
