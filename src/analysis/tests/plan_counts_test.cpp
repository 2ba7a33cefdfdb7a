// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include <set>
#include <string>

#include "plan_case.hpp"

/// Count methods in plans, on the data of cases c01, c03 and c04.
namespace angiotrial::analysis::plan_test {
namespace {

const std::string seizures = R"(
reference_arm = "placebo"
[columns]
subject = "subject"
arm = "trt"
)";

std::string totals(const std::string& more) {
  return seizures + R"(
[analysis.a]
method = "negative_binomial"
response = "y"
exposure = "weeks"
covariates = ["lb"]
)" + more;
}

std::string periods(const std::string& method, const std::string& more) {
  return seizures + "\n[analysis.a]\nmethod = \"" + method +
         "\"\nresponse = \"y\"\ncovariates = [\"lbase\", \"lage\", \"V4\"]\n" + more;
}

std::string infections(const std::string& more) {
  return R"(
reference_arm = "placebo"
[columns]
subject = "id"
arm = "treat"
[analysis.a]
method = "negative_binomial"
response = "y"
exposure = "days"
covariates = ["inherit", "age", "steroids"]
)" + more;
}

double se(const std::string& text, const formats::DataTable& data) {
  return value(rows(text, {data}), "a", "se_log", "progabide");
}

TEST(PlanCounts, ErrorsAreThoseThatThePlanNames) {
  const auto data = table("c01_nb_epil/data_totals.csv");
  EXPECT_NEAR(se(totals("errors = \"expected\""), data), 0.149409369786589, 1e-9);
  EXPECT_NEAR(se(totals("errors = \"observed\""), data), 0.150807470226221, 1e-9);
  EXPECT_NEAR(se(totals("errors = \"hc0\""), data), 0.153732549276345, 1e-9);
  EXPECT_NEAR(se(totals("errors = \"hc1\""), data), 0.157796665370413, 1e-9);
  EXPECT_NEAR(se(totals("errors = \"hc3\""), data), 0.162690585068728, 1e-9);
}

TEST(PlanCounts, PresetsChooseErrorsIntervalAndTest) {
  const auto data = table("c01_nb_epil/data_totals.csv");
  const double b = -0.279577712597068, z = 1.959963984540054;
  const auto r = rows("conventions = \"r\"\n" + totals(""), {data});
  EXPECT_NEAR(value(r, "a", "lower", "progabide"), std::exp(b - z * 0.149409369786589), 1e-9);
  const auto sas = rows("conventions = \"sas\"\n" + totals(""), {data});
  EXPECT_NEAR(value(sas, "a", "lower", "progabide"), std::exp(b - z * 0.150807470226221), 1e-9);
  EXPECT_NEAR(value(sas, "a", "p_value", "progabide"),
              std::erfc(-b / 0.150807470226221 / std::sqrt(2.0)), 1e-10);
  const auto own = rows(totals(""), {data});
  EXPECT_NEAR(value(own, "a", "se_log", "progabide"), 0.150807470226221, 1e-9);
  EXPECT_NE(own.front().conventions.find("profile likelihood"), std::string::npos);
  const auto t = rows(totals("interval = \"wald\""), {data});
  EXPECT_DOUBLE_EQ(value(t, "a", "df", "progabide"), 56.0);
  EXPECT_LT(value(t, "a", "lower", "progabide"), value(sas, "a", "lower", "progabide"));
}

TEST(PlanCounts, AnFReferenceWidensTheProfileInterval) {
  const auto data = table("c01_nb_epil/data_totals.csv");
  const auto chi_square = rows(totals("reference = \"normal\""), {data});
  const auto f = rows(totals(""), {data});
  EXPECT_LT(value(f, "a", "lower", "progabide"), value(chi_square, "a", "lower", "progabide"));
  EXPECT_GT(value(f, "a", "p_value", "progabide"), value(chi_square, "a", "p_value", "progabide"));
  // The interval ends where the p-value is 1 - level: at that level it just reaches 1.
  const double p = value(f, "a", "p_value", "progabide");
  const auto at = rows("level_fraction = " + std::to_string(1.0 - p) + "\n" + totals(""), {data});
  EXPECT_NEAR(value(at, "a", "upper", "progabide"), 1.0, 1e-5);
}

TEST(PlanCounts, ProfileIntervalAndLikelihoodRatioAreThoseOfTheReferenceCase) {
  // The rows of c01 taken as patients of their own, as the case does.
  std::string text =
      "conventions = \"r\"\n" + periods("negative_binomial", "interval = \"profile\"\n");
  text.replace(text.find("\"subject\""), 9, "\"\"");
  const auto own = rows(text, {table("c01_nb_epil/data.csv")});
  EXPECT_NEAR(value(own, "a", "rate_ratio", "progabide"), 0.792004638904971, 1e-9);
  EXPECT_NEAR(value(own, "a", "lower", "progabide"), 0.648464128402208, 1e-7);
  EXPECT_NEAR(value(own, "a", "upper", "progabide"), 0.964753136405011, 1e-7);
  EXPECT_NEAR(value(own, "a", "p_value", "progabide"), 0.0206214291185544, 1e-9);
  EXPECT_NEAR(value(own, "a", "aic"), 1313.49565261881, 1e-6);
  const double dispersion = value(own, "a", "dispersion");
  EXPECT_NEAR(dispersion, 1.0 / 2.62813875009168, 1e-8);
  EXPECT_LT(value(own, "a", "dispersion_lower"), dispersion);
  EXPECT_GT(value(own, "a", "dispersion_upper"), dispersion);
  EXPECT_LT(value(own, "a", "poisson_p_value"), 1e-9);
}

TEST(PlanCounts, SubjectsWithSeveralRowsAreClustersWhereThePlanSaysSo) {
  const auto data = table("c01_nb_epil/data.csv");
  EXPECT_NEAR(
      se("conventions = \"sas\"\n" + periods("negative_binomial", "errors = \"cr0\"\n"), data),
      0.154795523113264, 1e-9);
  EXPECT_NEAR(
      se("conventions = \"r\"\n" + periods("negative_binomial", "errors = \"cr1\"\n"), data),
      0.156124264421041, 1e-9);
  for (const char* method : {"negative_binomial", "poisson_regression", "ancova"}) {
    const auto out = result(periods(method, ""), {data});
    const std::string words = diagnostics::to_string(out.problems);
    EXPECT_NE(words.find("data.csv:3: subject 1 has more than one row"), std::string::npos)
        << words;
    EXPECT_NE(words.find("or say errors = \"cr"), std::string::npos) << words;
    EXPECT_TRUE(out.rows.empty());
  }
  const auto own = rows(periods("negative_binomial", "errors = \"cr3\"\n"), {data});
  EXPECT_GT(value(own, "a", "se_log", "progabide"), 0.156124264421041);
  EXPECT_DOUBLE_EQ(value(own, "a", "df", "progabide"), 59.0 - 5.0);
  for (const Row& row : own) EXPECT_NE(row.statistic, "dispersion_lower");
}

TEST(PlanCounts, StandardisedRatesAgreeWithTheReferenceCase) {
  const auto own = rows(infections("marginal = \"rates\"\nmarginal_exposure = 365.25\n"),
                        {table("c03_nb_cgd_offset/data.csv")});
  EXPECT_NEAR(value(own, "a", "marginal_rate", "placebo"), 1.05591860094542, 1e-8);
  EXPECT_NEAR(value(own, "a", "marginal_rate", "rIFN-g"), 0.389912718105211, 1e-8);
  EXPECT_NEAR(value(own, "a", "marginal_rate_ratio", "rIFN-g"), 0.369263992277532, 1e-8);
  EXPECT_NEAR(value(own, "a", "marginal_rate_difference", "rIFN-g"),
              0.389912718105211 - 1.05591860094542, 1e-8);
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i].statistic != "marginal_rate_ratio") continue;
    EXPECT_NEAR(own[i + 1].value.value(), 0.20017742005644, 1e-8);
    EXPECT_NEAR(own[i + 2].value.value(), 0.681175209243358, 1e-8);
    EXPECT_NEAR(own[i + 3].value.value(), 0.312407649177246, 1e-8);
  }
}

TEST(PlanCounts, StandardisedCountsHaveTheMeansOfTheArmsWithoutCovariates) {
  const auto data =
      formats::parse_csv_table("USUBJID,ARM,y\n1,a,1\n2,b,4\n3,a,3\n4,b,9\n5,a,0\n6,b,2\n7,a,8\n",
                               "trial.csv")
          .value();
  const auto own = rows(
      "[analysis.a]\nmethod = \"negative_binomial\"\nresponse = \"y\"\nmarginal = \"counts\"\n",
      {data});
  EXPECT_NEAR(value(own, "a", "marginal_count", "a"), 3.0, 1e-9);
  EXPECT_NEAR(value(own, "a", "marginal_count", "b"), 5.0, 1e-9);
  EXPECT_NEAR(value(own, "a", "marginal_count_ratio", "b"), 5.0 / 3.0, 1e-9);
  EXPECT_NEAR(value(own, "a", "marginal_count_difference", "b"), 2.0, 1e-9);
}

TEST(PlanCounts, CountsNoMoreVariableThanPoissonSayThatDispersionIsNone) {
  const auto data =
      formats::parse_csv_table(
          "USUBJID,ARM,y\n1,a,5\n2,b,9\n3,a,6\n4,b,8\n5,a,5\n6,b,9\n7,a,4\n8,b,10\n", "trial.csv")
          .value();
  const auto own = rows("[analysis.a]\nmethod = \"negative_binomial\"\nresponse = \"y\"\n", {data});
  EXPECT_EQ(own.front().note, "no more variable than Poisson: dispersion 0");
  EXPECT_EQ(value(own, "a", "dispersion"), 0.0);
  EXPECT_EQ(value(own, "a", "dispersion_lower"), 0.0);
  EXPECT_EQ(value(own, "a", "poisson_p_value"), 1.0);
  EXPECT_NEAR(value(own, "a", "rate_ratio", "b"), 9.0 / 5.0, 1e-9);
  // Profile of a Poisson log ratio of 36 against 20 events: 2 (l - l_p) at the ends is F's
  // quantile.
  const double at = value(own, "a", "upper", "b"), share = at / (1.0 + at);
  const double deviance =
      2.0 * (36.0 * std::log(36.0 / 56.0 / share) + 20.0 * std::log(20.0 / 56.0 / (1.0 - share)));
  EXPECT_NEAR(deviance, 2.4469118511449692 * 2.4469118511449692, 1e-7);  // t, 6 df, 0.975
}

TEST(PlanCounts, StandardisedCountsNeedTwoSubjectsInEachArm) {
  const auto data =
      formats::parse_csv_table("USUBJID,ARM,y\n1,a,1\n2,b,4\n3,a,3\n4,a,9\n5,a,0\n", "trial.csv")
          .value();
  const auto out = result(
      "[analysis.a]\nmethod = \"negative_binomial\"\nresponse = \"y\"\nmarginal = \"counts\"\n",
      {data});
  ASSERT_EQ(out.refusals.size(), 1U);
  EXPECT_NE(out.refusals[0].rule.find("two subjects in each arm"), std::string::npos);
  EXPECT_EQ(out.rows.size(), 1U);
}

TEST(PlanCounts, ARatioWithProductsIsThatAtTheMeanOfTheCovariates) {
  const auto data = table("c01_nb_epil/data_totals.csv");
  std::string text = totals("errors = \"observed\"\n");
  const std::string plain = R"(covariates = ["lb"])";
  text.replace(text.find(plain), plain.size(), R"(covariates = ["lb", "arm:lb"])");
  const auto profile = rows(text, {data});
  const auto wald = rows(text + "interval = \"wald\"\nreference = \"normal\"\n", {data});
  for (const char* statistic : {"rate_ratio", "se_log"}) {
    EXPECT_NEAR(value(profile, "a", statistic, "progabide"),
                value(wald, "a", statistic, "progabide"), 1e-9);
  }
  // The profile interval of a centred product lies about where Wald's does.
  EXPECT_NEAR(value(profile, "a", "lower", "progabide"), value(wald, "a", "lower", "progabide"),
              0.02);
  EXPECT_NE(profile.front().conventions.find("at the mean of the covariates"), std::string::npos);
}

TEST(PlanCounts, EstimatingEquationsAgreeWithTheReferenceCase) {
  const auto data = table("c01_nb_epil/data.csv");
  const auto gee = [&](const std::string& correlation, const std::string& variance) {
    return rows(periods("gee", "correlation = \"" + correlation + "\"\nvisit = \"period\"\n" +
                                   (variance.empty() ? "" : "variance = \"" + variance + "\"\n")),
                {data});
  };
  const auto independent = gee("independence", "robust");
  EXPECT_NEAR(value(independent, "a", "se_log", "progabide"), 0.190450744980526, 1e-7);
  const auto exchangeable = gee("exchangeable", "robust");
  EXPECT_NEAR(value(exchangeable, "a", "rate_ratio", "progabide"), std::exp(-0.0106160876525911),
              1e-6);
  EXPECT_NEAR(value(exchangeable, "a", "se_log", "progabide"), 0.191903150560074, 1e-6);
  EXPECT_NEAR(value(exchangeable, "a", "working_correlation"), 0.402302119499239, 1e-6);
  const auto ar1 = gee("autoregressive", "robust");
  EXPECT_NEAR(value(ar1, "a", "se_log", "progabide"), 0.191444607100818, 1e-6);
  EXPECT_NEAR(value(ar1, "a", "scale"), 4.63212120587055, 5e-6);
  const double robust = value(exchangeable, "a", "se_log", "progabide");
  const auto preset = gee("exchangeable", "");
  const double md = value(preset, "a", "se_log", "progabide");
  const double kc = value(gee("exchangeable", "kauermann_carroll"), "a", "se_log", "progabide");
  EXPECT_LT(robust, kc);
  EXPECT_LT(kc, md);
  EXPECT_DOUBLE_EQ(value(preset, "a", "df", "progabide"), 54.0);
  EXPECT_DOUBLE_EQ(value(preset, "a", "n_subjects"), 59.0);
}

TEST(PlanCounts, EstimatingEquationsOfAMeanGiveMeansAndDifference) {
  const auto own = rows(periods("gee", "family = \"gaussian\"\n"), {table("c01_nb_epil/data.csv")});
  EXPECT_NEAR(
      value(own, "a", "adjusted_mean", "progabide") - value(own, "a", "adjusted_mean", "placebo"),
      value(own, "a", "difference", "progabide"), 1e-10);
}

std::string mixed(const std::string& more) {
  return seizures +
         "\n[analysis.a]\nmethod = \"count_random_intercept\"\nresponse = \"y\"\n"
         "covariates = [\"Base\", \"Age\", \"V4\", \"arm:Base\"]\n" +
         more;
}

TEST(PlanCounts, RandomInterceptsAgreeWithTheReferenceCase) {
  const auto data = table("c04_nb_glmm_epil/data.csv");
  const auto laplace = rows("conventions = \"r\"\n" + mixed(""), {data});
  EXPECT_NEAR(value(laplace, "a", "log_likelihood"), -624.95711931347, 1e-5);
  EXPECT_NEAR(value(laplace, "a", "sd_between_subjects"), 0.464013822261962, 1e-6);
  EXPECT_NEAR(value(laplace, "a", "dispersion"), 1.0 / 7.41798430351869, 1e-6);
  const auto own = rows(mixed(""), {data});
  EXPECT_NEAR(value(own, "a", "log_likelihood"), -624.824784891702, 1e-4);  // 15 points for 51
  const auto poisson = rows(mixed("family = \"poisson\"\npoints = 51\n"), {data});
  EXPECT_NEAR(value(poisson, "a", "sd_between_subjects"), 0.50238775439192, 1e-6);
  const auto linear = rows(mixed("family = \"linear_negative_binomial\"\npoints = 1\n"), {data});
  EXPECT_NEAR(value(linear, "a", "log_likelihood"), -634.540547895915, 1e-5);
  EXPECT_NEAR(value(linear, "a", "dispersion"), 1.191393742051, 1e-5);
  // The arm at the mean of Base: its coefficient and that of the product.
  const formats::DataColumn* base = data.find("Base");
  double mean = 0.0;
  for (std::size_t i = 0; i < data.rows(); ++i) mean += base->numbers[i];
  mean /= static_cast<double>(data.rows());
  EXPECT_NEAR(std::log(value(laplace, "a", "rate_ratio", "progabide")),
              -0.932277087886128 + 0.338050080668279 * mean, 1e-5);
}

/// 40 patients, every third without events.
formats::DataTable episode_free() {
  std::string text = "USUBJID,ARM,BASE,y\n";
  for (int i = 0; i < 40; ++i) {
    const int y = i % 3 == 0 ? 0 : 2 + (i * i + 3 * i) % (i % 2 == 0 ? 9 : 13);
    text += std::to_string(i) + (i % 2 == 0 ? ",active," : ",placebo,") +
            std::to_string((i * 7) % 11) + "," + std::to_string(y) + "\n";
  }
  return formats::parse_csv_table(text, "trial.csv").value();
}

std::string zero_plan(const std::string& method, const std::string& more = "") {
  return "reference_arm = \"placebo\"\n[analysis.a]\nmethod = \"" + method +
         "\"\nresponse = \"y\"\ncovariates = [\"BASE\"]\n" + more;
}

TEST(PlanCounts, ZeroPartsGiveEffectsInEachPartAndOnTheMean) {
  for (const char* method :
       {"zero_inflated_negative_binomial", "zero_inflated_poisson", "hurdle"}) {
    const auto own = rows(zero_plan(method, "zero_terms = [\"arm\"]\n"), {episode_free()});
    const double counts = value(own, "a", "rate_ratio", "active", "count part");
    EXPECT_GT(counts, 0.3) << method;
    EXPECT_LT(counts, 1.2) << method;
    EXPECT_GT(value(own, "a", "odds_ratio", "active", "zero part"), 0.0) << method;
    EXPECT_NEAR(
        value(own, "a", "marginal_count", "active") / value(own, "a", "marginal_count", "placebo"),
        value(own, "a", "marginal_count_ratio", "active"), 1e-10)
        << method;
    EXPECT_LT(value(own, "a", "marginal_count_difference_lower", "active"),
              value(own, "a", "marginal_count_difference", "active"));
    // No key comes twice.
    std::set<std::string> keys;
    for (const Row& row : own) {
      EXPECT_TRUE(
          keys.insert(row.arm + "|" + row.arm_ref + "|" + row.group + "|" + row.statistic).second)
          << row.statistic;
    }
  }
}

TEST(PlanCounts, AZeroPartWithoutTheArmHasNoEffectOfItsOwn) {
  const auto own = rows(zero_plan("zero_inflated_poisson"), {episode_free()});
  for (const Row& row : own) EXPECT_NE(row.statistic, "odds_ratio");
  // The same share of structural zeros in both arms leaves the ratio of the counts.
  EXPECT_NEAR(value(own, "a", "marginal_count_ratio", "active"),
              value(own, "a", "rate_ratio", "active", "count part"), 1e-9);
}

TEST(PlanCounts, AllArmsAreTestedTogether) {
  std::string text = "USUBJID,ARM,y\n";
  for (int i = 0; i < 60; ++i) {
    text += std::to_string(i) + "," + std::string(1, static_cast<char>('a' + i % 3)) + "," +
            std::to_string((5 * i * i + i) % (7 + 4 * (i % 3))) + "\n";
  }
  const auto own = rows("[analysis.a]\nmethod = \"negative_binomial\"\nresponse = \"y\"\n",
                        {formats::parse_csv_table(text, "trial.csv").value()});
  EXPECT_DOUBLE_EQ(value(own, "a", "likelihood_ratio_df", "", "all arms alike"), 2.0);
  EXPECT_GT(value(own, "a", "likelihood_ratio_chi_square", "", "all arms alike"), 0.0);
}

struct Refused {
  const char* name;
  std::string plan;
  const char* file;
  const char* words;
};

class RefusedCounts : public testing::TestWithParam<Refused> {};

TEST_P(RefusedCounts, SaysWhy) {
  const auto out = result(GetParam().plan, {table(GetParam().file)});
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
  for (const Row& row : out.rows) EXPECT_FALSE(row.value.has_value()) << row.statistic;
}

constexpr const char* by_period = "c01_nb_epil/data.csv";
constexpr const char* by_patient = "c01_nb_epil/data_totals.csv";

INSTANTIATE_TEST_SUITE_P(
    PlanCounts, RefusedCounts,
    testing::Values(
        Refused{"independent_rows", periods("negative_binomial", "errors = \"hc3\"\n"), by_period,
                "errors must be by subject"},
        Refused{"profile_of_clusters",
                periods("negative_binomial", "errors = \"cr3\"\ninterval = \"profile\"\n"),
                by_period, "goes with errors of the likelihood"},
        Refused{"marginal_of_clusters",
                periods("negative_binomial", "errors = \"cr3\"\nmarginal = \"rates\"\n"), by_period,
                "needs one row a subject"},
        Refused{"exposure_of_nothing", totals("marginal_exposure = 4.0\n"), by_patient,
                "is the exposure of marginal"},
        Refused{"collinear", periods("gee", "where = [\"V4 = 0\"]\n"), by_period, "collinear"},
        Refused{"names_collinear",
                periods("negative_binomial", "errors = \"cr3\"\nwhere = [\"V4 = 0\"]\n"), by_period,
                "collinear columns: V4"},
        Refused{"few_clusters",
                periods("negative_binomial",
                        "errors = \"cr3\"\nwhere = [\"subject >= 27\", \"subject <= 30\"]\n"),
                by_period, "more subjects than coefficients"},
        Refused{"no_visit", periods("gee", "correlation = \"autoregressive\"\n"), by_period,
                "must name the column of visits"},
        Refused{"half_visits",
                periods("gee", "correlation = \"autoregressive\"\nvisit = \"lbase\"\n"), by_period,
                "a visit is a whole number"},
        Refused{"visit_twice", periods("gee", "correlation = \"autoregressive\"\nvisit = \"V4\"\n"),
                by_period, "a visit twice"},
        Refused{"no_pairs", seizures + "[analysis.a]\nmethod = \"gee\"\nresponse = \"y\"\n",
                by_patient, "no cluster with two rows"},
        Refused{"one_row_each",
                seizures + "[analysis.a]\nmethod = \"count_random_intercept\"\nresponse = \"y\"\n",
                by_patient, "no subject has two rows"},
        Refused{"hurdle_of_clusters", periods("hurdle", ""), by_period, "needs one row a subject"},
        Refused{"no_zeros", seizures + "[analysis.a]\nmethod = \"hurdle\"\nresponse = \"weeks\"\n",
                by_patient, "no zeros"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(PlanCounts, OneSubjectIsNoBasisForErrorsBySubject) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y\ns,a,1\ns,a,2\nt,b,3\nt,b,5\ns,a,1\nt,b,9\n", "trial.csv");
  for (const char* method : {"negative_binomial", "poisson_regression", "ancova"}) {
    const auto out = result("[analysis.x]\nmethod = \"" + std::string(method) +
                                "\"\nresponse = \"y\"\nerrors = \"cr1\"\n",
                            {data.value()});
    ASSERT_EQ(out.refusals.size(), 1U) << method;
    EXPECT_NE(out.refusals[0].rule.find("subject"), std::string::npos);
  }
}

TEST(PlanCounts, EstimatingEquationsNeedTwoSubjectsInEachArm) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y\ns,a,1\ns,a,2\nt,b,3\nt,b,5\nu,b,1\nu,b,4\nv,b,2\nv,b,2\n", "trial.csv");
  const std::string text = "[analysis.x]\nmethod = \"gee\"\nresponse = \"y\"\nvariance = \"";
  for (const char* variance : {"robust", "kauermann_carroll", "mancl_derouen"}) {
    const auto out = result(text + variance + "\"\n", {data.value()});
    ASSERT_EQ(out.refusals.size(), 1U) << variance;
    EXPECT_NE(out.refusals[0].rule.find("two subjects in each arm"), std::string::npos);
  }
  EXPECT_TRUE(result(text + "model\"\n", {data.value()}).refusals.empty());
}

// One subject in an arm: hc0 would be 0 for him, hc3 rounding over rounding.
TEST(PlanCounts, AnArmOfOneSubjectHasNoRobustError) {
  std::string text = "USUBJID,ARM,y,v\n";
  for (int i = 0; i < 20; ++i) {
    text += std::to_string(i) + (i == 0 ? ",b," : ",a,") + std::to_string((3 * i * i + i) % 8 + 1) +
            "," + std::to_string(0.1 * ((7 * i * i) % 11)) + "\n";
  }
  const auto data = formats::parse_csv_table(text, "trial.csv").value();
  const auto refused = [&](const std::string& method, const std::string& more) {
    const auto out =
        result("reference_arm = \"a\"\n[analysis.x]\nmethod = \"" + method + "\"\nresponse = \"" +
                   (method == "ancova" ? "v" : "y") + "\"\n" + more,
               {data});
    EXPECT_EQ(diagnostics::to_string(out.problems), "");
    return diagnostics::to_string(out.refusals).find("determines its own fitted value") !=
           std::string::npos;
  };
  for (const char* errors : {"hc0", "hc1", "hc2", "hc3"}) {
    const std::string more = "errors = \"" + std::string(errors) + "\"\n";
    for (const char* method : {"negative_binomial", "poisson_regression", "ancova"}) {
      EXPECT_TRUE(refused(method, more)) << method << ' ' << errors;
    }
  }
  EXPECT_TRUE(refused("negative_binomial", "marginal = \"rates\"\n"));
  EXPECT_FALSE(refused("negative_binomial", ""));
  EXPECT_FALSE(refused("ancova", "errors = \"model\"\n"));
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
