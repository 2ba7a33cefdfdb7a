// SPDX-License-Identifier: Apache-2.0
#include "decomposition.hpp"

#include <algorithm>

namespace angiotrial::trial {

symptoms::Parameters with_terms_up_to(const symptoms::Parameters& all, std::size_t step) {
  symptoms::Parameters some = all;
  if (step < 2) {
    some.drift.at_6_months_log = units::LogUnits(0.0);
    some.drift.sd_at_6_months_log = units::LogUnits(0.0);
  }
  if (step < 3) {
    some.placebo.learning_log = units::LogUnits(0.0);
    some.placebo.learning_sd_log = units::LogUnits(0.0);
  }
  if (step < 4) {
    some.placebo.tolerance_gain_s = units::Seconds(0.0);
    some.placebo.motivation_log = units::LogUnits(0.0);
    some.placebo.motivation_sd_log = units::LogUnits(0.0);
  }
  if (step < 5) {
    some.placebo.reporting_median = 1.0;
    some.placebo.reporting_sd_log = units::LogUnits(0.0);
  }
  return some;
}

void add_to(Decomposition& decomposition, const Conditions& conditions, const Candidate& candidate,
            const random::Streams& streams, std::size_t visit) {
  const study::StudySpec& spec = conditions.spec;
  const int week = conditions.visit_weeks[visit];
  const double before_s = candidate.baseline_exercise_s();
  decomposition.angina_per_week[0].add(candidate.record.diary.episodes_per_week());
  decomposition.exercise_change_s[0].add(0.0);
  for (std::size_t step = 1; step < decomposition_steps.size(); ++step) {
    const symptoms::Parameters terms = with_terms_up_to(spec.symptoms, step);
    symptoms::Course course(terms, candidate.patient, streams, candidate.perfusion.threshold,
                            conditions.calendar(candidate.patient.id), true);
    assessment::DiaryWindow diary;
    for (int w = std::max(1, week - spec.protocol.diary_weeks + 1); w <= week; ++w) {
      assessment::add_week(spec.assessment.diary, course.follow_up(w, 0.0),
                           conditions.injection_week + w, streams, diary);
    }
    const assessment::ExerciseTest test = assessment::run_test(
        spec.assessment.treadmill, conditions.treadmill,
        terms.daily_life.threshold_coupling_log.value(), candidate.patient,
        course.follow_up(week, 0.0),
        streams.at(random::Purpose::exercise_test,
                   follow_up_tests + static_cast<std::uint32_t>(spec.visits[visit].month)));
    if (diary.days_observed > 0) {
      decomposition.angina_per_week[step].add(diary.episodes_per_week());
    }
    decomposition.exercise_change_s[step].add(test.total_s.value() - before_s);
  }
}

namespace {

/// The visit at which the placebo change is taken apart: month 6, else the last.
std::size_t decomposition_visit(const study::StudySpec& spec) {
  for (std::size_t k = 0; k < spec.visits.size(); ++k) {
    if (spec.visits[k].month == 6) return k;
  }
  return spec.visits.size() - 1;
}

}  // namespace

Decomposition decompose(const Conditions& conditions, const std::string& scenario,
                        std::uint32_t replicate) {
  Decomposition parts;
  parts.scenario = scenario;
  Candidate candidate;
  const auto most = static_cast<std::uint32_t>(conditions.spec.protocol.most_candidates);
  const std::size_t visit = decomposition_visit(conditions.spec);
  int enrolled = 0;
  for (std::uint32_t id = 0; id < most && enrolled < conditions.spec.protocol.randomised; ++id) {
    screen(conditions, replicate, id, candidate);
    if (candidate.outcome != Outcome::eligible) continue;
    ++enrolled;
    add_to(parts, conditions, candidate, conditions.streams(replicate, id), visit);
  }
  return parts;
}

}  // namespace angiotrial::trial
