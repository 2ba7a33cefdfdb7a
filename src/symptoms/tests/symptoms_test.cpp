// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/random/transforms.hpp>
#include <angiotrial/schema/ledger.hpp>
#include <angiotrial/symptoms/course.hpp>
#include <angiotrial/symptoms/daily_life.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <vector>

namespace angiotrial::symptoms {
namespace {

cohort::Patient typical_patient() {
  cohort::Patient patient;
  patient.traits.slope_factor = 1.0;
  patient.traits.fatigue_met = units::Met(6.6);
  patient.traits.tolerance_s = units::Seconds(75);
  patient.traits.activity_distance_log = units::LogUnits(0.205);
  patient.traits.exertion_bouts_per_week = units::PerWeek(110);
  patient.traits.painful_fraction = units::Fraction(0.26);
  patient.traits.non_ischaemic_pain_per_week = units::PerWeek(1.6);
  return patient;
}

TEST(Parameters, AreDescribedWithUnitsRangesAndSources) {
  EXPECT_EQ(schema::audit(Parameters{}), std::vector<std::string>{});
}

TEST(WeeklyRates, FollowTheEquationByHand) {
  const cohort::Patient patient = typical_patient();
  const WeeklyRates rates = weekly_rates(DailyLife{}, patient.traits, 0.0, 0.0, 0.0);
  const double p = random::normal_cdf(-0.205 / std::hypot(0.18, 0.085));
  EXPECT_NEAR(rates.ischaemic.value(), 110 * p, 1e-12);
  EXPECT_NEAR(rates.felt.value(), 110 * p * 0.26 + 1.6, 1e-12);
  EXPECT_NEAR(rates.silent_fraction, 0.74, 1e-12);
}

RC_GTEST_PROP(WeeklyRates, FallWhenTheThresholdRises, ()) {
  const cohort::Patient patient = typical_patient();
  const double a = *rc::gen::inRange(-300, 300) / 1000.0;
  const double b = a + *rc::gen::inRange(1, 300) / 1000.0;
  RC_ASSERT(weekly_rates(DailyLife{}, patient.traits, 0.0, a, 0.0).felt >
            weekly_rates(DailyLife{}, patient.traits, 0.0, b, 0.0).felt);
}

TEST(SlowFluctuation, HasItsVarianceAndItsMemory) {
  const DailyLife parameters;
  double squares = 0.0, products = 0.0, late = 0.0;
  constexpr std::uint32_t n = 20000;
  for (std::uint32_t id = 0; id < n; ++id) {
    SlowFluctuation u(parameters, random::Streams(3, 0, id));
    const double now = u.at(0), later = u.at(26);
    squares += now * now;
    late += later * later;
    products += now * later;
  }
  const double variance = 0.48 * 0.48;
  EXPECT_NEAR(squares / n, variance, 0.012);  // 4.5 standard errors of a variance
  EXPECT_NEAR(late / n, variance, 0.012);
  EXPECT_NEAR(products / n / variance, std::exp(-26.0 / 9.0), 0.035);
}

TEST(SlowFluctuation, IsTheSameWhateverWeeksAreAskedFor) {
  const DailyLife parameters;
  SlowFluctuation one(parameters, random::Streams(3, 0, 5));
  SlowFluctuation other(parameters, random::Streams(3, 0, 5));
  const double direct = one.at(40);
  (void)other.at(3);
  (void)other.at(17);
  EXPECT_EQ(direct, other.at(40));
}

TEST(Drift, HasMeanAndSpreadAtSixAndTwelveMonths) {
  const Drift parameters;
  constexpr std::uint32_t n = 20000;
  double sum6 = 0.0, squares6 = 0.0, squares12 = 0.0, sum12 = 0.0;
  for (std::uint32_t id = 0; id < n; ++id) {
    const random::Streams streams(4, 0, id);
    const double six = drift_log(parameters, streams, units::Months(6));
    const double twelve = drift_log(parameters, streams, units::Months(12));
    sum6 += six;
    squares6 += six * six;
    sum12 += twelve;
    squares12 += twelve * twelve;
  }
  EXPECT_NEAR(sum6 / n, 0.024, 0.0026);
  EXPECT_NEAR(std::sqrt(squares6 / n - sum6 / n * sum6 / n), 0.08, 0.002);
  EXPECT_NEAR(std::sqrt(squares12 / n - sum12 / n * sum12 / n), 0.08 * std::sqrt(2.0), 0.003);
  EXPECT_EQ(drift_log(parameters, random::Streams(4, 0, 1), units::Months(0)), 0.0);
}

Parameters without_placebo() {
  Parameters parameters;
  parameters.placebo = {1.0,
                        units::LogUnits(0),
                        units::LogUnits(0),
                        units::LogUnits(0),
                        units::Seconds(0),
                        units::LogUnits(0),
                        units::LogUnits(0),
                        units::Fraction(1)};
  parameters.drift.at_6_months_log = units::LogUnits(0);
  parameters.drift.sd_at_6_months_log = units::LogUnits(0);
  return parameters;
}

TEST(Course, WithoutPlaceboTermsABlindedArmEqualsAnOpenOne) {
  const Parameters parameters = without_placebo();
  const cohort::Patient patient = typical_patient();
  const random::Streams streams(9, 0, 1);
  Course blinded(parameters, patient, streams, units::BpmMmhg(12300), {}, true);
  Course open(parameters, patient, streams, units::BpmMmhg(12300), {}, false);
  const State a = blinded.follow_up(26, 0.0), b = open.follow_up(26, 0.0);
  EXPECT_EQ(a.reported_per_week, b.reported_per_week);
  EXPECT_EQ(a.tolerance_s, b.tolerance_s);
  EXPECT_EQ(a.slope_factor, patient.traits.slope_factor);
}

TEST(Course, CellsRaiseTheThresholdAndLowerTheRateAndNothingElse) {
  const Parameters parameters;
  const cohort::Patient patient = typical_patient();
  const random::Streams streams(9, 0, 1);
  Course course(parameters, patient, streams, units::BpmMmhg(12300), {}, true);
  const State without = course.follow_up(26, 0.0), with = course.follow_up(26, 0.10);
  EXPECT_NEAR(with.threshold / without.threshold, std::exp(0.10), 1e-12);
  EXPECT_LT(with.felt_per_week, without.felt_per_week);
  EXPECT_EQ(with.slope_factor, without.slope_factor);
  EXPECT_EQ(with.fatigue_met, without.fatigue_met);
  EXPECT_EQ(with.tolerance_s, without.tolerance_s);
  EXPECT_EQ(with.u, without.u);
}

TEST(Course, AnInfinitelySlowFluctuationDoesNotFallBack) {
  Parameters parameters = without_placebo();
  parameters.daily_life.fluctuation_time_weeks = units::Weeks(520);
  parameters.daily_life.season_amplitude_log = units::LogUnits(0);
  const cohort::Patient patient = typical_patient();
  double change = 0.0;
  int high = 0;
  for (std::uint32_t id = 0; id < 4000; ++id) {
    Course course(parameters, patient, random::Streams(1, 0, id), units::BpmMmhg(12300), {}, true);
    const double before = course.screening(0).u;
    if (before < 0.3) continue;
    ++high;
    change += course.follow_up(26, 0.0).u - before;
  }
  // rho over 32 weeks of 520 is 0.94: the mean fall of the selected is 6 % of their mean.
  EXPECT_NEAR(change / high, -0.06 * 0.62, 0.02);
}

}  // namespace
}  // namespace angiotrial::symptoms
