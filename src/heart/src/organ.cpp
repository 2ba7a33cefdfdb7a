// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/organ.hpp>

#include "ellipsoid.hpp"
#include "labeller.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace angiotrial::heart {
namespace {

std::vector<double> angles_deg(const tissue::Domain& d) {
  std::vector<double> angle;
  angle.reserve(static_cast<std::size_t>(d.cells[0]) * static_cast<std::size_t>(d.cells[1]));
  for (int j = 0; j < d.cells[1]; ++j) {
    for (int i = 0; i < d.cells[0]; ++i) {
      angle.push_back(180.0 / std::numbers::pi *
                      std::atan2(d.first_centre_mm[1] + j * d.spacing_mm,
                                 d.first_centre_mm[0] + i * d.spacing_mm));
    }
  }
  return angle;
}

std::vector<double> quarter_radius2(const tissue::Domain& d) {
  std::vector<double> radius2;
  for (int j = 0; j < d.cells[1] / 2; ++j) {
    for (int i = 0; i < d.cells[0] / 2; ++i) {
      const double x = d.first_centre_mm[0] + i * d.spacing_mm;
      const double y = d.first_centre_mm[1] + j * d.spacing_mm;
      radius2.push_back(x * x + y * y);
    }
  }
  return radius2;
}

/// Slices of the ellipsoid from quarters of them.
void fill(const Plan& plan, Labeller& labeller, const tissue::Domain& d) {
  const std::vector<double> radius2 = quarter_radius2(d);
  std::vector<float> level(radius2.size()), depth(radius2.size());
  const auto width = static_cast<std::size_t>(d.cells[0]), half = width / 2;
  std::vector<float> level_row(width), depth_row(width);
  for (int k = 0; k < d.cells[2]; ++k) {
    const double z = d.first_centre_mm[2] + k * d.spacing_mm;
    fill_quarter(plan.shape, z, margin_cells * d.spacing_mm, {radius2, level, depth});
    for (int j = 0; j < d.cells[1]; ++j) {
      const std::size_t from = static_cast<std::size_t>(std::min(j, d.cells[1] - 1 - j)) * half;
      for (std::size_t i = 0; i < half; ++i) {
        level_row[i] = level_row[width - 1 - i] = level[from + i];
        depth_row[i] = depth_row[width - 1 - i] = depth[from + i];
      }
      labeller.add_row(j, k, level_row, depth_row);
    }
  }
}

}  // namespace

Organ build_organ(const Parameters& p, const cohort::Patient& patient,
                  const random::Streams& streams, units::Mm spacing) {
  const double h = spacing.value();
  ANGIOTRIAL_EXPECT(h >= 0.1 && h <= 4.0, "a spacing is from 0.1 to 4 mm");
  const Plan plan = plan_of(p, patient);
  Organ organ;
  furnish(p, patient, plan, streams, organ.ventricle);
  organ.domain = box_of(plan.shape, h);
  prepare(p, organ);
  Labeller labeller(plan, angles_deg(organ.domain), organ);
  fill(plan, labeller, organ.domain);
  labeller.tally().finish(labeller.locator().volumes_mm3(plan.shape), organ.ventricle);
  add_oxygen(p, patient, organ);
  return organ;
}

void voxel_flow(const Parameters& p, const Organ& organ, std::span<const double> gain,
                const std::array<double, territory_count>& distal_mmhg, std::span<float> flow) {
  const Ventricle& v = organ.ventricle;
  ANGIOTRIAL_EXPECT(gain.empty() || gain.size() == v.size(), "one gain for each microregion");
  ANGIOTRIAL_EXPECT(flow.size() == organ.size(), "one flow for each muscle voxel");
  // Q = g max(Pd - Pz - dPz e, 0) = max(at_epicardium - fall e, 0)
  std::vector<double> at_epicardium(v.size()), fall(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double g = gain.empty() ? v.conductance[i] : v.conductance[i] * gain[i];
    const double pd = distal_mmhg[static_cast<std::size_t>(v.territory[i])];
    at_epicardium[i] = g * (pd - p.arteries.back_pressure_mmhg.value());
    fall[i] = g * p.arteries.back_pressure_rise_mmhg.value();
  }
  for (std::size_t n = 0; n < organ.size(); ++n) {
    const std::size_t i = organ.domain.region[organ.voxel[n]];
    const double e = static_cast<double>(organ.depth[n]);
    flow[n] = static_cast<float>(std::max(at_epicardium[i] - fall[i] * e, 0.0));
  }
}

}  // namespace angiotrial::heart
