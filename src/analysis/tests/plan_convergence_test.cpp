// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "plan_case.hpp"

/// Every fit by iteration says how many it took.
namespace angiotrial::analysis::plan_test {
namespace {

formats::DataTable trial() {
  std::string csv = "USUBJID,ARM,AVISIT,X,y,n,e,c,t,d,k\n";
  for (int i = 0; i < 60; ++i) {
    for (int v = 1; v <= 2; ++v) {
      const double x = std::sin(2.7 * i), noise = std::sin(5.1 * i * v + 1.3 * v);
      const int arm = i % 2;
      const auto text = [](double value) { return std::to_string(value); };
      csv += "s" + std::to_string(i) + (arm == 1 ? ",b,V" : ",a,V") + std::to_string(v) + "," +
             text(x) + "," + text(arm + 0.5 * x + noise + std::cos(1.1 * i)) + "," +
             std::to_string((7 * i + 3 * v) % 13 * (i % 3 > 0 ? 1 : 0)) + "," +
             std::to_string((i * i + v + i / 7) % 2) + "," +
             std::to_string(
                 std::clamp(static_cast<int>(2.0 + 1.8 * std::cos(1.1 * i) + noise), 0, 3)) +
             "," + text(1.0 + (i * 37 % 61)) + "," + std::to_string(i % 4 > 0 ? 1 : 0) + "," +
             std::to_string(i % 5 % 3) + "\n";
    }
  }
  return formats::parse_csv_table(csv, "trial.csv").value();
}

struct Fit {
  const char* method;
  const char* options;
  bool every_visit;
  const char* statistic = "iterations";
};

class ConvergenceRows : public testing::TestWithParam<Fit> {};

TEST_P(ConvergenceRows, SayHowManyIterationsTheFitTook) {
  const Fit& fit = GetParam();
  const auto own = rows("arms = [\"a\", \"b\"]\n[analysis.x]\nmethod = \"" +
                            std::string(fit.method) + "\"\ncovariates = [\"X\"]\n" + fit.options +
                            (fit.every_visit ? "" : "where = [\"AVISIT = V1\"]\n"),
                        {trial()});
  const double count = value(own, "x", fit.statistic);
  EXPECT_GE(count, 1.0);
  EXPECT_LE(count, 1000.0);
}

INSTANTIATE_TEST_SUITE_P(
    Methods, ConvergenceRows,
    testing::Values(Fit{"logistic_regression", "response = \"e\"\n", false},
                    Fit{"poisson_regression", "response = \"n\"\n", false},
                    Fit{"negative_binomial", "response = \"n\"\n", false},
                    Fit{"zero_inflated_poisson", "response = \"n\"\n", false},
                    Fit{"gee", "response = \"n\"\n", true},
                    Fit{"count_random_intercept", "response = \"n\"\n", true, "evaluations"},
                    Fit{"mmrm", "response = \"y\"\nvisit = \"AVISIT\"\n", true},
                    Fit{"cox", "time = \"t\"\nevent = \"d\"\n", false},
                    Fit{"accelerated_failure_time", "time = \"t\"\nevent = \"d\"\n", false},
                    Fit{"fine_gray",
                        "time = \"t\"\nevent = \"k\"\ncause = \"1\"\ncensored = \"0\"\n", false},
                    Fit{"cumulative_logit", "response = \"c\"\n", false},
                    Fit{"cumulative_random_intercept", "response = \"c\"\n", true, "evaluations"}),
    [](const auto& named) { return std::string(named.param.method); });

/// At the top of the likelihood its slope is 0.
TEST(ConvergenceRowsOfMixedModels, TellTheGradientThatIsLeft) {
  const auto own =
      rows("[analysis.x]\nmethod = \"mmrm\"\nresponse = \"y\"\nvisit = \"AVISIT\"\n", {trial()});
  EXPECT_LT(value(own, "x", "largest_gradient"), 1e-4);
  EXPECT_GE(value(own, "x", "largest_gradient"), 0.0);
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
