// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/voxel.hpp>

/// The voxel model taken directly: fields over the whole domain in double precision, every cell
/// stepped as the radial reference steps its shells, fields solved anew in every step when vessels
/// take up factor or crowding kills cells. For small pieces of tissue, to test voxel.hpp against.
namespace angiotrial::tissue {

/// Each domain cell is split into split^3. Expects what VoxelModel::grow expects. Keeps no fields
/// for pictures. Without `cut_off`, cells and signals do not end at a depot's reach.
[[nodiscard]] VoxelCourse grow_voxel_reference(const Parameters& p, const Domain& domain,
                                               std::span<const Depot> depots,
                                               std::span<const units::Days> times, int split = 1,
                                               bool cut_off = true);

}  // namespace angiotrial::tissue
