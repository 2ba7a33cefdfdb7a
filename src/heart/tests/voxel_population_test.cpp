// SPDX-License-Identifier: Apache-2.0
#include "lattice.hpp"
#include "sample.hpp"

#include <angiotrial/heart/organ.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace angiotrial::heart {
namespace {

using sample::Series;

Organ organ_of(const Parameters& p, std::uint32_t id, double spacing_mm) {
  return build_organ(p, sample::patient(id), sample::streams(id), units::Mm(spacing_mm));
}

struct Means {
  Series stress, rest, reserve, worst_ffr, endo_epi, burden, threshold, oxygen;
};

/// Hearts of 1 mm voxels whose threshold lies in the window; flow and endo/epi from the voxels.
Means voxel_population(const Parameters& p, std::uint32_t hearts, double least, double most) {
  Means out;
  for (std::uint32_t id = 0; out.stress.values.size() < hearts; ++id) {
    if (const double t = sample::perfusion(p, sample::heart(p, id)).threshold.value();
        t < 0.9 * least || t > 1.1 * most) {
      continue;  // far outside at segment resolution: do not build it
    }
    const Organ organ = organ_of(p, id, 1.0);
    const Perfusion f = sample::perfusion(p, organ.ventricle);
    if (f.threshold.value() < least || f.threshold.value() > most) continue;
    std::vector<float> flow(organ.size());
    voxel_flow(p, organ, {}, f.distal_pressure_mmhg, flow);
    double sum = 0.0;
    std::array<double, 3> third{}, count{};
    for (std::size_t n = 0; n < flow.size(); ++n) {
      const auto layer = static_cast<std::size_t>(layer_of(static_cast<double>(organ.depth[n])));
      sum += static_cast<double>(flow[n]);
      third[layer] += static_cast<double>(flow[n]);
      count[layer] += 1.0;
    }
    out.stress.add(sum / static_cast<double>(flow.size()));
    out.rest.add(f.mean_resting_flow);
    out.reserve.add(f.coronary_flow_reserve);
    const auto& ffr = f.fractional_flow_reserve;
    out.worst_ffr.add(*std::min_element(ffr.begin(), ffr.end()));
    out.endo_epi.add(third[2] / count[2] / (third[0] / count[0]));
    out.burden.add(f.burden_at_15000);
    out.threshold.add(f.threshold.value());
    double oxygen = 0.0;
    for (std::size_t i = 0; i < organ.ventricle.size(); ++i) {
      oxygen +=
          organ.ventricle.mass_of_g[i] * static_cast<double>(organ.domain.region_oxygen_mmhg[i]);
    }
    out.oxygen.add(oxygen / organ.ventricle.mass_g.value());
  }
  return out;
}

void print(const char* name, const Means& m) {
  std::printf(
      "%s: stress %.2f (%.2f), rest %.2f, reserve %.2f (%.2f), worst FFR %.2f, endo/epi "
      "%.2f (%.2f), burden %.2f, RPP* %.0f (%.0f), oxygen at rest %.1f\n",
      name, m.stress.mean(), m.stress.sd(), m.rest.mean(), m.reserve.mean(), m.reserve.sd(),
      m.worst_ffr.median(), m.endo_epi.mean(), m.endo_epi.sd(), m.burden.mean(), m.threshold.mean(),
      m.threshold.sd(), m.oxygen.mean());
}

TEST(VoxelHearts, WithoutDiseaseHaveTheFlowOfPositronEmissionTomography) {
  const Means m = voxel_population(sample::without_disease(), 100, 0.0, 1e9);
  print("healthy", m);
  EXPECT_NEAR(m.stress.mean(), 2.89, 0.2);  // published 2.89 (0.50); SE 0.06
  EXPECT_NEAR(m.rest.mean(), 0.76, 0.06);   // 0.72 at a rest RPP of 7600, ours is 8450
  EXPECT_NEAR(m.reserve.mean(), 4.17, 0.6);
  EXPECT_NEAR(m.endo_epi.mean(), 0.95, 0.05);
  EXPECT_GT(m.worst_ffr.median(), 0.98);
  EXPECT_LT(m.burden.mean(), 0.02);
}

TEST(VoxelHearts, WithObstructionHaveTheReserveOfPressureWires) {
  // Before intervention FFR 0.59 and CFR 1.7, after it 0.91 and 3.1. The stenosis is set so that
  // FFR is met; CFR then follows. It comes out above by a tenth and a fifth: our patients have no
  // diffuse disease, which sets the slope between the two.
  const struct {
    double stenosis_percent, ffr, reserve;
  } rows[] = {{71.0, 0.59, 1.7}, {46.0, 0.91, 3.1}};
  for (const auto& row : rows) {
    Parameters p = sample::without_disease();
    p.arteries.least_stenosis_percent = p.arteries.most_stenosis_percent =
        units::Percent(row.stenosis_percent);
    const Means m = voxel_population(p, 100, 0.0, 1e9);
    print("obstruction", m);
    EXPECT_NEAR(m.worst_ffr.median(), row.ffr, 0.04);
    EXPECT_NEAR(m.reserve.mean(), row.reserve, 0.25 * row.reserve);
  }
}

TEST(VoxelHearts, WithRefractoryAnginaHaveTheFlowOfTheEnrolledPatientsOfTheNotes) {
  const Means m = voxel_population(Parameters{}, 100, 8000.0, 16500.0);
  print("refractory", m);
  // The same window and tolerances as at segment resolution, plus two SE of 100 hearts.
  EXPECT_NEAR(m.threshold.mean(), 12300.0, 1100.0);
  EXPECT_NEAR(m.stress.mean(), 1.86, 0.25);
  EXPECT_NEAR(m.reserve.mean(), 2.3, 0.3);
  EXPECT_NEAR(m.worst_ffr.median(), 0.53, 0.07);
  EXPECT_NEAR(m.burden.mean(), 0.19, 0.07);
  EXPECT_NEAR(m.endo_epi.mean(), 0.90, 0.04);
}

}  // namespace
}  // namespace angiotrial::heart
