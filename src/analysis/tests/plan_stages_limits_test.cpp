// SPDX-License-Identifier: Apache-2.0
// Trials in stages through plans, where futility binds or not, stages contradict each other, or a
// setting would not be read.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

bool has(const std::vector<Row>& own, const std::string& statistic) {
  return std::ranges::any_of(own, [&](const Row& row) { return row.statistic == statistic; });
}

/// One look of three, spread known: z of 1.01.
std::string one_look(const std::string& options) {
  return "[analysis.x]\nmethod = \"adaptive_analysis\"\ninformation = [0.3, 0.6, 1.0]\n"
         "bounds = \"obrien_fleming_spending\"\n" +
         options +
         "[analysis.x.means]\nvariance = \"known\"\nn_treatment = [28.0]\nn_control = [27.0]\n"
         "mean_treatment = [1.5]\nmean_control = [1.05]\nsd_treatment = [1.7]\nsd_control = "
         "[1.6]\n";
}

TEST(PlanStagesLimits, ConditionalRejectionIgnoresFutilityThatDoesNotBind) {
  const auto error = [](const std::string& options) {
    return value(rows(one_look(options), {}), "x", "conditional_rejection_probability", "",
                 "look 1");
  };
  EXPECT_NEAR(error(""), 0.04495, 5e-6);
  EXPECT_EQ(error("futility = [-1.0, 1.0]\n"), error(""));
  EXPECT_NE(error("futility = [-1.0, 1.0]\nbinding = true\n"), error(""));
}

TEST(PlanStagesLimits, TheLookThatStopsForBindingFutilityHasNoPower) {
  const std::string stage =
      "next_sizes = [100.0]\n[analysis.x.means]\nn_treatment = [50.0]\nn_control = [50.0]\n"
      "mean_treatment = [-0.1]\nmean_control = [0.0]\nsd_treatment = [1.0]\nsd_control = [1.0]\n";
  const std::string head = "[analysis.x]\nmethod = \"adaptive_analysis\"\nfutility = [0.0]\n";
  const auto bound = rows(head + "binding = true\n" + stage, {});
  EXPECT_EQ(value(bound, "x", "stops_for_futility", "", "look 1"), 1.0);
  EXPECT_EQ(value(bound, "x", "conditional_rejection_probability", "", "look 1"), 0.0);
  EXPECT_FALSE(has(bound, "conditional_power"));
  EXPECT_FALSE(has(bound, "predictive_power"));
  const auto free = rows(head + stage, {});
  EXPECT_TRUE(has(free, "conditional_power"));
  EXPECT_TRUE(has(free, "predictive_power"));
}

TEST(PlanStagesLimits, LooksThatNoTrialReachesDoNotEndTheProgram) {
  const auto own = rows(
      "[analysis.x]\nmethod = \"group_sequential_design\"\nbounds = \"obrien_fleming\"\n"
      "information = [0.333333333333333, 0.666666666666667, 1.0]\nsides = \"one\"\n"
      "futility_rule = \"bounds\"\nfutility = [0.0, -6.0]\nbinding = true\n",
      {});
  EXPECT_NEAR(by_look(own, "x", "level_spent").at(2), 0.025, 1e-9);
  const auto log_rank = rows(
      "[analysis.x]\nmethod = \"adaptive_analysis\"\nendpoint = \"survival\"\n"
      "information = [0.25, 0.5, 0.75, 1.0]\n"
      "[analysis.x.survival]\nevents = [40.0]\nlog_rank = [12.0]\n",
      {});
  EXPECT_NEAR(value(log_rank, "x", "conditional_rejection_probability", "", "look 1"), 1.0, 1e-12);
  const auto sure = by_look(
      rows("[analysis.x]\nmethod = \"adaptive_analysis\"\ninformation = [0.25, 0.5, 0.75, 1.0]\n"
           "effect = \"assumed\"\nnext_sizes = [2000.0, 10.0, 10.0]\n"
           "[analysis.x.means]\nn_treatment = [40.0]\nn_control = [40.0]\n"
           "mean_treatment = [0.5]\nmean_control = [0.0]\nsd_treatment = [1.0]\n"
           "sd_control = [1.0]\nassumed_difference = 0.5\n",
           {}),
      "x", "conditional_power");
  ASSERT_EQ(sure.size(), 3U);
  for (const double power : sure) EXPECT_NEAR(power, 1.0, 1e-9);
}

TEST(PlanStagesLimits, ContradictingStagesOfFisherHaveNoIntervalAndSaySo) {
  const auto own = rows(
      "[analysis.x]\nmethod = \"adaptive_analysis\"\nrule = \"fisher\"\n"
      "[analysis.x.means]\nvariance = \"known\"\nn_treatment = [50.0, 50.0]\n"
      "n_control = [50.0, 50.0]\nmean_treatment = [1.0, -0.4]\nmean_control = [0.0, 0.0]\n"
      "sd_treatment = [1.0, 1.0]\nsd_control = [1.0, 1.0]\n",
      {});
  int bounds = 0;
  for (const Row& row : own) {
    if (row.statistic != "repeated_lower" && row.statistic != "repeated_upper") continue;
    const bool second = row.group == "look 2";
    EXPECT_EQ(row.value.has_value(), !second);
    EXPECT_EQ(row.note, second ? "the stages contradict each other: no effect is left" : "");
    ++bounds;
  }
  EXPECT_EQ(bounds, 4);
}

// --- what is refused -----------------------------------------------------------------------------

struct Wrong {
  const char* name;
  std::string plan;
  const char* words;
};
void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }
class UnfitStages : public testing::TestWithParam<Wrong> {};

TEST_P(UnfitStages, IsAProblemThatNamesTheKey) {
  const std::string text = complaints("[analysis.x]\n" + GetParam().plan);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

std::string closed_rates(const std::string& treatments, const std::string& numbers) {
  return "method = \"closed_testing\"\nendpoint = \"rates\"\ntreatments = " + treatments + "\n" +
         numbers;
}

const std::string two_of_three = "n = [40.0, 40.0, 40.0]\nevents = [0.0, 4.0, 0.0]\n";

INSTANTIATE_TEST_SUITE_P(
    PlanStages, UnfitStages,
    testing::Values(
        Wrong{"review_of_pooled_data",
              "method = \"unblinded_review\"\nrule = \"group_sequential\"\nstatistic = 1.2\n"
              "observed = 100.0\nleast = 50.0\nmost = 400.0\n",
              "analysis.x.rule = group_sequential: stages must be combined"},
        Wrong{"pair_without_event", closed_rates("[\"a\", \"b\"]", two_of_three),
              "a treatment without any event"},
        Wrong{"means_of_rates", closed_rates("[\"a\", \"b\"]", two_of_three + "mean = [1.0]\n"),
              "analysis.x.mean: is used with endpoint = \"means\" alone"},
        Wrong{"table_of_another_endpoint",
              "method = \"adaptive_analysis\"\n[analysis.x.rates]\nn_treatment = [10.0]\n",
              "analysis.x.rates: is not the table of the endpoint means"},
        Wrong{"bounds_of_fisher",
              "method = \"closed_testing\"\nrule = \"fisher\"\nbounds = \"pocock\"\n",
              "analysis.x.bounds: is used with rule = \"group_sequential\" or \"inverse_normal\" "
              "alone"},
        Wrong{"parameter_of_fisher",
              "method = \"adaptive_analysis\"\nrule = \"fisher\"\nparameter = 1.0\n",
              "analysis.x.parameter: is used with rule"},
        Wrong{"assumed_means",
              "method = \"adaptive_analysis\"\n[analysis.x.means]\nassumed_sd = 2.0\n",
              "analysis.x.means.assumed_sd: is used with effect = \"assumed\" alone"},
        Wrong{"assumed_rates",
              "method = \"adaptive_analysis\"\nendpoint = \"rates\"\n[analysis.x.rates]\n"
              "assumed_control = 0.2\n",
              "analysis.x.rates.assumed_control: is used with effect = \"assumed\" alone"},
        Wrong{"assumed_survival",
              "method = \"adaptive_analysis\"\nendpoint = \"survival\"\n[analysis.x.survival]\n"
              "assumed_ratio = 0.7\n",
              "analysis.x.survival.assumed_ratio: is used with effect = \"assumed\" alone"},
        Wrong{"assumed_review", "method = \"unblinded_review\"\nassumed = 0.1\n",
              "analysis.x.assumed: is used with effect = \"assumed\" alone"},
        Wrong{"zone_without_interim",
              "method = \"conditional_power\"\nstatistic = 1.0\nplanned = 200.0\ntarget = 0.9\n",
              "analysis.x.planned: is used with interim alone"},
        Wrong{"target_without_interim",
              "method = \"conditional_power\"\nstatistic = 1.0\ntarget = 0.9\n",
              "analysis.x.target: is used with interim alone"},
        Wrong{"same_treatment", closed_rates("[\"a\", \"a\"]", two_of_three),
              "analysis.x.treatments = a: stands twice"},
        Wrong{"control_as_treatment", closed_rates("[\"a\", \"control\"]", two_of_three),
              "analysis.x.treatments = control: is the control"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
