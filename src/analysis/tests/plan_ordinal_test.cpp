// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "plan_case.hpp"

/// Models of ordered categories through plans as a user writes them.
namespace angiotrial::analysis::plan_test {
namespace {

const std::string wine_head = R"(
reference_arm = "cold"
[columns]
subject = "row"
arm = "temp"
)";

const std::string wine_analyses = R"(
[analysis.logit]
method = "cumulative_logit"
response = "rating"
covariates = ["contact"]
[analysis.rms]
method = "cumulative_logit"
response = "rating"
covariates = ["contact"]
sign = "rms"
odds = "lower"
[analysis.probit]
method = "cumulative_logit"
response = "rating"
covariates = ["contact"]
link = "probit"
[analysis.cauchit]
method = "cumulative_logit"
response = "rating"
covariates = ["contact"]
link = "cauchit"
[analysis.partial]
method = "cumulative_logit"
response = "rating"
nominal = ["contact"]
[analysis.intercept]
method = "cumulative_random_intercept"
response = "rating"
covariates = ["contact"]
group = "judge"
)";

TEST(PlanOrdinal, CumulativeLinkModelsGiveTheNumbersOfTheReferenceCase) {
  const auto wine = table("c40_ordinal_wine/data.csv");
  const auto own = rows("conventions = \"r\"\n" + wine_head + wine_analyses, {wine});
  EXPECT_NEAR(value(own, "logit", "odds_ratio", "warm"), std::exp(2.50310200789893), 1e-7);
  EXPECT_NEAR(value(own, "logit", "se_log", "warm"), 0.528680100824846, 1e-8);
  EXPECT_NEAR(value(own, "logit", "threshold", "", "at most 1"), -1.34438341126472, 1e-8);
  EXPECT_NEAR(value(own, "logit", "chi_squared", "", "arm: likelihood ratio"), 26.9279751319771,
              1e-7);
  EXPECT_NEAR(value(own, "logit", "log_likelihood"), -86.4919233656491, 1e-8);
  EXPECT_NEAR(value(own, "rms", "threshold", "", "at least 5"), -5.00640420426996, 1e-8);
  EXPECT_NEAR(value(own, "rms", "odds_ratio", "warm"), std::exp(-2.50310200789893), 1e-9);
  EXPECT_NEAR(value(own, "probit", "coefficient", "warm"), 1.49937457839864, 1e-8);
  EXPECT_NEAR(value(own, "cauchit", "se", "warm"), 0.643958684561388, 1e-8);
  for (const Row& row : own) {
    if (row.statistic == "threshold") {
      EXPECT_EQ(row.unit == "ln odds", row.analysis != "cauchit" && row.analysis != "probit");
    }
  }
  EXPECT_NEAR(value(own, "partial", "odds_ratio", "warm"), std::exp(2.51904477351139), 1e-6);
  EXPECT_NEAR(value(own, "partial", "se_log", "warm"), 0.535046978688741, 1e-7);
}

TEST(PlanOrdinal, PresetsChooseThePointsOfTheQuadratureAndTheSign) {
  const auto wine = table("c40_ordinal_wine/data.csv");
  const auto r = rows("conventions = \"r\"\n" + wine_head + wine_analyses, {wine});
  const auto recommended = rows(wine_head + wine_analyses, {wine});
  const auto sas = rows("conventions = \"sas\"\n" + wine_head + wine_analyses, {wine});
  EXPECT_NEAR(value(r, "intercept", "odds_ratio", "warm"), std::exp(3.06300039276499), 1e-4);
  EXPECT_NEAR(value(r, "intercept", "se_log", "warm"), 0.595390975037378, 1e-6);
  EXPECT_NEAR(value(recommended, "intercept", "odds_ratio", "warm"), std::exp(3.06189718961161),
              1e-4);
  EXPECT_NEAR(value(recommended, "intercept", "intercept_sd"), 1.134787336395, 1e-6);
  EXPECT_NEAR(value(recommended, "intercept", "threshold", "", "at most 1"), -1.62349346862653,
              1e-5);
  EXPECT_NEAR(value(sas, "intercept", "threshold", "", "at least 2"), 1.62349346862653, 1e-5);
}

TEST(PlanOrdinal, OnlyThePresetRCutsTheTailsOfCauchy) {
  const auto wine = table("c40_ordinal_wine/data.csv");
  const auto r = rows("conventions = \"r\"\n" + wine_head + wine_analyses, {wine});
  const auto recommended = rows(wine_head + wine_analyses, {wine});
  const double cut = value(r, "cauchit", "log_likelihood");
  EXPECT_NEAR(cut, -92.515830669209, 1e-8);
  EXPECT_GT(std::fabs(value(recommended, "cauchit", "log_likelihood") - cut), 1e-6);
  EXPECT_EQ(value(recommended, "logit", "se_log", "warm"), value(r, "logit", "se_log", "warm"));
}

TEST(PlanOrdinal, WeightsCountRowsAndSubjectsThatRepeatAreClustersWhereThePlanSaysSo) {
  const auto plain = formats::parse_csv_table(
      "USUBJID,ARM,y,w\ns1,a,low,2\ns2,a,mid,1\ns3,a,high,1\ns4,b,low,1\ns5,b,mid,1\n"
      "s6,b,high,3\n",
      "trial.csv");
  const auto written_out = formats::parse_csv_table(
      "USUBJID,ARM,y\ns1,a,low\ns1,a,low\ns2,a,mid\ns3,a,high\ns4,b,low\ns5,b,mid\n"
      "s6,b,high\ns6,b,high\ns6,b,high\n",
      "trial.csv");
  const std::string text =
      "[analysis.x]\nmethod = \"cumulative_logit\"\nresponse = \"y\"\n"
      "levels = [\"low\", \"mid\", \"high\"]\n";
  const auto weighted = rows(text + "weights = \"w\"\nerrors = \"cluster\"\n", {plain.value()});
  const auto repeated = rows(text + "errors = \"cluster\"\n", {written_out.value()});
  EXPECT_FALSE(result(text, {written_out.value()}).problems.empty());
  for (const char* statistic : {"odds_ratio", "se_log", "p_value"}) {
    EXPECT_NEAR(value(weighted, "x", statistic, "b"), value(repeated, "x", statistic, "b"), 1e-9);
  }
  EXPECT_EQ(value(weighted, "x", "sum_of_weights"), 9.0);
  // One coefficient: its Wald test is the joint one.
  EXPECT_NEAR(value(repeated, "x", "p_value", "", "arm: Wald"),
              value(repeated, "x", "p_value", "b"), 1e-9);
}

TEST(PlanOrdinal, OneSubjectInAnArmHasNoErrorBySubject) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y\ns1,a,0\ns1,a,1\ns1,a,2\ns2,b,0\ns2,b,1\ns3,b,1\ns3,b,2\n", "trial.csv");
  const auto out = result(
      "[analysis.x]\nmethod = \"cumulative_logit\"\nresponse = \"y\"\nerrors = \"cluster\"\n",
      {data.value()});
  const std::string words = diagnostics::to_string(out.refusals);
  EXPECT_NE(words.find("two or more in arm a"), std::string::npos) << words;
}

TEST(PlanOrdinal, TextsNeedAnOrderAndUnknownOnesAreNamed) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y\ns1,a,low\ns2,a,hihg\ns3,b,high\ns4,b,low\n", "trial.csv");
  const std::string text = "[analysis.x]\nmethod = \"cumulative_logit\"\nresponse = \"y\"\n";
  const auto words = [&](const std::string& keys) {
    return diagnostics::to_string(result(text + keys, {data.value()}).problems);
  };
  EXPECT_NE(words("").find("must list the categories, lowest first"), std::string::npos);
  const std::string unknown = words("levels = [\"low\", \"high\"]\n");
  EXPECT_NE(unknown.find("trial.csv:3: y = hihg: is not one of the categories"), std::string::npos)
      << unknown;
}

TEST(PlanOrdinal, CompositeValuesAreACategory) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,ADY,DTHDY,y\ns1,a,10,,0\ns2,a,10,5,\ns3,a,10,,1\ns4,b,10,,0\ns5,b,10,,1\n"
      "s6,b,10,4,0\n",
      "trial.csv");
  const auto own = rows(
      "[events]\ndeath = \"DTHDY\"\n[analysis.x]\nmethod = \"cumulative_logit\"\n"
      "response = \"y\"\n[analysis.x.estimand]\ncomposite_value = 2.0\n"
      "[analysis.x.estimand.events]\ndeath = \"composite\"\n",
      {data.value()});
  EXPECT_EQ(value(own, "x", "n"), 6.0);
  EXPECT_NEAR(value(own, "x", "odds_ratio", "b"), 1.0, 1e-9);  // 0, 1 and 2 in each arm
  EXPECT_NEAR(value(own, "x", "threshold", "", "at most 1"), std::log(2.0), 1e-9);
}

TEST(PlanOrdinal, ThePOTestOfTheArmIsTheLikelihoodRatioOfNominalContact) {
  const auto wine = table("c40_ordinal_wine/data.csv");
  const auto own = rows(R"(
[columns]
subject = "row"
arm = "contact"
[analysis.x]
method = "cumulative_logit"
response = "rating"
covariates = ["temp"]
[analysis.apart]
method = "cumulative_logit"
response = "rating"
covariates = ["temp"]
nominal = ["arm"]
)",
                        {wine});
  EXPECT_NEAR(value(own, "x", "chi_squared", "", "arm: proportional odds"), 0.566740268381835,
              1e-7);
  EXPECT_EQ(value(own, "x", "df", "", "arm: proportional odds"), 3.0);
  EXPECT_NEAR(value(own, "apart", "odds_ratio", "yes", "above 1"), std::exp(1.61505921197687),
              1e-5);
  EXPECT_NEAR(value(own, "apart", "se_log", "yes", "above 4"), 0.896510889389422, 1e-7);
}

/// Subjects 5 standard deviations apart, of eight rows each: 10 points are too few.
TEST(PlanOrdinal, RandomInterceptsTakeMorePointsWhereFewAreTooCoarse) {
  std::string csv = "USUBJID,ARM,V,Y\n";
  unsigned state = 7;
  const auto draw = [&] {
    state = state * 1664525U + 1013904223U;
    return (static_cast<double>(state >> 8U) + 0.5) / 16777216.0;
  };
  for (int i = 0; i < 60; ++i) {
    const double own = 5.0 * (draw() + draw() + draw() + draw() - 2.0) * std::sqrt(3.0);
    for (int v = 0; v < 8; ++v) {
      const double score = own + std::log(1.0 / draw() - 1.0);
      csv += std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + std::to_string(v) + "," +
             (score < -1.0  ? "0"
              : score < 1.0 ? "1"
                            : "2") +
             "\n";
    }
  }
  const auto table = formats::parse_csv_table(csv, "trial.csv").value();
  const std::string plan =
      "[analysis.x]\nmethod = \"cumulative_random_intercept\"\nresponse = \"Y\"\n";
  const auto own = rows(plan, {table});
  EXPECT_EQ(own.front().conventions.find("points: 10;"), std::string::npos);
  EXPECT_GT(value(own, "x", "intercept_sd"), 3.0);
  const auto asked = result(plan + "quadrature_points = 10\n", {table});
  EXPECT_NE(diagnostics::to_string(asked.refusals).find("quadrature too coarse"),
            std::string::npos);
}

/// 100 subjects on the reference and 80 on the other arm, three categories: location and scale of
/// the arm leave nothing to fit, so that exp(zeta) is a ratio of differences of logits.
TEST(PlanOrdinalScale, ArmsThatDifferInLocationAndSpread) {
  const double count[2][3] = {{30, 45, 25}, {22, 20, 38}};
  std::string csv = "USUBJID,ARM,SITE,y\n";
  int subject = 0;
  for (int g = 0; g < 2; ++g) {
    for (int k = 0; k < 3; ++k) {
      for (int i = 0; i < count[g][k]; ++i) {
        csv += "s" + std::to_string(++subject) + (g == 0 ? ",a," : ",b,") +
               std::to_string(subject % 2 + 1) + "," + std::to_string(k) + "\n";
      }
    }
  }
  const auto data = formats::parse_csv_table(csv, "trial.csv").value();
  const std::string model = "[analysis.x]\nmethod = \"cumulative_logit\"\nresponse = \"y\"\n";
  const auto own = rows(model + "scale = [\"arm\"]\n", {data});
  const auto logit = [](double up_to, double n) { return std::log(up_to / (n - up_to)); };
  const double l[4] = {logit(30, 100), logit(75, 100), logit(22, 80), logit(42, 80)};
  const double sigma = (l[1] - l[0]) / (l[3] - l[2]);
  EXPECT_NEAR(value(own, "x", "scale_ratio", "", "scale: b"), sigma, 1e-8);
  EXPECT_NEAR(value(own, "x", "coefficient", "b"), l[0] - sigma * l[2], 1e-8);
  const auto plain = rows(model, {data});
  EXPECT_NEAR(value(own, "x", "chi_squared", "", "scale: likelihood ratio"),
              2.0 * (value(own, "x", "log_likelihood") - value(plain, "x", "log_likelihood")),
              1e-9);
  EXPECT_EQ(value(own, "x", "df", "", "scale: likelihood ratio"), 1.0);
  EXPECT_NE(complaints(model + "scale = [\"arm\"]\nerrors = \"cluster\"\n", {data})
                .find("is not offered with scale"),
            std::string::npos);
  EXPECT_NE(complaints(model + "scale = [\"nowhere\"]\n", {data}).find("no such column"),
            std::string::npos);
  EXPECT_NE(
      complaints(model + "scale = [\"arm\", \"arm:SITE\"]\n", {data}).find("products with the arm"),
      std::string::npos);
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
