// SPDX-License-Identifier: Apache-2.0
#include "labeller.hpp"

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/oxygen.hpp>
#include <angiotrial/heart/perfusion.hpp>

#include <utility>

namespace angiotrial::heart {

void prepare(const Parameters& p, Organ& organ) {
  tissue::Domain& d = organ.domain;
  ANGIOTRIAL_EXPECT(organ.ventricle.size() < tissue::no_region, "regions fit sixteen bits");
  d.regions = static_cast<int>(organ.ventricle.size());
  const std::size_t cells = static_cast<std::size_t>(d.cells[0]) *
                            static_cast<std::size_t>(d.cells[1]) *
                            static_cast<std::size_t>(d.cells[2]);
  d.level_mm.resize(cells);
  d.region.assign(cells, tissue::no_region);
  const double wall_mm3 =
      1000.0 * organ.ventricle.mass_g.value() / p.anatomy.muscle_density_g_per_ml.value();
  const double cell_mm3 = d.spacing_mm * d.spacing_mm * d.spacing_mm;
  // Counts differ from the volume by the surface's share of a cell.
  const auto expected = static_cast<std::size_t>(1.02 * wall_mm3 / cell_mm3) + 64;
  organ.voxel.reserve(expected);
  organ.segment.reserve(expected);
  organ.depth.reserve(expected);
}

void add_oxygen(const Parameters& p, const cohort::Patient& patient, Organ& organ) {
  Perfusion perfusion;
  perfuse(p, organ.ventricle, {}, perfusion);
  organ.domain.region_oxygen_mmhg =
      resting_oxygen_mmhg(p, organ.ventricle, perfusion, patient.traits.capillary_density_relative);
}

Labeller::Labeller(const Plan& plan, std::vector<double> angle_deg, Organ& organ)
    : organ_(organ),
      locator_(plan.rings, plan.shape),
      angle_deg_(std::move(angle_deg)),
      outer_region_(angle_deg_.size()),
      segment_(angle_deg_.size()),
      tally_(organ.ventricle.size()) {}

void Labeller::set_slice(double z_mm) {
  const Level level = locator_.level_at(z_mm);
  if (level == level_) return;
  level_ = level;
  for (std::size_t i = 0; i < angle_deg_.size(); ++i) {
    outer_region_[i] = static_cast<std::uint16_t>(locator_.outer_region(level, angle_deg_[i]));
    segment_[i] = static_cast<std::uint8_t>(locator_.segment(level, angle_deg_[i]));
  }
}

void Labeller::add_row(int j, int k, std::span<const float> level_mm,
                       std::span<const float> depth) {
  tissue::Domain& d = organ_.domain;
  const double y = d.first_centre_mm[1] + j * d.spacing_mm;
  const double z = d.first_centre_mm[2] + k * d.spacing_mm;
  set_slice(z);
  const auto column = static_cast<std::size_t>(j) * static_cast<std::size_t>(d.cells[0]);
  const auto first = static_cast<std::size_t>(k) * angle_deg_.size() + column;
  const int stride = locator_.layer_stride(level_);
  const auto margin = static_cast<float>(margin_cells * d.spacing_mm);
  for (std::size_t i = 0; i < level_mm.size(); ++i) {
    const float level = level_mm[i];
    d.level_mm[first + i] = level;
    if (level >= margin) continue;
    const float e = depth[i];
    const auto region = static_cast<std::uint16_t>(outer_region_[column + i] +
                                                   stride * layer_of(static_cast<double>(e)));
    d.region[first + i] = region;
    if (level >= 0.0F) continue;
    organ_.voxel.push_back(static_cast<std::uint32_t>(first + i));
    organ_.segment.push_back(segment_[column + i]);
    organ_.depth.push_back(e);
    const double x = d.first_centre_mm[0] + static_cast<double>(i) * d.spacing_mm;
    tally_.add(region, static_cast<double>(e), {x, y, z});
  }
}

}  // namespace angiotrial::heart
