// SPDX-License-Identifier: Apache-2.0
// Laws of adaptive designs and their analysis.
#include <angiotrial/analysis/design/adaptive_analysis.hpp>
#include <angiotrial/analysis/design/closed_testing.hpp>
#include <angiotrial/analysis/design/two_stage_simulation.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

double fraction(int low, int high) { return *rc::gen::inRange(low, high) / 1000.0; }

AdaptiveDesign design_of(StageRule rule, std::vector<double> information, double alpha = 0.025) {
  AdaptivePlan plan;
  plan.rule = rule;
  plan.information = std::move(information);
  plan.alpha = alpha;
  return plan_adaptive(plan);
}

RC_GTEST_PROP(AdaptiveDesign, every_bound_spends_exactly_its_level, ()) {
  AdaptivePlan plan;
  plan.family = *rc::gen::element(BoundFamily::spending, BoundFamily::wang_tsiatis);
  plan.parameter = fraction(0, 500);
  plan.alpha = fraction(10, 60);
  plan.information = {fraction(200, 450), fraction(500, 800), 1.0};
  plan.binding = *rc::gen::arbitrary<bool>();
  if (plan.binding) {
    plan.futility = {-0.3, 0.2};
  }
  const AdaptiveDesign d = plan_adaptive(plan);
  RC_ASSERT(d.status == DesignStatus::planned);
  RC_ASSERT(std::fabs(d.spent.back() - plan.alpha) < 1.0e-9);
}

TEST(AdaptiveDesign, fisher_spends_exactly_its_level_with_any_weights_and_futility) {
  AdaptivePlan plan;
  plan.rule = StageRule::fisher;
  for (const auto levels : {FisherLevels::equal, FisherLevels::full}) {
    plan.fisher_levels = levels;
    for (const double first : {1.0 / 3.0, 0.25}) {
      plan.information = {first, 2.0 / 3.0, 1.0};
      plan.binding = false;
      plan.futility.clear();
      EXPECT_NEAR(plan_adaptive(plan).spent.back(), 0.025, 1.0e-9);
      plan.binding = true;
      plan.futility = {0.5, 0.6};
      EXPECT_NEAR(plan_adaptive(plan).spent.back(), 0.025, 1.0e-9);
    }
  }
}

TEST(AdaptiveDesign, a_single_stage_is_the_fixed_test) {
  for (const StageRule rule : {StageRule::inverse_normal, StageRule::group_sequential}) {
    const AdaptiveDesign d = design_of(rule, {1.0});
    EXPECT_NEAR(d.critical[0], 1.959963984540054, 1.0e-12);
    EXPECT_NEAR(*repeated_p_value(d, 0, 1.7), quadrature::normal_cdf(-1.7), 1.0e-10);
    EXPECT_NEAR(stagewise_p_value(d, 0, 1.7), quadrature::normal_cdf(-1.7), 1.0e-14);
  }
  EXPECT_NEAR(design_of(StageRule::fisher, {1.0}).critical[0], 0.025, 1.0e-14);
}

TEST(AdaptiveDesign, inverse_normal_of_equal_stages_is_the_z_test_of_all_data) {
  // The spread is known, so the stages' z add up.
  const std::vector<MeansStage> stages{{30, 30, 1.2, 0.9, 2.0, 2.0}, {30, 30, 1.8, 1.1, 2.0, 2.0}};
  const MeansTrial trial{stages, 0.0, Favours::larger, StageVariance::known};
  const auto by_stage = analyse_stages(design_of(StageRule::inverse_normal, {0.5, 1.0}), trial);
  const double difference = 0.5 * (0.3 + 0.7);
  EXPECT_NEAR(by_stage.stages[1].statistic, difference / (2.0 * std::sqrt(2.0 / 60.0)), 1.0e-12);
}

TEST(AdaptiveDesign, stagewise_p_value_is_uniform_under_the_null) {
  // P(p <= x) = x: the outcome with p-value x splits the sample space by the ordering itself.
  const AdaptiveDesign d = design_of(StageRule::inverse_normal, {0.4, 1.0});
  const double p_first = stagewise_p_value(d, 0, d.critical[0]);
  for (const double x : {0.2 * p_first, p_first, 0.01, 0.3, 0.9}) {
    double sum = 0.0;
    // First stage: p-value of its own tail where it stops.
    sum += std::min(x, p_first);
    // Second stage: integrate over z_1 below the bound the chance that p <= x.
    if (x > p_first) {
      double low = -9.0;
      double high = 9.0;
      for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (stagewise_p_value(d, 1, middle) > x ? low : high) = middle;
      }
      quadrature::for_each_panel_node<16>(-9.0, d.critical[0], 0.5, [&](double z, double w) {
        const double step = (low - std::sqrt(0.4) * z) / std::sqrt(0.6);
        sum += w * quadrature::normal_density(z) * quadrature::normal_cdf(-step);
      });
    }
    EXPECT_NEAR(sum, x, 1.0e-11);
  }
}

TEST(AdaptiveDesign, conditional_rejection_averages_to_the_level_left) {
  // E[CRP(Z_1); no stop] + spent at stage 1 = alpha, for Fisher and the inverse normal.
  const AdaptiveDesign normal = design_of(StageRule::inverse_normal, {0.3, 0.6, 1.0});
  double sum = normal.spent[0];
  quadrature::for_each_panel_node<16>(-9.0, normal.critical[0], 1.0, [&](double z, double w) {
    sum += w * quadrature::normal_density(z) * conditional_rejection_probability(normal, 0, z);
  });
  EXPECT_NEAR(sum, 0.025, 1.0e-10);
  const AdaptiveDesign fisher = design_of(StageRule::fisher, {0.3, 0.6, 1.0});
  double of_fisher = fisher.critical[0];
  quadrature::for_each_panel_node<30>(
      -std::log(0.999999999), -std::log(fisher.critical[0]), 0.2, [&](double u, double w) {
        const double p = std::exp(-u);
        of_fisher += w * p * conditional_rejection_probability(fisher, 0, p);
      });
  EXPECT_NEAR(of_fisher, 0.025, 1.0e-7);
}

TEST(AdaptiveDesign, conditional_power_without_drift_is_the_conditional_rejection_probability) {
  for (const StageRule rule : {StageRule::inverse_normal, StageRule::fisher}) {
    const AdaptiveDesign d = design_of(rule, {1.0 / 3.0, 2.0 / 3.0, 1.0});
    const double so_far = rule == StageRule::fisher ? 0.08 : 1.3;
    const auto power = conditional_power(d, 0, so_far, std::vector{0.0, 0.0});
    EXPECT_NEAR(power.back(), conditional_rejection_probability(d, 0, so_far), 1.0e-9);
  }
}

// --- designs at their limits ---------------------------------------------------------------------

TEST(AdaptiveDesign, repeated_p_values_have_an_answer_for_every_bound_and_statistic) {
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  for (const auto family : {BoundFamily::spending, BoundFamily::wang_tsiatis}) {
    for (const double futility : {-9.0, 0.5, 1.5}) {
      plan.family = family;
      plan.parameter = 0.25;
      plan.futility = {futility};
      plan.binding = futility > -9.0;
      const AdaptiveDesign d = plan_adaptive(plan);
      ASSERT_EQ(d.status, DesignStatus::planned);
      for (const std::size_t k : {0U, 1U}) {
        double before = 0.51;
        for (const double z : {-30.0, -1.0, 0.0, 1.5, 2.5, 5.0, 30.0}) {
          const auto p = repeated_p_value(d, k, z);
          ASSERT_TRUE(p.has_value());
          EXPECT_LE(*p, before) << "family " << static_cast<int>(family) << " z " << z;
          before = *p;
        }
        EXPECT_NEAR(*repeated_p_value(d, k, d.critical[k]), 0.025, 1.0e-9);
      }
    }
  }
}

TEST(AdaptiveDesign, a_bound_that_no_level_moves_has_no_repeated_p_value) {
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  plan.family = BoundFamily::haybittle_peto;
  plan.parameter = 3.0;
  const AdaptiveDesign d = plan_adaptive(plan);
  EXPECT_FALSE(repeated_p_value(d, 0, 3.1).has_value());
  EXPECT_NEAR(*repeated_p_value(d, 1, d.critical[1]), 0.025, 1.0e-9);
}

TEST(AdaptiveDesign, binding_futility_that_leaves_no_last_bound_is_refused) {
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  plan.binding = true;
  // P(1.9 < Z < 2.96) = 0.027 holds what is left of the level, P(2 < Z < 2.96) = 0.021 does not.
  plan.futility = {1.9};
  EXPECT_EQ(plan_adaptive(plan).status, DesignStatus::planned);
  plan.futility = {2.0};
  EXPECT_EQ(plan_adaptive(plan).status, DesignStatus::futility_leaves_none);
}

TEST(AdaptiveDesign, early_looks_many_looks_and_close_looks_have_their_bounds) {
  // 2 Phi(-2.2414 / sqrt(0.05)) = 1.2e-23.
  const auto early = design_of(StageRule::inverse_normal, {0.05, 0.06, 1.0});
  EXPECT_NEAR(early.critical[0], 9.957, 2.0e-3);
  EXPECT_LT(early.critical[1], early.critical[0]);
  EXPECT_NEAR(early.spent.back(), 0.025, 1.0e-10);
  EXPECT_NEAR(early.spent[1] / (2.0 * quadrature::normal_cdf(-2.2414027276 / std::sqrt(0.06))), 1.0,
              1.0e-5);
  const auto close = design_of(StageRule::inverse_normal, {0.5, 0.5001, 1.0});
  ASSERT_EQ(close.status, DesignStatus::planned);
  EXPECT_NEAR(close.spent.back(), 0.025, 1.0e-9);
  EXPECT_GT(close.critical[1], close.critical[0]);
  // The look that is hardly there moves the last bound no more than its level: 1e-5 of 0.025.
  EXPECT_NEAR(close.critical[2], design_of(StageRule::inverse_normal, {0.5, 1.0}).critical[1],
              1e-4);
  EXPECT_EQ(design_of(StageRule::inverse_normal, {0.5, 0.50001, 1.0}).status,
            DesignStatus::invalid_information);
  std::vector<double> twenty;
  for (int k = 1; k <= 20; ++k) twenty.push_back(k / 20.0);
  EXPECT_NEAR(design_of(StageRule::group_sequential, twenty).spent.back(), 0.025, 1.0e-9);
  EXPECT_EQ(design_of(StageRule::group_sequential, std::vector<double>(51, 1.0)).status,
            DesignStatus::invalid_information);
}

// --- analysis ------------------------------------------------------------------------------------

RC_GTEST_PROP(AdaptiveAnalysis, signs_and_units_carry_through, ()) {
  const double shift = fraction(-2000, 2000);
  const std::vector<MeansStage> stages{{28, 27, 1.91 + shift, 1.05, 1.7, 1.6},
                                       {26, 29, 2.2 + shift, 1.3, 1.5, 1.9}};
  auto turned = stages;
  for (MeansStage& s : turned) {
    s.mean1 = -3.0 * s.mean1;
    s.mean2 = -3.0 * s.mean2;
    s.sd1 *= 3.0;
    s.sd2 *= 3.0;
  }
  const auto rule =
      *rc::gen::element(StageRule::inverse_normal, StageRule::group_sequential, StageRule::fisher);
  const AdaptiveDesign d = design_of(rule, {0.5, 1.0});
  const auto a = analyse_stages(d, MeansTrial{stages});
  const auto b = analyse_stages(d, MeansTrial{turned, 0.0, Favours::smaller});
  for (std::size_t k = 0; k < 2; ++k) {
    RC_ASSERT(std::fabs(a.stages[k].statistic - b.stages[k].statistic) < 1.0e-9);
    RC_ASSERT(std::fabs(-3.0 * a.stages[k].lower - b.stages[k].upper) < 1.0e-7);
    RC_ASSERT(std::fabs(-3.0 * a.stages[k].upper - b.stages[k].lower) < 1.0e-7);
    // The interval leaves the null out just where the test rejects it.
    RC_ASSERT((a.stages[k].lower > 0.0) == a.stages[k].rejected);
    RC_ASSERT((*a.stages[k].repeated_p < 0.025) == a.stages[k].rejected);
  }
  RC_ASSERT(a.stopped.has_value() && b.stopped.has_value());
  if (a.stopped->effect) {
    RC_ASSERT(std::fabs(-3.0 * a.stopped->effect->median_unbiased -
                        b.stopped->effect->median_unbiased) < 1.0e-7);
  }
}

TEST(AdaptiveAnalysis, bias_adjusted_estimate_takes_off_what_early_stopping_adds) {
  const AdaptiveDesign d = design_of(StageRule::group_sequential, {0.5, 1.0});
  const std::vector<double> first{std::sqrt(50.0)};
  const auto early = estimate_after(d, 0, 3.2, first);
  ASSERT_TRUE(early.has_value());
  EXPECT_LT(early->bias_adjusted, 3.2 / first[0]);
  // One look: nothing to adjust.
  const auto once = estimate_after(design_of(StageRule::group_sequential, {1.0}), 0, 2.3, first);
  EXPECT_NEAR(once->bias_adjusted, 2.3 / first[0], 1.0e-10);
  EXPECT_NEAR(once->median_unbiased, 2.3 / first[0], 1.0e-10);
}

TEST(AdaptiveAnalysis, one_look_gives_the_interval_of_the_test_and_the_plain_estimate) {
  const AdaptiveDesign d = design_of(StageRule::group_sequential, {1.0});
  const std::vector<MeansStage> stage{{40, 10, 1.0, 0.0, 2.0, 0.5}};
  const auto a = analyse_stages(d, MeansTrial{stage, 0.0, Favours::larger, StageVariance::welch});
  const SequentialEstimate& e = *a.stopped->effect;
  // Welch: standard error sqrt(4 / 40 + 0.25 / 10), 47.947 degrees of freedom.
  EXPECT_NEAR(e.lower, 1.0 - 2.010688 * std::sqrt(0.125), 1.0e-5);
  EXPECT_NEAR(e.upper, 1.0 + 2.010688 * std::sqrt(0.125), 1.0e-5);
  EXPECT_EQ(e.bias_adjusted, 1.0);
  EXPECT_EQ(e.median_unbiased, 1.0);
  EXPECT_NEAR(e.lower, a.stages[0].lower, 1.0e-10);
}

RC_GTEST_PROP(AdaptiveAnalysis, intervals_after_stopping_say_what_the_p_value_says, ()) {
  const auto few = [] { return static_cast<double>(*rc::gen::inRange(3, 12)); };
  const std::vector<MeansStage> stages{
      {few(), few(), fraction(-1000, 2500), 0.0, fraction(300, 2000), fraction(300, 2000)},
      {few(), few(), fraction(-1000, 2500), 0.0, fraction(300, 2000), fraction(300, 2000)}};
  const auto rule = *rc::gen::element(StageRule::inverse_normal, StageRule::group_sequential);
  const MeansTrial trial{stages, 0.0, Favours::larger, StageVariance::welch};
  const auto a = analyse_stages(design_of(rule, {0.5, 1.0}), trial);
  RC_ASSERT(a.stopped && a.stopped->effect);
  const SequentialEstimate& e = *a.stopped->effect;
  RC_ASSERT((e.lower > 0.0) == (a.stopped->p_value < 0.025));
  RC_ASSERT(e.lower < e.median_unbiased && e.median_unbiased < e.upper);
}

TEST(AdaptiveAnalysis, with_a_known_spread_both_scales_after_stopping_agree) {
  const std::vector<SurvivalStage> events{{60, 1.4}, {120, 2.35}};
  for (const StageRule rule : {StageRule::inverse_normal, StageRule::group_sequential}) {
    const AdaptiveDesign d = design_of(rule, {0.5, 1.0});
    const auto own = analyse_stages(d, SurvivalTrial{events});
    const auto rpact = analyse_stages(d, SurvivalTrial{events}, FinalScale::pooled_spread);
    EXPECT_NEAR(own.stopped->effect->lower, rpact.stopped->effect->lower, 1.0e-10);
    EXPECT_NEAR(own.stopped->effect->upper, rpact.stopped->effect->upper, 1.0e-10);
    EXPECT_NEAR(own.stopped->effect->median_unbiased, rpact.stopped->effect->median_unbiased,
                1.0e-10);
  }
}

TEST(AdaptiveAnalysis, a_binding_stop_for_futility_is_obeyed) {
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  plan.futility = {0.0};
  plan.binding = true;
  const AdaptiveDesign d = plan_adaptive(plan);
  const std::vector<MeansStage> stages{{50, 50, -0.05, 0.0, 1.0, 1.0},
                                       {50, 50, 0.8, 0.0, 1.0, 1.0}};
  const auto a = analyse_stages(d, MeansTrial{stages});
  EXPECT_EQ(a.stopped->stage, 0U);
  EXPECT_TRUE(rejects(d, 1, a.stages[1].statistic));  // but it comes too late
  EXPECT_FALSE(a.stages[1].rejected);
  EXPECT_FALSE(a.stages[1].repeated_p.has_value());
  // Closed testing: accepted for good; where the bound does not bind, rejected.
  const std::vector<ClosedStage> closed{{{-0.25}, {0.7}, 98.0}, {{4.0}, {0.7}, 98.0}};
  const auto obeyed = analyse_closed(d, closed, IntersectionTest::dunnett);
  EXPECT_TRUE(obeyed.stages[0].futile[0]);
  EXPECT_FALSE(obeyed.stages[1].rejected[0]);
  EXPECT_EQ(obeyed.stages[0].conditional_rejection[0], 0.0);
  plan.binding = false;
  EXPECT_TRUE(
      analyse_closed(plan_adaptive(plan), closed, IntersectionTest::dunnett).stages[1].rejected[0]);
}

TEST(AdaptiveAnalysis, what_cannot_be_analysed_is_refused) {
  const AdaptiveDesign d = design_of(StageRule::inverse_normal, {0.5, 1.0});
  const std::vector<MeansStage> none, flat{{10, 10, 1, 1, 0, 1}}, many(3, {9, 9, 1, 0, 1, 1});
  const std::vector<MeansStage> broken{{10, 10, std::nan(""), 1, 1, 1}};
  EXPECT_EQ(analyse_stages(d, MeansTrial{none}).status, StageStatus::no_stage);
  EXPECT_EQ(analyse_stages(d, MeansTrial{flat}).status, StageStatus::invalid_data);
  EXPECT_EQ(analyse_stages(d, MeansTrial{broken}).status, StageStatus::invalid_data);
  EXPECT_EQ(analyse_stages(d, MeansTrial{many}).status, StageStatus::too_many_stages);
  const std::vector<RatesStage> no_event{{20, 20, 0, 0}};
  EXPECT_EQ(analyse_stages(d, RatesTrial{no_event}).status, StageStatus::invalid_data);
  const std::vector<SurvivalStage> falling{{40, 1.0}, {30, 1.0}};
  EXPECT_EQ(analyse_stages(d, SurvivalTrial{falling}).status, StageStatus::invalid_data);
  EXPECT_EQ(design_of(StageRule::fisher, {0.6, 0.5, 1.0}).status,
            DesignStatus::invalid_information);
  EXPECT_EQ(design_of(StageRule::fisher, {1.0}, 0.7).status, DesignStatus::invalid_level);
  AdaptivePlan crossed;
  crossed.information = {0.5, 1.0};
  crossed.futility = {3.5};
  EXPECT_EQ(plan_adaptive(crossed).status, DesignStatus::invalid_futility);
  EXPECT_FALSE(name_of(DesignStatus::invalid_futility).empty());
}

// --- closed testing ------------------------------------------------------------------------------

TEST(ClosedTesting, one_arm_is_the_combination_test_and_arm_order_does_not_matter) {
  const AdaptiveDesign d = design_of(StageRule::inverse_normal, {0.5, 1.0});
  const std::vector<ClosedStage> single{{{1.4}, {0.7}, 40.0}, {{2.1}, {0.7}, 44.0}};
  const auto one = analyse_closed(d, single, IntersectionTest::dunnett);
  EXPECT_EQ(one.stages[1].rejected[0], rejects(d, 1, one.stages[1].combination[0]));

  const double gone = std::numeric_limits<double>::quiet_NaN();
  const std::vector<ClosedStage> two{{{1.9, 0.4}, {0.7, 0.6}, 60.0},
                                     {{2.4, gone}, {0.7, gone}, 50.0}};
  const std::vector<ClosedStage> swapped{{{0.4, 1.9}, {0.6, 0.7}, 60.0},
                                         {{gone, 2.4}, {gone, 0.7}, 50.0}};
  for (const auto test : {IntersectionTest::bonferroni, IntersectionTest::simes,
                          IntersectionTest::sidak, IntersectionTest::dunnett}) {
    const auto a = analyse_closed(d, two, test);
    const auto b = analyse_closed(d, swapped, test);
    ASSERT_EQ(a.status, ClosedStatus::tested);
    EXPECT_NEAR(a.stages[1].repeated_p[0], b.stages[1].repeated_p[1], 1.0e-12);
    EXPECT_EQ(a.stages[1].rejected[0], b.stages[1].rejected[1]);
    EXPECT_FALSE(a.stages[1].rejected[1]);  // a dropped arm is not rejected later
    // Where one arm is left, its intersection has its own p-value.
    EXPECT_EQ(a.stages[1].stage_p[2], a.stages[1].stage_p[0]);
  }
}

TEST(ClosedTesting, dunnett_lies_below_sidak_and_sidak_below_bonferroni) {
  const AdaptiveDesign d = design_of(StageRule::inverse_normal, {0.5, 1.0});
  const std::vector<ArmSummary> arms{
      {40, 0.0, 1.0}, {38, 0.4, 1.1}, {41, 0.5, 0.9}, {39, 0.1, 1.0}};
  const std::vector<ClosedStage> stages{closed_stage_of_means(arms)};
  const auto p = [&](IntersectionTest test) {
    return analyse_closed(d, stages, test).stages[0].stage_p[6];
  };
  EXPECT_LT(p(IntersectionTest::dunnett), p(IntersectionTest::sidak));
  EXPECT_LT(p(IntersectionTest::sidak), p(IntersectionTest::bonferroni));
  EXPECT_LE(p(IntersectionTest::simes), p(IntersectionTest::bonferroni));
  // 38 + 41 + 39 + 40 patients, four means.
  EXPECT_EQ(stages[0].df, 154.0);
}

TEST(ClosedTesting, stages_that_cannot_be_combined_are_refused) {
  const AdaptiveDesign d = design_of(StageRule::inverse_normal, {0.5, 1.0});
  const double gone = std::numeric_limits<double>::quiet_NaN();
  const std::vector<ClosedStage> back{{{gone, 1.0}, {0.7, 0.7}, 9.0},
                                      {{1.0, 1.0}, {0.7, 0.7}, 9.0}};
  EXPECT_EQ(analyse_closed(d, back, IntersectionTest::simes).status, ClosedStatus::invalid_stage);
  const AdaptiveDesign pooled = design_of(StageRule::group_sequential, {0.5, 1.0});
  EXPECT_EQ(analyse_closed(pooled, back, IntersectionTest::simes).status,
            ClosedStatus::design_not_planned);
  const std::vector<ArmSummary> no_control{{0, 0.0, 1.0}, {38, 0.4, 1.1}};
  const std::vector<ClosedStage> bare{closed_stage_of_means(no_control)};
  EXPECT_EQ(analyse_closed(d, bare, IntersectionTest::simes).status, ClosedStatus::invalid_stage);
}

// --- simulation ----------------------------------------------------------------------------------

TEST(TwoStageSimulation, agrees_with_the_exact_recursion_and_keeps_the_level_under_re_estimation) {
  TwoStageMeans trial;
  trial.plan.design = design_of(StageRule::inverse_normal, {0.5, 1.0});
  trial.plan.first = trial.plan.second = 84.0;
  trial.difference = 0.5;
  trial.sd = 1.2;
  const auto fixed = simulate(trial, 40000, 7);
  const double drift = 0.5 / 1.2 * std::sqrt(168.0) / 2.0;
  const double none = -std::numeric_limits<double>::infinity();
  const auto exact = stage_probabilities(std::vector{none, none}, trial.plan.design.critical,
                                         trial.plan.design.plan.information, drift);
  EXPECT_NEAR(fixed.rejected, exact.reject(), 4.0 * fixed.se_rejected);
  EXPECT_NEAR(fixed.rejected_first, exact.upper[0], 0.01);
  EXPECT_NEAR(fixed.expected_size, 168.0 - 84.0 * exact.upper[0], 4.0 * fixed.se_size);

  trial.difference = 0.0;
  trial.plan.again = SecondStageRule{0.8, 40.0, 400.0, {}};
  const auto kept = simulate(trial, 60000, 8);
  EXPECT_NEAR(kept.rejected, 0.025, 4.0 * kept.se_rejected);
  // The same trials without weights fixed in advance reject too often.
  trial.plan.design = design_of(StageRule::group_sequential, {0.5, 1.0});
  EXPECT_GT(simulate(trial, 60000, 8).rejected, kept.rejected);
}

TEST(TwoStageSimulation, rates_agree_with_full_enumeration_and_seeds_repeat) {
  TwoStageRates trial;
  trial.plan.design = design_of(StageRule::inverse_normal, {0.5, 1.0});
  trial.plan.first = trial.plan.second = 30.0;
  trial.treatment = 0.6;
  trial.control = 0.35;
  const auto a = simulate(trial, 20000, 11);
  const auto mass = [](int k, double p) {
    return std::exp(std::lgamma(16.0) - std::lgamma(k + 1.0) - std::lgamma(16.0 - k) +
                    k * std::log(p) + (15 - k) * std::log1p(-p));
  };
  const auto z = [](int x, int y) {
    const double pooled = (x + y) / 30.0;
    const double variance = pooled * (1.0 - pooled) * 2.0 / 15.0;
    return variance > 0.0 ? (x - y) / 15.0 / std::sqrt(variance) : 0.0;
  };
  double reject = 0.0;
  for (int x = 0; x <= 15; ++x) {
    for (int y = 0; y <= 15; ++y) {
      const double here = mass(x, 0.6) * mass(y, 0.35);
      if (z(x, y) >= trial.plan.design.critical[0]) {
        reject += here;
        continue;
      }
      for (int u = 0; u <= 15; ++u) {
        for (int v = 0; v <= 15; ++v) {
          const double combined = std::sqrt(0.5) * (z(x, y) + z(u, v));
          if (combined >= trial.plan.design.critical[1]) {
            reject += here * mass(u, 0.6) * mass(v, 0.35);
          }
        }
      }
    }
  }
  EXPECT_NEAR(a.rejected, reject, 4.0 * a.se_rejected);
  EXPECT_EQ(simulate(trial, 20000, 11).rejected, a.rejected);
  EXPECT_NE(simulate(trial, 20000, 12).rejected, a.rejected);
  trial.treatment = 1.0;
  EXPECT_EQ(simulate(trial, 10, 1).status, SimulationStatus::invalid_parameter);
}

}  // namespace
}  // namespace angiotrial::analysis
