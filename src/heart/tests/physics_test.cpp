// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/bullseye.hpp>
#include <angiotrial/heart/coronary.hpp>
#include <angiotrial/heart/krogh.hpp>
#include <angiotrial/schema/ledger.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

namespace angiotrial::heart {
namespace {

TEST(HeartParameters, AreDescribedWithoutFault) {
  EXPECT_EQ(schema::audit(Parameters{}), std::vector<std::string>{});
}

TEST(Stenosis, HasTheCoefficientsOfTheNotes) {
  // A and B of a 3 mm vessel with a 10 mm lesion; the notes give two or three digits.
  const struct {
    double diameter, a, b;
  } rows[] = {{0.5, 2.1, 1.1}, {0.6, 5.2, 3.3}, {0.7, 16.3, 12.4}, {0.8, 82.5, 69.6}};
  for (const auto& row : rows) {
    const StenosisLaw law = stenosis_law(Arteries{}, row.diameter);
    EXPECT_NEAR(law.linear_mmhg_s_per_ml, row.a, 0.02 * row.a) << row.diameter;
    EXPECT_NEAR(law.quadratic_mmhg_s2_per_ml2, row.b, 0.03 * row.b) << row.diameter;
  }
  EXPECT_EQ(stenosis_law(Arteries{}, 0.0).quadratic_mmhg_s2_per_ml2, 0.0);
  EXPECT_THROW((void)stenosis_law(Arteries{}, 1.0), diagnostics::ContractViolation);
}

TEST(AntegradeFlow, SolvesItsQuadraticAndHasTheLinearLimit) {
  const TerritoryLoad load{.conductance_ml_per_s_per_mmhg = 0.03,
                           .collateral_conductance_ml_per_s_per_mmhg = 0.01,
                           .back_pressure_mmhg = 22.0};
  const double h = 0.04, q0 = 0.03 * (98.0 - 22.0);
  const double q = antegrade_flow_ml_per_s({5.2, 3.3}, load, 98.0);
  EXPECT_NEAR(5.2 * q + 3.3 * q * q, (q0 - q) / h, 1e-12);
  const double linear = (q0 / h) / (5.2 + 1.0 / h);
  EXPECT_DOUBLE_EQ(antegrade_flow_ml_per_s({5.2, 0.0}, load, 98.0), linear);
  // The textbook root loses all digits here; ours is off by B q^2 / (A + 1/H) only.
  EXPECT_NEAR(antegrade_flow_ml_per_s({5.2, 1e-14}, load, 98.0), linear, 1e-13);
  EXPECT_EQ(antegrade_flow_ml_per_s({5.2, 3.3}, {}, 98.0), 0.0);
  EXPECT_EQ(distal_pressure_mmhg({}, 98.0, 0.0), 98.0);
}

TEST(OccludedVessel, ReturnsItsCollateralFlowIndexExactly) {
  Parameters p;
  p.arteries.occlusion_fraction = units::Fraction(1.0);
  for (std::uint32_t id = 0; id < 50; ++id) {
    const Ventricle v = sample::heart(p, id);
    const Perfusion f = sample::perfusion(p, v);
    for (std::size_t k = 0; k < territory_count; ++k) {
      double g = 0.0, ge = 0.0;
      for (std::size_t i = 0; i < v.size(); ++i) {
        const bool mine = static_cast<std::size_t>(v.territory[i]) == k;
        g += mine ? v.conductance[i] * v.mass_of_g[i] : 0.0;
        ge += mine ? v.conductance[i] * v.mass_of_g[i] * v.depth[i] : 0.0;
      }
      if (g == 0.0) continue;
      const double pz = 18.0 + 8.0 * ge / g;
      EXPECT_NEAR((f.distal_pressure_mmhg[k] - pz) / (98.0 - pz),
                  v.arteries[k].collateral_flow_index, 1e-12);
    }
  }
}

TEST(FractionalFlowReserve, LiesBetweenZeroAndOneAndFallsAsTheStenosisGrows) {
  Parameters p = sample::without_disease();
  double before = 1.0;
  for (double percent = 5.0; percent <= 95.0; percent += 5.0) {
    p.arteries.least_stenosis_percent = p.arteries.most_stenosis_percent = units::Percent(percent);
    const Perfusion f = sample::perfusion(p, sample::heart(p, 7));
    const double ffr = f.fractional_flow_reserve[0];
    EXPECT_GT(ffr, 0.0);
    EXPECT_LT(ffr, before) << percent;
    before = ffr;
  }
  EXPECT_LT(before, 0.5);
}

/// RPP* by sorting everything, as defined.
double threshold_by_sorting(const Parameters& p, const Ventricle& v, const Perfusion& f) {
  std::vector<std::pair<double, double>> rows;
  double mass = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    mass += v.mass_of_g[i];
    if (v.viable[i] != 0) rows.emplace_back(f.hyperaemic_flow[i], v.mass_of_g[i]);
  }
  std::sort(rows.begin(), rows.end());
  double sum = 0.0;
  for (const auto& [flow, m] : rows) {
    sum += m;
    if (sum >= p.oxygen.ischaemic_burden_fraction.value() * mass * (1.0 - 1e-12)) {
      return 1e4 * flow * v.maximal_extraction_fraction.value() / (0.95 * 0.70);
    }
  }
  return std::numeric_limits<double>::infinity();
}

TEST(Threshold, IsTheWeightedQuantileThatSortingGives) {
  Parameters p;
  for (const double burden_fraction : {0.005, 0.03, 0.075, 0.15, 0.5}) {
    p.oxygen.ischaemic_burden_fraction = units::Fraction(burden_fraction);
    for (std::uint32_t id = 0; id < 200; ++id) {
      const Ventricle v = sample::heart(p, id);
      const Perfusion f = sample::perfusion(p, v);
      const double sorted = threshold_by_sorting(p, v, f);
      ASSERT_NEAR(f.threshold.value(), sorted, 1e-11 * sorted) << id;
    }
  }
}

TEST(Threshold, IsInfiniteWhenTooLittleMuscleIsViable) {
  Parameters p;
  Ventricle v = sample::heart(p, 1);
  std::fill(v.viable.begin(), v.viable.end(), std::uint8_t{0});
  v.viable[3] = 1;
  const Perfusion f = sample::perfusion(p, v);
  EXPECT_TRUE(std::isinf(f.threshold.value()));
  EXPECT_LT(f.burden_at_15000, 0.01);
}

Ventricle split_in_halves(const Ventricle& v) {
  Ventricle twice = v;
  twice.resize(2 * v.size());
  for (std::size_t i = 0; i < twice.size(); ++i) {
    const std::size_t from = i / 2;
    twice.segment[i] = v.segment[from];
    twice.territory[i] = v.territory[from];
    twice.depth[i] = v.depth[from];
    twice.mass_of_g[i] = 0.5 * v.mass_of_g[from];
    twice.conductance[i] = v.conductance[from];
    twice.viable[i] = v.viable[from];
  }
  return twice;
}

TEST(Threshold, DoesNotChangeWhenEveryMicroregionIsSplitIntoIdenticalHalves) {
  const Parameters p;
  for (std::uint32_t id = 0; id < 200; ++id) {
    const Ventricle v = sample::heart(p, id);
    const Perfusion one = sample::perfusion(p, v), two = sample::perfusion(p, split_in_halves(v));
    ASSERT_NEAR(two.threshold.value(), one.threshold.value(), 1e-9 * one.threshold.value());
    ASSERT_NEAR(two.mean_hyperaemic_flow, one.mean_hyperaemic_flow, 1e-12);
  }
}

TEST(Threshold, IsProportionalToExtractionOverDemand) {
  Parameters p;
  const double before = sample::perfusion(p, sample::heart(p, 5)).threshold.value();
  p.oxygen.maximal_extraction_fraction = units::Fraction(0.88);
  p.oxygen.demand_ml_per_min_per_g_per_10k_rpp = units::MlPerMinPerGPer10kRpp(1.9);
  const double after = sample::perfusion(p, sample::heart(p, 5)).threshold.value();
  EXPECT_NEAR(after / before, 0.88 / 0.80 / 2.0, 1e-12);
}

TEST(Threshold, IsProportionalToConductanceBehindOcclusionsOnly) {
  // With closed arteries the collaterals scale too, so distal pressures stay and flow is linear.
  Parameters p;
  p.arteries.occlusion_fraction = units::Fraction(1.0);
  const double before = sample::perfusion(p, sample::heart(p, 5)).threshold.value();
  p.microcirculation.conductance_ml_per_min_per_g_per_mmhg = units::MlPerMinPerGPerMmhg(0.05);
  const double after = sample::perfusion(p, sample::heart(p, 5)).threshold.value();
  EXPECT_NEAR(after / before, 1.25, 1e-12);
}

TEST(Burden, CrossesTheLimitAtTheThreshold) {
  const Parameters p;
  for (std::uint32_t id = 0; id < 100; ++id) {
    const Ventricle v = sample::heart(p, id);
    const Perfusion f = sample::perfusion(p, v);
    EXPECT_LT(burden(p, v, f, f.threshold * (1.0 - 1e-9)), 0.075);
    EXPECT_GE(burden(p, v, f, f.threshold * (1.0 + 1e-9)), 0.075);
  }
}

TEST(Flow, IsWorseOffInDepthWithBackPressureAndCanStealAcrossTheWall) {
  // Dilating everything behind a tight stenosis lowers the distal pressure: the endocardium,
  // with more back pressure, loses flow although its own conductance rose.
  Parameters p = sample::without_disease();
  p.arteries.least_stenosis_percent = p.arteries.most_stenosis_percent = units::Percent(80.0);
  p.arteries.back_pressure_rise_mmhg = units::Mmhg(30.0);
  const Ventricle v = sample::heart(p, 3);
  const std::vector<double> doubled(v.size(), 2.0);
  const Perfusion before = sample::perfusion(p, v), after = sample::perfusion(p, v, doubled);
  EXPECT_LT(before.endo_epi_ratio, 0.9);
  EXPECT_GT(after.mean_hyperaemic_flow, before.mean_hyperaemic_flow);
  EXPECT_LT(after.threshold.value(), before.threshold.value());
}

TEST(Perfuse, RejectsGainsOfAnotherHeart) {
  const Parameters p;
  const Ventricle v = sample::heart(p, 1);
  const std::vector<double> wrong(v.size() - 1, 1.0), negative(v.size(), -1.0);
  Perfusion f;
  EXPECT_THROW(perfuse(p, v, wrong, f), diagnostics::ContractViolation);
  EXPECT_THROW(perfuse(p, v, negative, f), diagnostics::ContractViolation);
  EXPECT_THROW(perfuse(p, Ventricle{}, {}, f), diagnostics::ContractViolation);
}

RC_GTEST_PROP(ThresholdLaw, RisesWithUniformConductanceWhereBackPressureIsUniform, ()) {
  Parameters p;
  p.arteries.back_pressure_rise_mmhg = units::Mmhg(0.0);
  const Ventricle v = sample::heart(p, *rc::gen::inRange<std::uint32_t>(0, 100000));
  const double low = *rc::gen::inRange(200, 4000) / 1000.0;
  const double high = low * (1.0 + *rc::gen::inRange(1, 2000) / 1000.0);
  const std::vector<double> weak(v.size(), low), strong(v.size(), high);
  RC_ASSERT(sample::perfusion(p, v, weak).threshold.value() <
            sample::perfusion(p, v, strong).threshold.value());
}

RC_GTEST_PROP(ThresholdLaw, RisesWithAorticPressure, ()) {
  Parameters p;
  const Ventricle v = sample::heart(p, *rc::gen::inRange<std::uint32_t>(0, 100000));
  const double low = 60.0 + *rc::gen::inRange(0, 600) / 10.0;
  p.arteries.aortic_pressure_mmhg = units::Mmhg(low);
  const double before = sample::perfusion(p, v).threshold.value();
  p.arteries.aortic_pressure_mmhg = units::Mmhg(low + *rc::gen::inRange(1, 300) / 10.0);
  RC_ASSERT(sample::perfusion(p, v).threshold.value() > before);
}

RC_GTEST_PROP(BurdenLaw, NeverFallsAsTheRatePressureProductRises, ()) {
  const Parameters p;
  const Ventricle v = sample::heart(p, *rc::gen::inRange<std::uint32_t>(0, 100000));
  const Perfusion f = sample::perfusion(p, v);
  const double low = *rc::gen::inRange(0, 40000), rise = *rc::gen::inRange(0, 10000);
  const double before = burden(p, v, f, units::BpmMmhg(low));
  const double after = burden(p, v, f, units::BpmMmhg(low + rise));
  RC_ASSERT(before <= after && before >= 0.0 && after <= 1.0);
}

TEST(Krogh, HasThePressureDropsWorkedOutForVerification) {
  constexpr double k = 9.4e-10;
  EXPECT_NEAR(krogh_drop_mmhg(1.0 / 600.0, k, 10.0, 2.5), 0.813426, 1e-6);
  EXPECT_NEAR(krogh_drop_mmhg(1.0 / 600.0, k, 18.0, 2.5), 4.261766, 1e-6);
  EXPECT_NEAR(krogh_drop_mmhg(1.0 / 150.0, k, 26.0, 2.5), 44.261905, 1e-6);
  EXPECT_EQ(krogh_drop_mmhg(1.0, k, 2.5, 2.5), 0.0);
}

TEST(Krogh, GivesTheTableOfExtractionAgainstCapillaryDensity) {
  const struct {
    double per_mm2, radius_um, drop_mmhg, extraction;
  } rows[] = {{3000, 10.3, 3.8, 0.99},  {2000, 12.6, 6.8, 0.97},  {1500, 14.6, 10.2, 0.92},
              {1250, 16.0, 13.0, 0.85}, {1000, 17.8, 17.6, 0.72}, {750, 20.6, 25.7, 0.49}};
  for (const auto& row : rows) {
    const units::PerMm2 density(row.per_mm2);
    const double radius = krogh_radius_um(density);
    EXPECT_NEAR(radius, row.radius_um, 0.06);
    EXPECT_NEAR(krogh_drop_mmhg(0.18 / 60.0, 4e-10, radius, 2.5), row.drop_mmhg, 0.1);
    // The table was rounded to two digits from a slightly different saturation curve.
    EXPECT_NEAR(diffusion_limited_extraction(Oxygen{}, density).value(), row.extraction, 0.012);
  }
}

TEST(Krogh, LimitsExtractionOnlyInRarefiedHearts) {
  EXPECT_EQ(maximal_extraction(Oxygen{}, 1.0).value(), 0.80);
  EXPECT_EQ(maximal_extraction(Oxygen{}, 0.6).value(), 0.80);
  EXPECT_EQ(maximal_extraction(Oxygen{}, 0.42).value(), 0.80);  // 0.85 by diffusion
  EXPECT_NEAR(maximal_extraction(Oxygen{}, 1000.0 / 2969.0).value(), 0.72, 0.012);
}

TEST(Bullseye, AveragesEachSegmentByMass) {
  const Ventricle v = sample::heart(Parameters{}, 2);
  std::vector<double> segment(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) segment[i] = v.segment[i];
  const auto means = segment_means(v, segment);
  for (std::size_t s = 0; s < means.size(); ++s) EXPECT_NEAR(means[s], double(s) + 1.0, 1e-12);
}

}  // namespace
}  // namespace angiotrial::heart
