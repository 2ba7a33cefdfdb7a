// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shape.hpp"

#include <angiotrial/tissue/domain.hpp>

#include <span>

/// The truncated ellipsoid on a grid. Private.
namespace angiotrial::heart {

/// A box around the shape with two cells to spare on each side: the axis runs along cell edges and
/// the base plane along cell faces, so that every horizontal slice has four equal quarters.
[[nodiscard]] tissue::Domain box_of(const Shape& shape, double spacing_mm);

/// Level set and depth on a quarter of one horizontal slice.
struct Quarter {
  std::span<const double> radius2_mm2;  ///< of each cell's centre
  std::span<float> level_mm, depth;
};

/// Level set at (r, z): the greatest of the distances to epicardium and base plane and of that to
/// the endocardium, negated; distances to an ellipsoid of half-axes (a, c) to first order,
///   k0 (k0 - 1)/k1,  k0^2 = r^2/a^2 + z^2/c^2,  k1^2 = r^2/a^4 + z^2/c^4.
/// Depth e where the level is below margin_mm: r^2/a(e)^2 + z^2/c(e)^2 = 1 in the wall, 0 outside
/// the heart, 1 in the cavity; 0 elsewhere.
void fill_quarter(const Shape& shape, double z_mm, double margin_mm, const Quarter& quarter);

}  // namespace angiotrial::heart
