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

TEST(PlanOrdinal, ThePOTestOfTheArmIsTheLikelihoodRatioOfNominalContact) {
  const auto wine = table("c40_ordinal_wine/data.csv");
  const auto own = rows(R"(
[columns]
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

}  // namespace
}  // namespace angiotrial::analysis::plan_test
