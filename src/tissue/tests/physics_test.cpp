// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/schema/ledger.hpp>
#include <angiotrial/tissue/arterioles.hpp>
#include <angiotrial/tissue/field.hpp>
#include <angiotrial/tissue/kinetics.hpp>
#include <angiotrial/tissue/regions.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "signal.hpp"

namespace angiotrial::tissue {
namespace {

// Published verification set: mm and s, D = 1e-6 cm2/s, k = 2e-4 1/s, lambda 0.707 mm.
constexpr double diffusivity = 1.0e-4;
constexpr double decay = 2.0e-4;

TEST(Parameters, EveryOneIsDescribedWithUnitRangeAndSource) {
  EXPECT_EQ(schema::audit(Parameters{}), std::vector<std::string>{});
}

TEST(Field, AgreesWithTheTabulatedClosedFormToThePrintedDigits) {
  // Gaussian source of 1 mm and unit strength; per cm3, as printed to six digits.
  constexpr std::array<std::array<double, 2>, 6> table{{{0.0, 153736.0},
                                                        {0.5, 140721.0},
                                                        {1.0, 108314.0},
                                                        {2.0, 40238.2},
                                                        {3.0, 9522.49},
                                                        {5.0, 367.344}}};
  for (const auto& [r, expected] : table) {
    const double per_cm3 = 1000.0 * gaussian_field(r, 1.0, diffusivity, decay);
    const double last_digit = std::pow(10.0, std::floor(std::log10(expected)) - 5.0);
    EXPECT_NEAR(per_cm3, expected, 0.5 * last_digit) << "at " << r << " mm";
  }
}

TEST(Field, ScaledErfcKeepsItsPrecisionWhereErfcUnderflows) {
  EXPECT_DOUBLE_EQ(scaled_erfc(0.0), 1.0);
  EXPECT_NEAR(scaled_erfc(1.0), 0.427583576155807, 1e-15);
  EXPECT_NEAR(scaled_erfc(10.0), 0.0561409927438226, 1e-15);
  EXPECT_NEAR(scaled_erfc(50.0), 0.0112815362653238, 1e-16);
  const double below = std::nextafter(8.0, 0.0);
  EXPECT_NEAR(scaled_erfc(below) / scaled_erfc(8.0), 1.0, 1e-13);
}

TEST(Field, IsFiniteAndFollowsTheSourceInAVeryWideDepot) {
  // a = s/lambda = 100: e^(a^2/2) alone would overflow. There k c tends to n (1 - 3/a^2).
  const double sd = 70.7106781186548;
  const double density = std::pow(2.0 * std::numbers::pi * sd * sd, -1.5);
  EXPECT_NEAR(decay * gaussian_field(0.0, sd, diffusivity, decay) / density, 1.0 - 3.0e-4, 1e-6);
}

TEST(Field, IsContinuousWhereTheSeriesAtTheCentreTakesOver) {
  const double just_in = gaussian_field(0.000706, 1.0, diffusivity, decay);
  const double just_out = gaussian_field(0.000708, 1.0, diffusivity, decay);
  EXPECT_NEAR(just_in / just_out, 1.0, 1e-8);
}

TEST(Field, FiniteVolumesConvergeToTheClosedFormAtOrderTwo) {
  std::array<double, 2> error{};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t n = i == 0 ? 80 : 160;
    const double width = 10.0 / static_cast<double>(n);
    std::vector<double> source(n);
    for (std::size_t k = 0; k < n; ++k) {
      const double r = width * (static_cast<double>(k) + 0.5);
      source[k] = std::exp(-0.5 * r * r) / std::pow(2.0 * std::numbers::pi, 1.5);
    }
    const std::vector<double> c = shell_field(source, width, diffusivity, decay);
    double square = 0.0;
    double norm = 0.0;
    for (std::size_t k = 0; k < n; ++k) {
      const double r = width * (static_cast<double>(k) + 0.5);
      const double exact = gaussian_field(r, 1.0, diffusivity, decay);
      square += r * r * (c[k] - exact) * (c[k] - exact);
      norm += r * r * exact * exact;
    }
    error[i] = std::sqrt(square / norm);
  }
  EXPECT_LT(error[1], 1.0e-3);
  EXPECT_NEAR(std::log2(error[0] / error[1]), 2.0, 0.15);
}

TEST(Field, ShiftedDecaySolvesTheTransientEquationOfADecayingSource) {
  // c(r) e^(-t/tau) with k - 1/tau:  D Lap c - k c + n = -c/tau.  Unshifted it does not.
  constexpr double tau = 86400.0;
  const auto residual = [&](double used_decay) {
    const auto c = [&](double r) { return gaussian_field(r, 1.0, diffusivity, used_decay); };
    const double r = 1.3;
    const double h = 0.01;
    const double laplacian =
        ((r + h) * c(r + h) - 2.0 * r * c(r) + (r - h) * c(r - h)) / (h * h * r);
    const double n = std::exp(-0.5 * r * r) / std::pow(2.0 * std::numbers::pi, 1.5);
    return (diffusivity * laplacian - decay * c(r) + n + c(r) / tau) / n;
  };
  EXPECT_NEAR(residual(decay - 1.0 / tau), 0.0, 1e-4);
  EXPECT_GT(std::abs(residual(decay)), 0.02);
}

TEST(Field, QuasiSteadyErrorHasThePublishedSize) {
  constexpr std::array<std::array<double, 2>, 3> table{{{1.0, 5.8}, {4.0, 1.4}, {30.0, 0.19}}};
  for (const auto& [tau_days, percent] : table) {
    // Of the integral of c, which is S/k whatever the shape.
    const double shifted = decay - 1.0 / (tau_days * 86400.0);
    EXPECT_NEAR(100.0 * (1.0 - shifted / decay), percent, 0.05);
  }
}

TEST(Survival, GivesThePublishedRetentionCurve) {
  const Survival p;
  const auto retained = [&](double hours) {
    return 0.25 * surviving_share(p, units::Hours(hours).to<units::Days>());
  };
  EXPECT_NEAR(retained(1.0), 0.24, 0.005);
  EXPECT_NEAR(retained(18.0), 0.14, 0.005);
  EXPECT_NEAR(retained(24.0), 0.13, 0.005);
  EXPECT_NEAR(retained(168.0), 0.023, 0.0005);
  EXPECT_NEAR(retained(672.0), 7.0e-5, 0.5e-5);
}

TEST(Survival, ExposureIsSixTenthsOfACellDayPerInjectedCell) {
  const Survival p;
  const double all = exposure(p, units::Days(365.0)).value();
  EXPECT_NEAR(all, 2.47, 0.01);
  EXPECT_NEAR(0.25 * all, 0.62, 0.005);
  EXPECT_NEAR(exposure(p, units::Days(8.0)).value() / all, 0.90, 0.01);
}

TEST(Survival, ExposureIsTheIntegralOfSurvival) {
  const Survival p;
  double sum = 0.0;
  for (int i = 0; i < 4000; ++i) sum += 0.001 * surviving_share(p, units::Days(0.001 * (i + 0.5)));
  EXPECT_NEAR(exposure(p, units::Days(4.0)).value(), sum, 1e-6);
}

TEST(Secretion, RisesFromOneToTheHypoxiaFoldAsOxygenFalls) {
  Secretion p;
  p.tissue_oxygen_mmhg = units::Mmhg(0.0);
  EXPECT_DOUBLE_EQ(oxygen_factor(p), p.hypoxia_fold);
  p.tissue_oxygen_mmhg = p.half_hypoxia_mmhg;
  EXPECT_DOUBLE_EQ(oxygen_factor(p), 0.5 * (1.0 + p.hypoxia_fold));
  p.tissue_oxygen_mmhg = units::Mmhg(1.0e6);
  EXPECT_NEAR(oxygen_factor(p), 1.0, 1e-9);
}

TEST(Retention, SaturatesOnlyWithTheSwitchOn) {
  RetentionSaturation p;
  const units::Fraction share(0.25);
  EXPECT_DOUBLE_EQ(retained_after_saturation(p, units::Cells(4.0e8), share).value(), 1.0e8);
  p.saturation = true;
  EXPECT_DOUBLE_EQ(retained_after_saturation(p, units::Cells(1.0e8), share).value(), 1.25e7);
  EXPECT_LT(retained_after_saturation(p, units::Cells(1.0e12), share).value(), 2.5e7);
}

/// Days of a point under a pulse of the given signal that decays as slow cells do.
template <class Visit>
void follow(const PointModel& model, double start_level, double days, Visit visit) {
  const double loss = std::numbers::ln2 / 2.5;
  PointState y;
  const double step = 0.05;
  for (int i = 0; i * step < days; ++i) {
    const auto at = [&](double t) { return model.signal(start_level * std::exp(-loss * t)); };
    model.advance(y, step, at(i * step), at((i + 0.5) * step), at((i + 1.0) * step));
    visit((i + 1) * step, y);
  }
}

TEST(Point, StaysAtBaselineForEverWithoutCells) {
  const PointModel model{Parameters{}};
  follow(model, 0.0, 365.0, [&](double, const PointState& y) {
    ASSERT_EQ(y.immature, 0.0);
    ASSERT_EQ(y.mature_excess, 0.0);
    ASSERT_EQ(model.gain(y), 0.0);
    ASSERT_EQ(y.drive, 0.0);
  });
}

TEST(Point, RelayApproachesItsCeilingUnderAConstantSignal) {
  const PointModel model{Parameters{}};
  PointState y;
  const Signal saturating{1.0e12, 1.0e12};
  for (int i = 0; i < 2000; ++i) model.advance(y, 0.05, saturating, saturating, saturating);
  EXPECT_NEAR(y.relay, model.relay_ceiling(), 1e-9);
  EXPECT_NEAR(y.relay_peak / model.relay_ceiling(), 1.0, 1e-9);
}

TEST(Point, ImmatureVesselsGiveWayToMatureOnesAsInTheBeagleCounts) {
  // Ratio 1 near week 4 (counts: 3.7 to 3.7), mature share 0.85 at week 8 (7.3 of 8.6).
  const PointModel model{Parameters{}};
  double crossing_weeks = 0.0;
  double share_at_8 = 0.0;
  follow(model, 4.0, 56.0, [&](double t, const PointState& y) {
    if (crossing_weeks == 0.0 && y.mature_excess > y.immature) crossing_weeks = t / 7.0;
    share_at_8 = y.mature_excess / (y.mature_excess + y.immature);
  });
  RecordProperty("crossing_weeks", std::to_string(crossing_weeks));
  RecordProperty("mature_share_at_8_weeks", std::to_string(share_at_8));
  EXPECT_NEAR(crossing_weeks, 4.0, 1.0);
  EXPECT_NEAR(share_at_8, 0.85, 0.07);
}

TEST(Point, MatureVesselsAndTheArterioleDriveFadeTogetherWhenPruned) {
  Parameters p;
  p.vessels.mature_loss_per_year = units::PerYear(4.0);
  const PointModel model(p);
  double at_91 = 0.0;
  double drive_at_91 = 0.0;
  PointState last;
  follow(model, 4.0, 730.0, [&](double t, const PointState& y) {
    if (t < 91.0) at_91 = y.mature_excess, drive_at_91 = y.drive;
    last = y;
  });
  EXPECT_LT(last.mature_excess, 0.01 * at_91);
  EXPECT_LT(last.drive, 0.01 * drive_at_91);
}

TEST(Arterioles, OverlappingDepotsAddUpWithoutPassingTheCeiling) {
  EXPECT_DOUBLE_EQ(kernel(0.0, 11.0), 1.0);
  EXPECT_NEAR(kernel(11.0, 11.0), std::exp(-0.5), 1e-15);
  const units::Fraction ceiling(0.35);
  EXPECT_EQ(arteriolar_gain({}, ceiling), 0.0);
  EXPECT_NEAR(arteriolar_gain(std::vector{0.5}, ceiling), 0.175, 1e-15);
  EXPECT_NEAR(arteriolar_gain(std::vector{0.5, 0.5}, ceiling), 0.2625, 1e-15);
  EXPECT_NEAR(arteriolar_gain(std::vector(50, 0.9), ceiling), 0.35, 1e-12);
}

TEST(Regions, ASphereAcrossAPlaneIsCutAsArchimedesFound) {
  EXPECT_DOUBLE_EQ(share_beyond(0.0, 3.0), 0.5);
  EXPECT_DOUBLE_EQ(share_beyond(3.0, 3.0), 0.0);
  EXPECT_DOUBLE_EQ(share_beyond(-5.0, 3.0), 1.0);
  EXPECT_DOUBLE_EQ(share_beyond(1.5, 3.0), 0.25);
}

TEST(Regions, AWallSharesItsCellsBetweenTheTwoFaces) {
  Depot depot;
  depot.wall_thickness_mm = units::Mm(9.5);
  depot.depth_mm = units::Mm(0.0);
  EXPECT_NEAR(share_in_wall(depot), 0.5, 1e-3);
  depot.depth_mm = units::Mm(4.75);
  EXPECT_NEAR(share_in_wall(depot), std::erf(4.75 / 2.52 / std::numbers::sqrt2), 1e-12);
  EXPECT_EQ(share_in_wall(Depot{}), 1.0);
}

TEST(Regions, EqualDepotsMeetAtTheMidPlaneAndAWeakOneGivesWay) {
  std::vector<Depot> depots(2);
  depots[1].position_mm = {8.0, 0.0, 0.0};
  for (Depot& d : depots) d.cells = units::Cells(1.0e5);
  const std::vector<double> radii{3.9, 8.0};
  std::vector<double> shares(2);
  Regions(depots).shares(0, radii, shares);
  EXPECT_DOUBLE_EQ(shares[0], 1.0);
  EXPECT_DOUBLE_EQ(shares[1], 0.75);
  depots[1].cells = units::Cells(1.0e4);
  Regions(depots).shares(0, radii, shares);
  EXPECT_GT(shares[1], 0.75);
  depots[1].cells = units::Cells(0.0);
  Regions(depots).shares(0, radii, shares);
  EXPECT_DOUBLE_EQ(shares[1], 1.0);
}

}  // namespace
}  // namespace angiotrial::tissue
