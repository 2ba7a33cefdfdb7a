// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <angiotrial/heart/krogh.hpp>
#include <angiotrial/heart/organ.hpp>
#include <angiotrial/heart/oxygen.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

namespace angiotrial::heart {
namespace {

TEST(Saturation, IsUndoneByItsInverse) {
  const Oxygen p;
  EXPECT_DOUBLE_EQ(saturation(p, 27.0), 0.5);
  for (const double s : {0.0, 0.1, 0.291, 0.8}) {
    EXPECT_NEAR(saturation(p, pressure_at_mmhg(p, s)), s, 1e-14);
  }
}

TEST(KroghMean, IsTheMeanOfTheDropOverTheCylinder) {
  const double outer = 11.6, inner = 2.5, m = 0.12 / 60.0, k = 4e-10;
  // Drop at radius r: M/(4K) (2 R^2 ln(r/r_c) - r^2 + r_c^2), averaged over rings of equal width.
  double sum = 0.0, area = 0.0;
  const int rings = 20000;
  for (int i = 0; i < rings; ++i) {
    const double r = inner + (outer - inner) * (i + 0.5) / rings;
    const double shape = 2.0 * outer * outer * std::log(r / inner) - (r * r - inner * inner);
    sum += r * m / (4.0 * k) * shape * 1e-8;  // um2 in cm2
    area += r;
  }
  const double mean = krogh_mean_drop_mmhg(m, k, outer, inner);
  EXPECT_NEAR(mean, sum / area, 1e-6);
  EXPECT_LT(mean, krogh_drop_mmhg(m, k, outer, inner));
  EXPECT_EQ(krogh_mean_drop_mmhg(m, k, inner, inner), 0.0);
}

TEST(RestingOxygen, IsAboutTwentyWhereFlowIsSufficient) {
  const double at_control = resting_oxygen_mmhg(Parameters{}, 0.8, 3.0, units::Fraction(0.80), 1.0);
  std::printf("oxygen at rest, control density %.2f mmHg, at 0.8 of it %.2f mmHg\n", at_control,
              resting_oxygen_mmhg(Parameters{}, 0.8, 3.0, units::Fraction(0.80), 0.8));
  EXPECT_NEAR(at_control, 20.0, 3.0);
}

TEST(RestingOxygen, FallsWithFlowToNothing) {
  const Parameters p;
  double before = 1e9;
  for (const double flow : {3.0, 0.8, 0.75, 0.7, 0.6, 0.3, 0.1, 0.0}) {
    const double now = resting_oxygen_mmhg(p, 0.8, flow, units::Fraction(0.80), 0.9);
    EXPECT_LE(now, before);
    before = now;
  }
  EXPECT_EQ(before, 0.0);
  // Nothing jumps where extraction reaches its limit: 0.8 x 0.70/0.80.
  const auto at = [&](double flow) {
    return resting_oxygen_mmhg(p, 0.8, flow, units::Fraction(0.80), 0.9);
  };
  EXPECT_NEAR(at(0.7 - 1e-9), at(0.7 + 1e-9), 1e-6);
}

TEST(RestingOxygen, FallsWithCapillaries) {
  const Parameters p;
  const auto at = [&](double density) {
    return resting_oxygen_mmhg(p, 0.8, 3.0, units::Fraction(0.80), density);
  };
  EXPECT_GT(at(1.0), at(0.8));
  EXPECT_GT(at(0.8), at(0.5));
}

TEST(RestingOxygen, IsGivenToEveryRegionOfAnOrgan) {
  const Organ organ =
      build_organ(Parameters{}, sample::patient(3), sample::streams(3), units::Mm(2.0));
  ASSERT_EQ(organ.domain.region_oxygen_mmhg.size(), organ.ventricle.size());
  for (const float pressure : organ.domain.region_oxygen_mmhg) {
    EXPECT_TRUE(pressure >= 0.0F && pressure < 25.0F);
  }
}

}  // namespace
}  // namespace angiotrial::heart
