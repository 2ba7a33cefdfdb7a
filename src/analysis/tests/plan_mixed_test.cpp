// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "deep_block.hpp"
#include "plan_case.hpp"

/// Mixed models through plans as a user writes them.
namespace angiotrial::analysis::plan_test {
namespace {

/// The values of a statistic in the order of the rows, of contrasts or of the others.
std::vector<double> all(const std::vector<Row>& rows, const std::string& statistic, bool contrast,
                        const std::string& analysis = "x") {
  std::vector<double> out;
  for (const Row& row : rows) {
    if (row.analysis == analysis && row.statistic == statistic && !row.avisit.empty() &&
        row.arm_ref.empty() != contrast) {
      out.push_back(row.value.value_or(std::nan("")));
    }
  }
  return out;
}

std::string fev(const std::string& options, const std::string& head = "") {
  return head + R"(
arms = ["PBO", "TRT"]
[columns]
arm = "ARMCD"
[analysis.x]
method = "mmrm"
response = "FEV1"
visit = "AVISIT"
covariates = ["RACE", "SEX"]
)" + options +
         "\n";
}

const std::vector<formats::DataTable>& fev_data() {
  static const std::vector<formats::DataTable> data{table("c12_mmrm_fev/data.snapshot.csv")};
  return data;
}

const std::string fev_file = "c12_mmrm_fev/expected.json";

TEST(PlanMixed, MeansAndDifferencesAtEachVisitAgreeWithTheReferenceCase) {
  for (const std::string weights : {"equal", "proportional"}) {
    for (const auto& [df, block] : {std::pair{"satterthwaite", "asymptotic"},
                                    std::pair{"kenward_roger_exact", "kenward-roger"}}) {
      const auto own =
          rows(fev("df = \"" + std::string(df) + "\"\nadjusted_means = \"" + weights + "\""),
               fev_data());
      const Deep expected(fev_file, "lsmeans_us_" + std::string(block) + "_" + weights);
      expected.expect({"means", "emmean"}, all(own, "adjusted_mean", false));
      expected.expect({"means", "SE"}, all(own, "se", false));
      expected.expect({"means", "df"}, all(own, "df", false));
      expected.expect({"means", "lower.CL"}, all(own, "lower", false));
      expected.expect({"contrasts_vs_first", "estimate"}, all(own, "difference", true));
      expected.expect({"contrasts_vs_first", "SE"}, all(own, "se", true));
      expected.expect({"contrasts_vs_first", "p.value"}, all(own, "p_value", true));
    }
  }
}

TEST(PlanMixed, JointTestOverVisitsAgreesWithTheReferenceCase) {
  const std::string group = "arm at any visit";
  for (const auto& [df, name] : {std::pair{"satterthwaite", "F_4df_asymptotic"},
                                 std::pair{"kenward_roger_exact", "F_4df_kenward-roger"}}) {
    const auto own = rows(fev("df = \"" + std::string(df) + "\""), fev_data());
    const Deep expected(fev_file, name);
    expected.expect({"num_df"}, value(own, "x", "numerator_df", "", group));
    expected.expect({"denom_df"}, value(own, "x", "denominator_df", "", group));
    expected.expect({"F"}, value(own, "x", "f", "", group));
    expected.expect({"p"}, value(own, "x", "p_value", "", group));
  }
}

TEST(PlanMixed, ByArmCovarianceAndMaximumLikelihoodAgreeWithTheReferenceCase) {
  const auto grouped = rows(fev("group = \"arm\"\ndf = \"satterthwaite\""), fev_data());
  const Deep expected(fev_file, "reml_us_grouped");
  expected.expect({"logLik"}, value(grouped, "x", "log_likelihood"));
  EXPECT_NEAR(all(grouped, "difference", true)[0], 3.73838481059934, 4e-6);
  const auto ml = rows(fev("criterion = \"ml\""), fev_data());
  Deep(fev_file, "ml_us").expect({"logLik"}, value(ml, "x", "log_likelihood"));
}

TEST(PlanMixed, PresetsDifferAsTheySay) {
  const auto recommended = rows(fev(""), fev_data());
  const auto sas = rows(fev("", "conventions = \"sas\"\n"), fev_data());
  const auto r = rows(fev("", "conventions = \"r\"\n"), fev_data());
  const auto linear = rows(fev("df = \"kenward_roger\""), fev_data());
  const auto satterthwaite = rows(fev("df = \"satterthwaite\""), fev_data());
  EXPECT_EQ(all(recommended, "se", true), all(linear, "se", true));
  EXPECT_EQ(all(sas, "se", true), all(linear, "se", true));
  EXPECT_EQ(all(r, "p_value", true), all(satterthwaite, "p_value", true));
  EXPECT_NE(all(r, "se", true), all(sas, "se", true));
  for (const Row& row : recommended) {
    EXPECT_NE(row.conventions.find("covariance: unstructured"), std::string::npos);
    EXPECT_NE(row.conventions.find("Kenward-Roger (linear)"), std::string::npos);
  }
}

TEST(PlanMixed, KenwardRogerIsThePairedTTestForTwoCompleteVisits) {
  // Two arms of paired sleep data: the difference between visits within an arm. By symmetry of the
  // complete design the standard error of the arm by visit contrast is the two-sample t test's of
  // the changes, whatever the covariance (statistics of Kenward and Roger, linear form).
  const std::vector<double> a{0.7, -1.6, -0.2, -1.2, -0.1}, b{3.4, 3.7, 0.8, 0.0, 2.0};
  std::string csv = "USUBJID,ARM,AVISIT,AVAL\n";
  double mean_a = 0.0, mean_b = 0.0, ss = 0.0;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string n = std::to_string(i);
    const double base = std::sin(static_cast<double>(i));
    csv += "a" + n + ",a,1," + std::to_string(base) + "\na" + n + ",a,2," +
           std::to_string(base + a[i]) + "\n";
    csv += "b" + n + ",b,1," + std::to_string(-base) + "\nb" + n + ",b,2," +
           std::to_string(-base + b[i]) + "\n";
    mean_a += a[i] / 5.0;
    mean_b += b[i] / 5.0;
  }
  for (const double x : a) ss += (x - mean_a) * (x - mean_a);
  for (const double x : b) ss += (x - mean_b) * (x - mean_b);
  const double se = std::sqrt(ss / 8.0 * (2.0 / 5.0));
  const auto data = formats::parse_csv_table(csv, "paired.csv");
  const auto own = rows(
      "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"AVAL\"\nvisit = \"AVISIT\"\n", {data.value()});
  const double t = (mean_b - mean_a) / se;
  // Printed with six decimals: 1e-5 relative.
  EXPECT_NEAR(value(own, "x", "f", "", "arm by visit"), t * t, 1e-4 * t * t);
  EXPECT_NEAR(value(own, "x", "denominator_df", "", "arm by visit"), 8.0, 1e-6);
}

TEST(PlanMixed, FallsBackOnlyAsDeclaredAndSaysSo) {
  // Nobody has both visit 2 and visit 3.
  std::string csv = "USUBJID,ARM,AVISIT,AVAL\n";
  for (int i = 0; i < 24; ++i) {
    const std::string who = "s" + std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,");
    const double own = std::sin(1.7 * i);
    csv += who + "1," + std::to_string(own + 0.3 * std::cos(5.0 * i)) + "\n";
    csv += who + (i % 3 == 0 ? "2," : "3,") + std::to_string(own + 0.5 * std::sin(11.0 * i)) + "\n";
  }
  const auto data = formats::parse_csv_table(csv, "trial.csv");
  const std::string plain =
      "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"AVAL\"\nvisit = \"AVISIT\"\n";
  const auto refused = result(plain, {data.value()});
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_NE(refused.refusals[0].hint.find("fallback"), std::string::npos);
  const auto own = rows(plain + "fallback = [\"compound_symmetry\"]\n", {data.value()});
  for (const Row& row : own) {
    EXPECT_NE(row.note.find("fall-back, in place of unstructured"), std::string::npos) << row.note;
    EXPECT_NE(row.conventions.find("covariance: compound symmetry"), std::string::npos);
  }
}

TEST(PlanMixed, ATimeThatTheCovarianceDoesNotUseIsAProblem) {
  const auto own = result(fev("time = \"VISITN\""), fev_data());
  EXPECT_NE(diagnostics::to_string(own.problems).find("is for the covariances"), std::string::npos);
}

TEST(PlanMixed, SandwichAndFixedDegreesOfFreedomAreOffered) {
  const auto cr2 = rows(fev("variance = \"cr2\""), fev_data());
  EXPECT_NE(cr2.front().conventions.find("Bell and McCaffrey"), std::string::npos);
  const Deep expected(fev_file, "reml_us");
  // The arm's coefficient is the difference at the first visit.
  EXPECT_NEAR(all(cr2, "se", true)[0],
              expected.numbers({"se_empirical_bias_reduced", "ARMCDTRT"})[0], 1e-6);
  EXPECT_NEAR(all(cr2, "df", true)[0],
              expected.numbers({"df_empirical_bias_reduced", "ARMCDTRT"})[0], 1e-3);
  // 197 subjects, 537 rows; between: race (2), sex, arm; within: 3 visits and 3 products.
  const auto between = rows(fev("df = \"between_within\""), fev_data());
  EXPECT_DOUBLE_EQ(all(between, "df", true)[0], 197.0 - 4.0 - 1.0);
  EXPECT_DOUBLE_EQ(all(between, "df", true)[1], std::min(192.0, 537.0 - 197.0 - 6.0));
  const auto residual = rows(fev("df = \"residual\""), fev_data());
  EXPECT_DOUBLE_EQ(all(residual, "df", true)[2], 537.0 - 11.0);
}

TEST(PlanMixed, StandardisedMeansDifferByTheContrastWithoutInteractions) {
  const auto own = rows(fev("adjusted_means = \"standardised\""), fev_data());
  const auto plain = rows(fev(""), fev_data());
  const auto a = all(own, "difference", true), b = all(plain, "difference", true);
  for (std::size_t v = 0; v < a.size(); ++v) EXPECT_NEAR(a[v], b[v], 1e-9);
  EXPECT_TRUE(all(own, "df", true).empty());
}

TEST(PlanMixed, RandomSlopeAndInterceptAgreeWithTheReferenceCase) {
  const std::string head =
      "arms = [\"Male\", \"Female\"]\n[columns]\nsubject = \"Subject\"\n"
      "arm = \"Sex\"\n[analysis.x]\nresponse = \"distance\"\ntime = \"age\"\n";
  const std::vector<formats::DataTable> data{table("c13_mmrm_orthodont/data.csv")};
  const std::string file = "c13_mmrm_orthodont/expected.json";
  for (const auto& [method, name] :
       {std::pair{"random_slope_model", "lmer_random_slope"},
        std::pair{"random_intercept_model", "lmer_random_intercept"}}) {
    const auto own = rows(head + "method = \"" + method + "\"\n", data);
    const Deep expected(file, name);
    const auto reference = [&](const char* key) {
      return expected.numbers({key, "SexFemale:age"})[0];
    };
    EXPECT_NEAR(value(own, "x", "slope_difference", "Female"), reference("coef"), 1e-6);
    for (std::size_t i = 0; i + 3 < own.size(); ++i) {
      if (own[i].statistic != "slope_difference") continue;
      EXPECT_NEAR(own[i + 3].value.value_or(0.0), reference("se_KR"), 1e-5);
    }
  }
}

const std::string hamd = R"(
reference_arm = "PLACEBO"
[columns]
subject = "PATIENT"
arm = "THERAPY"
[analysis.x]
method = "constrained_longitudinal"
response = "HAMDTL17"
baseline = "BASVAL"
visit = "VISIT"
criterion = "ml"
[analysis.y]
method = "mmrm"
response = "HAMDTL17"
visit = "VISIT"
covariates = ["BASVAL", "BASVAL:VISIT"]
criterion = "ml"
)";

TEST(PlanMixed, ConstrainedBaselineEqualsAdjustmentByMaximumLikelihood) {
  const auto own = rows(hamd, {table("c15_rbmi_antidepressant/data.snapshot.csv")});
  const auto a = all(own, "difference", true, "x"), b = all(own, "difference", true, "y");
  ASSERT_EQ(a.size(), 4U);
  for (std::size_t v = 0; v < 4; ++v) EXPECT_NEAR(a[v], b[v], 1e-6);
  EXPECT_DOUBLE_EQ(value(own, "x", "n"), 172.0);
}

struct Refused {
  const char* name;
  const char* options;
  const char* words;
};

class BadMixedPlan : public testing::TestWithParam<Refused> {};

TEST_P(BadMixedPlan, IsToldInWords) {
  const auto out = result(fev(GetParam().options), fev_data());
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanMixed, BadMixedPlan,
    testing::Values(
        Refused{"fallback", "fallback = [\"toeplits\"]", "is not a covariance"},
        Refused{"order", "covariance = \"ar1\"", "must list the visits in the order"},
        Refused{"visits", "visits = [\"VIS1\", \"VIS9\"]", "no such visit"},
        Refused{"time", "covariance = \"spatial_exponential\"", "must name the column of the time"},
        Refused{"ml", "criterion = \"ml\"\ndf = \"kenward_roger\"", "needs criterion = \"reml\""},
        Refused{"sandwich", "variance = \"cr2\"\ndf = \"kenward_roger\"",
                "needs variance = \"model\""},
        Refused{"column", "group = \"SEXX\"", "the data have no such column"},
        Refused{"table", "table = \"X\"", "the data have no such table"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(PlanMixed, NoTwoRowsTellDifferentNumbersOfTheSame) {
  const auto own = rows(hamd, {table("c15_rbmi_antidepressant/data.snapshot.csv")});
  for (std::size_t i = 0; i < own.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      ASSERT_FALSE(same_statistic(own[i], own[j])) << own[i].avisit << own[i].statistic;
    }
  }
}

/// Three visits of 20 subjects; the response of visit 1 is the number given, or their own.
formats::DataTable with_first_visit(double first, double spread) {
  std::string csv = "USUBJID,ARM,AVISIT,AVAL\n";
  for (int i = 0; i < 20; ++i) {
    for (int v = 1; v <= 3; ++v) {
      const double y = v == 1 ? first : first + spread * std::sin(1.9 * i + 5.0 * v * v);
      csv += "s" + std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + std::to_string(v) + "," +
             std::to_string(y) + "\n";
    }
  }
  return formats::parse_csv_table(csv, "trial.csv").value();
}

TEST(PlanMixed, AResponseWithoutVariationIsRefused) {
  const std::string plain =
      "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"AVAL\"\nvisit = \"AVISIT\"\n";
  for (const auto& [first, spread] : {std::pair{1.0, 0.0}, {0.0, 0.0}, {0.0, 1.0}, {3.0, 1.0}}) {
    const auto out = result(plain, {with_first_visit(first, spread)});
    ASSERT_EQ(out.refusals.size(), 1U) << first << " " << spread;
    EXPECT_EQ(out.refusals[0].rule, "singular covariance");
  }
  // One variance for all visits has an answer where some of them vary.
  const auto own =
      rows(plain + "covariance = \"compound_symmetry\"\n", {with_first_visit(0.0, 1.0)});
  EXPECT_GT(value(own, "x", "n"), 0.0);
}

TEST(PlanMixed, TwoRowsAtOneVisitAreNamedByLine) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,AVISIT,AVAL\ns1,a,1,1\ns1,a,1,2\ns2,b,1,3\ns2,b,2,3\ns3,a,2,1\n", "trial.csv");
  const auto out = result(
      "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"AVAL\"\nvisit = \"AVISIT\"\n", {data.value()});
  const std::string text = diagnostics::to_string(out.problems);
  EXPECT_NE(text.find("trial.csv:3"), std::string::npos) << text;
  EXPECT_NE(text.find("subject s1 has two rows at this visit"), std::string::npos) << text;
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
