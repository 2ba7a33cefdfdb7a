// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/assessment/visit.hpp>
#include <angiotrial/random/transforms.hpp>
#include <angiotrial/schema/ledger.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace angiotrial::assessment {
namespace {

cohort::Patient typical_patient() {
  cohort::Patient patient;
  patient.chart.age_years = units::Years(64);
  patient.traits.rest_heart_rate_bpm = units::Bpm(65);
  patient.traits.rest_systolic_mmhg = units::Mmhg(130);
  patient.traits.slope_factor = 1.0;
  return patient;
}

symptoms::State typical_state() {
  symptoms::State state;
  state.threshold = units::BpmMmhg(12300);
  state.slope_factor = 1.0;
  state.fatigue_met = units::Met(6.6);
  state.tolerance_s = units::Seconds(75);
  state.felt_per_week = state.reported_per_week = units::PerWeek(20);
  return state;
}

Treadmill without_noise() {
  Treadmill treadmill;
  treadmill.threshold_noise_sd_log = units::LogUnits(0);
  treadmill.slope_noise_sd_log = units::LogUnits(0);
  treadmill.fatigue_noise_sd_log = units::LogUnits(0);
  return treadmill;
}

ExerciseTest test_of(const Treadmill& treadmill, const symptoms::State& state) {
  return run_test(treadmill, ModifiedBruce(treadmill), 0.06, typical_patient(), state,
                  random::Streams(1, 0, 0).at(random::Purpose::exercise_test));
}

TEST(Parameters, AreDescribedWithUnitsRangesAndSources) {
  EXPECT_EQ(schema::audit(Parameters{}), std::vector<std::string>{});
}

TEST(ModifiedBruce, HasTheStagesOfTheProtocol) {
  Treadmill free_hands;
  free_hands.handrail_fraction = units::Fraction(1.0);
  const ModifiedBruce protocol(free_hands);
  const double met[] = {2.3, 3.5, 4.6, 7.0, 10.2, 13.5};
  for (int i = 0; i < ModifiedBruce::stages; ++i) {
    EXPECT_NEAR(protocol.stage_met(i), met[i], 0.06) << "stage " << i + 1;
  }
}

TEST(ModifiedBruce, TimeToInvertsMetAt) {
  const ModifiedBruce protocol{Treadmill{}};
  for (double s = 1.0; s < 1080.0; s += 7.3) {
    EXPECT_NEAR(protocol.time_to(protocol.met_at(s)).value(), s, 1e-6);
  }
  EXPECT_FALSE(protocol.time_to(20.0).has_value());
}

TEST(ModifiedBruce, SolvesTheUptakeEquation) {
  const Treadmill treadmill;
  const ModifiedBruce protocol(treadmill);
  double met = 1.0;  // forward Euler at 1 ms as a plain reference
  for (int i = 0; i < 400000; ++i) {
    met += 1e-3 / 40.0 * (protocol.stage_met(i / 180000) - met);
  }
  EXPECT_NEAR(protocol.met_at(400.0), met, 1e-4);
}

TEST(RatePressure, MetInvertsIt) {
  const auto patient = typical_patient();
  const Treadmill treadmill;
  for (const double rpp : {9000.0, 12300.0, 20000.0}) {
    const double met = met_at_rate_pressure(treadmill, patient.traits, 0.9, rpp);
    EXPECT_NEAR(rate_pressure_at(treadmill, patient.traits, 0.9, met), rpp, 1e-8);
  }
  EXPECT_EQ(met_at_rate_pressure(treadmill, patient.traits, 1.0, 8000.0), 1.0);
}

TEST(ExerciseTest, AddsDelayAndToleranceToTheTimeOfIschaemia) {
  const Treadmill treadmill = without_noise();
  const ExerciseTest test = test_of(treadmill, typical_state());
  const double met = met_at_rate_pressure(treadmill, typical_patient().traits, 1.0, 12300);
  const double ischaemia_s = ModifiedBruce(treadmill).time_to(met).value();
  EXPECT_TRUE(test.limited_by_angina);
  EXPECT_NEAR(test.angina_s->value(), ischaemia_s + 20.0, 1e-9);
  EXPECT_NEAR(test.total_s.value(), ischaemia_s + 95.0, 1e-9);
}

TEST(ExerciseTest, OnePerCentOfThresholdIsAboutNineSecondsOnAverage) {
  // The gain depends on where in a stage the threshold lies: average over a range of thresholds.
  const Treadmill treadmill = without_noise();
  double gain_s = 0.0;
  int tests = 0;
  for (double threshold = 10000.0; threshold < 15000.0; threshold += 10.0, ++tests) {
    symptoms::State before = typical_state(), better = typical_state();
    before.threshold = units::BpmMmhg(threshold);
    better.threshold = before.threshold * 1.01;
    gain_s +=
        test_of(treadmill, better).total_s.value() - test_of(treadmill, before).total_s.value();
  }
  EXPECT_NEAR(gain_s / tests, 9.0, 4.0);  // 9 s in a population that fatigue caps; 11.7 s here
}

TEST(ExerciseTest, AHighThresholdLeavesFatigueToEndIt) {
  symptoms::State state = typical_state();
  state.threshold = units::BpmMmhg(40000);
  const ExerciseTest test = test_of(without_noise(), state);
  EXPECT_FALSE(test.limited_by_angina);
  EXPECT_FALSE(test.angina_s.has_value());
  EXPECT_NEAR(test.peak_met.value(), 6.6, 1e-9);
}

RC_GTEST_PROP(ExerciseTest, LastsLongerWithAHigherThreshold, ()) {
  symptoms::State low = typical_state(), high = typical_state();
  low.threshold = units::BpmMmhg(*rc::gen::inRange(8000, 30000));
  high.threshold = low.threshold + units::BpmMmhg(*rc::gen::inRange(0, 5000));
  const Treadmill treadmill;
  RC_ASSERT(test_of(treadmill, low).total_s <= test_of(treadmill, high).total_s);
}

TEST(Diary, MeanAndOverdispersionOfWeeklyCounts) {
  Diary parameters;
  parameters.adherence_fraction = units::Fraction(1.0);
  constexpr std::uint32_t n = 20000;
  double sum = 0.0, squares = 0.0, tablets = 0.0;
  for (std::uint32_t id = 0; id < n; ++id) {
    DiaryWindow window;
    add_week(parameters, typical_state(), 3, random::Streams(8, 0, id), window);
    EXPECT_EQ(window.days_observed, 7);
    sum += window.episodes;
    squares += double(window.episodes) * window.episodes;
    tablets += window.tablets;
  }
  const double mean = sum / n, variance = squares / n - mean * mean;
  EXPECT_NEAR(mean, 20.0, 4.5 * std::sqrt(140.0 / n));
  EXPECT_NEAR(variance / (20.0 + 0.3 * 400.0), 1.0, 0.06);
  EXPECT_NEAR(tablets / n, 16.8, 4.5 * std::sqrt(16.8 / n));
}

TEST(Diary, MissedDaysThinTheCountNotTheRate) {
  Diary parameters;
  parameters.adherence_fraction = units::Fraction(0.5);
  double rate = 0.0;
  int weeks = 0;
  for (std::uint32_t id = 0; id < 20000; ++id) {
    DiaryWindow window;
    add_week(parameters, typical_state(), 3, random::Streams(8, 0, id), window);
    if (window.days_observed == 0) continue;
    rate += window.episodes_per_week();
    ++weeks;
  }
  EXPECT_NEAR(rate / weeks, 20.0, 0.5);
}

TEST(Diary, TabletsFallHalfAsMuchAsReportsUnderExpectation) {
  symptoms::State state = typical_state();
  state.reporting = 0.49;
  state.reported_per_week = state.felt_per_week * state.reporting;
  double tablets = 0.0, episodes = 0.0;
  for (std::uint32_t id = 0; id < 20000; ++id) {
    DiaryWindow window;
    add_week(Diary{}, state, 3, random::Streams(8, 0, id), window);
    tablets += window.tablets;
    episodes += window.episodes;
  }
  EXPECT_NEAR(tablets / episodes, 0.84 / 0.7, 0.04);
}

TEST(Troponin, PeaksLateAndFallsWithTheSlowRelease) {
  const Enzymes enzymes;
  const auto at = [&](double h) { return troponin_per_release(enzymes, units::Hours(h)); };
  EXPECT_EQ(at(0), 0.0);
  EXPECT_GT(at(10), at(3));
  EXPECT_GT(at(10), at(40));
  const double apparent_h = 12.0 * std::log(2.0) / std::log(at(36) / at(48));
  EXPECT_GT(apparent_h, 7.0);  // observed apparent half-life 7-20 h
  EXPECT_LT(apparent_h, 20.0);
}

TEST(Troponin, SolvesTheTwoPoolEquation) {
  const Enzymes p;
  double q1 = 0.05, q2 = 0.95, c = 0.0;
  const double dt = 1e-4, k1 = 1.0, k2 = 0.05, k_el = std::log(2.0) / 4.0;
  for (int i = 0; i < 80000; ++i) {
    c += dt * (k1 * q1 + k2 * q2 - k_el * c);
    q1 -= dt * k1 * q1;
    q2 -= dt * k2 * q2;
  }
  EXPECT_NEAR(troponin_per_release(p, units::Hours(8)), c, 1e-5);
}

TEST(Troponin, NeverFallsBelowBaselineAndIgnoresWhatWasNotDone) {
  const auto patient = typical_patient();
  for (std::uint32_t id = 0; id < 200; ++id) {
    const random::Streams streams(2, 0, id);
    const auto none = measure_enzymes({}, patient, false, false, units::Milligrams(0), streams);
    const auto both = measure_enzymes({}, patient, true, true, units::Milligrams(10), streams);
    EXPECT_EQ(none.troponin_after_injection_uln, none.troponin_baseline_uln);
    EXPECT_EQ(none.troponin_baseline_uln, both.troponin_baseline_uln);
    EXPECT_GT(both.troponin_after_mobilisation_uln, none.troponin_after_mobilisation_uln);
    EXPECT_GT(both.troponin_after_injection_uln, none.troponin_after_injection_uln);
  }
}

TEST(Troponin, BaselineExceedsTheLimitInFourPerCent) {
  int above = 0, above_mobilised = 0, above_three = 0, nstemi = 0;
  constexpr std::uint32_t n = 20000;
  for (std::uint32_t id = 0; id < n; ++id) {
    const auto record = measure_enzymes({}, typical_patient(), true, false, units::Milligrams(0),
                                        random::Streams(6, 0, id));
    above += record.troponin_baseline_uln > 1.0;
    above_mobilised += record.troponin_after_mobilisation_uln > 1.0;
    above_three += record.troponin_after_mobilisation_uln > 3.0;
    nstemi += record.nstemi_at_mobilisation;
  }
  EXPECT_NEAR(above / double(n), 0.043, 0.006);
  EXPECT_NEAR(above_mobilised / double(n), 0.222, 0.03);
  EXPECT_NEAR(above_three / double(n), 0.072, 0.015);
  EXPECT_NEAR(nstemi / double(n), 0.046, 0.012);
}

TEST(FollowUp, HasTheRegistryMortality) {
  const auto patient = typical_patient();
  int deaths = 0;
  constexpr std::uint32_t n = 40000;
  Hazards hazards;
  hazards.withdrawal_per_year = units::PerYear(0);
  for (std::uint32_t id = 0; id < n; ++id) {
    deaths += follow_up(hazards, patient, units::Days(365.25), random::Streams(5, 0, id))
                  .death.has_value();
  }
  // Without diabetes, kidney disease and heart failure the hazard is 0.038/(1.27 x 1.124 x 1.108).
  EXPECT_NEAR(deaths / double(n), 1.0 - std::exp(-0.038 / (1.27 * 1.124 * 1.108)), 0.0035);
}

TEST(FollowUp, MaceIsTheFirstEventAndNothingFollowsTheEnd) {
  Hazards often;
  often.death_per_year = units::PerYear(0.8);
  often.infarction_per_year = units::PerYear(0.8);
  often.admission_per_year = units::PerYear(0.8);
  often.withdrawal_per_year = units::PerYear(0.5);
  for (std::uint32_t id = 0; id < 2000; ++id) {
    const FollowUp course =
        follow_up(often, typical_patient(), units::Days(730), random::Streams(5, 0, id));
    EXPECT_LE(course.last_contact, units::Days(730));
    for (const auto& event : {course.death, course.infarction, course.admission}) {
      if (!event) continue;
      EXPECT_LE(*event, course.last_contact);
      EXPECT_LE(*course.mace(), *event);
    }
  }
}

TEST(CcsClass, IsThreeForATypicalPatientAndCanBeMisread) {
  int classes[5] = {};
  for (std::uint32_t id = 0; id < 4000; ++id) {
    ++classes[ccs_class({}, {}, typical_patient(), typical_state(),
                        random::Streams(1, 0, id).at(random::Purpose::ccs))];
  }
  EXPECT_NEAR(classes[3] / 4000.0, 0.75, 0.03);
  EXPECT_GT(classes[2], 0);
  EXPECT_GT(classes[4], 0);
}

}  // namespace
}  // namespace angiotrial::assessment
