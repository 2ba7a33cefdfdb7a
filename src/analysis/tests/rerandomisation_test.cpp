// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/finkelstein_schoenfeld.hpp>
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace angiotrial::analysis {
namespace {

std::vector<double> outcomes(std::uint64_t seed, std::uint32_t patients, double step = 0.5) {
  std::vector<double> out;
  for (std::uint32_t i = 0; i < patients; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    out.push_back(step * std::round(draw.normal() / step));
  }
  return out;
}

std::vector<int> alternating(std::size_t patients) {
  std::vector<int> arm;
  for (std::size_t i = 0; i < patients; ++i) arm.push_back(static_cast<int>(i % 2));
  return arm;
}

ArmStatistic mean_difference(const std::vector<double>& y) {
  return [&y](std::span<const int> arm) {
    double sum[2] = {0.0, 0.0};
    double n[2] = {0.0, 0.0};
    for (std::size_t i = 0; i < y.size(); ++i) {
      sum[arm[i]] += y[i];
      n[arm[i]] += 1.0;
    }
    return sum[1] / n[1] - sum[0] / n[0];
  };
}

/// The sum in arm 1 less that in arm 0.
ArmStatistic centred_sum(const std::vector<double>& y) {
  return [&y](std::span<const int> arm) {
    double sum = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += arm[i] == 1 ? y[i] : -y[i];
    return sum;
  };
}

/// Mann-Whitney count less its mean: the rank sum less its mean.
ArmStatistic centred_rank_sum(const std::vector<double>& y) {
  return [&y](std::span<const int> arm) {
    double sum = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double sign = y[i] > y[j] ? 0.5 : y[i] < y[j] ? -0.5 : 0.0;
        sum += sign * (arm[i] - arm[j]);
      }
    }
    return sum;
  };
}

/// How often each allocation comes up, in `replicates`.
std::map<std::vector<int>, double> frequencies(const Assign& assign, std::size_t patients,
                                               std::uint32_t replicates = 20000) {
  std::map<std::vector<int>, double> out;
  std::vector<int> arm(patients);
  for (std::uint32_t r = 0; r < replicates; ++r) {
    assign(r, arm);
    out[arm] += 1.0 / replicates;
  }
  return out;
}

/// Five standard errors of a frequency among 20,000.
double allowed(double p) { return 5.0 * std::sqrt(p * (1.0 - p) / 20000.0); }

// --- schemes -------------------------------------------------------------------------------------

TEST(AllocationSchemes, complete_allocations_are_equally_likely) {
  const auto seen = frequencies(replay(CompleteAllocation{{2, 3, 1}}, 1), 6);
  EXPECT_EQ(seen.size(), 60U);
  for (const auto& [arm, f] : seen) EXPECT_NEAR(f, 1.0 / 60.0, allowed(1.0 / 60.0));
}

TEST(AllocationSchemes, blocks_hold_the_ratio_in_every_stratum_and_all_orders_come_up) {
  const std::vector<int> stratum{0, 1, 0, 0, 1, 1, 0, 1, 1};
  const Assign assign = replay(BlockAllocation{{2, 1}, {1}, stratum}, 2);
  std::vector<int> arm(9);
  for (std::uint32_t r = 0; r < 200; ++r) {
    assign(r, arm);
    EXPECT_EQ(arm[0] + arm[2] + arm[3], 1);
    EXPECT_EQ(arm[1] + arm[4] + arm[5], 1);
  }
  const auto seen = frequencies(replay(BlockAllocation{{1, 1}, {1, 2}, {}}, 3), 2);
  // A block of two: 01 or 10; of four: two of the six orders begin alike.
  for (const auto& [start, chance] :
       {std::pair{std::vector{0, 1}, 5.0 / 12.0}, {std::vector{0, 0}, 1.0 / 12.0}}) {
    EXPECT_NEAR(seen.at(start), chance, allowed(chance));
  }
}

TEST(AllocationSchemes, minimisation_follows_its_rule_with_the_chance_of_its_coin) {
  // One factor with one level: an even trial tosses, an uneven one favours the smaller arm.
  const auto one =
      frequencies(replay(MinimisationAllocation{{1, 1}, 0.8, std::vector<int>(3, 0), 1, {}}, 4), 3);
  for (const auto& [start, chance] : {std::pair{std::vector{0, 1, 0}, 0.2},
                                      {std::vector{0, 0, 1}, 0.08},
                                      {std::vector{1, 1, 1}, 0.02}}) {
    EXPECT_NEAR(one.at(start), chance, allowed(chance));
  }
  // 2:1, first patient: shares 1/2 - 0 or 1 - 0, so arm 0 is favoured.
  const auto two = frequencies(replay(MinimisationAllocation{{2, 1}, 0.7, {0}, 1, {}}, 5), 1);
  EXPECT_NEAR(two.at({0}), 0.7, allowed(0.7));
  // Two factors, a sure coin: the third patient shares one level with each of the others. With
  // weights 1 and 3 the second factor decides, so he goes to the arm that its patient is not in.
  const auto weighted = frequencies(
      replay(MinimisationAllocation{{1, 1}, 1.0, {0, 0, 1, 1, 0, 1}, 2, {1.0, 3.0}}, 6), 3);
  for (const auto& [arm, f] : weighted) EXPECT_NE(arm[2], arm[1]);
}

TEST(AllocationSchemes, coins_and_urns_have_their_chances) {
  const auto efron = frequencies(replay(BiasedCoinAllocation{0.75, {}}, 7), 3);
  EXPECT_NEAR(efron.at({0, 1, 1}), 0.5 * 0.75 * 0.5, allowed(0.2));
  EXPECT_NEAR(efron.at({0, 0, 0}), 0.5 * 0.25 * 0.25, allowed(0.03));
  const auto urn = frequencies(replay(UrnAllocation{1, 1}, 8), 3);
  // 0 drawn: one more ball of arm 1, then 1/3 for arm 0; again: 1/4.
  EXPECT_NEAR(urn.at({0, 0, 0}), 0.5 / 3.0 / 4.0, allowed(0.04));
  EXPECT_NEAR(urn.at({0, 1, 0}), 0.5 * 2.0 / 3.0 * 0.5, allowed(0.17));
  const auto simple = frequencies(replay(SimpleAllocation{{3, 1}}, 9), 2);
  EXPECT_NEAR(simple.at({0, 0}), 9.0 / 16.0, allowed(0.56));
}

TEST(AllocationSchemes, complete_allocations_in_strata_keep_the_sizes_of_each) {
  const std::vector<int> stratum{0, 1, 0, 0, 1};
  const auto seen = frequencies(replay(CompleteAllocation{{2, 1, 0, 2}, stratum}, 1), 5);
  EXPECT_EQ(seen.size(), 3U);
  for (const auto& [arm, f] : seen) {
    EXPECT_EQ(arm[1] + arm[4], 2);
    EXPECT_NEAR(f, 1.0 / 3.0, allowed(1.0 / 3.0));
  }
}

TEST(AllocationSchemes, what_a_scheme_gives_is_possible_and_what_it_never_gives_is_not) {
  const std::vector<int> stratum{0, 1, 0, 0, 1, 1, 0};
  const std::vector<int> factors{0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 0};
  const BlockAllocation blocks{{2, 1}, {1, 2}, stratum};
  const MinimisationAllocation sure{{1, 1}, 1.0, factors, 2, {}};
  const BiasedCoinAllocation coin{1.0, stratum};
  const auto agrees = [&](const auto& scheme) {
    const auto seen = frequencies(replay(scheme, 3), 7);
    std::vector<int> arm(7);
    std::size_t possible = 0;
    for (unsigned code = 0; code < 128; ++code) {
      for (std::size_t i = 0; i < 7; ++i) arm[i] = static_cast<int>(code >> i & 1U);
      const bool can = !first_impossible(scheme, arm).has_value();
      possible += can ? 1 : 0;
      EXPECT_EQ(can, seen.contains(arm)) << code;
    }
    EXPECT_LT(possible, 128U);
  };
  agrees(blocks);
  agrees(sure);
  agrees(coin);
  EXPECT_EQ(first_impossible(BlockAllocation{{1, 1}}, std::vector{0, 1, 1, 1}), 3U);
  EXPECT_FALSE(first_impossible(BiasedCoinAllocation{0.9, {}}, std::vector{1, 1, 1}).has_value());
}

TEST(AllocationSchemes, the_unit_of_the_weights_does_not_matter_to_minimisation) {
  std::vector<int> factors;
  for (int i = 0; i < 60; ++i) factors.push_back(i * i / 3 % 2);
  const auto drawn = [&](double unit, std::uint32_t replicate) {
    std::vector<int> arm(20);
    replay(MinimisationAllocation{{3, 2, 1}, 0.8, factors, 3, {unit, 2.0 * unit, 4.0 * unit}}, 1)(
        replicate, arm);
    return arm;
  };
  for (std::uint32_t r = 0; r < 50; ++r) {
    EXPECT_EQ(drawn(std::ldexp(1.0, -45), r), drawn(1.0, r)) << r;
    EXPECT_EQ(drawn(std::ldexp(1.0, 17), r), drawn(1.0, r)) << r;
  }
  const MinimisationAllocation sure{{1, 1}, 1.0, {0, 0}, 1, {1.0e-13}};
  EXPECT_EQ(first_impossible(sure, std::vector{0, 0}), 1U);
}

/// An occasion of a stream holds 131,072 draws.
TEST(AllocationSchemes, trials_and_blocks_may_need_more_draws_than_one_occasion_has) {
  constexpr std::size_t occasion = 131072, more = 1000;
  std::vector<int> arm(occasion + more), few(more);
  const Assign simple = replay(SimpleAllocation{{1, 1}}, 1);
  simple(0, arm);
  simple(0, few);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), arm.begin()));
  int alike = 0;
  for (std::size_t i = 0; i < more; ++i) alike += few[i] == arm[occasion + i] ? 1 : 0;
  EXPECT_NEAR(alike, 500.0, 5.0 * std::sqrt(250.0));
  const auto in_one = [](const Assign& assign, std::size_t patients) {
    std::vector<int> drawn(patients);
    assign(0, drawn);
    return std::accumulate(drawn.begin(), drawn.end(), 0);
  };
  EXPECT_EQ(in_one(replay(BlockAllocation{{100, 100}, {1000}, {}}, 1), 200000), 100000);
  const MinimisationAllocation sure{{1, 1}, 1.0, std::vector<int>(70000, 0), 1, {}};
  EXPECT_EQ(in_one(replay(sure, 1), 70000), 35000);
}

TEST(AllocationSchemes, broken_parameters_violate_the_contract) {
  using diagnostics::ContractViolation;
  EXPECT_THROW(static_cast<void>(replay(SimpleAllocation{{1, 0}}, 1)), ContractViolation);
  EXPECT_THROW(static_cast<void>(replay(BlockAllocation{{}, {1}, {}}, 1)), ContractViolation);
  EXPECT_THROW(static_cast<void>(replay(BiasedCoinAllocation{0.3, {}}, 1)), ContractViolation);
  std::vector<int> arm(3);
  EXPECT_THROW(replay(CompleteAllocation{{1, 1}}, 1)(0, arm), ContractViolation);
}

// --- tests ---------------------------------------------------------------------------------------

RC_GTEST_PROP(Rerandomisation, type_one_error_by_enumeration_never_exceeds_the_level, ()) {
  const auto y = outcomes(*rc::gen::inRange<std::uint64_t>(1, 100000), 7);
  const RandomisationTail tail = *rc::gen::element(
      RandomisationTail::two_sided, RandomisationTail::greater, RandomisationTail::less);
  std::vector<int> arm{0, 0, 0, 0, 1, 1, 1};
  std::vector<double> p;
  do {
    p.push_back(enumeration_test(arm, centred_rank_sum(y), {tail}).p_value);
  } while (std::next_permutation(arm.begin(), arm.end()));
  RC_ASSERT(p.size() == 35U);
  for (const double level : p) {
    const auto rejected = std::count_if(p.begin(), p.end(), [&](double v) { return v <= level; });
    // At an attainable level the test is exact.
    RC_ASSERT(std::fabs(static_cast<double>(rejected) / 35.0 - level) < 1.0e-12);
  }
}

RC_GTEST_PROP(Rerandomisation, drawn_blocks_keep_the_level_whatever_the_outcomes, ()) {
  // The sharp null: outcomes fixed with a trend that blocks remove, arms from the scheme itself.
  // Each of the 2^4 allocations is the trial once; 19 more are drawn: p <= 0.1 in two of twenty.
  auto y = outcomes(*rc::gen::inRange<std::uint64_t>(1, 100000), 8, 1.0e-6);
  for (std::size_t i = 0; i < 8; ++i) y[i] += static_cast<double>(i);
  const std::uint64_t seed = *rc::gen::inRange<std::uint64_t>(1, 1000000);
  double rejected = 0.0;
  for (std::uint32_t t = 0; t < 160; ++t) {
    std::vector<int> arm(8);
    for (std::size_t b = 0; b < 4; ++b) {
      arm[2 * b] = static_cast<int>(t >> b & 1U);
      arm[2 * b + 1] = 1 - arm[2 * b];
    }
    const auto r = rerandomisation_test(arm, replay(BlockAllocation{{1, 1}}, seed + t),
                                        mean_difference(y), {19, RandomisationTail::two_sided});
    if (r.p_value <= 0.1) rejected += 1.0;
  }
  // Five binomial standard errors above the level.
  RC_ASSERT(rejected / 160.0 <= 0.1 + 5.0 * std::sqrt(0.09 / 160.0));
}

TEST(Rerandomisation, drawing_and_enumeration_and_the_permutation_test_agree) {
  const auto y = outcomes(12, 14);
  const auto arm = alternating(14);
  const auto exact = enumeration_test(arm, centred_rank_sum(y));
  ASSERT_EQ(exact.status, RerandomisationStatus::tested);
  EXPECT_EQ(exact.allocations, 3432U);
  std::vector<double> a, b;
  for (std::size_t i = 0; i < 14; ++i) (arm[i] == 1 ? a : b).push_back(y[i]);
  EXPECT_NEAR(exact.p_value, *wilcoxon(a, b).p_exact, 1.0e-12);
  RerandomisationOptions options;
  options.level = 0.9999;
  const auto drawn = rerandomisation_test(arm, replay(CompleteAllocation{{7, 7}}, 3),
                                          centred_rank_sum(y), options);
  EXPECT_EQ(drawn.allocations, 9999U);
  EXPECT_LT(drawn.monte_carlo_lower, exact.p_value);
  EXPECT_GT(drawn.monte_carlo_upper, exact.p_value);
  EXPECT_LT(drawn.monte_carlo_upper - drawn.monte_carlo_lower, 0.05);
  const auto again = rerandomisation_test(arm, replay(CompleteAllocation{{7, 7}}, 3),
                                          centred_rank_sum(y), options);
  EXPECT_EQ(again.extreme, drawn.extreme);
}

TEST(Rerandomisation, wins_less_losses_over_all_allocations_have_the_score_test_s_variance) {
  const auto time = outcomes(31, 10);
  const auto score = outcomes(32, 10);
  std::vector<int> event;
  for (std::size_t i = 0; i < 10; ++i) event.push_back(i % 3 == 0 ? 0 : 1);
  const std::vector<WinTier> tiers{{TierKind::event_time, time, event},
                                   {TierKind::value, score, {}}};
  const auto arm = alternating(10);
  WinWorkspace workspace;
  const auto fs = finkelstein_schoenfeld({arm, tiers, {}}, {}, workspace);
  double sum = 0.0;
  double square = 0.0;
  const auto difference = [&](std::span<const int> a) {
    const WinStatistics& r = win_statistics({a, tiers, {}}, {}, workspace);
    const auto d = static_cast<double>(r.counts.wins - r.counts.losses);
    sum += d;
    square += d * d;
    return d;
  };
  EXPECT_EQ(difference(arm), fs.statistic);
  sum = square = 0.0;
  const auto r = enumeration_test(arm, difference);
  // The trial's own allocation was evaluated once more.
  sum -= r.observed;
  square -= r.observed * r.observed;
  EXPECT_EQ(r.allocations, 252U);
  EXPECT_EQ(sum, 0.0);
  EXPECT_NEAR(square / 252.0, fs.variance, 1.0e-10);
}

TEST(Rerandomisation, equal_statistics_that_differ_by_rounding_are_equal) {
  const std::vector<double> y{1e6 + 0.3, 1e6 + 0.4, 1e6 + 0.1, 1e6, 1e6 + 0.2, 1e6 + 0.2};
  const std::vector<int> arm{1, 1, 0, 0, 1, 0};
  EnumerationOptions options;
  options.equal_within = rounding_of_means(y, 1e6);
  // Sums of whole numbers are exact.
  const std::vector<double> tenths{3, 4, 1, 0, 2, 2};
  EXPECT_EQ(enumeration_test(arm, mean_difference(y), options).extreme,
            enumeration_test(arm, centred_sum(tenths)).extreme);
}

TEST(Rerandomisation, says_why_it_refuses) {
  const auto y = outcomes(5, 40);
  const auto arm = alternating(40);
  const auto assign = replay(BlockAllocation{{1, 1}}, 1);
  EXPECT_EQ(enumeration_test(arm, mean_difference(y)).status, RerandomisationStatus::too_many);
  EXPECT_EQ(rerandomisation_test({}, assign, mean_difference(y)).status,
            RerandomisationStatus::invalid_input);
  const auto undefined = [](std::span<const int>) { return std::nan(""); };
  EXPECT_EQ(rerandomisation_test(arm, assign, undefined).status, RerandomisationStatus::undefined);
  // A statistic undefined elsewhere counts against the trial.
  const auto here = [&](std::span<const int> a) {
    return std::equal(a.begin(), a.end(), arm.begin()) ? 1.0 : std::nan("");
  };
  EXPECT_EQ(rerandomisation_test(arm, assign, here).p_value, 1.0);
  const std::vector<int> all(40, 1);
  EXPECT_EQ(rerandomisation_shift({y, all}, assign, ShiftStatistic::rank_sum).status,
            RerandomisationStatus::empty_arm);
  EXPECT_EQ(name_of(RerandomisationStatus::too_many), "too many");
}

// --- shift ---------------------------------------------------------------------------------------

double one_sided(const std::vector<double>& y, const std::vector<int>& arm, double d,
                 RandomisationTail tail, ShiftStatistic statistic, const Assign& assign) {
  auto moved = y;
  for (std::size_t i = 0; i < y.size(); ++i) moved[i] -= d * arm[i];
  const auto t =
      statistic == ShiftStatistic::rank_sum ? centred_rank_sum(moved) : mean_difference(moved);
  return rerandomisation_test(arm, assign, t, {199, tail}).p_value;
}

RC_GTEST_PROP(RerandomisationShift, interval_holds_what_the_tests_do_not_reject, ()) {
  const std::uint64_t seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  const auto statistic =
      *rc::gen::element(ShiftStatistic::mean_difference, ShiftStatistic::rank_sum);
  const auto y = outcomes(seed, 16, 1.0e-3);
  const auto arm = alternating(16);
  const auto assign = replay(BlockAllocation{{1, 1}, {2}}, seed);
  RerandomisationOptions options;
  options.replicates = 199;
  options.level = 0.9;
  const auto r = rerandomisation_shift({y, arm}, assign, statistic, options);
  RC_ASSERT(r.status == RerandomisationStatus::tested);
  RC_PRE(std::isfinite(r.lower) && std::isfinite(r.upper));
  RC_ASSERT(r.lower <= r.estimate && r.estimate <= r.upper);
  const double a_little = 1.0e-7;
  const auto p = [&](double d, RandomisationTail tail) {
    return one_sided(y, arm, d, tail, statistic, assign);
  };
  RC_ASSERT(p(r.lower + a_little, RandomisationTail::greater) > 0.05);
  RC_ASSERT(p(r.lower - a_little, RandomisationTail::greater) <= 0.05);
  RC_ASSERT(p(r.upper - a_little, RandomisationTail::less) > 0.05);
  RC_ASSERT(p(r.upper + a_little, RandomisationTail::less) <= 0.05);
}

TEST(RerandomisationShift, moves_with_the_outcomes_and_needs_replicates_for_its_level) {
  const auto y = outcomes(21, 30, 1.0e-3);
  const auto arm = alternating(30);
  const auto assign = replay(CompleteAllocation{{15, 15}}, 2);
  for (const ShiftStatistic s : {ShiftStatistic::mean_difference, ShiftStatistic::rank_sum}) {
    RerandomisationOptions options;
    options.replicates = 999;
    const auto before = rerandomisation_shift({y, arm}, assign, s, options);
    auto moved = y;
    for (std::size_t i = 0; i < 30; ++i) moved[i] += 4.0 * arm[i];
    const auto after = rerandomisation_shift({moved, arm}, assign, s, options);
    EXPECT_NEAR(after.lower, before.lower + 4.0, 1.0e-9);
    EXPECT_NEAR(after.upper, before.upper + 4.0, 1.0e-9);
    options.replicates = 19;
    EXPECT_TRUE(std::isinf(rerandomisation_shift({y, arm}, assign, s, options).upper));
  }
  // Under complete randomisation the rank interval is Moses' and Lehmann's, up to the draws.
  std::vector<double> a, b;
  for (std::size_t i = 0; i < 30; ++i) (arm[i] == 1 ? a : b).push_back(y[i]);
  const auto exact = wilcoxon(a, b).exact_interval.value();
  const auto drawn = rerandomisation_shift({y, arm}, assign, ShiftStatistic::rank_sum);
  EXPECT_NEAR(drawn.lower, exact.lower, 0.1);
  EXPECT_NEAR(drawn.upper, exact.upper, 0.1);
}

}  // namespace
}  // namespace angiotrial::analysis
