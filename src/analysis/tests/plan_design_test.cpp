// SPDX-License-Identifier: Apache-2.0
// Designs, sizes and analyses in stages as a user writes them: c50, c51, c52, c91 through plans.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "deep_block.hpp"
#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

const std::string c50 = "c50_gsd_boundaries/expected.json";
const std::string c51 = "c51_gsd_samplesize/expected.json";
const std::string c52 = "c52_adaptive_analysis/expected.json";

TEST(PlanDesign, BoundsOfTheReferenceCaseByEveryName) {
  const auto own = rows(R"(
[analysis.spending]
method = "group_sequential_design"
information = [0.2, 0.45, 0.75, 1.0]
power = 0.8
[analysis.kim]
method = "group_sequential_design"
information = [0.333333333333333, 0.666666666666667, 1.0]
bounds = "kim_demets"
parameter = 2.0
[analysis.hsd]
method = "group_sequential_design"
information = [0.25, 0.5, 0.75, 1.0]
bounds = "hwang_shih_decani"
parameter = -4.0
[analysis.wang]
method = "group_sequential_design"
information = [0.333333333333333, 0.666666666666667, 1.0]
bounds = "wang_tsiatis"
parameter = 0.25
[analysis.peto]
method = "group_sequential_design"
information = [0.333333333333333, 0.666666666666667, 1.0]
bounds = "haybittle_peto"
parameter = 3.0
[analysis.two]
method = "group_sequential_design"
information = [0.25, 0.5, 0.75, 1.0]
bounds = "obrien_fleming"
sides = "two"
power = 0.8
)",
                        {});
  const auto bounds = [&](const std::string& name) { return by_look(own, name, "critical_value"); };
  const Deep spending(c50, "asOF_K4_unequal");
  spending.expect({"z"}, bounds("spending"));
  spending.expect({"stage_levels"}, by_look(own, "spending", "stage_level"));
  spending.expect({"cumulative_alpha"}, by_look(own, "spending", "level_spent"));
  spending.expect({"power80", "inflation_factor"}, value(own, "spending", "inflation"));
  Deep(c50, "asKD_K3_gamma2").expect({"z"}, bounds("kim"));
  Deep(c50, "asHSD_K4_gamma_m4").expect({"z"}, bounds("hsd"));
  Deep(c50, "WT_K3_0.25").expect({"z"}, bounds("wang"));
  Deep(c50, "haybittle_peto_K3").expect({"z"}, bounds("peto"));
  const Deep two(c50, "OF_K4_two_sided");
  two.expect({"z"}, bounds("two"));
  two.expect({"stage_levels"}, by_look(own, "two", "stage_level"));
  two.expect({"power80", "inflation_factor"}, value(own, "two", "inflation"));
}

TEST(PlanDesign, FutilityBySpendingTheTypeTwoError) {
  const std::string text = R"(
[analysis.x]
method = "group_sequential_design"
information = [0.4, 0.7, 1.0]
power = 0.9
futility_rule = "hwang_shih_decani"
futility_parameter = -2.0
)";
  const auto own = rows(text, {});
  const Deep free(c50, "gsDesign_type4");
  free.expect({"upper"}, by_look(own, "x", "critical_value"));
  free.expect({"lower"}, by_look(own, "x", "futility_bound"));
  free.expect({"prob_upper_H1"}, by_look(own, "x", "reject_alternative"));
  EXPECT_NEAR(by_look(own, "x", "level_spent").back(), 0.025, 1e-10);
  const auto bound = rows(text + "binding = true\n", {});
  Deep(c50, "gsDesign_type3").expect({"upper"}, by_look(bound, "x", "critical_value"));
  EXPECT_NEAR(by_look(bound, "x", "level_spent").back(), 0.025, 1e-10);
}

TEST(PlanDesign, PresetsDifferAsTheirPeersDo) {
  const std::string text =
      "[analysis.x]\nmethod = \"group_sequential_design\"\ninformation = [0.4, 1.0]\n";
  const auto first = [&](const std::string& preset) {
    return by_look(rows("conventions = \"" + preset + "\"\n" + text, {}), "x", "critical_value");
  };
  Deep(c50, "OF_K2_unequal").expect({"z"}, first("r"));
  EXPECT_GT(first("recommended")[0], first("r")[0]);
  const auto sas = rows("conventions = \"sas\"\n" + text, {});
  EXPECT_NE(sas[0].conventions.find("sides: two"), std::string::npos) << sas[0].conventions;
  EXPECT_NEAR(by_look(sas, "x", "level_spent").back(), 0.05, 1e-9);
}

TEST(PlanDesign, SizesOfTheReferenceCase) {
  const auto own = rows(R"(
[analysis.means]
method = "sample_size"
information = [0.5, 1.0]
allocation = 2.0
[analysis.means.means]
difference = 0.5
sd = 1.2
[analysis.rates]
method = "sample_size"
endpoint = "rates"
power = 0.8
[analysis.rates.rates]
treatment = 0.35
control = 0.3
margin = -0.1
[analysis.counts]
method = "sample_size"
endpoint = "counts"
information = [0.4, 0.7, 1.0]
power = 0.8
[analysis.counts.counts]
control_rate = 0.125
rate_ratio = 0.7
dispersion = 5.0
accrual = 1.25
follow_up = 2.75
[analysis.survival]
method = "sample_size"
endpoint = "survival"
information = [0.5, 1.0]
[analysis.survival.survival]
control_hazard = [0.028881132523331052]
hazard_ratio = 0.7
control_dropout = 0.004274441198962
treatment_dropout = 0.004274441198962
accrual = 18.0
follow_up = 12.0
)",
                        {});
  const Deep means(c51, "means_gs_2to1");
  means.expect({"max_n"}, value(own, "means", "size"));
  means.expect({"n_stage"}, by_look(own, "means", "size"));
  means.expect({"EN_H1"}, value(own, "means", "expected_size_alternative"));
  means.expect({"crit_scale"}, by_look(own, "means", "critical_difference"));
  Deep(c51, "rates_noninferiority").expect({"n"}, value(own, "rates", "size"));
  const Deep counts(c51, "gscounts_gs");
  counts.expect({"n1"}, value(own, "counts", "n_treatment"));
  counts.expect({"n2"}, value(own, "counts", "n_control"));
  counts.expect({"calendar"}, by_look(own, "counts", "calendar_time"));
  const Deep survival(c51, "survival_gs");
  survival.expect({"max_subjects"}, value(own, "survival", "size"));
  survival.expect({"events_stage"}, by_look(own, "survival", "events"));
  survival.expect({"analysis_time"}, by_look(own, "survival", "calendar_time"));
}

TEST(PlanDesign, PowerOfASizeGivesTheSizeBack) {
  const std::string text = R"(
[analysis.x]
method = "sample_size"
information = [0.5, 1.0]
power = 0.83
[analysis.x.means]
difference = -0.5
sd = 1.2
comparison = "ancova"
baseline_correlation = 0.5
)";
  const double size = value(rows(text, {}), "x", "size");
  const auto back =
      rows("[analysis.x]\nmethod = \"sample_size\"\ninformation = [0.5, 1.0]\ngiven_size = " +
               std::to_string(size) +
               "\n[analysis.x.means]\ndifference = 0.5\nsd = 1.2\ncomparison = \"ancova\"\n"
               "baseline_correlation = 0.5\n",
           {});
  EXPECT_NEAR(value(back, "x", "power"), 0.83, 1e-7);
}

const std::string two_stages = R"(
method = "adaptive_analysis"
next_sizes = [60.0]
effect = "assumed"
information = [0.3, 0.6, 1.0]
[analysis.x.means]
n_treatment = [28.0, 26.0]
n_control = [27.0, 29.0]
mean_treatment = [1.91, 2.2]
mean_control = [1.05, 1.3]
sd_treatment = [1.7, 1.5]
sd_control = [1.6, 1.9]
variance = "pooled"
assumed_difference = 0.8
assumed_sd = 1.7
)";

void expect_analysis(const std::string& name, const std::vector<Row>& own) {
  SCOPED_TRACE(name);
  const Deep block(c52, name);
  block.expect({"CRP"}, by_look(own, "x", "conditional_rejection_probability"));
  block.expect({"rci_lower"}, by_look(own, "x", "repeated_lower"));
  block.expect({"rci_upper"}, by_look(own, "x", "repeated_upper"));
  block.expect({"conditional_power"}, by_look(own, "x", "conditional_power"));
  const auto wanted = block.numbers({"repeated_p"});
  const auto repeated = by_look(own, "x", "repeated_p_value");
  ASSERT_EQ(wanted.size(), repeated.size());
  for (std::size_t k = 0; k < wanted.size(); ++k) EXPECT_NEAR(repeated[k], wanted[k], 1e-6);
  if (block.numbers({"final_p"}).empty()) return;
  block.expect({"final_p"}, value(own, "x", "p_value"));
  block.expect({"final_ci_lower"}, value(own, "x", "lower"));
  block.expect({"median_unbiased"}, value(own, "x", "median_unbiased"));
}

TEST(PlanDesign, StagesOfWhatShouldBeSmallerAreThoseOfWhatShouldBeLargerWithTheSignTurned) {
  std::string turned = two_stages;
  const auto change = [&](const std::string& from, const std::string& to) {
    turned.replace(turned.find(from), from.size(), to);
  };
  change("[1.91, 2.2]", "[-1.91, -2.2]");
  change("[1.05, 1.3]", "[-1.05, -1.3]");
  change("assumed_difference = 0.8", "assumed_difference = -0.8");
  change("effect = ", "favours = \"smaller\"\neffect = ");
  const std::string head = "[analysis.x]\nbounds = \"obrien_fleming_spending\"";
  const auto larger = rows(head + two_stages, {}), smaller = rows(head + turned, {});
  ASSERT_EQ(larger.size(), smaller.size());
  for (const char* same : {"stage_p_value", "overall_p_value", "repeated_p_value",
                           "conditional_power", "conditional_rejection_probability"}) {
    const auto a = by_look(larger, "x", same), b = by_look(smaller, "x", same);
    ASSERT_FALSE(a.empty()) << same;
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-12) << same;
  }
  const auto lower = by_look(larger, "x", "repeated_lower");
  const auto upper = by_look(smaller, "x", "repeated_upper");
  for (std::size_t k = 0; k < lower.size(); ++k) EXPECT_NEAR(lower[k], -upper[k], 1e-9);
  EXPECT_NE(larger[0].conventions.find("a larger difference favours"), std::string::npos);
  EXPECT_NE(smaller[0].conventions.find("a smaller difference favours"), std::string::npos);
}

TEST(PlanDesign, TrialsInStagesAgreeWithTheReferenceCase) {
  const auto with = [](const std::string& rule, const std::string& rest) {
    return rows(
        "conventions = \"r\"\n[analysis.x]\nbounds = \"obrien_fleming_spending\"\n"
        "rule = \"" +
            rule + "\"\n" + rest,
        {});
  };
  const auto means = with("inverse_normal", two_stages);
  expect_analysis("means_stage2_inverse_normal", means);
  const auto unbiased = std::ranges::find(means, "median_unbiased", &Row::statistic);
  ASSERT_LT(3, means.end() - unbiased);  // its interval follows it
  EXPECT_EQ(unbiased[1].statistic, "lower");
  EXPECT_EQ(unbiased[2].statistic, "upper");
  EXPECT_EQ(unbiased[3].statistic, "bias_adjusted");
  expect_analysis("means_stage2_group_sequential", with("group_sequential", two_stages));
  const std::string survival = R"(
method = "adaptive_analysis"
endpoint = "survival"
information = [0.3, 0.6, 1.0]
next_sizes = [60.0]
effect = "assumed"
[analysis.x.survival]
events = [40.0, 82.0]
log_rank = [1.4, 2.35]
assumed_ratio = 1.6
)";
  expect_analysis("survival_stage2", with("group_sequential", survival));
  const std::string rates = R"(
method = "adaptive_analysis"
endpoint = "rates"
information = [0.3, 0.6, 1.0]
next_sizes = [90.0]
effect = "assumed"
[analysis.x.rates]
n_treatment = [40.0, 45.0]
n_control = [41.0, 44.0]
events_treatment = [20.0, 26.0]
events_control = [12.0, 15.0]
assumed_treatment = 0.55
assumed_control = 0.33
)";
  expect_analysis("rates_stage2", with("inverse_normal", rates));
}

TEST(PlanDesign, FisherGivesItsLevelsAndNoInterval) {
  std::string text = "[analysis.x]\nrule = \"fisher\"\n" + two_stages;
  const std::string unequal = "[0.3, 0.6, 1.0]";
  text.replace(text.find(unequal), unequal.size(), "[0.333333333333333, 0.666666666666667, 1.0]");
  const auto own = rows(text, {});
  const Deep block(c52, "means_stage2_fisher");
  block.expect({"rci_lower"}, by_look(own, "x", "repeated_lower"));
  block.expect({"conditional_power"}, by_look(own, "x", "conditional_power"));
  for (const Row& row : own) EXPECT_NE(row.statistic, "median_unbiased");
}

TEST(PlanDesign, WelchIsRecommendedAndOneVarianceTheDefaultOfR) {
  std::string text = "[analysis.x]\n" + two_stages;
  const std::string named = "variance = \"pooled\"\n";
  text.erase(text.find(named), named.size());
  const auto own = rows(text, {});
  const auto r = rows("conventions = \"r\"\n[analysis.x]\nbounds = \"obrien_fleming_spending\"\n" +
                          text.substr(text.find("method")),
                      {});
  EXPECT_NE(own[0].conventions.find("Welch"), std::string::npos);
  EXPECT_NE(by_look(own, "x", "stage_p_value")[0], by_look(r, "x", "stage_p_value")[0]);
  expect_analysis("means_stage2_inverse_normal", r);
}

TEST(PlanDesign, ConditionalPowerAndThePromisingZone) {
  const auto own = rows(R"(
[analysis.x]
method = "conditional_power"
statistic = 1.5
information = 0.5
drift = [2.8]
interim = 100.0
planned = 200.0
largest = 400.0
)",
                        {});
  const Deep block(c52, "conditional_power");
  EXPECT_NEAR(value(own, "x", "conditional_power", "", "current trend"),
              block.numbers({"current_trend"})[3], 1e-10);
  EXPECT_NEAR(value(own, "x", "conditional_power", "", "drift 2.8"),
              block.numbers({"design_drift"})[3], 1e-10);
  EXPECT_NEAR(value(own, "x", "predictive_power"), block.numbers({"predictive_flat"})[3], 1e-10);
  EXPECT_GT(value(own, "x", "size", "", "promising zone"), 200.0);
  EXPECT_EQ(own[0].conventions.substr(0, 24), "critical value: 1.95996;");
}

TEST(PlanDesign, ThePromisingZoneUsesTheSameLookAndBound) {
  const std::string text = R"(
[analysis.x]
method = "conditional_power"
statistic = 1.5
information = 0.5
critical_value = 2.2
interim = 100.0
largest = 800.0
)";
  const auto own = rows(text + "planned = 200.0\n", {});
  EXPECT_NEAR(value(own, "x", "conditional_power", "", "promising zone"),
              value(own, "x", "conditional_power", "", "current trend"), 1e-12);
  EXPECT_NE(complaints(text + "planned = 400.0\n").find("to the nearest patient"),
            std::string::npos);
}

TEST(PlanDesign, BlindedReviewOfCountsFromDataAndFromNumbers) {
  const std::string plan = R"(
power = 0.8
[analysis.x.counts]
rate_ratio = 0.75
)";
  const auto data = rows(
      "[columns]\nsubject = \"subject\"\narm = \"\"\n[analysis.x]\n"
      "method = \"sample_size_review\"\nresponse = \"y\"\n" +
          plan,
      {table("c51_gsd_samplesize/data_blinded.csv")});
  const Deep block(c51, "blinded_ssr_nb");
  block.expect({"pooled_rate"}, value(data, "x", "pooled_rate"));
  block.expect({"dispersion_phi"}, value(data, "x", "dispersion"));
  EXPECT_NEAR(value(data, "x", "size"), 2.0 * block.numbers({"n_per_arm"})[0], 1e-4);
  const auto numbers =
      rows("[analysis.x]\nmethod = \"sample_size_review\"\npooled_rate = " +
               std::to_string(value(data, "x", "pooled_rate")) +
               "\npooled_dispersion = " + std::to_string(value(data, "x", "dispersion")) + plan,
           {});
  EXPECT_NEAR(value(numbers, "x", "size"), value(data, "x", "size"), 1e-2);
}

TEST(PlanDesign, UnblindedReviewAndItsSimulationKeepTheLevel) {
  const auto own = rows(R"(
[analysis.review]
method = "unblinded_review"
statistic = 1.2
observed = 100.0
least = 100.0
most = 400.0
[analysis.level]
method = "two_stage_simulation"
seed = 3
first = 100.0
second = 100.0
again = true
least = 100.0
most = 400.0
)",
                        {});
  EXPECT_GT(value(own, "review", "size"), 100.0);
  EXPECT_LE(value(own, "review", "size"), 400.0);
  EXPECT_NEAR(value(own, "level", "rejected"), 0.025, 4.0 * std::sqrt(0.025 / 10000.0));
}

TEST(PlanDesign, ClosedTestingDropsAnArm) {
  const auto own = rows(R"(
[analysis.x]
method = "closed_testing"
treatments = ["low", "high"]
n = [30.0, 30.0, 30.0, 30.0, 0.0, 30.0]
mean = [0.0, 0.2, 0.7, 0.0, 0.0, 0.8]
sd = [1.0, 1.0, 1.0, 1.0, 0.0, 1.0]
)",
                        {});
  EXPECT_EQ(value(own, "x", "rejected", "high", "look 2"), 1.0);
  EXPECT_EQ(value(own, "x", "rejected", "low", "look 2"), 0.0);
}

struct Wrong {
  const char* name;
  const char* plan;
  const char* words;
};
class WrongDesign : public testing::TestWithParam<Wrong> {};

TEST_P(WrongDesign, IsRefusedInWords) {
  const std::string text = complaints(std::string("[analysis.x]\n") + GetParam().plan);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanDesign, WrongDesign,
    testing::Values(
        Wrong{"fractions", "method = \"group_sequential_design\"\ninformation = [0.5, 0.4, 1.0]\n",
              "must rise from 0 to 1"},
        Wrong{"looks_almost_one",
              "method = \"group_sequential_design\"\ninformation = [0.1, 0.999999999999, 1.0]\n",
              "by 0.0001 or more at each look"},
        Wrong{"two_sided_futility",
              "method = \"group_sequential_design\"\nsides = \"two\"\nfutility_rule = \"pocock\"\n",
              "one-sided"},
        Wrong{
            "peto_too_low",
            "method = \"group_sequential_design\"\nbounds = \"haybittle_peto\"\nparameter = 1.0\n",
            "analysis.x.parameter"},
        Wrong{"no_effect", "method = \"sample_size\"\n", "no effect to detect"},
        Wrong{"hazard_pieces",
              "method = \"sample_size\"\nendpoint = \"survival\"\n[analysis.x.survival]\n"
              "control_hazard = [0.1, 0.2]\nhazard_ratio = 0.5\naccrual = 1.0\n",
              "where each of the 2 values"},
        Wrong{"few_patients",
              "method = \"sample_size\"\ngiven_size = 1.0\n[analysis.x.means]\ndifference = 0.1\n",
              "so few patients"},
        Wrong{"stage_lists",
              "method = \"adaptive_analysis\"\n[analysis.x.means]\nn_treatment = [10.0]\n",
              "needs 1 numbers"},
        Wrong{"no_stage", "method = \"adaptive_analysis\"\n", "no stage"},
        Wrong{"no_spread",
              "method = \"adaptive_analysis\"\n[analysis.x.means]\nn_treatment = [10.0]\n"
              "mean_treatment = [1.0]\nsd_treatment = [0.0]\n",
              "outside their range"},
        Wrong{"next_sizes",
              "method = \"adaptive_analysis\"\nendpoint = \"survival\"\nnext_sizes = [10.0, 20.0]\n"
              "[analysis.x.survival]\nevents = [20.0]\nlog_rank = [1.0]\n",
              "needs 1 numbers"},
        Wrong{"closed_group_sequential",
              "method = \"closed_testing\"\nrule = \"group_sequential\"\ntreatments = [\"a\"]\n",
              "stages must be combined"},
        Wrong{"closed_too_many_events",
              "method = \"closed_testing\"\nendpoint = \"rates\"\ntreatments = [\"a\"]\n"
              "n = [10.0, 10.0]\nevents = [0.0, 11.0]\n",
              "more events than patients"},
        Wrong{"no_seed", "method = \"two_stage_simulation\"\nfirst = 10.0\nsecond = 10.0\n",
              "must be given"},
        Wrong{"review_zone", "method = \"conditional_power\"\nstatistic = 1.0\ninterim = 10.0\n",
              "interim < planned"},
        Wrong{"review_without_effect", "method = \"sample_size_review\"\n",
              "must be below null_ratio"},
        Wrong{"unblinded_limits", "method = \"unblinded_review\"\nobserved = 10.0\n",
              "sizes must be positive"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
