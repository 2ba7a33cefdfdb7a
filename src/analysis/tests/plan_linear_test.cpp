// SPDX-License-Identifier: Apache-2.0
// Linear models and standardisation as a user writes them: what they refuse, and weights of means.
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

formats::DataTable csv(const std::string& cells) {
  return formats::parse_csv_table(cells, "trial.csv").value();
}

/// What a plan complains of; the crash of a contract would end the test.
std::string complaints(const std::string& text, const formats::DataTable& data) {
  const PlanResult out = result("reference_arm = \"p\"\n" + text, {data});
  return diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
}

/// Subjects in turn in p and d with these responses; X is a number that differs.
formats::DataTable two_arms(const std::vector<double>& responses) {
  std::string cells = "USUBJID,ARM,X,Y\n";
  for (std::size_t i = 0; i < responses.size(); ++i) {
    cells += "s" + std::to_string(i) + (i % 2 == 0 ? ",p," : ",d,") +
             std::to_string((i * i * 3) % 7) + "," + std::to_string(responses[i]) + "\n";
  }
  return csv(cells);
}

const std::string standard = "[analysis.s]\nmethod = \"standardisation\"\nresponse = \"Y\"\n";

TEST(PlanLinear, StandardisationRefusesRatiosOfMeansOutsideTheirScale) {
  const auto below = two_arms({-1.0, -2.0, 0.5, -3.0, -1.5, 0.2});
  const auto none_in_one_arm = two_arms({1.0, 0.0, 0.0, 0.0, 1.0, 0.0});
  for (const char* scale : {"ratio", "odds_ratio"}) {
    const std::string plan = standard + "scale = \"" + scale + "\"\n";
    for (const auto& data : {below, none_in_one_arm}) {
      EXPECT_NE(complaints(plan, data).find("outside the scale"), std::string::npos) << scale;
    }
  }
}

TEST(PlanLinear, StandardisationNeedsTwoSubjectsInAnArm) {
  const auto data = csv("USUBJID,ARM,Y\na,d,1\nb,p,2\nc,p,5\nd,p,3\ne,p,4\n");
  for (const char* family : {"gaussian", "poisson"}) {
    EXPECT_NE(complaints(standard + "family = \"" + family + "\"\n", data).find("fewer than two"),
              std::string::npos)
        << family;
  }
}

TEST(PlanLinear, StandardisationRefusesDataWithoutVariation) {
  const auto arms_differ = two_arms({1, 2, 1, 2, 1, 2, 1, 2});
  const auto all_equal = two_arms({1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_NE(complaints(standard, arms_differ).find("no variation"), std::string::npos);
  EXPECT_NE(complaints(standard, all_equal).find("no variation"), std::string::npos);
  std::vector<double> line;
  for (std::size_t i = 0; i < 12; ++i) line.push_back(static_cast<double>((i * i * 3) % 7) + 1.0);
  const std::string on_x = standard + "covariates = [\"X\"]\n";
  EXPECT_NE(complaints(on_x, two_arms(line)).find("no variation"), std::string::npos);
}

TEST(PlanLinear, StandardisationRefusesAnArmThatFitsItself) {
  // Two subjects in d and a slope of their own: they have no residuals.
  const auto data =
      csv("USUBJID,ARM,X,Y\na,d,1,4\nb,d,2,9\nc,p,5,1\nd,p,3,2\ne,p,4,2.5\nf,p,1,7\n");
  const std::string plan = standard + "covariates = [\"X\", \"arm:X\"]\n";
  EXPECT_NE(complaints(plan, data).find("its own fitted value"), std::string::npos);
}

TEST(PlanLinear, AnArmWithoutVariationHasNoErrorOfItsMeanButADifference) {
  const auto own = rows("reference_arm = \"p\"\n" + standard, {two_arms({1, 0, 2, 0, 4, 0, 2, 0})});
  EXPECT_GT(value(own, "s", "p_value", "d"), 0.0);
  for (const Row& row : own) {
    if (row.statistic == "se" && row.arm == "d" && row.arm_ref.empty()) {
      EXPECT_TRUE(std::isnan(row.value.value_or(0.0)));
      EXPECT_NE(row.note.find("no variation"), std::string::npos);
    }
  }
}

TEST(PlanLinear, RobustErrorsRefuseAnArmOfOneSubject) {
  const auto data = csv("USUBJID,ARM,Y\na,d,1\nb,p,2\nc,p,5\nd,p,3\ne,p,4\n");
  for (const char* method : {"ancova", "poisson_regression"}) {
    for (const char* errors : {"hc0", "hc1", "hc2", "hc3"}) {
      const std::string plan = "[analysis.a]\nmethod = \"" + std::string(method) +
                               "\"\nresponse = \"Y\"\nerrors = \"" + errors + "\"\n";
      EXPECT_NE(complaints(plan, data).find("its own fitted value"), std::string::npos)
          << method << " " << errors;
    }
  }
}

TEST(PlanLinear, OnlyCountsTakeAnExposure) {
  const auto data = two_arms({1, 2, 4, 3, 1, 5, 2, 2});
  for (const char* method : {"ancova", "logistic_regression", "standardisation", "gee"}) {
    std::string plan = "[analysis.a]\nmethod = \"" + std::string(method) +
                       "\"\nresponse = \"Y\"\nexposure = \"X\"\n";
    if (std::string(method) == "gee") plan += "family = \"gaussian\"\n";
    EXPECT_NE(complaints(plan, data).find("analysis.a.exposure"), std::string::npos) << method;
  }
}

/// Strata of `size`, half of each in either arm, whose means spread by `spread`.
formats::DataTable blocks(int strata, int size, double spread, std::uint64_t seed) {
  random::Stream generator = random::Streams(seed, 0, 0).at(random::Purpose::diary);
  std::string cells = "USUBJID,ARM,ST,Y\n";
  for (int z = 0; z < strata; ++z) {
    const double mean = spread * generator.normal();
    for (int i = 0; i < size; ++i) {
      cells += "s" + std::to_string(z * size + i) + (i % 2 == 0 ? ",p,z" : ",d,z") +
               std::to_string(z) + "," + std::to_string(mean + generator.normal()) + "\n";
    }
  }
  return csv(cells);
}

/// The error of the difference, after that of the means.
double error_of(const formats::DataTable& data, const std::string& plan) {
  for (const Row& row : rows("reference_arm = \"p\"\n" + plan, {data})) {
    if (row.statistic == "se" && row.arm_ref == "p") return row.value.value_or(-1.0);
  }
  ADD_FAILURE() << "no difference";
  return -1.0;
}

TEST(PlanLinear, SmallStrataTakeFromTheVarianceWhatTheyExplainAndNotTheirNoise) {
  const std::string stratified = standard + "strata = \"ST\"\n";
  double simple = 0.0, corrected = 0.0, published = 0.0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto data = blocks(12, 4, 0.0, seed);
    const auto square = [&](const std::string& plan) {
      const double se = error_of(data, plan);
      return se * se;
    };
    simple += square(standard) / 60.0;
    corrected += square(stratified) / 60.0;
    published += square("conventions = \"r\"\n" + stratified) / 60.0;
  }
  // 4 / 48 where strata explain nothing; the published form takes off a quarter of it. (Four
  // standard deviations of the mean of 60.)
  EXPECT_NEAR(corrected / simple, 1.0, 0.05);
  EXPECT_NEAR(published / simple, 0.75, 0.05);
  // Strata that explain much: the error is that of the difference within them.
  double within = 0.0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const double se = error_of(blocks(12, 4, 3.0, seed), stratified);
    within += se * se / 60.0;
  }
  // 4 / 48 within, and 9 (11 / 12) / 23 / 12 that an arm of 24 leaves between.
  EXPECT_NEAR(within, 4.0 / 48.0 + 9.0 * 11.0 / (12.0 * 23.0 * 12.0), 0.01);
}

TEST(PlanLinear, StrataOfOneSubjectAnArmTakeNothingAndSaySo) {
  const auto data = blocks(10, 2, 2.0, 4);
  const std::string stratified = standard + "strata = \"ST\"\n";
  const auto own = rows("reference_arm = \"p\"\n" + stratified, {data});
  EXPECT_EQ(error_of(data, stratified), error_of(data, standard));
  bool said = false;
  for (const Row& row : own) said |= row.note.find("10 of 10 strata") != std::string::npos;
  EXPECT_TRUE(said);
}

// Cell means p a 2, p b 13, d a 6, d b 21 of 2, 4, 3 and 2 subjects; Z numbers the strata.
const std::string cells_of_four =
    "USUBJID,ARM,ST,Z,Y\n1,p,a,0,1\n2,p,a,0,3\n3,p,b,1,10\n4,p,b,1,12\n5,p,b,1,14\n6,p,b,1,16\n"
    "7,d,a,0,5\n8,d,a,0,6\n9,d,a,0,7\n10,d,b,1,20\n11,d,b,1,22\n";

struct Weighing {
  std::string head, tail;
  double p, difference;
};

TEST(PlanLinear, AdjustedMeansWeighCategoriesAsTheConventionsDo) {
  const std::string of_text = "covariates = [\"ST\", \"arm:ST\"]\n";
  const std::string of_number = "covariates = [\"Z\", \"arm:Z\"]\n";
  const std::string r = "conventions = \"r\"\n", sas = "conventions = \"sas\"\n";
  const std::string equal = "mean_weights = \"equal\"\n";
  const std::string proportional = "mean_weights = \"proportional\"\n";
  const double rows_p = 88.0 / 11.0, rows_difference = 68.0 / 11.0;
  for (const Weighing& w : {Weighing{"", of_text, rows_p, rows_difference},
                            {"", of_text + equal, 7.5, 6.0},
                            {"", of_number + equal, rows_p, rows_difference},
                            {r, of_text, 7.5, 6.0},
                            {r, of_text + proportional, rows_p, rows_difference},
                            {r, of_number, 7.5, 6.0},  // emmeans keeps both of two values
                            {sas, of_text, 7.5, 6.0},
                            {sas, of_number, rows_p, rows_difference}}) {
    SCOPED_TRACE(w.head + w.tail);
    const auto own = rows(w.head + "reference_arm = \"p\"\n[analysis.a]\nmethod = \"ancova\"\n" +
                              "response = \"Y\"\n" + w.tail,
                          {csv(cells_of_four)});
    EXPECT_NEAR(value(own, "a", "adjusted_mean", "p"), w.p, 1e-10);
    EXPECT_NEAR(value(own, "a", "difference", "d"), w.difference, 1e-10);
  }
}

TEST(PlanLinear, OddsRatiosInProductsWeighCategoriesAsTheConventionsDo) {
  std::string cells = "USUBJID,ARM,ST,Y\n";
  int subject = 0;
  const auto add = [&](const char* arm, const char* stratum, int ones, int zeros) {
    for (int i = 0; i < ones + zeros; ++i) {
      cells += std::to_string(++subject) + "," + arm + "," + stratum + (i < ones ? ",1\n" : ",0\n");
    }
  };
  add("p", "a", 4, 8);
  add("d", "a", 6, 6);
  add("p", "b", 1, 1);
  add("d", "b", 1, 3);
  const double log_a = std::log(2.0), log_b = std::log(1.0 / 3.0);
  const std::string plan =
      "reference_arm = \"p\"\n[analysis.a]\nmethod = \"logistic_regression\"\nresponse = \"Y\"\n"
      "covariates = [\"ST\", \"arm:ST\"]\n";
  const auto equal = rows("conventions = \"r\"\n" + plan, {csv(cells)});
  EXPECT_NEAR(std::log(value(equal, "a", "odds_ratio", "d")), 0.5 * (log_a + log_b), 1e-8);
  const auto by_rows = rows(plan, {csv(cells)});
  EXPECT_NEAR(std::log(value(by_rows, "a", "odds_ratio", "d")), (24.0 * log_a + 6.0 * log_b) / 30.0,
              1e-8);
}

TEST(PlanLinear, ProductsOfNumbersAreAtTheirMeanInLeastSquaresMeansOnly) {
  std::string cells = "USUBJID,ARM,U,V,Y\n";
  double u = 0.0, v = 0.0, product = 0.0;
  constexpr int n = 24;
  for (int i = 0; i < n; ++i) {
    const double a = (i * 5) % 7, b = (i * i) % 5;
    const double noise = i % 4 < 2 ? 1e-4 : -1e-4;
    u += a / n;
    v += b / n;
    product += a * b / n;
    const double y = 1.0 + 2.0 * a + 3.0 * b + 5.0 * a * b + (i % 2 == 0 ? 0.0 : 4.0) + noise;
    cells += std::to_string(i) + (i % 2 == 0 ? ",p," : ",d,") + std::to_string(a) + "," +
             std::to_string(b) + "," + std::to_string(y) + "\n";
  }
  const auto mean = [&](const std::string& head) {
    const auto own = rows(head + "reference_arm = \"p\"\n[analysis.a]\nmethod = \"ancova\"\n" +
                              "response = \"Y\"\ncovariates = [\"U\", \"V\", \"U:V\"]\n",
                          {csv(cells)});
    return value(own, "a", "adjusted_mean", "p");
  };
  EXPECT_NEAR(mean("conventions = \"sas\"\n"), 1.0 + 2.0 * u + 3.0 * v + 5.0 * product, 1e-2);
  EXPECT_NEAR(mean("conventions = \"r\"\n"), 1.0 + 2.0 * u + 3.0 * v + 5.0 * u * v, 1e-2);
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
