// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/organ.hpp>

/// Where a needle's tip is when it was aimed at a place of the map.
namespace angiotrial::heart {

/// The place itself when it lies in muscle, at least half a voxel deep; else the centre of the
/// nearest muscle voxel that does. A catheter that misses the wall by its map still injects where
/// it meets muscle. Expects an organ of at least one such voxel.
[[nodiscard]] tissue::PositionMm in_muscle(const Organ& organ, const tissue::PositionMm& at_mm);

}  // namespace angiotrial::heart
