// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "plan_case.hpp"

/// Answers of count methods do not depend on where a covariate has its 0 and its unit.
namespace angiotrial::analysis::plan_test {
namespace {

/// Counts `y` with some zeros, a measurement `v`, a covariate `x`; three rows a subject if
/// repeated.
formats::DataTable trial(bool repeated, const std::function<double(double)>& of_x, double v = 0.0) {
  std::string text = "USUBJID,ARM,x,y,v\n";
  const int each = repeated ? 3 : 1;
  for (int i = 0; i < 60; ++i) {
    const int subject = i / each;
    const double x = 0.1 * ((7 * i * i + 3 * i) % 41) - 2.0;
    const int own = (5 * subject * subject + subject) % 7;
    const int y = (11 * i * i + i) % 13 < 4 ? 0 : (3 * i * i + 2 * i) % 9 + own + (i % 5) * (i % 2);
    const double measured = v + 0.5 * x + own + 0.37 * ((13 * i) % 11);
    std::string line = std::to_string(subject);
    line += subject % 2 == 0 ? ",a," : ",b,";
    char numbers[120];
    std::snprintf(numbers, sizeof numbers, "%.17g,%d,%.17g\n", of_x(x), y, measured);
    text += line + numbers;
  }
  return formats::parse_csv_table(text, "trial.csv").value();
}

std::string plan_of(const std::string& method, const std::string& more) {
  return "reference_arm = \"a\"\n[analysis.x]\nmethod = \"" + method + "\"\n" + more;
}

void expect_alike(const std::vector<Row>& one, const std::vector<Row>& other, double tolerance) {
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (!one[i].value) continue;
    EXPECT_NEAR(*one[i].value, other[i].value.value_or(-1e300),
                tolerance * (1.0 + std::fabs(*one[i].value)))
        << one[i].method << ' ' << one[i].statistic;
  }
}

TEST(PlanCountScale, ACovariateMayHaveItsZeroAndUnitAnywhere) {
  const std::string y = "response = \"y\"\ncovariates = [\"x\"]\n";
  const std::string product = "response = \"y\"\ncovariates = [\"x\", \"arm:x\"]\n";
  struct Method {
    const char* name;
    std::string more;
    bool repeated;
  };
  for (const Method& method :
       {Method{"negative_binomial", y, false},
        {"negative_binomial", product, false},
        {"negative_binomial", y + "marginal = \"rates\"\nerrors = \"hc3\"\n", false},
        {"zero_inflated_negative_binomial", y + "zero_terms = [\"x\"]\n", false},
        {"hurdle", y + "zero_terms = [\"arm\", \"x\"]\n", false},
        {"count_random_intercept", y, true},
        {"gee", y, true},
        {"gee", product, true},
        {"gee", "response = \"v\"\nfamily = \"gaussian\"\ncovariates = [\"x\"]\n", true}}) {
    const std::string text = plan_of(method.name, method.more);
    const auto plain = rows(text, {trial(method.repeated, [](double x) { return x; })});
    for (const auto& [move, scale] : {std::pair{1e5, 1.0}, {0.0, 1e-8}, {0.0, 1e8}}) {
      const auto moved =
          rows(text, {trial(method.repeated, [&](double x) { return move + scale * x; })});
      // x + 1e5 keeps eleven digits of x.
      expect_alike(plain, moved, 1e-7);
    }
  }
}

TEST(PlanCountScale, EstimatingEquationsTakeAMeasurementFarFromZero) {
  const std::string text =
      plan_of("gee", "response = \"v\"\nfamily = \"gaussian\"\ncovariates = [\"x\"]\n");
  const auto same = [](double x) { return x; };
  const auto differences = [&](double v) {
    auto own = rows(text, {trial(true, same, v)});
    std::erase_if(own, [](const Row& row) { return row.arm_ref.empty(); });
    return own;
  };
  ASSERT_FALSE(differences(0.0).empty());
  expect_alike(differences(0.0), differences(1e8), 1e-6);
}

TEST(PlanCountScale, CountsThatAreNotWholeAreNotedInPoissonRegression) {
  const auto own = rows(plan_of("poisson_regression", "response = \"v\"\n"),
                        {trial(false, [](double x) { return x; }, 3.0)});
  EXPECT_NE(own.front().note.find("not whole numbers"), std::string::npos);
  EXPECT_EQ(own.back().note, "");
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
