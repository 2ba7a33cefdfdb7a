// SPDX-License-Identifier: Apache-2.0
// Reference case of adaptive analysis (c52); see tests/data/stat_reference.
#include <angiotrial/analysis/design/adaptive_analysis.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

const std::string c52 = "c52_adaptive_analysis/expected.json";

AdaptiveDesign obrien_fleming(StageRule rule) {
  AdaptivePlan plan;
  plan.rule = rule;
  plan.information = {0.3, 0.6, 1.0};
  return plan_adaptive(plan);
}

AdaptiveDesign fisher_of_three() {
  AdaptivePlan plan;
  plan.rule = StageRule::fisher;
  plan.information = {1.0 / 3.0, 2.0 / 3.0, 1.0};
  return plan_adaptive(plan);
}

/// The reference writes NA where a stage has no answer; Deep leaves those out.
void expect_analysis(const std::string& name, const AdaptiveDesign& design,
                     const AdaptiveAnalysis& a, const std::vector<double>& power) {
  SCOPED_TRACE(name);
  ASSERT_EQ(a.status, StageStatus::analysed);
  const Deep block(c52, name);
  std::vector<double> crp, lower, upper, repeated;
  for (const StageAnalysis& s : a.stages) {
    if (s.conditional_rejection) crp.push_back(*s.conditional_rejection);
    lower.push_back(s.lower);
    upper.push_back(s.upper);
    repeated.push_back(s.repeated_p.value_or(-1.0));
  }
  block.expect({"CRP"}, crp);
  block.expect({"rci_lower"}, lower);
  block.expect({"rci_upper"}, upper);
  // The reference finds the level to 1e-6 only; ours makes the bound meet the statistic.
  const auto wanted = block.numbers({"repeated_p"});
  ASSERT_EQ(wanted.size(), repeated.size());
  for (std::size_t k = 0; k < repeated.size(); ++k) EXPECT_NEAR(repeated[k], wanted[k], 1.0e-6);
  if (design.plan.rule != StageRule::fisher) {
    block.expect({"conditional_power"}, power);
    ASSERT_EQ(a.stopped.has_value(), !block.numbers({"final_p"}).empty());
  } else if (!power.empty()) {
    block.expect({"conditional_power"}, power);
  }
  if (!a.stopped || !a.stopped->effect) return;
  block.expect({"final_p"}, a.stopped->p_value);
  block.expect({"final_ci_lower"}, a.stopped->effect->lower);
  block.expect({"final_ci_upper"}, a.stopped->effect->upper);
  block.expect({"median_unbiased"}, a.stopped->effect->median_unbiased);
}

TEST(AdaptiveReference, c52_means_agree_for_three_rules_at_two_stages_and_three) {
  const std::vector<MeansStage> stages{
      {28, 27, 1.91, 1.05, 1.7, 1.6}, {26, 29, 2.2, 1.3, 1.5, 1.9}, {40, 41, 2.0, 1.2, 1.6, 1.7}};
  for (const auto& [name, rule] : {std::pair{"inverse_normal", StageRule::inverse_normal},
                                   std::pair{"group_sequential", StageRule::group_sequential},
                                   std::pair{"fisher", StageRule::fisher}}) {
    const bool fisher = rule == StageRule::fisher;
    const AdaptiveDesign design = fisher ? fisher_of_three() : obrien_fleming(rule);
    ASSERT_EQ(design.status, DesignStatus::planned);
    const std::string two = std::string("means_stage2_") + name;
    Deep(c52, two).expect({"critical"}, design.critical);
    const MeansTrial trial{std::span(stages).first(2)};
    const AdaptiveAnalysis a = analyse_stages(design, trial, FinalScale::pooled_spread);
    expect_analysis(two, design, a,
                    conditional_power(design, trial, a, FurtherMeans{{60.0}, 0.8, 1.7}));
    if (fisher) continue;
    const MeansTrial whole{stages};
    expect_analysis(std::string("means_stage3_") + name, design,
                    analyse_stages(design, whole, FinalScale::pooled_spread), {});
  }
}

TEST(AdaptiveReference, c52_survival_and_rates_agree) {
  const std::vector<SurvivalStage> events{{40, 1.4}, {82, 2.35}};
  const AdaptiveDesign sequential = obrien_fleming(StageRule::group_sequential);
  const SurvivalTrial survival{events};
  const AdaptiveAnalysis a = analyse_stages(sequential, survival, FinalScale::pooled_spread);
  expect_analysis("survival_stage2", sequential, a,
                  conditional_power(sequential, survival, a, FurtherSurvival{{60.0}, 1.6}));

  const std::vector<RatesStage> rates{{40, 41, 20, 12}, {45, 44, 26, 15}};
  const AdaptiveDesign inverse = obrien_fleming(StageRule::inverse_normal);
  const RatesTrial trial{rates};
  const AdaptiveAnalysis b = analyse_stages(inverse, trial, FinalScale::pooled_spread);
  expect_analysis("rates_stage2", inverse, b,
                  conditional_power(inverse, trial, b, FurtherRates{{90.0}, 0.55, 0.33}));
}

}  // namespace
}  // namespace angiotrial::analysis
