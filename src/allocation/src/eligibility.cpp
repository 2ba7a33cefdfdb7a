// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/allocation/eligibility.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::allocation {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::eligible:
      return "eligible";
    case Verdict::age:
      return "age outside the window";
    case Verdict::ejection_fraction:
      return "ejection fraction too low";
    case Verdict::too_few_attacks:
      return "too few attacks in the diary";
    case Verdict::ccs_class:
      return "CCS class too low";
    case Verdict::test_too_short:
      return "exercise test too short";
    case Verdict::test_too_long:
      return "exercise test too long";
    case Verdict::tests_disagree:
      return "exercise tests disagree";
    case Verdict::not_limited_by_angina:
      return "exercise test not limited by angina";
  }
  return "";
}

double referral_probability(const Referral& parameters, units::PerWeek felt) {
  return random::inverse_logit(parameters.slope * std::log(felt / parameters.half_point_per_week));
}

Verdict judge_chart(const EntryRules& rules, const cohort::Chart& chart) {
  if (chart.age_years < rules.least_age_years || chart.age_years > rules.most_age_years) {
    return Verdict::age;
  }
  if (chart.lvef_fraction < rules.least_lvef_fraction) return Verdict::ejection_fraction;
  return Verdict::eligible;
}

Verdict judge_diary(const EntryRules& rules, const assessment::ScreeningRecord& record) {
  if (record.diary.days_observed == 0) return Verdict::too_few_attacks;
  return record.diary.episodes_per_week() >= rules.least_attacks_per_week.value()
             ? Verdict::eligible
             : Verdict::too_few_attacks;
}

Verdict judge_class(const EntryRules& rules, const assessment::ScreeningRecord& record) {
  return record.ccs_class >= rules.least_ccs_class ? Verdict::eligible : Verdict::ccs_class;
}

Verdict judge_tests(const EntryRules& rules, const assessment::ScreeningRecord& record) {
  ANGIOTRIAL_EXPECT(!record.tests.empty(), "at least one test was taken");
  double shortest_s = record.tests.front().total_s.value(), longest_s = shortest_s;
  for (const assessment::ExerciseTest& test : record.tests) {
    if (test.total_s < rules.shortest_test_s) return Verdict::test_too_short;
    if (test.total_s > rules.longest_test_s) return Verdict::test_too_long;
    if (rules.tests_limited_by_angina && !test.limited_by_angina) {
      return Verdict::not_limited_by_angina;
    }
    shortest_s = std::min(shortest_s, test.total_s.value());
    longest_s = std::max(longest_s, test.total_s.value());
  }
  const bool agree =
      longest_s - shortest_s <= rules.tests_agree_within_fraction.value() * longest_s;
  return agree ? Verdict::eligible : Verdict::tests_disagree;
}

}  // namespace angiotrial::allocation
