// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "plan_case.hpp"

/// Contrasts of arms that a plan lists beside those of each arm with the reference.
namespace angiotrial::analysis::plan_test {
namespace {

/// 24 subjects in three arms, each at two visits.
formats::DataTable trial() {
  std::string csv = "USUBJID,ARM,AVISIT,BASE,y,n,e,t\n";
  const std::string arms[] = {"placebo", "low", "high"};
  for (int i = 0; i < 24; ++i) {
    const int arm = (i + i / 9) % 3;
    const double base = std::sin(2.7 * i) * 2.0;
    for (int v = 1; v <= 2; ++v) {
      const double y = 1.5 * arm + 0.4 * base + v * 0.3 * arm + std::cos(1.9 * i * v + v);
      csv += "s" + std::to_string(i) + "," + arms[arm] + ",V" + std::to_string(v) + "," +
             std::to_string(base) + "," + std::to_string(y) + "," +
             std::to_string((7 * i + 3 * v) % 11 + arm) + "," + std::to_string((i * i + v) % 2) +
             "," + std::to_string(20 + i % 5) + "\n";
    }
  }
  return formats::parse_csv_table(csv, "trial.csv").value();
}

struct Model {
  const char* name;
  const char* method;
  const char* options;
  const char* effect;
  bool one_visit;
};

std::string plan_of(const Model& model, const std::string& name, const std::string& more) {
  return "[analysis." + name + "]\nmethod = \"" + model.method + "\"\n" + model.options +
         (model.one_visit ? "where = [\"AVISIT = V2\"]\n" : "") + more;
}

const std::string three_arms = "arms = [\"placebo\", \"low\", \"high\"]\n";

/// Each statistic of a comparison, in the order of the visits.
std::map<std::string, std::vector<double>> comparison(const std::vector<Row>& rows,
                                                      const std::string& analysis,
                                                      const std::string& arm,
                                                      const std::string& against) {
  std::map<std::string, std::vector<double>> out;
  for (const Row& row : rows) {
    if (row.analysis != analysis || row.arm != arm || row.arm_ref != against) continue;
    if (row.group.empty() && row.value) out[row.statistic].push_back(*row.value);
  }
  return out;
}

void expect_same(const std::map<std::string, std::vector<double>>& a,
                 const std::map<std::string, std::vector<double>>& b, double within) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [statistic, values] : a) {
    ASSERT_TRUE(b.contains(statistic)) << statistic;
    ASSERT_EQ(values.size(), b.at(statistic).size()) << statistic;
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_NEAR(values[i], b.at(statistic)[i], within * (1.0 + std::fabs(values[i])))
          << statistic;
    }
  }
}

class PlannedContrasts : public testing::TestWithParam<Model> {};

/// Of two arms: what the same analysis says with the other arm as its reference.
TEST_P(PlannedContrasts, ContrastOfTwoArmsIsThatWithAnotherReference) {
  const std::string text = plan_of(GetParam(), "x", "contrasts = [0, -1, 1, -1, 1, 0]\n");
  const auto own = rows(three_arms + text, {trial()});
  const auto other =
      rows("reference_arm = \"low\"\n" + three_arms + plan_of(GetParam(), "x", ""), {trial()});
  const auto high_low = comparison(own, "x", "high", "low");
  EXPECT_GE(high_low.at(GetParam().effect).size(), GetParam().one_visit ? 1U : 2U);
  expect_same(high_low, comparison(other, "x", "high", "low"), 1e-6);
  // Against the reference: its own row, then the plan's.
  const std::size_t visits = GetParam().one_visit ? 1 : 2;
  for (const auto& [statistic, values] : comparison(own, "x", "low", "placebo")) {
    ASSERT_EQ(values.size(), 2 * visits) << statistic;
    for (std::size_t v = 0; v < visits; ++v) EXPECT_NEAR(values[v], values[visits + v], 1e-9);
  }
}

/// A mean of two arms: the estimate is the mean of theirs.
TEST_P(PlannedContrasts, MeanOfTwoArmsIsTheMeanOfTheirEffects) {
  const auto own =
      rows(three_arms + plan_of(GetParam(), "x", "contrasts = [-1, 0.5, 0.5]\n"), {trial()});
  const auto effect = [&](const std::string& arm) {
    const double v = comparison(own, "x", arm, "placebo").at(GetParam().effect)[0];
    return std::string(GetParam().effect) == "difference" ? v : std::log(v);
  };
  EXPECT_NEAR(effect("0.5 low + 0.5 high"), 0.5 * (effect("low") + effect("high")), 1e-10);
}

INSTANTIATE_TEST_SUITE_P(
    Methods, PlannedContrasts,
    testing::Values(
        Model{"ancova", "ancova", "response = \"y\"\ncovariates = [\"BASE\"]\n", "difference",
              true},
        Model{"logistic", "logistic_regression",
              "response = \"e\"\ncovariates = [\"BASE\"]\nerrors = \"hc0\"\n", "odds_ratio", true},
        Model{"poisson", "poisson_regression",
              "response = \"n\"\nexposure = \"t\"\ncovariates = [\"BASE\", \"arm:BASE\"]\n",
              "rate_ratio", true},
        Model{"negative_binomial", "negative_binomial",
              "response = \"n\"\nexposure = \"t\"\ncovariates = [\"BASE\", \"arm:BASE\"]\n"
              "interval = \"wald\"\n",
              "rate_ratio", true},
        Model{"mmrm", "mmrm",
              "response = \"y\"\nvisit = \"AVISIT\"\ncovariates = [\"BASE\", \"BASE:AVISIT\"]\n",
              "difference", false}),
    [](const auto& named) { return std::string(named.param.name); });

/// One-way layout: (sum_a c_a m_a) with error s sqrt(sum_a c_a^2 / n_a), s pooled, n - 3 df.
TEST(PlanContrasts, OneWayLayoutInClosedForm) {
  const auto own = rows(three_arms +
                            "[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\nerrors = "
                            "\"model\"\ncontrasts = [-1, 0.5, 0.5, -0.5, 1, -0.5]\n",
                        {formats::parse_csv_table("USUBJID,ARM,y\n1,placebo,1\n2,placebo,3\n"
                                                  "3,low,4\n4,low,5\n5,low,9\n6,high,2\n7,high,5\n",
                                                  "trial.csv")
                             .value()});
  const double means[] = {2.0, 6.0, 3.5}, sizes[] = {2.0, 3.0, 2.0};
  const double s = std::sqrt((2.0 + 14.0 + 4.5) / 4.0);
  const std::vector<std::vector<double>> contrasts{{-1.0, 0.5, 0.5}, {-0.5, 1.0, -0.5}};
  const std::string over[] = {"0.5 low + 0.5 high", "low"};
  const std::string against[] = {"placebo", "0.5 placebo + 0.5 high"};
  for (std::size_t k = 0; k < 2; ++k) {
    double estimate = 0.0, variance = 0.0;
    for (std::size_t a = 0; a < 3; ++a) {
      estimate += contrasts[k][a] * means[a];
      variance += contrasts[k][a] * contrasts[k][a] / sizes[a];
    }
    const auto got = comparison(own, "x", over[k], against[k]);
    EXPECT_NEAR(got.at("difference")[0], estimate, 1e-12);
    EXPECT_NEAR(got.at("se")[0], s * std::sqrt(variance), 1e-12);
    EXPECT_NEAR(got.at("df")[0], 4.0, 1e-12);
  }
}

/// A listed contrast is a hypothesis like those of the arms.
TEST(PlanContrasts, MultiplicityTakesThemByTheirName) {
  const auto own =
      rows(three_arms +
               "[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\nwhere = [\"AVISIT = V2\"]\n"
               "contrasts = [-1, 0.5, 0.5]\n[analysis.h]\nmethod = \"multiplicity\"\n"
               "analyses = [\"x/0.5 low + 0.5 high\", \"x/low\"]\n",
           {trial()});
  std::size_t hypotheses = 0;
  for (const Row& row : own) {
    if (row.analysis == "h" && row.statistic == "adjusted_p_value") ++hypotheses;
  }
  EXPECT_EQ(hypotheses, 2U);
}

TEST(PlanContrasts, WhatIsNoContrastIsAProblem) {
  const auto told = [](const std::string& head, const std::string& contrasts,
                       const std::string& more = "") {
    return complaints(head +
                          "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"y\"\nvisit = \"AVISIT\"\n"
                          "contrasts = " +
                          contrasts + "\n" + more,
                      {trial()});
  };
  EXPECT_NE(told(three_arms, "[-1, 1]").find("rows of 3, the number of arms"), std::string::npos);
  EXPECT_NE(told(three_arms, "[-1, 0.5, 0.6]").find("must sum to 0"), std::string::npos);
  EXPECT_NE(told(three_arms, "[0, 0, 0]").find("not be all 0"), std::string::npos);
  EXPECT_NE(told("", "[-1, 0, 1]").find("the order of the arms is not known"), std::string::npos);
  EXPECT_NE(told(three_arms, "[-1, 0, 1]", "adjusted_means = \"standardised\"\n")
                .find("are not for standardised means"),
            std::string::npos);
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
