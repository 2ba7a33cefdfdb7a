// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/administer.hpp>
#include <angiotrial/heart/mask.hpp>
#include <angiotrial/heart/organ.hpp>
#include <angiotrial/heart/perfusion.hpp>
#include <angiotrial/tissue/voxel.hpp>
#include <angiotrial/trial/conditions.hpp>

#include <span>
#include <vector>

/// A treated patient's heart at resolution voxel. The candidate is screened, mapped and injected at
/// segment resolution with the same draws; the change of RPP* is what three dimensions give.
namespace angiotrial::trial {

struct VoxelHeart {
  heart::Organ organ;
  heart::Perfusion perfusion;  ///< before anything grows
};

/// The ellipsoid of the patient, or the wall of a mask that heart::problems_of finds nothing in.
[[nodiscard]] VoxelHeart voxel_heart(const Conditions& conditions, const cohort::Patient& patient,
                                     const random::Streams& streams, units::Mm spacing,
                                     const heart::Mask* mask = nullptr);

/// The depots as injected: each in muscle, which segments and layers only sketch, and along the
/// fibres at its place.
[[nodiscard]] std::vector<tissue::Depot> aligned_depots(const Conditions& conditions,
                                                        const heart::Organ& organ,
                                                        std::span<const tissue::Depot> depots);

/// g'/g of each microregion at course.times[time_index].
void voxel_conductance_gain(const Conditions& conditions, const heart::Organ& organ,
                            const tissue::VoxelCourse& course,
                            std::span<const tissue::Depot> depots, std::size_t time_index,
                            std::span<double> gain);

/// ln RPP* gained at each visit.
[[nodiscard]] std::vector<double> voxel_threshold_gains(const Conditions& conditions,
                                                        const VoxelHeart& heart,
                                                        std::span<const tissue::Depot> depots);

}  // namespace angiotrial::trial
