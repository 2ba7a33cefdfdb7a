// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/trial/screening.hpp>

#include <angiotrial/heart/anatomy.hpp>
#include <angiotrial/symptoms/daily_life.hpp>

#include <cmath>

namespace angiotrial::trial {
namespace {

using allocation::Verdict;

/// Attacks felt in the first week: what brings a patient to the centre.
units::PerWeek felt_at_first(const Conditions& conditions, const cohort::Patient& patient,
                             const random::Streams& streams) {
  const symptoms::DailyLife& daily = conditions.spec.symptoms.daily_life;
  const double u0 = symptoms::SlowFluctuation(daily, streams).at(0);
  const double season =
      symptoms::season_log(daily, conditions.calendar(patient.id).first_day_since_peak);
  return symptoms::weekly_rates(daily, patient.traits, u0, 0.0, season).felt;
}

bool is_referred(const Conditions& conditions, const cohort::Patient& patient,
                 const random::Streams& streams) {
  const double p = allocation::referral_probability(conditions.spec.allocation.referral,
                                                    felt_at_first(conditions, patient, streams));
  return streams.at(random::Purpose::referral).bernoulli(p);
}

/// What the record says before anybody asks for consent: age, ejection fraction, class, and the
/// last exercise test. The class on record is the class; the test is one of its own.
bool passes_review(const Conditions& conditions, const cohort::Patient& patient,
                   symptoms::Course& course, const random::Streams& streams) {
  const allocation::EntryRules& rules = conditions.spec.allocation.entry;
  const allocation::Referral& referral = conditions.spec.allocation.referral;
  if (!streams.at(random::Purpose::referral, 1).bernoulli(referral.review_fraction.value())) {
    return true;
  }
  if (allocation::judge_chart(rules, patient.chart) != Verdict::eligible) return false;
  const symptoms::State state = course.screening(0);
  assessment::ScreeningRecord record;
  record.ccs_class =
      assessment::ccs_class(conditions.spec.assessment.ccs, conditions.spec.assessment.treadmill,
                            patient, state, streams.at(random::Purpose::ccs));
  if (allocation::judge_class(rules, record) != Verdict::eligible) return false;
  record.tests.push_back(assessment::run_test(
      conditions.spec.assessment.treadmill, conditions.treadmill,
      conditions.spec.symptoms.daily_life.threshold_coupling_log.value(), patient, state,
      streams.at(random::Purpose::exercise_test, test_on_record)));
  return allocation::judge_tests(rules, record) == Verdict::eligible;
}

Verdict keep_diary(const Conditions& conditions, symptoms::Course& course,
                   const random::Streams& streams, assessment::ScreeningRecord& record) {
  for (int week = 0; week < conditions.spec.allocation.entry.diary_weeks; ++week) {
    assessment::add_week(conditions.spec.assessment.diary, course.screening(week), week, streams,
                         record.diary);
  }
  return allocation::judge_diary(conditions.spec.allocation.entry, record);
}

Verdict take_class(const Conditions& conditions, const cohort::Patient& patient,
                   symptoms::Course& course, const random::Streams& streams,
                   assessment::ScreeningRecord& record) {
  record.ccs_class =
      assessment::ccs_class(conditions.spec.assessment.ccs, conditions.spec.assessment.treadmill,
                            patient, course.screening(0), streams.at(random::Purpose::ccs));
  return allocation::judge_class(conditions.spec.allocation.entry, record);
}

Verdict run_tests(const Conditions& conditions, const cohort::Patient& patient,
                  symptoms::Course& course, const random::Streams& streams,
                  assessment::ScreeningRecord& record) {
  const double coupling = conditions.spec.symptoms.daily_life.threshold_coupling_log.value();
  for (int test = 0; test < conditions.spec.allocation.entry.exercise_tests; ++test) {
    const symptoms::State state = course.screening(conditions.screening_test_week(test));
    record.tests.push_back(assessment::run_test(
        conditions.spec.assessment.treadmill, conditions.treadmill, coupling, patient, state,
        streams.at(random::Purpose::exercise_test, static_cast<std::uint32_t>(test))));
    const Verdict verdict = allocation::judge_tests(conditions.spec.allocation.entry, record);
    if (verdict != Verdict::eligible) return verdict;
  }
  return Verdict::eligible;
}

/// Everything after consent, in the order of the protocol; the first rule that fails decides.
Verdict examine(const Conditions& conditions, symptoms::Course& course,
                const random::Streams& streams, Candidate& candidate) {
  const cohort::Patient& patient = candidate.patient;
  Verdict verdict = allocation::judge_chart(conditions.spec.allocation.entry, patient.chart);
  if (verdict != Verdict::eligible) return verdict;
  verdict = keep_diary(conditions, course, streams, candidate.record);
  if (verdict != Verdict::eligible) return verdict;
  verdict = take_class(conditions, patient, course, streams, candidate.record);
  if (verdict != Verdict::eligible) return verdict;
  return run_tests(conditions, patient, course, streams, candidate.record);
}

}  // namespace

double Candidate::baseline_exercise_s() const {
  double sum = 0.0;
  for (const assessment::ExerciseTest& test : record.tests) sum += test.total_s.value();
  return sum / static_cast<double>(record.tests.size());
}

void Flow::count(const Candidate& candidate) {
  ++candidates;
  if (candidate.outcome == Outcome::not_referred) return;
  ++referred;
  if (candidate.outcome == Outcome::failed) ++failed_patients;
  if (candidate.outcome == Outcome::not_approached) ++not_approached;
  const bool asked =
      candidate.outcome == Outcome::screen_failure || candidate.outcome == Outcome::eligible;
  if (asked) ++consented;
  if (candidate.outcome == Outcome::screen_failure) {
    ++screen_failures[static_cast<std::size_t>(candidate.verdict)];
  }
}

void screen(const Conditions& conditions, std::uint32_t replicate, std::uint32_t id,
            Candidate& candidate) {
  const random::Streams streams = conditions.streams(replicate, id);
  const study::StudySpec& spec = conditions.spec;
  candidate.patient = conditions.population.draw(streams);
  candidate.record.diary = {};
  candidate.record.tests.clear();
  candidate.record.ccs_class = 0;
  candidate.verdict = Verdict::eligible;
  candidate.outcome = Outcome::not_referred;
  if (!is_referred(conditions, candidate.patient, streams)) return;

  heart::build_into(spec.heart, candidate.patient, streams, candidate.ventricle);
  heart::perfuse(spec.heart, candidate.ventricle, {}, candidate.perfusion);
  candidate.outcome = Outcome::failed;
  const double threshold = candidate.perfusion.threshold.value();
  if (std::isnan(threshold)) return;
  candidate.outcome = Outcome::not_approached;
  // Ischaemic at rest, or too little living muscle to become ischaemic: no exercise test will do.
  if (threshold <= 0.0 || std::isinf(threshold)) return;
  symptoms::Course course(spec.symptoms, candidate.patient, streams, candidate.perfusion.threshold,
                          conditions.calendar(id), true);
  if (!passes_review(conditions, candidate.patient, course, streams)) return;
  candidate.outcome = Outcome::no_consent;
  if (!streams.at(random::Purpose::consent)
           .bernoulli(spec.allocation.referral.consent_fraction.value())) {
    return;
  }
  candidate.verdict = examine(conditions, course, streams, candidate);
  candidate.outcome =
      candidate.verdict == Verdict::eligible ? Outcome::eligible : Outcome::screen_failure;
}

}  // namespace angiotrial::trial
