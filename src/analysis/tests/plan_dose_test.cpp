// SPDX-License-Identifier: Apache-2.0
// Dose-response analyses of a plan: reference cases as a user would write them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plan_dose_case.hpp"
#include "reference_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

using reference::Block;

const std::vector<std::string> biom_shapes{"linear", "emax 0.2", "exponential 0.5",
                                           "quadratic -0.6"};
const std::string biom_plan = R"(
[columns]
subject = "row"
[analysis.x]
method = "mcp_mod"
response = "resp"
dose = "dose"
candidates = ["linear", "emax 0.2", "exponential 0.5", "quadratic -0.6"]
target_effect = 0.2
)";

TEST(PlanDose, McpModGivesTheContrastTestOfTheReferenceCase) {
  const auto own = rows(biom_plan, {table("c60_mcpmod_biom/data.csv")});
  const Block test("c60_mcpmod_biom/expected.json", "mct_test");
  test.expect({"t"}, values(own, "t", biom_shapes));
  test.expect({"p_adjusted"}, values(own, "adjusted_p_value", biom_shapes));
  test.expect({"p_unadjusted"}, values(own, "unadjusted_p_value", biom_shapes));
  test.expect({"critical_value"}, value(own, "x", "critical_value"));
  test.expect({"df"}, value(own, "x", "df"));
  EXPECT_NEAR(value(own, "x", "contrast", "", "emax 0.2, dose 0.6"), 0.413095464141754, 1e-10);
  EXPECT_EQ(value(own, "x", "p_value"), value(own, "x", "adjusted_p_value", "", "emax 0.2"));
}

TEST(PlanDose, McpModGivesTheShapeAndTheTargetDoseOfTheReferenceCase) {
  const auto own = rows(biom_plan, {table("c60_mcpmod_biom/data.csv")});
  EXPECT_EQ(value(own, "x", "selected", "", "emax"), 1.0);
  const Block fit("c60_mcpmod_biom/expected.json", "fit_emax");
  fit.expect({"AIC"}, value(own, "x", "aic", "", "emax"));
  fit.expect({"TD_delta_0.2"}, value(own, "x", "target_dose", "", "emax"));
  fit.expect({"nonlinear_parameters"}, value(own, "x", "theta_0", "", "emax"));
  fit.expect({"linear_parameters"}, std::vector<double>{value(own, "x", "e_0", "", "emax"),
                                                        value(own, "x", "e_1", "", "emax")});
  EXPECT_LT(value(own, "x", "target_dose_lower", "", "emax"),
            value(own, "x", "target_dose", "", "emax"));
  EXPECT_GT(value(own, "x", "selected_upper", "", "dose 0.6"),
            value(own, "x", "selected_mean", "", "dose 0.6"));
}

TEST(PlanDose, McpModAveragesTheEightShapesOfTheReferenceCase) {
  const auto own = rows(R"(
[columns]
subject = "row"
[analysis.x]
method = "mcp_mod"
response = "resp"
dose = "dose"
candidates = ["linear", "linlog", "quadratic -0.6", "emax 0.2", "sigEmax 0.4 3",
              "exponential 0.28", "logistic 0.5 0.1", "betaMod 1.2 0.8"]
offset = 0.1
alpha = 0.2
selection = "average"
target_effect = 0.2
curve_doses = [0.0, 0.5, 1.0]
)",
                        {table("c60_mcpmod_biom/data.csv")});
  const Block average("c60_mcpmod_biom/expected.json", "aic_model_average");
  average.expect({"weights"}, values(own, "weight",
                                     {"linear", "linlog", "quadratic", "emax", "sigEmax",
                                      "exponential", "logistic", "betaMod"}));
  const auto curve = average.numbers({"curve"});
  const auto mine = values(own, "averaged_mean", {"dose 0", "dose 0.5", "dose 1"});
  EXPECT_NEAR(mine[0], curve[0], 1e-5);
  EXPECT_NEAR(mine[1], curve[10], 1e-5);
  EXPECT_NEAR(mine[2], curve[20], 1e-5);
  EXPECT_GT(value(own, "x", "target_dose"), 0.0);
  expect_each_once(own);
}

TEST(PlanDose, McpModTellsTwoTablesApart) {
  const auto own = rows(R"(
[columns]
subject = "row"
[analysis.x]
method = "mcp_mod"
response = "resp"
dose = "dose"
alpha = 0.2
candidates = ["table 0 0.2 0.5 0.9 1", "table 0 0.5 1 1 0.8", "sigEmax 0.4 3", "sigEmax 0.2 2"]
selection = "max_t"
effective_fraction = 0.9
)",
                        {table("c60_mcpmod_biom/data.csv")});
  expect_each_once(own);
  EXPECT_GT(value(own, "x", "weight", "", "table 0 0.2 0.5 0.9 1"), 0.0);
  EXPECT_GT(value(own, "x", "weight", "", "table 0 0.5 1 1 0.8"), 0.0);
  EXPECT_GT(first(own, "effective_dose"), 0.0);
}

TEST(PlanDose, McpModAdjustsForCovariates) {
  const auto own = rows(R"(
[columns]
subject = "row"
[analysis.x]
method = "mcp_mod"
response = "resp"
dose = "dose"
covariates = ["gender"]
candidates = ["linear", "emax 0.4", "sigEmax 2 4", "quadratic -0.17"]
)",
                        {table("c63_mcpmod_ibs_covariate/data_ibs.csv")});
  const Block test("c63_mcpmod_ibs_covariate/expected.json", "ibs_mct");
  const std::vector<std::string> names{"linear", "emax 0.4", "sigEmax 2 4", "quadratic -0.17"};
  test.expect({"t"}, values(own, "t", names));
  test.expect({"p_adjusted"}, values(own, "adjusted_p_value", names));
}

TEST(PlanDose, McpModTakesLogRatesOfCounts) {
  const std::string plan = R"(
[columns]
subject = "row"
[analysis.x]
method = "mcp_mod"
response = "total"
dose = "conc"
family = "poisson"
better = "decrease"
candidates = ["linear", "exponential 100", "quadratic -0.0045", "emax 300"]
target_ratio = 0.75
)";
  const auto nitrofen = table("c62_gmcpmod_counts_nitrofen/data.csv");
  const auto own = rows("conventions = \"r\"\n" + plan, {nitrofen});
  const Block test("c62_gmcpmod_counts_nitrofen/expected.json", "stage2_general_mct");
  const std::vector<std::string> names{"linear", "exponential 100", "quadratic -0.0045",
                                       "emax 300"};
  test.expect({"z"}, values(own, "t", names));
  test.expect({"p_adjusted"}, values(own, "adjusted_p_value", names));
  const double dose = first(own, "target_dose");
  const double rate = first(own, "selected_rate");  // of placebo
  const auto at =
      rows("conventions = \"r\"\n" + plan + "curve_doses = [" + std::to_string(dose) + "]\n",
           {nitrofen});
  EXPECT_NEAR(first(at, "selected_rate"), 0.75 * rate, 1e-5 * rate);
  // Half an event at every dose moves rates by less than 1 %, but moves them.
  const auto half = rows(plan, {nitrofen});
  EXPECT_NE(value(half, "x", "rate", "", "dose 310"), value(own, "x", "rate", "", "dose 310"));
  EXPECT_NEAR(value(half, "x", "rate", "", "dose 310"), value(own, "x", "rate", "", "dose 310"),
              0.06);
}

TEST(PlanDose, McpModTakesEstimatesOfAnyModel) {
  const auto own = rows(R"(
[columns]
subject = "row"
[analysis.x]
method = "mcp_mod"
family = "estimates"
response = "fev1"
standard_error = "sdev"
dose = "dose"
candidates = ["emax 30", "linear", "exponential 50"]
)",
                        {table("c63_mcpmod_ibs_covariate/data_glycobrom.csv")});
  const Block test("c63_mcpmod_ibs_covariate/expected.json", "glycobrom_general");
  const std::vector<std::string> names{"emax 30", "linear", "exponential 50"};
  test.expect({"z"}, values(own, "t", names));
  test.expect({"p_adjusted"}, values(own, "adjusted_p_value", names));
}

const std::string epil_head = R"(
arms = ["placebo", "progabide"]
[columns]
subject = "subject"
arm = "trt"
[analysis.x]
response = "y"
exposure = "weeks"
family = "negative_binomial"
covariates = ["lb"]
)";

TEST(PlanDose, NegativeBinomialLogRatesAreThoseOfTheRegression) {
  const auto epil = table("c01_nb_epil/data_totals.csv");
  const auto own = rows(epil_head + "method = \"dunnett\"\n", {epil});
  // One comparison: Dunnett's test is Wald's.
  EXPECT_NEAR(value(own, "x", "rate_ratio", "progabide"), std::exp(-0.279577712597068), 1e-8);
  EXPECT_NEAR(value(own, "x", "p_value", "progabide"),
              value(own, "x", "unadjusted_p_value", "progabide"), 1e-10);
  EXPECT_NEAR(value(own, "x", "dispersion"), 1.0 / 3.61831696968242, 1e-7);
}

const std::string blankets = R"(
arms = ["b0", "b1", "b2", "b3"]
[columns]
subject = "row"
arm = "blanket"
[analysis.x]
response = "minutes"
)";

TEST(PlanDose, DunnettAgreesWithTheReferenceCase) {
  const auto recovery = table("c80_dunnett_multiplicity/data.csv");
  const std::vector<std::string> arms{"b1", "b2", "b3"};
  const auto by_arm = [&](const std::vector<Row>& own, const std::string& statistic) {
    std::vector<double> out;
    for (const std::string& arm : arms) {
      for (const Row& row : own) {
        if (row.statistic == statistic && row.arm == arm && row.arm_ref == "b0") {
          out.push_back(row.value.value_or(1e300));
        }
      }
    }
    return out;
  };
  const auto two = rows(blankets + "method = \"dunnett\"\n", {recovery});
  expect_each_once(two);
  const Block test("c80_dunnett_multiplicity/expected.json", "dunnett");
  test.expect({"t"}, by_arm(two, "t"));
  test.expect({"p_two_sided"}, by_arm(two, "p_value"));
  test.expect({"ci_lower"}, by_arm(two, "lower"));
  test.expect({"ci_upper"}, by_arm(two, "upper"));
  test.expect({"critical_two_sided"}, value(two, "x", "critical_value"));
  Block("c80_dunnett_multiplicity/expected.json", "stepdown_dunnett")
      .expect({"p"}, by_arm(rows(blankets + "method = \"dunnett\"\nstep_down = true\n", {recovery}),
                            "p_value"));
  const auto less = rows(blankets + "method = \"dunnett\"\nalternative = \"less\"\n", {recovery});
  test.expect({"p_one_sided_less"}, by_arm(less, "p_value"));
  test.expect({"critical_one_sided"}, value(less, "x", "critical_value"));
  EXPECT_EQ(by_arm(less, "lower"), std::vector<double>(3, 1e300));  // no lower limit
  EXPECT_LT(by_arm(less, "upper")[1], 0.0);
}

TEST(PlanDose, DunnettWithACovariateAgreesWithTheReferenceCase) {
  const auto own = rows(R"(
arms = ["Cont", "CBT", "FT"]
[columns]
subject = "row"
arm = "Treat"
[analysis.x]
method = "dunnett"
response = "Postwt"
covariates = ["Prewt"]
)",
                        {table("c10_ancova_anorexia/data.csv")});
  const Block test("c10_ancova_anorexia/expected.json", "dunnett_adjusted");
  const auto both = [&](const std::string& statistic) {
    return std::vector<double>{value(own, "x", statistic, "CBT"), value(own, "x", statistic, "FT")};
  };
  test.expect({"t"}, both("t"));
  test.expect({"p_adjusted"}, both("p_value"));
  test.expect({"critical_95"}, value(own, "x", "critical_value"));
}

TEST(PlanDose, WilliamsAndUmbrellaTestsSeeARiseAndAFall) {
  std::string csv = "dose,y\n";
  for (int i = 0; i < 40; ++i) {
    const double mean[] = {0.0, 2.0, 1.0, 0.0};
    csv +=
        std::to_string(i % 4) + "," + std::to_string(mean[i % 4] + 0.3 * ((i / 4) % 5 - 2)) + "\n";
  }
  const auto data = formats::parse_csv_table(csv, "trial.csv").value();
  const auto own = rows(R"(
[columns]
subject = "row"
[analysis.williams]
method = "williams"
response = "y"
dose = "dose"
[analysis.peaks]
method = "umbrella_test"
response = "y"
dose = "dose"
[analysis.blocks]
method = "umbrella_test"
response = "y"
dose = "dose"
contrasts = "blocks"
[analysis.rising]
method = "order_restricted_test"
response = "y"
dose = "dose"
[analysis.umbrella]
method = "order_restricted_test"
response = "y"
dose = "dose"
order = "umbrella"
peak_dose = 1.0
[analysis.down]
method = "order_restricted_test"
response = "y"
dose = "dose"
alternative = "less"
)",
                        {data});
  expect_each_once(own);
  EXPECT_EQ(value(own, "peaks", "selected", "", "peak at dose 1"), 1.0);
  EXPECT_LT(value(own, "peaks", "p_value"), 1e-4);
  EXPECT_EQ(value(own, "blocks", "p_value"),
            value(own, "blocks", "adjusted_p_value", "", "dose 1 to dose 2"));
  EXPECT_GT(value(own, "williams", "adjusted_p_value", "", "dose 3 against dose 0"), 0.5);
  EXPECT_LT(value(own, "williams", "p_value"), 1e-3);
  EXPECT_LT(value(own, "rising", "p_value", "", "the order against any means"), 1e-4);
  EXPECT_GT(value(own, "umbrella", "p_value", "", "the order against any means"), 0.99);
  EXPECT_NEAR(value(own, "umbrella", "restricted_mean", "", "dose 1"), 2.0, 1e-12);
  EXPECT_NEAR(value(own, "rising", "restricted_mean", "", "dose 3"), 1.0, 1e-12);
  EXPECT_NEAR(value(own, "down", "restricted_mean", "", "dose 0"), 1.0, 1e-12);
  EXPECT_NEAR(value(own, "rising", "level_probability", "", "4 levels"), 1.0 / 24.0, 1e-10);
}

TEST(PlanDose, AveragingFindsTheBestDoseAndTheFall) {
  const std::string plan = R"(
[columns]
subject = "row"
[analysis.x]
method = "dose_response_average"
response = "resp"
dose = "dose"
effect_sd = 1.0
relevant_effect = 0.2
relevant_fall = 0.1
flat = 0.25
)";
  const auto own = rows(plan, {table("c60_mcpmod_biom/data.csv")});
  expect_each_once(own);
  double best = 0.0, shapes = 0.0;
  for (const Row& row : own) {
    if (row.statistic == "probability_best") best += row.value.value();
    if (row.statistic == "posterior_probability") shapes += row.value.value();
  }
  EXPECT_NEAR(best, 1.0, 1e-9);
  EXPECT_NEAR(shapes, 1.0, 1e-9);
  EXPECT_LT(value(own, "x", "target_dose_lower"), value(own, "x", "target_dose"));
  EXPECT_GT(value(own, "x", "probability_relevant", "", "dose 1"), 0.9);
  EXPECT_GT(value(own, "x", "averaged_upper", "", "dose 0.2"),
            value(own, "x", "averaged_mean", "", "dose 0.2"));
  // A single shape that rises leaves no room for a fall after a rise.
  const auto rise =
      rows(plan + "shapes = [\"emax\"]\nweights = [2.0]\n", {table("c60_mcpmod_biom/data.csv")});
  EXPECT_EQ(value(rise, "x", "probability_non_monotone"), 0.0);
  EXPECT_GT(value(own, "x", "probability_non_monotone"), 0.0);
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
