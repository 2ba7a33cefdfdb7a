// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/allocation/parameters.hpp>
#include <angiotrial/assessment/visit.hpp>
#include <angiotrial/cohort/patient.hpp>

#include <string_view>

namespace angiotrial::allocation {

/// Verdict of screening, in the order in which the rules are applied; the first broken rule counts.
enum class Verdict {
  eligible,
  age,
  ejection_fraction,
  too_few_attacks,
  ccs_class,
  test_too_short,
  test_too_long,
  tests_disagree,
  not_limited_by_angina,
};
inline constexpr int verdict_count = 9;
[[nodiscard]] std::string_view name_of(Verdict verdict);

/// Probability that a candidate reaches a trial centre, before any consent:
///
///     logistic( kap (ln Lambda - ln R0) )
///
/// with Lambda the attacks felt at the time. The rest of regression to the mean comes from the
/// entry rules themselves.
[[nodiscard]] double referral_probability(const Referral& parameters, units::PerWeek felt);

/// Age and ejection fraction, known from the chart.
[[nodiscard]] Verdict judge_chart(const EntryRules& rules, const cohort::Chart& chart);
/// Mean of the screening diary. A diary with no day filled in holds too few attacks.
[[nodiscard]] Verdict judge_diary(const EntryRules& rules,
                                  const assessment::ScreeningRecord& record);
[[nodiscard]] Verdict judge_class(const EntryRules& rules,
                                  const assessment::ScreeningRecord& record);
/// Duration, agreement and limitation of the tests taken so far (at least one). Two tests agree
/// when they differ by no more than the given share of the longer one.
[[nodiscard]] Verdict judge_tests(const EntryRules& rules,
                                  const assessment::ScreeningRecord& record);

}  // namespace angiotrial::allocation
