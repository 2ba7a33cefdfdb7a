// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/allocation/eligibility.hpp>
#include <angiotrial/allocation/randomisation.hpp>
#include <angiotrial/schema/ledger.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace angiotrial::allocation {
namespace {

TEST(Parameters, AreDescribedWithUnitsRangesAndSources) {
  EXPECT_EQ(schema::audit(Parameters{}), std::vector<std::string>{});
}

TEST(Referral, IsHalfAtTheHalfPointAndRisesWithAttacks) {
  const Referral referral;
  EXPECT_NEAR(referral_probability(referral, units::PerWeek(14.5)), 0.5, 1e-12);
  EXPECT_NEAR(referral_probability(referral, units::PerWeek(29.0)), 0.8, 1e-12);
  EXPECT_LT(referral_probability(referral, units::PerWeek(3)), 0.05);
  EXPECT_EQ(referral_probability(referral, units::PerWeek(0)), 0.0);
}

assessment::ExerciseTest test_of(double total_s, bool angina = true) {
  assessment::ExerciseTest test;
  test.total_s = units::Seconds(total_s);
  test.limited_by_angina = angina;
  return test;
}

Verdict tests(std::vector<assessment::ExerciseTest> records) {
  assessment::ScreeningRecord record;
  record.tests = std::move(records);
  return judge_tests(EntryRules{}, record);
}

TEST(Eligibility, AppliesEachRuleOfTheProtocol) {
  cohort::Chart chart;
  chart.age_years = units::Years(64);
  chart.lvef_fraction = units::Fraction(0.5);
  EXPECT_EQ(judge_chart({}, chart), Verdict::eligible);
  chart.age_years = units::Years(81);
  EXPECT_EQ(judge_chart({}, chart), Verdict::age);
  chart.age_years = units::Years(64);
  chart.lvef_fraction = units::Fraction(0.2);
  EXPECT_EQ(judge_chart({}, chart), Verdict::ejection_fraction);

  assessment::ScreeningRecord record;
  EXPECT_EQ(judge_diary({}, record), Verdict::too_few_attacks);
  record.diary = {28, 0, 28};
  EXPECT_EQ(judge_diary({}, record), Verdict::eligible);
  record.diary = {27, 0, 28};
  EXPECT_EQ(judge_diary({}, record), Verdict::too_few_attacks);
  record.ccs_class = 2;
  EXPECT_EQ(judge_class({}, record), Verdict::ccs_class);

  EXPECT_EQ(tests({test_of(300), test_of(390)}), Verdict::eligible);
  EXPECT_EQ(tests({test_of(179)}), Verdict::test_too_short);
  EXPECT_EQ(tests({test_of(601)}), Verdict::test_too_long);
  EXPECT_EQ(tests({test_of(300), test_of(401)}), Verdict::tests_disagree);
  EXPECT_EQ(tests({test_of(300), test_of(310, false)}), Verdict::not_limited_by_angina);
}

std::vector<int> allocate(Scheme scheme, std::vector<int> ratio, int n,
                          std::uint32_t replicate = 0) {
  Randomisation parameters;
  parameters.scheme = scheme;
  Allocator allocator(parameters, std::move(ratio), 99, replicate);
  std::vector<int> arms;
  for (int i = 0; i < n; ++i) {
    const std::array<int, 2> strata{i % 2, (i / 3) % 2};
    arms.push_back(allocator.next(static_cast<std::uint32_t>(i), strata));
  }
  return arms;
}

TEST(PermutedBlocks, KeepTheRatioInEveryBlock) {
  const auto arms = allocate(Scheme::permuted_blocks, {2, 1, 1}, 160);
  for (std::size_t start = 0; start < arms.size(); start += 8) {
    std::array<int, 3> counts{};
    for (std::size_t i = start; i < start + 8; ++i) ++counts[static_cast<std::size_t>(arms[i])];
    EXPECT_EQ(counts, (std::array<int, 3>{4, 2, 2}));
  }
}

TEST(PermutedBlocks, EveryPositionIsEquallyOftenEachArm) {
  std::array<int, 3> first{};
  constexpr int replicates = 6000;
  for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
    ++first[static_cast<std::size_t>(
        allocate(Scheme::permuted_blocks, {1, 1, 1}, 1, replicate)[0])];
  }
  for (const int count : first) {
    EXPECT_NEAR(count, replicates / 3.0, 4.5 * std::sqrt(replicates * 2.0 / 9.0));
  }
}

TEST(StratifiedBlocks, BalanceEachStratum) {
  const auto arms = allocate(Scheme::stratified_blocks, {1, 1}, 240);
  for (int a = 0; a < 2; ++a) {
    for (int b = 0; b < 2; ++b) {
      int difference = 0;
      for (int i = 0; i < 240; ++i) {
        if (i % 2 == a && (i / 3) % 2 == b)
          difference += arms[static_cast<std::size_t>(i)] ? 1 : -1;
      }
      EXPECT_LE(std::abs(difference), 2) << a << b;
    }
  }
}

TEST(Minimisation, BalancesMarginsBetterThanACoin) {
  double squares = 0.0;
  constexpr std::uint32_t replicates = 300;
  for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
    const auto arms = allocate(Scheme::minimisation, {1, 1}, 100, replicate);
    double margin = 0.0;
    for (std::size_t i = 0; i < 100; i += 2) margin += arms[i] ? 1.0 : -1.0;
    squares += margin * margin;
  }
  EXPECT_LT(squares / replicates, 25.0);  // a coin gives 50
}

TEST(Allocator, IsAFunctionOfSeedAndReplicate) {
  EXPECT_EQ(allocate(Scheme::minimisation, {1, 1, 1}, 60, 4),
            allocate(Scheme::minimisation, {1, 1, 1}, 60, 4));
  EXPECT_NE(allocate(Scheme::permuted_blocks, {1, 1, 1}, 60, 4),
            allocate(Scheme::permuted_blocks, {1, 1, 1}, 60, 5));
}

}  // namespace
}  // namespace angiotrial::allocation
