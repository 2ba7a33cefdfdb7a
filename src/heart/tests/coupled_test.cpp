// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <angiotrial/heart/coronary.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace angiotrial::heart {
namespace {

using sample::Series;

Parameters linked(double w) {
  Parameters p;
  p.arteries.interterritory_collateral_fraction = units::Fraction(w);
  return p;
}

struct Circuit {
  std::array<StenosisLaw, territory_count> laws{};
  std::array<bool, territory_count> occluded{};
  std::array<TerritoryLoad, territory_count> loads{};
};

Circuit circuit_of(std::uint32_t id) {
  auto stream = random::Streams(77, 0, id).at(random::Purpose::ventricle);
  Circuit c;
  for (std::size_t k = 0; k < territory_count; ++k) {
    c.laws[k] = stenosis_law(Arteries{}, 0.85 * stream.uniform());
    c.occluded[k] = stream.uniform() < 0.35;
    const double g = 0.01 + 0.04 * stream.uniform(), cfi = 0.7 * stream.uniform();
    c.loads[k] = {g, g * cfi / (1.0 - cfi), 18.0 + 8.0 * stream.uniform()};
  }
  return c;
}

CoupledFlow solved(const Circuit& c, double w) {
  return coupled_flow(c.laws, c.occluded, c.loads, 98.0, w);
}

TEST(CoupledFlow, WithoutLinksIsTheClosedForm) {
  for (std::uint32_t id = 0; id < 300; ++id) {
    const Circuit c = circuit_of(id);
    const CoupledFlow f = solved(c, 0.0);
    for (std::size_t k = 0; k < territory_count; ++k) {
      const double q = c.occluded[k] ? 0.0 : antegrade_flow_ml_per_s(c.laws[k], c.loads[k], 98.0);
      EXPECT_NEAR(f.antegrade_ml_per_s[k], q, 1e-11);
      EXPECT_NEAR(f.distal_pressure_mmhg[k], distal_pressure_mmhg(c.loads[k], 98.0, q), 1e-9);
    }
  }
}

TEST(CoupledFlow, KeepsFlow) {
  int most_steps = 0;
  for (std::uint32_t id = 0; id < 2000; ++id) {
    const Circuit c = circuit_of(id);
    for (const double w : {0.1, 0.5, 1.0}) {
      const CoupledFlow f = solved(c, w);
      most_steps = std::max(most_steps, f.steps);
      // What leaves the aorta is what the muscle takes: links neither make nor lose any.
      double from_aorta = 0.0, into_muscle = 0.0;
      for (std::size_t k = 0; k < territory_count; ++k) {
        const double pd = f.distal_pressure_mmhg[k];
        from_aorta += f.antegrade_ml_per_s[k] +
                      (1.0 - w) * c.loads[k].collateral_conductance_ml_per_s_per_mmhg * (98.0 - pd);
        into_muscle +=
            c.loads[k].conductance_ml_per_s_per_mmhg * (pd - c.loads[k].back_pressure_mmhg);
        ASSERT_TRUE(pd > 10.0 && pd <= 98.0 + 1e-9);
        if (!c.occluded[k]) {
          const double q = f.antegrade_ml_per_s[k];
          ASSERT_NEAR(
              98.0 - pd,
              c.laws[k].linear_mmhg_s_per_ml * q + c.laws[k].quadratic_mmhg_s2_per_ml2 * q * q,
              1e-9);
        }
      }
      ASSERT_NEAR(from_aorta, into_muscle, 1e-9);
    }
  }
  std::printf("Newton steps: at most %d\n", most_steps);
  EXPECT_LE(most_steps, 15);
}

TEST(CoupledFlow, TakesFromDonorsWhatReceiversGain) {
  // Two open arteries with stenoses, one closed: with links only, its muscle lives on the others.
  Circuit c;
  c.laws = {stenosis_law(Arteries{}, 0.6), stenosis_law(Arteries{}, 0.5), StenosisLaw{}};
  c.occluded = {false, false, true};
  c.loads.fill({0.03, 0.02, 22.0});
  const CoupledFlow f = solved(c, 1.0);
  const auto muscle = [&](std::size_t k) { return 0.03 * (f.distal_pressure_mmhg[k] - 22.0); };
  const double donors = f.antegrade_ml_per_s[0] - muscle(0) + f.antegrade_ml_per_s[1] - muscle(1);
  EXPECT_GT(donors, 0.0);
  EXPECT_NEAR(donors, muscle(2), 1e-9);
  EXPECT_LT(f.distal_pressure_mmhg[2], f.distal_pressure_mmhg[0]);
}

TEST(CoupledFlow, LeavesAClosedTerritoryLessTheMoreItLivesOnOthers) {
  Circuit c;
  c.laws = {stenosis_law(Arteries{}, 0.6), stenosis_law(Arteries{}, 0.5), StenosisLaw{}};
  c.occluded = {false, false, true};
  c.loads.fill({0.03, 0.0, 22.0});
  c.loads[2].collateral_conductance_ml_per_s_per_mmhg = 0.025;
  std::array<double, territory_count> before{1e9, 1e9, 1e9};
  for (const double w : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    const auto pd = solved(c, w).distal_pressure_mmhg;
    for (std::size_t k = 0; k < territory_count; ++k) EXPECT_LT(pd[k], before[k]);
    before = pd;
  }
}

RC_GTEST_PROP(CoupledFlowLaw, RisesEverywhereWhenAnArteryIsWidened, ()) {
  const auto id = *rc::gen::inRange(0, 100000);
  const auto vessel = static_cast<std::size_t>(*rc::gen::inRange(0, 3));
  Circuit c = circuit_of(static_cast<std::uint32_t>(id));
  const auto before = solved(c, 0.5).distal_pressure_mmhg;
  c.occluded[vessel] = false;
  c.laws[vessel] = stenosis_law(Arteries{}, 0.0);
  const auto after = solved(c, 0.5).distal_pressure_mmhg;
  for (std::size_t k = 0; k < territory_count; ++k) RC_ASSERT(after[k] >= before[k] - 1e-9);
}

TEST(Links, AreOffByDefaultAndChangeNothingThen) {
  for (std::uint32_t id = 0; id < 50; ++id) {
    const Ventricle v = sample::heart(Parameters{}, id);
    const Perfusion off = sample::perfusion(Parameters{}, v);
    const Perfusion nearly = sample::perfusion(linked(1e-12), v);
    EXPECT_NEAR(nearly.threshold.value(), off.threshold.value(), 1e-6 * off.threshold.value());
    EXPECT_EQ(sample::perfusion(linked(0.0), v).threshold.value(), off.threshold.value());
  }
}

TEST(Links, LowerTheThresholdBehindOcclusions) {
  Series ratio;
  for (std::uint32_t id = 0; id < 500; ++id) {
    const Ventricle v = sample::heart(Parameters{}, id);
    ratio.add(sample::perfusion(linked(0.5), v).threshold.value() /
              sample::perfusion(Parameters{}, v).threshold.value());
  }
  std::printf("RPP* with half of the collaterals between territories: %.3f (SD %.3f)\n",
              ratio.mean(), ratio.sd());
  EXPECT_LT(ratio.mean(), 1.0);
  EXPECT_GT(ratio.mean(), 0.7);
}

}  // namespace
}  // namespace angiotrial::heart
