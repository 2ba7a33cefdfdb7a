// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/muscle.hpp>
#include <angiotrial/heart/voxel_growth.hpp>
#include <angiotrial/trial/voxel_heart.hpp>

#include <cmath>
#include <utility>

namespace angiotrial::trial {

namespace {

heart::Organ organ_of(const heart::Parameters& p, const cohort::Patient& patient,
                      const random::Streams& streams, units::Mm spacing, const heart::Mask* mask) {
  if (mask == nullptr) return heart::build_organ(p, patient, streams, spacing);
  auto organ = heart::build_organ(p, patient, streams, *mask, spacing);
  ANGIOTRIAL_EXPECT(organ, "a mask is checked before it is used");
  return std::move(organ.value());
}

}  // namespace

VoxelHeart voxel_heart(const Conditions& conditions, const cohort::Patient& patient,
                       const random::Streams& streams, units::Mm spacing, const heart::Mask* mask) {
  const heart::Parameters& p = conditions.spec.heart;
  VoxelHeart heart{organ_of(p, patient, streams, spacing, mask), {}};
  heart::perfuse(p, heart.organ.ventricle, {}, heart.perfusion);
  const double mm3_per_g = 1000.0 / p.anatomy.muscle_density_g_per_ml.value();
  for (const double mass_g : heart.organ.ventricle.mass_of_g) {
    heart.organ.domain.region_tissue_mm3.push_back(mass_g * mm3_per_g);
  }
  return heart;
}

std::vector<tissue::Depot> aligned_depots(const Conditions& conditions, const heart::Organ& organ,
                                          std::span<const tissue::Depot> depots) {
  std::vector<tissue::Depot> aligned(depots.begin(), depots.end());
  for (tissue::Depot& depot : aligned) {
    depot.position_mm = heart::in_muscle(organ, depot.position_mm);
    depot.fibre = heart::fibre_at(conditions.spec.heart, organ, depot.position_mm);
  }
  return aligned;
}

void voxel_conductance_gain(const Conditions& conditions, const heart::Organ& organ,
                            const tissue::VoxelCourse& course,
                            std::span<const tissue::Depot> depots, std::size_t time_index,
                            std::span<double> gain) {
  heart::conductance_gain(conditions.spec.heart, organ.ventricle, course.region_gain[time_index],
                          depots, course.depot_drive[time_index], conditions.reach, gain);
}

std::vector<double> voxel_threshold_gains(const Conditions& conditions, const VoxelHeart& heart,
                                          std::span<const tissue::Depot> depots) {
  const study::StudySpec& spec = conditions.spec;
  const std::vector<tissue::Depot> aligned = aligned_depots(conditions, heart.organ, depots);
  const tissue::VoxelCourse course = conditions.voxel_growth->grow(heart.organ.domain, aligned);
  std::vector<double> gains(course.times.size());
  std::vector<double> gain(heart.organ.ventricle.size());
  heart::Perfusion after;
  for (std::size_t visit = 0; visit < gains.size(); ++visit) {
    voxel_conductance_gain(conditions, heart.organ, course, aligned, visit, gain);
    heart::perfuse(spec.heart, heart.organ.ventricle, gain, after);
    gains[visit] = std::log(after.threshold / heart.perfusion.threshold);
  }
  return gains;
}

}  // namespace angiotrial::trial
