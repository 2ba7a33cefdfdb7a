// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/study/read_study.hpp>
#include <angiotrial/trial/simulate_patient.hpp>
#include <angiotrial/trial/trial.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace angiotrial::trial {
namespace {

std::string text_of(const std::string& extra = "") {
  return R"(
schema = 1
[study]
id = "SMALL"
seed = 5
[protocol]
randomised = 24
[arms.placebo]
dose_cells_per_kg = 0.0
[arms.low]
dose_cells_per_kg = 1.0e5
[arms.high]
dose_cells_per_kg = 5.0e5
[visits.month_3]
month = 3
[visits.month_6]
month = 6
[visits.month_12]
month = 12
[scenarios.base]
[analysis]
reference_arm = "placebo"
)" + extra;
}

study::StudySpec spec_of(const std::string& extra = "") {
  const auto study = study::read_study(text_of(extra), "small.toml");
  EXPECT_TRUE(study.ok()) << diagnostics::to_string(study.problems());
  return study.value().spec;
}

/// The first eligible candidate at or after `id`.
Candidate eligible_from(const Conditions& conditions, std::uint32_t& id) {
  Candidate candidate;
  do screen(conditions, 0, id++, candidate);
  while (candidate.outcome != Outcome::eligible);
  return candidate;
}

TEST(Conduct, FillsEnrolmentAndAccountsForEveryPatient) {
  const Trial trial(spec_of());
  const TrialRecord record = trial.conduct(0);
  const dataset::Disposition& flow = record.observed.disposition;
  EXPECT_TRUE(record.enrolment_filled);
  EXPECT_EQ(flow.randomised, 24);
  EXPECT_EQ(flow.mobilised, flow.randomised + flow.failed_harvest);
  EXPECT_EQ(flow.screened, flow.screen_failed() + flow.mobilised);
  int randomised = 0, treated = 0;
  for (const dataset::ArmFlow& arm : flow.arms) {
    randomised += arm.randomised;
    treated += arm.treated;
    int ended = arm.completed;
    for (const auto& [reason, n] : arm.discontinued) ended += n;
    EXPECT_EQ(ended, arm.randomised) << arm.arm;
    for (const auto& [visit, n] : arm.followed) EXPECT_LE(n, arm.treated);
  }
  EXPECT_EQ(randomised, flow.randomised);
  EXPECT_EQ(treated, flow.treated);
  EXPECT_EQ(static_cast<int>(record.observed.subjects.size()), flow.mobilised);
  EXPECT_TRUE(dataset::check(record.observed).empty());
}

TEST(Conduct, IsAFunctionOfStudyAndReplicate) {
  const Trial one(spec_of()), other(spec_of());
  (void)other.conduct(3);
  EXPECT_EQ(one.conduct(1).latent.baseline_threshold.mean(),
            other.conduct(1).latent.baseline_threshold.mean());
  EXPECT_NE(one.conduct(1).latent.baseline_threshold.mean(),
            one.conduct(2).latent.baseline_threshold.mean());
}

TEST(Conduct, SaysWhenEnrolmentCouldNotBeFilled) {
  study::StudySpec spec = spec_of();
  spec.protocol.most_candidates = 50;
  const Trial short_trial(spec);
  EXPECT_FALSE(short_trial.conduct(0).enrolment_filled);
}

TEST(Screening, GivesTheSamePatientsInAnyOrder) {
  const Conditions conditions(spec_of());
  constexpr std::uint32_t candidates = 800;
  const auto course_of = [&](std::uint32_t id, Candidate& candidate, Workspace& workspace) {
    screen(conditions, 0, id, candidate);
    std::vector<double> numbers{static_cast<double>(candidate.outcome),
                                candidate.patient.chart.weight_kg.value()};
    if (candidate.outcome != Outcome::eligible) return numbers;
    const random::Streams streams = conditions.streams(0, id);
    const Preparation preparation = prepare(conditions, candidate, streams, true, true);
    const PatientCourse course = simulate_patient(conditions, candidate, preparation,
                                                  conditions.spec.arms[1], streams, workspace);
    numbers.push_back(course.threshold_gain_log[1]);
    numbers.push_back(course.enzymes.troponin_after_injection_uln);
    for (const assessment::VisitRecord& visit : course.visits) {
      if (visit.attended) numbers.push_back(visit.exercise->total_s.value());
    }
    return numbers;
  };
  std::vector<std::vector<double>> forwards(candidates), backwards(candidates);
  Candidate one, other;
  Workspace warm, cold;
  for (std::uint32_t id = 0; id < candidates; ++id) forwards[id] = course_of(id, one, warm);
  for (std::uint32_t id = candidates; id-- > 0;) backwards[id] = course_of(id, other, cold);
  EXPECT_EQ(forwards, backwards);
}

TEST(Twins, PlaceboIsUntouchedByTheDoseOfOtherArms) {
  study::StudySpec spec = spec_of();
  const Trial as_planned(spec);
  spec.arms[1].dose.dose_cells_per_kg *= 2.0;
  const Trial doubled(spec);
  const auto placebo_visits = [](const Trial& trial) {
    std::vector<double> values;
    const TrialRecord record = trial.conduct(0);
    for (const dataset::ExerciseRow& row : record.observed.exercise) {
      const bool placebo = record.observed.subjects[row.subject].arm == "placebo";
      if (placebo && row.aval) values.push_back(*row.aval);
    }
    return values;
  };
  EXPECT_EQ(placebo_visits(as_planned), placebo_visits(doubled));
}

TEST(Twins, ShareEverythingThatTheArmDoesNotTouch) {
  const Conditions conditions(spec_of());
  std::uint32_t id = 0;
  for (int i = 0; i < 5; ++i) {
    const Candidate candidate = eligible_from(conditions, id);
    const random::Streams streams = conditions.streams(0, candidate.patient.id);
    const Preparation preparation = prepare(conditions, candidate, streams, true, true);
    Workspace workspace;
    const auto under = [&](std::size_t arm) {
      return simulate_patient(conditions, candidate, preparation, conditions.spec.arms[arm],
                              streams, workspace);
    };
    const PatientCourse placebo = under(0), low = under(1), high = under(2);
    EXPECT_EQ(placebo.threshold_gain_log, (std::vector<double>{0.0, 0.0, 0.0}));
    EXPECT_EQ(placebo.administration.injured_mass_mg, low.administration.injured_mass_mg);
    EXPECT_EQ(placebo.enzymes.troponin_after_injection_uln,
              high.enzymes.troponin_after_injection_uln);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_EQ(placebo.visits[k].attended, high.visits[k].attended);
      if (!placebo.visits[k].attended) continue;
      EXPECT_EQ(placebo.visits[k].diary->days_observed, low.visits[k].diary->days_observed);
      if (low.threshold_gain_log[k] > 0.0) {
        EXPECT_GE(low.visits[k].exercise->total_s, placebo.visits[k].exercise->total_s);
        EXPECT_LE(low.visits[k].diary->episodes, placebo.visits[k].diary->episodes);
      }
    }
    EXPECT_GE(high.administration.retained_cells, low.administration.retained_cells);
  }
}

TEST(Twins, DoNotDependOnWhetherTheirOwnArmIsInjected) {
  study::StudySpec spec = spec_of();
  spec.protocol.harvest_before_randomisation = false;
  const double with_needles = Trial(spec).conduct(0).latent.twins[0].threshold_gain_percent.mean();
  spec.arms[2].dose.dose_cells_per_kg = units::CellsPerKg(0.0);
  spec.arms[2].injected = spec.arms[2].mobilised = false;
  const double with_a_bare_arm =
      Trial(spec).conduct(0).latent.twins[0].threshold_gain_percent.mean();
  // The bare arm loses nobody to a failed harvest, so the patients are not quite the same.
  EXPECT_NEAR(with_a_bare_arm, with_needles, 0.15 * with_needles);
}

TEST(Homing, ComesToPlaceboPatientsToo) {
  const Conditions conditions(spec_of("[tissue.homing]\nhoming = true\nextraction = 0.01\n"));
  std::uint32_t id = 0;
  const Candidate candidate = eligible_from(conditions, id);
  const random::Streams streams = conditions.streams(0, candidate.patient.id);
  const Preparation preparation = prepare(conditions, candidate, streams, true, true);
  Workspace workspace;
  const PatientCourse placebo = simulate_patient(conditions, candidate, preparation,
                                                 conditions.spec.arms[0], streams, workspace);
  EXPECT_GT(placebo.threshold_gain_log[1], 0.0);
}

TEST(Visits, AreAttendedWhenFollowUpEndsOnThatDay) {
  for (int month = 1; month <= 60; ++month) {
    study::StudySpec spec = spec_of();
    spec.visits = {{month}};
    spec.protocol.horizon_months = units::Months(month);
    spec.assessment.hazards.missed_visit_fraction = units::Fraction(0.0);
    const Conditions conditions(spec);
    static std::uint32_t id = 0;
    static const Candidate candidate = eligible_from(conditions, id);
    assessment::FollowUp follow_up;
    follow_up.last_contact = conditions.horizon;
    const auto visits = follow(conditions, spec.symptoms, candidate, follow_up, {0.0}, true,
                               conditions.streams(0, candidate.patient.id));
    EXPECT_TRUE(visits[0].attended) << month;
  }
}

TEST(Screening, SurvivesHeartsWithoutFlow) {
  // Collaterals too small to feed what lies behind an occlusion: ischaemic at rest.
  study::StudySpec spec = spec_of("[heart.arteries]\ncollateral_flow_index_fraction = 0.05\n");
  spec.protocol.randomised = 40;
  const TrialRecord record = Trial(spec).conduct(0);
  EXPECT_TRUE(record.enrolment_filled);
  EXPECT_TRUE(dataset::check(record.observed).empty());
}

TEST(Scenarios, TheBaseScenarioIsTheStudyItself) {
  const Trial trial(spec_of("[symptoms.placebo]\nreporting_median = 1.0\n"));
  const study::StudySpec& spec = trial.conditions().spec;
  EXPECT_EQ(spec.scenarios[0].reporting_median, 1.0);
  const Decomposition base = trial.conduct(0).latent.decompositions[0];
  EXPECT_GT(base.angina_per_week[5].mean(), 0.85 * base.angina_per_week[4].mean());
}

TEST(CapillaryOnly, HasAMuchSmallerEffectThanArteriolarRemodelling) {
  // The variant without reach: arteriolar_ceiling_fraction = 0 leaves new capillaries alone.
  const Conditions full(spec_of()),
      capillary(spec_of("[tissue.arterioles]\narteriolar_ceiling_fraction = 0.0\n"));
  double with_arterioles = 0.0, with_capillaries = 0.0;
  std::uint32_t id = 0;
  for (int i = 0; i < 40; ++i) {
    const Candidate candidate = eligible_from(full, id);
    const random::Streams streams = full.streams(0, candidate.patient.id);
    const Preparation preparation = prepare(full, candidate, streams, true, true);
    Workspace workspace;
    const auto gain = [&](const Conditions& conditions) {
      return simulate_patient(conditions, candidate, preparation, conditions.spec.arms[1], streams,
                              workspace)
          .threshold_gain_log[1];
    };
    with_arterioles += gain(full);
    with_capillaries += gain(capillary);
  }
  EXPECT_GT(with_capillaries, 0.0);
  EXPECT_LT(with_capillaries, 0.35 * with_arterioles);
}

TEST(Screening, RegressionToTheMeanEmergesFromSelectionAlone) {
  const Trial trial(spec_of("[symptoms.daily_life]\nseason_amplitude_log = 0.0\n"));
  double before = 0.0, after = 0.0;
  for (std::uint32_t replicate = 0; replicate < 10; ++replicate) {
    const TrialRecord record = trial.conduct(replicate);
    before += record.latent.decompositions[0].angina_per_week[0].mean();
    after += record.latent.decompositions[0].angina_per_week[1].mean();
  }
  EXPECT_LT(after, 0.95 * before);
  EXPECT_GT(after, 0.70 * before);
}

TEST(Screening, WithoutSelectionNothingChangesOnAverage) {
  // No referral, no entry rule, no season, no placebo terms: month 6 equals the baseline.
  const Conditions conditions(spec_of(R"(
[allocation.referral]
slope = 0.0
review_fraction = 0.0
consent_fraction = 1.0
[allocation.entry]
least_age_years = 18.0
most_age_years = 120.0
least_lvef_fraction = 0.0
least_ccs_class = 1
least_attacks_per_week = 0.0
shortest_test_s = 0.0
longest_test_s = 1200.0
tests_agree_within_fraction = 1.0
tests_limited_by_angina = false
[symptoms.daily_life]
season_amplitude_log = 0.0
[symptoms.placebo]
reporting_median = 1.0
reporting_sd_log = 0.0
learning_log = 0.0
learning_sd_log = 0.0
tolerance_gain_s = 0.0
motivation_log = 0.0
motivation_sd_log = 0.0
[symptoms.drift]
at_6_months_log = 0.0
sd_at_6_months_log = 0.0
)"));
  Candidate candidate;
  Moments exercise, angina;
  for (std::uint32_t id = 0; id < 6000; ++id) {
    screen(conditions, 0, id, candidate);
    if (candidate.outcome != Outcome::eligible) continue;
    const random::Streams streams = conditions.streams(0, id);
    assessment::FollowUp follow_up;
    follow_up.last_contact = conditions.horizon;
    const auto visits = follow(conditions, conditions.spec.symptoms, candidate, follow_up,
                               {0.0, 0.0, 0.0}, true, streams);
    if (!visits[1].attended) continue;
    exercise.add(visits[1].exercise->total_s.value() - candidate.baseline_exercise_s());
    angina.add(visits[1].diary->episodes_per_week() - candidate.record.diary.episodes_per_week());
  }
  EXPECT_GT(exercise.n(), 1000);
  EXPECT_NEAR(exercise.mean(), 0.0, 4.0 * std::sqrt(exercise.variance() / exercise.n()));
  EXPECT_NEAR(angina.mean(), 0.0, 4.0 * std::sqrt(angina.variance() / angina.n()));
}

TEST(OpenLabel, AnArmWithoutProceduresHasNoneOnRecord) {
  study::StudySpec spec = spec_of();
  spec.protocol.harvest_before_randomisation = false;
  spec.arms[2].dose.dose_cells_per_kg = units::CellsPerKg(0.0);
  spec.arms[2].blinded = spec.arms[2].mobilised = spec.arms[2].injected = false;
  const TrialRecord record = Trial(spec).conduct(0);
  for (const dataset::ExposureRow& row : record.observed.exposure) {
    const bool open = record.observed.subjects[row.subject].arm == "high";
    EXPECT_EQ(row.injections.has_value(), !open);
    EXPECT_EQ(row.gcsf_days.has_value(), !open);
  }
}

}  // namespace
}  // namespace angiotrial::trial
