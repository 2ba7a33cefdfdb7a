// SPDX-License-Identifier: Apache-2.0
// Options of designs in stages through plans: futility, Fisher's levels, promising zones, the tests
// of intersections.
#include <angiotrial/analysis/design/adaptive_analysis.hpp>
#include <angiotrial/analysis/design/closed_testing.hpp>
#include <angiotrial/analysis/design/two_stage_simulation.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "deep_block.hpp"
#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// P(p_1 p_2 <= c) of two independent uniforms.
double level_of_product(double c) { return c * (1.0 - std::log(c)); }

// --- a trial of three looks, two of them made ----------------------------------------------------

const std::vector<MeansStage> made{{28, 27, 1.25, 1.05, 1.7, 1.6}, {26, 29, 2.9, 1.3, 1.5, 1.9}};

std::string made_stages(const std::string& options) {
  return "[analysis.x]\nmethod = \"adaptive_analysis\"\ninformation = [0.3, 0.6, 1.0]\n" + options +
         "[analysis.x.means]\nn_treatment = [28.0, 26.0]\nn_control = [27.0, 29.0]\n"
         "mean_treatment = [1.25, 2.9]\nmean_control = [1.05, 1.3]\n"
         "sd_treatment = [1.7, 1.5]\nsd_control = [1.6, 1.9]\n";
}

AdaptivePlan three_looks(StageRule rule = StageRule::inverse_normal) {
  AdaptivePlan plan;
  plan.rule = rule;
  plan.information = {0.3, 0.6, 1.0};
  return plan;
}

/// Every look of the rows is that of the library with this plan.
void expect_looks(const std::vector<Row>& own, const AdaptivePlan& plan) {
  const AdaptiveAnalysis library = analyse_stages(
      plan_adaptive(plan), MeansTrial{made, 0.0, Favours::larger, StageVariance::welch});
  ASSERT_EQ(library.status, StageStatus::analysed);
  const auto of = [&](const char* name) { return by_look(own, "x", name); };
  const auto error = of("conditional_rejection_probability"), repeated = of("repeated_p_value");
  const auto futile = of("stops_for_futility"), rejected = of("rejected");
  ASSERT_EQ(error.size(), library.stages.size());
  for (std::size_t k = 0; k < library.stages.size(); ++k) {
    const StageAnalysis& s = library.stages[k];
    EXPECT_EQ(futile[k], s.futile ? 1.0 : 0.0) << k;
    EXPECT_EQ(rejected[k], s.rejected ? 1.0 : 0.0) << k;
    EXPECT_NEAR(error[k], s.conditional_rejection.value_or(-1.0), 1e-12) << k;
    EXPECT_NEAR(of("repeated_lower")[k], s.lower, 1e-10) << k;
    EXPECT_NEAR(repeated[k], s.repeated_p.value_or(-1e300), 1e-12) << k;
  }
  if (library.stopped) EXPECT_EQ(value(own, "x", "stopped_at"), library.stopped->stage + 1.0);
}

TEST(PlanStages, FisherKeepsTheLastStagesOwnValueOrSharesTheLevelAlike) {
  const auto own = [](const std::string& options) {
    return rows("[analysis.x]\nmethod = \"adaptive_analysis\"\nrule = \"fisher\"\n" + options +
                    "[analysis.x.means]\nn_treatment = [30.0]\nn_control = [30.0]\n"
                    "mean_treatment = [0.8]\nmean_control = [0.0]\nsd_treatment = [2.0]\n"
                    "sd_control = [2.0]\n",
                {});
  };
  // After p_1 the trial rejects where p_2 <= c / p_1.
  const auto last = [](const std::vector<Row>& some) {
    return value(some, "x", "conditional_rejection_probability", "", "look 1") *
           value(some, "x", "stage_p_value", "", "look 1");
  };
  const auto full = own("fisher_levels = \"full\"\n"), equal = own("");
  EXPECT_NEAR(level_of_product(last(full)), 0.025, 1e-10);
  const double first = level_of_product(last(equal));  // the level of either stage
  EXPECT_NEAR(first - last(equal) * std::log(first), 0.025, 1e-10);
  EXPECT_GT(last(full), last(equal) * 1.5);
  EXPECT_NE(full.at(0).conventions.find("Fisher's product, full last level"), std::string::npos);
  EXPECT_NE(equal.at(0).conventions.find("Fisher's product, equal levels"), std::string::npos);
}

TEST(PlanStages, FisherLevelsAreThoseOfTheLibrary) {
  for (const auto& [name, levels] :
       {std::pair{"equal", FisherLevels::equal}, std::pair{"full", FisherLevels::full}}) {
    SCOPED_TRACE(name);
    AdaptivePlan plan = three_looks(StageRule::fisher);
    plan.fisher_levels = levels;
    expect_looks(
        rows(made_stages("rule = \"fisher\"\nfisher_levels = \"" + std::string(name) + "\"\n"), {}),
        plan);
  }
}

TEST(PlanStages, FutilityStopsEachLookBelowItsOwnBoundOfTheList) {
  const auto stops = [](const std::string& options) {
    return by_look(rows(made_stages(options), {}), "x", "stops_for_futility");
  };
  EXPECT_EQ(stops(""), (std::vector{0.0, 0.0}));
  EXPECT_EQ(stops("futility = [0.5, 1.0]\n"), (std::vector{1.0, 0.0}));  // z of 0.45, then of 2.7
  EXPECT_EQ(stops("futility = [0.4, 1.0]\n"), (std::vector{0.0, 0.0}));
  EXPECT_EQ(stops("bounds = \"pocock\"\nfutility = [-1.0, 1.0]\n"), (std::vector{0.0, 0.0}));
}

TEST(PlanStages, FutilityLeavesTheLevelAloneUnlessItBinds) {
  AdaptivePlan plan = three_looks();
  plan.futility = {0.5, 1.0};
  const auto free = rows(made_stages("futility = [0.5, 1.0]\n"), {});
  expect_looks(free, plan);
  plan.binding = true;
  const auto bound = rows(made_stages("futility = [0.5, 1.0]\nbinding = true\n"), {});
  expect_looks(bound, plan);
  EXPECT_EQ(value(bound, "x", "stopped_at"), 1.0);
  const auto repeated = [](const std::vector<Row>& some) {
    return by_look(some, "x", "repeated_p_value");
  };
  EXPECT_EQ(repeated(free), repeated(rows(made_stages(""), {})));
  const auto passed = rows(made_stages("futility = [0.4, 1.0]\nbinding = true\n"), {});
  EXPECT_LT(repeated(passed).at(1), repeated(free).at(1));
  EXPECT_EQ(by_look(bound, "x", "conditional_rejection_probability").at(1), 0.0);
  EXPECT_NE(free.at(0).conventions.find("futility: non-binding"), std::string::npos);
  EXPECT_NE(bound.at(0).conventions.find("futility: binding"), std::string::npos);
}

TEST(PlanStages, FutilityOfFisherIsAPValueOfTheStage) {
  const std::string fisher = "rule = \"fisher\"\n";  // p of 0.33 and of 0.0006
  for (const bool binding : {false, true}) {
    AdaptivePlan plan = three_looks(StageRule::fisher);
    plan.futility = {0.3, 0.5};
    plan.binding = binding;
    const auto own = rows(
        made_stages(fisher + "futility = [0.3, 0.5]\n" + (binding ? "binding = true\n" : "")), {});
    expect_looks(own, plan);
    EXPECT_EQ(by_look(own, "x", "stops_for_futility").at(0), 1.0);
  }
  const auto later = rows(made_stages(fisher + "futility = [0.4, 0.5]\n"), {});
  EXPECT_EQ(by_look(later, "x", "stops_for_futility").at(0), 0.0);
}

// --- designs -------------------------------------------------------------------------------------

const std::string thirds =
    "[analysis.x]\nmethod = \"group_sequential_design\"\n"
    "information = [0.333333333333333, 0.666666666666667, 1.0]\n";

TEST(PlanStages, ADesignWithListedFutilityIsThatOfTheReferenceCase) {
  const std::string listed = thirds + "futility_rule = \"bounds\"\nfutility = [0.0, 0.5]\n";
  const Deep block("c50_gsd_boundaries/expected.json", "futility_fixed_z0_z0.5");
  const auto own = rows(listed, {});
  const auto near = [](const std::vector<double>& a, const std::vector<double>& b) {
    ASSERT_EQ(a.size(), 3U);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(a[k], b[k], 1e-8) << k;  // fractions of thirds
  };
  near(by_look(own, "x", "critical_value"), block.numbers({"upper"}));
  near(by_look(own, "x", "futility_bound"), block.numbers({"lower"}));
  near(by_look(own, "x", "reject_null"), block.numbers({"reject"}));  // the first drift is 0
  near(by_look(own, "x", "futility_null"), block.numbers({"futility"}));
  EXPECT_NEAR(by_look(own, "x", "level_spent").at(2), 0.025, 1e-10);
  EXPECT_TRUE(by_look(rows(thirds, {}), "x", "futility_bound").empty());
  // Where it binds the last bound may be lower, for the same level.
  AdaptivePlan plan;
  plan.rule = StageRule::group_sequential;
  plan.information = {0.333333333333333, 0.666666666666667, 1.0};
  plan.futility = {0.0, 0.5};
  plan.binding = true;
  const auto bound = rows(listed + "binding = true\n", {});
  near(by_look(bound, "x", "critical_value"), plan_adaptive(plan).critical);
  EXPECT_LT(by_look(bound, "x", "critical_value").at(2), by_look(own, "x", "critical_value").at(2));
  EXPECT_NEAR(by_look(bound, "x", "level_spent").at(2), 0.025, 1e-10);
}

TEST(PlanStages, SimulatedTrialsStopForFutility) {
  const std::string text =
      "[analysis.x]\nmethod = \"two_stage_simulation\"\nseed = 3\nfirst = 100.0\nsecond = 60.0\n";
  const auto own = rows(text + "futility = [0.5]\n", {});
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  plan.futility = {0.5};
  const TwoStageMeans trial{{plan_adaptive(plan), 100.0, 60.0, 1.0, std::nullopt}, 0.0, 1.0};
  const TwoStageOutcome library = simulate(trial, 10000, 3);
  EXPECT_EQ(value(own, "x", "stopped_for_futility"), library.futile);
  EXPECT_EQ(value(own, "x", "expected_size"), library.expected_size);
  EXPECT_NEAR(library.futile, normal_cdf(0.5), 4.0 * std::sqrt(0.21 / 10000.0));
  EXPECT_EQ(value(rows(text, {}), "x", "stopped_for_futility"), 0.0);
}

// --- conditional power ---------------------------------------------------------------------------

std::string zone(const std::string& statistic, const std::string& options = "") {
  return "[analysis.x]\nmethod = \"conditional_power\"\ninformation = 0.5\ninterim = 100.0\n"
         "planned = 200.0\nlargest = 400.0\nstatistic = " +
         statistic + "\n" + options;
}

double in_zone(const std::vector<Row>& own, const char* statistic) {
  return value(own, "x", statistic, "", "promising zone");
}

TEST(PlanStages, ThePromisingZoneIsThatOfTheReferenceCase) {
  std::vector<double> found;
  for (const double z : {0.8, 1.2, 1.5, 1.8}) {
    const auto own = rows(zone(std::to_string(z)), {});
    found.push_back(z);
    for (const char* name : {"conditional_power", "size_for_target", "size", "critical_value"}) {
      found.push_back(in_zone(own, name));
    }
  }
  Deep("c52_adaptive_analysis/expected.json", "promising_zone").expect({}, found);
}

TEST(PlanStages, TheZoneBeginsWhereThePlanSaysItIsPromising) {
  // Conditional power is 0.59 at z = 1.5 and 0.12 at z = 0.8.
  EXPECT_EQ(in_zone(rows(zone("1.5", "promising = 0.6\n"), {}), "size"), 200.0);
  EXPECT_EQ(in_zone(rows(zone("1.5", "promising = 0.58\n"), {}), "size"),
            in_zone(rows(zone("1.5"), {}), "size"));
  const auto wide = rows(zone("0.8", "promising = 0.1\n"), {});
  EXPECT_EQ(in_zone(rows(zone("0.8"), {}), "size"), 200.0);
  EXPECT_EQ(in_zone(wide, "size"), 400.0);
  // z of all 400 rejects where the second stage's own z does as planned.
  const double own_bound = (1.959963984540054 * std::sqrt(2.0) - 0.8);
  EXPECT_NEAR(in_zone(wide, "critical_value"), (std::sqrt(3.0) * own_bound + 0.8) / 2.0, 1e-10);
}

/// z of 1.2 after half of the information and 100 patients: an effect of 0.12 a root patient.
std::string review(const std::string& options) {
  return "[analysis.x]\nmethod = \"unblinded_review\"\nstatistic = 1.2\nobserved = 100.0\n"
         "least = 100.0\nmost = 600.0\n" +
         options;
}

TEST(PlanStages, AReviewThatIsNotPromisingKeepsTheLeastSize) {
  const double last = Deep("c50_gsd_boundaries/expected.json", "asOF_K2_half").numbers({"z"})[1];
  const double bound = (last - 1.2 * std::sqrt(0.5)) / std::sqrt(0.5);
  const double at_least = normal_cdf(0.12 * 10.0 - bound);  // 0.35
  const double wanted = std::pow((bound + 0.8416212335729143) / 0.12, 2.0);
  for (const auto& [options, size, power] :
       {std::tuple{"", wanted, 0.8}, std::tuple{"promising = 0.34\n", wanted, 0.8},
        std::tuple{"promising = 0.36\n", 100.0, at_least}}) {
    SCOPED_TRACE(options);
    const auto own = rows(review(options), {});
    EXPECT_NEAR(value(own, "x", "conditional_power_at_least"), at_least, 1e-8);
    EXPECT_NEAR(value(own, "x", "size"), size, 1e-5);
    EXPECT_NEAR(value(own, "x", "size_for_target"), wanted, 1e-5);
    EXPECT_NEAR(value(own, "x", "conditional_power"), power, 1e-8);
  }
}

TEST(PlanStages, AReviewAtItsFutilityBoundSaysSoOrHasStopped) {
  const auto note = [](const std::string& options) { return rows(review(options), {}).at(0).note; };
  EXPECT_EQ(note("futility = [1.1]\n"), "");
  EXPECT_EQ(note("futility = [1.3]\n"),
            "the statistic is at its futility bound, which does not bind");
  EXPECT_NE(complaints(review("futility = [1.3]\nbinding = true\n")).find("binding futility holds"),
            std::string::npos);
  EXPECT_EQ(complaints(review("futility = [1.1]\nbinding = true\n")), "");
}

// --- closed testing ------------------------------------------------------------------------------

std::string intersections(const std::string& name, const std::string& stages) {
  return "[analysis.x]\nmethod = \"closed_testing\"\ntest = \"" + name + "\"\n" + stages;
}

TEST(PlanStages, IntersectionsOfTwoArmsAreThoseByHand) {
  const std::string once =
      "information = [1.0]\ntreatments = [\"low\", \"high\"]\nn = [50.0, 50.0, 50.0]\n"
      "mean = [0.0, 0.41, 0.405]\nsd = [1.0, 1.0, 1.0]\n";
  const auto rejected_by = [&](const std::string& name, auto test) {
    SCOPED_TRACE(name);
    const auto own = rows(intersections(name, once), {});
    const auto of = [&](const char* statistic, const char* arm) {
      return value(own, "x", statistic, arm, "look 1");
    };
    const double low = of("stage_p_value", "low"), high = of("stage_p_value", "high");
    EXPECT_LT(low, high);
    EXPECT_LT(high, 0.025);
    // A single look: the adjusted p-value is the larger of the arm's own and that of both.
    EXPECT_NEAR(of("repeated_p_value", "low"), std::max(low, test(low, high)), 1e-10);
    EXPECT_NEAR(of("repeated_p_value", "high"), std::max(high, test(low, high)), 1e-10);
    EXPECT_NE(own.at(0).conventions.find("intersections: " + name), std::string::npos);
    return of("rejected", "low") + of("rejected", "high");
  };
  const auto simes = [](double p, double q) { return std::min(2.0 * p, q); };
  const auto sidak = [](double p, double) { return 1.0 - (1.0 - p) * (1.0 - p); };
  const auto bonferroni = [](double p, double) { return 2.0 * p; };
  EXPECT_EQ(rejected_by("simes", simes), 2.0);
  EXPECT_EQ(rejected_by("sidak", sidak), 0.0);
  EXPECT_EQ(rejected_by("bonferroni", bonferroni), 0.0);
}

/// Three arms in two stages; the second arm is dropped at the look.
const std::string three_arms =
    "treatments = [\"a\", \"b\", \"c\"]\n"
    "n = [40.0, 41.0, 39.0, 42.0, 50.0, 51.0, 0.0, 49.0]\n"
    "mean = [0.0, 0.3, 0.1, 0.33, 0.0, 0.35, 0.0, 0.4]\n"
    "sd = [1.0, 1.1, 0.9, 1.0, 1.2, 1.0, 0.0, 1.0]\n";

std::vector<ClosedStage> three_arm_stages() {
  const std::vector<ArmSummary> first{{40, 0, 1}, {41, 0.3, 1.1}, {39, 0.1, 0.9}, {42, 0.33, 1}};
  const std::vector<ArmSummary> second{{50, 0, 1.2}, {51, 0.35, 1}, {0, 0, 0}, {49, 0.4, 1}};
  return {closed_stage_of_means(first), closed_stage_of_means(second)};
}

void expect_closed(const std::vector<Row>& own, const ClosedAnalysis& library) {
  ASSERT_EQ(library.status, ClosedStatus::tested);
  const std::array<std::string, 3> arms{"a", "b", "c"};
  for (std::size_t k = 0; k < 2; ++k) {
    const ClosedStageResult& s = library.stages[k];
    const std::string look = "look " + std::to_string(k + 1);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(value(own, "x", "repeated_p_value", arms[i], look), s.repeated_p[i], 1e-12);
      EXPECT_EQ(value(own, "x", "rejected", arms[i], look), s.rejected[i] ? 1.0 : 0.0);
      if (k > 0) continue;
      EXPECT_NEAR(value(own, "x", "conditional_rejection_probability", arms[i], look),
                  s.conditional_rejection[i], 1e-12);
    }
  }
}

TEST(PlanStages, IntersectionsOfThreeArmsInTwoStagesAreThoseOfTheLibrary) {
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  std::map<std::string, double> p;
  for (const auto& [name, test] :
       {std::pair{"bonferroni", IntersectionTest::bonferroni},
        std::pair{"simes", IntersectionTest::simes}, std::pair{"sidak", IntersectionTest::sidak},
        std::pair{"dunnett", IntersectionTest::dunnett}}) {
    SCOPED_TRACE(name);
    const auto own = rows(intersections(name, three_arms), {});
    expect_closed(own, analyse_closed(plan_adaptive(plan), three_arm_stages(), test));
    p[name] = value(own, "x", "repeated_p_value", "c", "look 2");
  }
  EXPECT_LT(p["simes"], p["sidak"]);
  EXPECT_LT(p["dunnett"], p["sidak"]);
  EXPECT_LT(p["sidak"], p["bonferroni"]);
  EXPECT_GT(std::fabs(p["simes"] - p["dunnett"]), 1e-4);
}

TEST(PlanStages, ClosedTestingTakesFutilityAndFishersLevels) {
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  plan.futility = {0.5};
  const auto stages = three_arm_stages();
  for (const bool binding : {false, true}) {
    plan.binding = binding;
    const std::string options =
        "futility = [0.5]\n" + std::string(binding ? "binding = true\n" : "") + three_arms;
    const auto own = rows(intersections("simes", options), {});
    const auto library = analyse_closed(plan_adaptive(plan), stages, IntersectionTest::simes);
    expect_closed(own, library);
    EXPECT_EQ(value(own, "x", "stops_for_futility", "a", "look 1"), 0.0);
    EXPECT_EQ(value(own, "x", "stops_for_futility", "b", "look 1"), 1.0);
  }
  for (const Row& row : rows(intersections("simes", three_arms), {})) {
    EXPECT_NE(row.statistic, "stops_for_futility");
  }
  AdaptivePlan full;
  full.rule = StageRule::fisher;
  full.information = {0.5, 1.0};
  full.fisher_levels = FisherLevels::full;
  expect_closed(
      rows(intersections("sidak", "rule = \"fisher\"\nfisher_levels = \"full\"\n" + three_arms),
           {}),
      analyse_closed(plan_adaptive(full), stages, IntersectionTest::sidak));
}

// --- what is refused -----------------------------------------------------------------------------

struct Wrong {
  const char* name;
  std::string plan;
  const char* words;
};
void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }
class WrongStages : public testing::TestWithParam<Wrong> {};

TEST_P(WrongStages, IsAProblemThatNamesTheKey) {
  const std::string text = complaints(GetParam().plan);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanStages, WrongStages,
    testing::Values(
        Wrong{"levels", made_stages("rule = \"fisher\"\nfisher_levels = \"ful\"\n"),
              "analysis.x.fisher_levels = \"ful\": must be one of \"equal\", \"full\""},
        Wrong{"levels_without_fisher", made_stages("fisher_levels = \"full\"\n"),
              "analysis.x.fisher_levels = full: is used with rule = \"fisher\" alone"},
        Wrong{"futility_number", made_stages("futility = 0.5\n"),
              "analysis.x.futility = 0.5: must be a list"},
        Wrong{"futility_of_one_look", made_stages("futility = [0.5]\n"),
              "analysis.x.futility = 0.5: futility bounds: one an interim look"},
        Wrong{"futility_above_efficacy", made_stages("futility = [0.5, 3.0]\n"),
              "analysis.x.futility = 0.5, 3: futility bounds: one an interim look, below"},
        Wrong{"futility_of_fisher", made_stages("rule = \"fisher\"\nfutility = [0.02, 0.5]\n"),
              "analysis.x.futility = 0.02, 0.5: futility bounds: one an interim look, below the "
              "efficacy bound (fisher: p-values above the level)"},
        Wrong{"futility_that_leaves_none", made_stages("futility = [2.0, 2.0]\nbinding = true\n"),
              "analysis.x.futility = 2, 2: binding futility stops more trials"},
        Wrong{"binding_without_bounds", made_stages("binding = true\n"), "analysis.x.futility"},
        Wrong{"futility_without_rule", thirds + "futility = [0.0, 0.5]\n",
              "analysis.x.futility = 0, 0.5: is not used by this futility_rule (set futility_rule "
              "= \"bounds\")"},
        Wrong{"futility_beside_spending",
              thirds + "futility_rule = \"pocock\"\nfutility = [0.0, 0.5]\n",
              "analysis.x.futility = 0, 0.5: is not used by this futility_rule"},
        Wrong{"rule_without_futility", thirds + "futility_rule = \"bounds\"\n",
              "analysis.x.futility: must give a bound for each interim look"},
        Wrong{"binding_without_rule", thirds + "binding = true\n",
              "analysis.x.binding = true: needs a futility_rule"},
        Wrong{"zone", zone("1.5", "promising = 1.2\n"), "analysis.x.promising = 1.2: must"},
        Wrong{"review", review("promising = -0.1\n"), "analysis.x.promising = -0.1: must"},
        Wrong{"test", intersections("simmes", three_arms),
              "analysis.x.test = \"simmes\": must be one of \"bonferroni\", \"simes\", \"sidak\", "
              "\"dunnett\" (did you mean \"simes\"?)"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
