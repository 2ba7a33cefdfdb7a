// SPDX-License-Identifier: Apache-2.0
// Adaptive designs where nothing is left to go on, stages contradict each other, or futility binds.
#include <angiotrial/analysis/design/adaptive_analysis.hpp>
#include <angiotrial/analysis/design/closed_testing.hpp>
#include <angiotrial/analysis/design/re_estimation.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

AdaptivePlan plan_of(StageRule rule, std::vector<double> information) {
  AdaptivePlan plan;
  plan.rule = rule;
  plan.information = std::move(information);
  return plan;
}

AdaptivePlan with_futility(AdaptivePlan plan, std::vector<double> futility, bool binding) {
  plan.futility = std::move(futility);
  plan.binding = binding;
  return plan;
}

// --- nothing is left to go on --------------------------------------------------------------------

TEST(AdaptiveLimits, looks_after_one_that_no_trial_passes_have_probability_0) {
  // Between 2 and 2 nothing goes on; later looks have a range of their own.
  const auto p =
      stage_probabilities(std::vector{2.0, -1.0, -1.0, 2.0}, std::vector{2.0, 2.0, 2.0, 2.0},
                          std::vector{0.25, 0.5, 0.75, 1.0}, 0.0);
  EXPECT_NEAR(p.upper[0], quadrature::normal_cdf(-2.0), 1e-14);
  for (const std::size_t k : {1U, 2U, 3U}) EXPECT_EQ(p.upper[k], 0.0) << k;
}

TEST(AdaptiveLimits, conditional_power_is_1_where_the_next_stage_decides_alone) {
  const AdaptiveDesign d =
      plan_adaptive(plan_of(StageRule::inverse_normal, {0.25, 0.5, 0.75, 1.0}));
  const auto power = conditional_power(d, 0, 2.0, std::vector{40.0, 1.0, 1.0});
  ASSERT_EQ(power.size(), 3U);
  for (const double p : power) EXPECT_NEAR(p, 1.0, 1e-12);
}

// --- futility ------------------------------------------------------------------------------------

TEST(AdaptiveLimits, conditional_rejection_counts_on_futility_that_binds_alone) {
  const AdaptivePlan plan = plan_of(StageRule::inverse_normal, {0.3, 0.6, 1.0});
  const double without = conditional_rejection_probability(plan_adaptive(plan), 0, 1.0);
  const AdaptiveDesign free = plan_adaptive(with_futility(plan, {-1.0, 1.0}, false));
  EXPECT_EQ(conditional_rejection_probability(free, 0, 1.0), without);
  // Conditional power obeys the bounds, binding or not.
  EXPECT_LT(conditional_power(free, 0, 1.0, std::vector{0.0, 0.0}).back(), without - 1e-3);
  // What binds belongs to the level: the average over the trials that go on is the level left.
  const AdaptiveDesign bound = plan_adaptive(with_futility(plan, {-1.0, 1.0}, true));
  double sum = bound.spent[0];
  quadrature::for_each_panel_node<16>(-1.0, bound.critical[0], 0.5, [&](double z, double w) {
    sum += w * quadrature::normal_density(z) * conditional_rejection_probability(bound, 0, z);
  });
  EXPECT_NEAR(sum, 0.025, 1e-10);
}

TEST(AdaptiveLimits, a_look_that_stops_for_binding_futility_rejects_nothing_later) {
  const std::vector<MeansStage> stages{{50, 50, -0.05, 0.0, 1.0, 1.0}};
  for (const auto& [rule, bound] :
       {std::pair{StageRule::inverse_normal, 0.0}, std::pair{StageRule::group_sequential, 0.0},
        std::pair{StageRule::fisher, 0.5}}) {
    for (const bool binding : {false, true}) {
      const AdaptiveDesign d =
          plan_adaptive(with_futility(plan_of(rule, {0.5, 1.0}), {bound}, binding));
      const MeansTrial trial{stages};
      const auto a = analyse_stages(d, trial);
      ASSERT_EQ(a.status, StageStatus::analysed);
      EXPECT_TRUE(a.stages[0].futile);
      EXPECT_EQ(*a.stages[0].conditional_rejection == 0.0, binding);
      EXPECT_EQ(conditional_power(d, trial, a, FurtherMeans{{100.0}, 0.5, 1.0, 1.0}).empty(),
                binding);
      EXPECT_EQ(a.stopped.has_value() && a.stopped->for_futility, binding);
    }
  }
}

// --- stages that contradict each other -----------------------------------------------------------

TEST(AdaptiveLimits, stages_beyond_all_doubles_of_opposite_signs_add_up) {
  const std::vector<MeansStage> stages{{400, 400, 1e9, 0.0, 1.0, 1.0},
                                       {400, 400, -1e9, 0.0, 1.0, 1.0}};
  for (const auto variance : {StageVariance::pooled, StageVariance::welch}) {
    const auto a = analyse_stages(plan_adaptive(plan_of(StageRule::inverse_normal, {0.5, 1.0})),
                                  MeansTrial{stages, 0.0, Favours::larger, variance});
    ASSERT_EQ(a.status, StageStatus::analysed);
    EXPECT_TRUE(a.stages[0].rejected);
    EXPECT_EQ(a.stages[1].statistic, 0.0);
    EXPECT_TRUE(std::isfinite(a.stages[1].lower) && a.stages[1].lower < a.stages[1].upper);
  }
}

TEST(AdaptiveLimits, fishers_interval_is_none_where_no_effect_is_left) {
  const AdaptiveDesign d = plan_adaptive(plan_of(StageRule::fisher, {0.5, 1.0}));
  const auto interval = [&](double first, double second) {
    const std::vector<MeansStage> stages{{50, 50, first, 0.0, 1.0, 1.0},
                                         {50, 50, second, 0.0, 1.0, 1.0}};
    return analyse_stages(d, MeansTrial{stages, 0.0, Favours::larger, StageVariance::known})
        .stages[1];
  };
  // Effects above 0.30 leave p of 1 - Phi(3.5) in the second stage, those below 0.30 in the first.
  EXPECT_TRUE(std::isnan(interval(1.0, -0.4).lower));
  EXPECT_TRUE(std::isnan(interval(1.0, -0.4).upper));
  EXPECT_LT(interval(1.0, 0.4).lower, interval(1.0, 0.4).upper);
}

// --- closed testing ------------------------------------------------------------------------------

TEST(AdaptiveLimits, an_intersection_rejected_for_good_holds_no_treatment_back) {
  AdaptivePlan pocock = plan_of(StageRule::inverse_normal, {1.0 / 3.0, 2.0 / 3.0, 1.0});
  pocock.family = BoundFamily::wang_tsiatis;
  pocock.parameter = 0.5;
  const AdaptiveDesign d = plan_adaptive(pocock);
  // Both together are rejected at the first look alone, and end below the second treatment.
  const std::vector<ClosedStage> stages{{{2.7, 2.2}, {0.7, 0.7}, 200.0},
                                        {{-2.0, 1.0}, {0.7, 0.7}, 200.0}};
  const auto a = analyse_closed(d, stages, IntersectionTest::bonferroni);
  ASSERT_EQ(a.status, ClosedStatus::tested);
  const ClosedStageResult& last = a.stages[1];
  EXPECT_EQ(last.conditional_rejection[0], 1.0);  // rejected
  const double alone = conditional_rejection_probability(d, 1, last.combination[1]);
  EXPECT_LT(conditional_rejection_probability(d, 1, last.combination[2]), alone);
  EXPECT_EQ(last.conditional_rejection[1], alone);
}

TEST(AdaptiveLimits, closed_testing_refuses_stages_without_spread) {
  const AdaptiveDesign d = plan_adaptive(plan_of(StageRule::inverse_normal, {0.5, 1.0}));
  const auto status = [&](const ClosedStage& stage) {
    return analyse_closed(d, std::vector{stage}, IntersectionTest::simes).status;
  };
  const auto rates = [&](std::vector<ArmSummary> arms) {
    return status(closed_stage_of_rates(arms));
  };
  EXPECT_EQ(rates({{40, 0.0}, {40, 0.1}, {40, 0.0}}), ClosedStatus::no_spread);  // the last pair
  EXPECT_EQ(rates({{40, 1.0}, {40, 1.0}}), ClosedStatus::no_spread);
  EXPECT_EQ(rates({{40, 0.0}, {40, 0.1}, {0, 0.0}}), ClosedStatus::tested);  // dropped
  EXPECT_EQ(rates({{40, 0.1}, {40, 1.1}}), ClosedStatus::invalid_stage);
  EXPECT_EQ(rates({{0, 0.0}, {40, 0.1}}), ClosedStatus::invalid_stage);
  const std::vector<ArmSummary> flat{{40, 0.0, 0.0}, {40, 1.0, 0.0}};
  EXPECT_EQ(status(closed_stage_of_means(flat)), ClosedStatus::no_spread);
  EXPECT_FALSE(name_of(ClosedStatus::no_spread).empty());
}

// --- re-estimation -------------------------------------------------------------------------------

TEST(AdaptiveLimits, a_pooled_test_has_no_unblinded_review) {
  const UnblindedPlan review{0.8, 50.0, 1000.0, {}, 0.0};
  for (const auto& [rule, status] :
       {std::pair{StageRule::inverse_normal, ReviewStatus::revised},
        std::pair{StageRule::group_sequential, ReviewStatus::invalid_plan}}) {
    const AdaptiveDesign d = plan_adaptive(plan_of(rule, {0.5, 1.0}));
    EXPECT_EQ(review_unblinded(d, 0, 1.4, 100.0, review).status, status);
  }
}

}  // namespace
}  // namespace angiotrial::analysis
