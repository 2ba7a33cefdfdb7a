// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/ventricle.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/tissue/domain.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

/// The left ventricle as voxels. Flow, burden and RPP* are taken on microregions, which are here
/// groups of voxels: `ventricle` is the same record as at segment resolution, with masses, depths
/// and centres counted from the voxels, and the same random draws.
namespace angiotrial::heart {

struct Organ {
  tissue::Domain domain;              ///< box, level set; region = microregion
  std::vector<std::uint32_t> voxel;   ///< cells of the box whose centre is muscle, ascending
  std::vector<std::uint8_t> segment;  ///< AHA 1 to 17, per muscle voxel
  std::vector<float> depth;           ///< 0 epicardium to 1 endocardium, per muscle voxel
  Ventricle ventricle;

  [[nodiscard]] std::size_t size() const { return voxel.size(); }
};

/// The truncated ellipsoid scaled to the patient's mass and end-diastolic volume, at any spacing
/// from 0.1 to 4 mm.
[[nodiscard]] Organ build_organ(const Parameters& parameters, const cohort::Patient& patient,
                                const random::Streams& streams, units::Mm spacing);

/// Unit vector along the muscle fibres at a place in the wall: the helix angle runs linearly from
/// epicardium to endocardium about the local circumferential direction.
[[nodiscard]] tissue::PositionMm fibre_at(const Parameters& parameters, const Organ& organ,
                                          const tissue::PositionMm& at_mm);

/// Hyperaemic flow of each muscle voxel, mL/min/g: conductance of its microregion at its own depth.
void voxel_flow(const Parameters& parameters, const Organ& organ,
                std::span<const double> conductance_gain,
                const std::array<double, territory_count>& distal_pressure_mmhg,
                std::span<float> flow);

}  // namespace angiotrial::heart
