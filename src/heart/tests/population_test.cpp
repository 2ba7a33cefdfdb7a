// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"
#include "shape.hpp"

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/bullseye.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace angiotrial::heart {
namespace {

using sample::Series;

TEST(Anatomy, ReproducesTheReferenceEllipsoids) {
  // Men 144 mL of wall and of cavity; women 102 mL of wall and 112 mL of cavity.
  EXPECT_NEAR(truncated_volume_mm3(26.0, 66.0, 25.0), 144e3, 0.5e3);
  EXPECT_NEAR(truncated_volume_mm3(35.5, 73.0, 25.0), 288e3, 1e3);
  EXPECT_NEAR(truncated_volume_mm3(24.0, 60.0, 23.0), 112e3, 0.5e3);
  EXPECT_NEAR(truncated_volume_mm3(32.0, 66.5, 23.0), 214e3, 1e3);
}

TEST(Anatomy, ScalesTheEllipsoidToMassAndVolume) {
  for (const auto sex : {cohort::Sex::female, cohort::Sex::male}) {
    for (const double mass_g : {80.0, 134.0, 200.0}) {
      for (const double cavity_ml : {90.0, 160.0, 240.0}) {
        const Shape s = shape_of(Anatomy{}, sex, mass_g, cavity_ml);
        const double cavity =
            truncated_volume_mm3(s.endo_radius_mm, s.endo_half_length_mm, s.base_height_mm);
        const double whole =
            truncated_volume_mm3(s.epi_radius_mm, s.epi_half_length_mm, s.base_height_mm);
        EXPECT_NEAR(cavity, 1000.0 * cavity_ml, 1e-6 * cavity);
        EXPECT_NEAR(whole - cavity, 1000.0 * mass_g / 1.05, 1e-6 * whole);
      }
    }
  }
}

TEST(Anatomy, FillsSeventeenSegmentsWithTheMassOfTheHeart) {
  const Ventricle v = sample::heart(Parameters{}, 11);
  std::array<double, segment_count> mass{};
  double total = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    mass[v.segment[i] - 1U] += v.mass_of_g[i];
    total += v.mass_of_g[i];
  }
  EXPECT_NEAR(total, v.mass_g.value(), 1e-9);
  const double unit = v.mass_g.value() / 151.5;  // 6 x 9.6 + 6 x 9.0 + 4 x 9.3 + 2.7
  EXPECT_NEAR(mass[0], 9.6 * unit, 1e-9);
  EXPECT_NEAR(mass[8], 9.0 * unit, 1e-9);
  EXPECT_NEAR(mass[14], 9.3 * unit, 1e-9);
  EXPECT_NEAR(mass[16], 2.7 * unit, 1e-9);
}

TEST(Anatomy, PlacesEveryMicroregionInTheWallAndInItsSegment) {
  for (std::uint32_t id = 0; id < 50; ++id) {
    const cohort::Patient patient = sample::patient(id);
    const Ventricle v = build(Parameters{}, patient, sample::streams(id));
    const Shape s = shape_of(Anatomy{}, patient.chart.sex, v.mass_g.value(),
                             patient.traits.end_diastolic_volume_ml.value());
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double r2 = v.x_mm[i] * v.x_mm[i] + v.y_mm[i] * v.y_mm[i], z = v.z_mm[i];
      const auto level = [&](double a, double c) { return r2 / (a * a) + z * z / (c * c); };
      ASSERT_LT(level(s.epi_radius_mm, s.epi_half_length_mm), 1.0);
      ASSERT_GT(level(s.endo_radius_mm, s.endo_half_length_mm), 1.0);
      ASSERT_LT(z, s.base_height_mm);
      if (v.segment[i] > 12) continue;
      // Segment 1 and 7 are anterior: 60 to 120 degrees from the lateral wall, and so on.
      const double degrees = std::atan2(v.y_mm[i], v.x_mm[i]) * 57.29577951308232;
      const double from_centre = std::remainder(degrees - 90.0 - 60.0 * (v.segment[i] - 1), 360.0);
      ASSERT_LT(std::abs(from_centre), 30.0);
    }
  }
}

TEST(Anatomy, GivesEachArteryAboutAThirdOfTheHeart) {
  Parameters p;
  p.anatomy.left_dominance_fraction = p.anatomy.co_dominance_fraction = units::Fraction(0.0);
  std::array<Series, territory_count> share;
  for (std::uint32_t id = 0; id < 1000; ++id) {
    const Ventricle v = sample::heart(p, id);
    std::array<double, territory_count> mass{};
    for (std::size_t i = 0; i < v.size(); ++i) {
      mass[static_cast<std::size_t>(v.territory[i])] += v.mass_of_g[i] / v.mass_g.value();
    }
    for (std::size_t k = 0; k < territory_count; ++k) share[k].add(mass[k]);
  }
  // AHA scheme on this ellipsoid 38.6 / 30.7 / 30.7 %; borders vary symmetrically (SE 0.2 %).
  EXPECT_NEAR(share[0].mean(), 0.386, 0.01);
  EXPECT_NEAR(share[1].mean(), 0.307, 0.01);
  EXPECT_NEAR(share[2].mean(), 0.307, 0.01);
  EXPECT_GT(share[0].sd(), 0.03);
}

TEST(Anatomy, LeavesTheInferiorWallToTheCircumflexInLeftDominance) {
  Parameters p;
  p.anatomy.left_dominance_fraction = units::Fraction(1.0);
  p.anatomy.co_dominance_fraction = units::Fraction(0.0);
  const Ventricle v = sample::heart(p, 4);
  double rca = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    rca += v.territory[i] == Territory::rca ? v.mass_of_g[i] / v.mass_g.value() : 0.0;
  }
  EXPECT_LT(rca, 0.15);
}

TEST(Anatomy, DrawsConductanceOfTheStatedMeanAndDispersion) {
  Parameters p;
  Series all, of_one_segment_mean, within;
  for (std::uint32_t id = 0; id < 2000; ++id) {
    cohort::Patient patient = sample::patient(id);
    patient.traits.conductance_factor = 1.0;
    const Ventricle v = build(p, patient, sample::streams(id));
    const auto means = segment_means(v, v.conductance);
    of_one_segment_mean.add(means[3] / 0.04);
    for (std::size_t i = 0; i < v.size(); i += 29) {
      all.add(v.conductance[i] / 0.04);
      within.add(v.conductance[i] / means[v.segment[i] - 1U]);
    }
  }
  EXPECT_NEAR(all.mean(), 1.0, 0.005);  // SE 0.0015
  EXPECT_NEAR(all.sd(), std::sqrt(0.12 * 0.12 + 0.175 * 0.175), 0.01);
  // The mean of some 15 patches adds 0.175^2/15 to the segment's 0.12^2.
  EXPECT_NEAR(of_one_segment_mean.sd(), 0.128, 0.008);
  EXPECT_NEAR(within.sd(), 0.17, 0.01);
}

TEST(Anatomy, KeepsDispersionFromGrowingBelowTheMicroregion) {
  // Quarter-gram patches would have CV 0.20 by the fractal; at a floor of 0.5 g they have 0.175.
  Parameters fine, coarse;
  coarse.anatomy.microregion_mass_g = units::Grams(4.0);
  const auto spread = [](const Parameters& p) {
    Series ratio;
    for (std::uint32_t id = 0; id < 1500; ++id) {
      const Ventricle v = sample::heart(p, id);
      ratio.add(std::log(v.conductance[1] / v.conductance[0]));
    }
    return ratio.sd() / std::sqrt(2.0);
  };
  EXPECT_NEAR(spread(fine), 0.175, 0.01);
  EXPECT_NEAR(spread(coarse), 0.18 * std::pow(4.0 / 0.44, -0.2), 0.01);
}

TEST(Anatomy, BuildsTheSameBytesInUsedMemoryAndInAnyOrder) {
  const Parameters p;
  Ventricle used;
  for (const std::uint32_t id : {9U, 3U, 4U, 9U}) {
    build_into(p, sample::patient(id), sample::streams(id), used);
    const Ventricle fresh = sample::heart(p, id);
    ASSERT_EQ(used.size(), fresh.size());
    const std::size_t bytes = fresh.size() * sizeof(double);
    EXPECT_EQ(std::memcmp(used.conductance.data(), fresh.conductance.data(), bytes), 0);
    EXPECT_EQ(std::memcmp(used.x_mm.data(), fresh.x_mm.data(), bytes), 0);
    EXPECT_EQ(used.territory, fresh.territory);
    EXPECT_EQ(used.viable, fresh.viable);
  }
}

TEST(Anatomy, RejectsAHeartWithoutMass) {
  cohort::Patient patient = sample::patient(1);
  patient.traits.lv_mass_g = units::Grams(0.0);
  EXPECT_THROW((void)build(Parameters{}, patient, sample::streams(1)),
               diagnostics::ContractViolation);
}

struct Means {
  Series stress, rest, reserve, worst_ffr, endo_epi, burden, threshold;
};

Means population(const Parameters& p, double least_threshold, double most_threshold) {
  Means out;
  for (std::uint32_t id = 0; id < 2000; ++id) {
    const Perfusion f = sample::perfusion(p, sample::heart(p, id));
    if (f.threshold.value() < least_threshold || f.threshold.value() > most_threshold) continue;
    out.stress.add(f.mean_hyperaemic_flow);
    out.rest.add(f.mean_resting_flow);
    out.reserve.add(f.coronary_flow_reserve);
    out.worst_ffr.add(
        *std::min_element(f.fractional_flow_reserve.begin(), f.fractional_flow_reserve.end()));
    out.endo_epi.add(f.endo_epi_ratio);
    out.burden.add(f.burden_at_15000);
    out.threshold.add(f.threshold.value());
  }
  return out;
}

TEST(HealthyHearts, HaveTheFlowOfPositronEmissionTomography) {
  const Means m = population(sample::without_disease(), 0.0, 1e9);
  // Published: stress 2.89 (0.50), rest 0.72 (0.17), reserve 4.17 (0.80). The demand line is set at
  // a rest RPP of 7600, ours is 8450: rest 0.80, and the reserve lower by the same tenth.
  EXPECT_NEAR(m.stress.mean(), 2.89, 0.15);
  EXPECT_NEAR(m.stress.sd(), 0.60, 0.12);
  EXPECT_NEAR(m.rest.mean(), 0.76, 0.05);
  EXPECT_NEAR(m.reserve.mean(), 4.17, 0.55);
  EXPECT_NEAR(m.endo_epi.mean(), 0.95, 0.05);  // published 0.98 (0.09)
  EXPECT_GT(m.worst_ffr.median(), 0.98);
  EXPECT_LT(m.burden.mean(), 0.02);
}

TEST(RefractoryHearts, HaveTheFlowOfTheEnrolledPatientsOfTheNotes) {
  // The notes describe enrolled patients, picked by exercise limits that leave RPP* at about
  // 12 300 (2600). A window of RPP* stands for that pick here, hence the tolerances: a tenth.
  const Means m = population(Parameters{}, 8000.0, 16500.0);
  EXPECT_GT(m.stress.values.size(), 700U);
  EXPECT_NEAR(m.threshold.mean(), 12300.0, 700.0);
  EXPECT_NEAR(m.stress.mean(), 1.86, 0.19);
  EXPECT_NEAR(m.stress.sd(), 0.38, 0.06);
  EXPECT_NEAR(m.reserve.mean(), 2.3, 0.23);
  EXPECT_NEAR(m.worst_ffr.median(), 0.53, 0.05);
  EXPECT_NEAR(m.burden.mean(), 0.19, 0.05);
  // 0.85 in the prototype, whose outer and inner layers lie at e = 0 and 1; ours lie at 1/6 and
  // 5/6, which leaves two thirds of the gradient.
  EXPECT_NEAR(m.endo_epi.mean(), 1.0 - (1.0 - 0.85) * 2.0 / 3.0, 0.02);
}

TEST(RefractoryHearts, AreHealthierBeforeAnyoneIsEnrolled) {
  const Means m = population(Parameters{}, 0.0, 1e9);
  EXPECT_NEAR(m.stress.mean(), 2.14, 0.10);
  EXPECT_NEAR(m.worst_ffr.median(), 0.56, 0.04);
}

}  // namespace
}  // namespace angiotrial::heart
