// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

const std::string epil_plan = R"(
reference_arm = "placebo"
[columns]
subject = "subject"
arm = "trt"
[analysis.primary]
method = "negative_binomial"
response = "y"
exposure = "weeks"
covariates = ["lb"]
paramcd = "SEIZ"
[analysis.primary.estimand]
variable = "seizures per week"
summary_measure = "ratio of rates"
[analysis.primary.estimand.events]
rescue = "treatment_policy"
)";

TEST(Plan, GivesTheNumbersOfTheReferenceCase) {
  const auto epil = table("c01_nb_epil/data_totals.csv");
  const auto own = rows(epil_plan, {epil});
  EXPECT_NEAR(value(own, "primary", "rate_ratio", "progabide"), std::exp(-0.279577712597068), 1e-9);
  EXPECT_NEAR(value(own, "primary", "se_log", "progabide"), 0.150807470226221, 1e-9);
  EXPECT_NEAR(value(own, "primary", "dispersion"), 1.0 / 3.61831696968242, 1e-8);
  const auto r = rows("conventions = \"r\"\n" + epil_plan, {epil});
  EXPECT_NEAR(value(r, "primary", "se_log", "progabide"), 0.149409369786589, 1e-9);
}

TEST(Plan, CarriesEstimandAndConventionsInEveryRow) {
  const auto own = rows(epil_plan, {table("c01_nb_epil/data_totals.csv")});
  for (const Row& row : own) {
    EXPECT_EQ(row.estimand, "seizures per week; rescue: treatment policy; ratio of rates");
    EXPECT_NE(row.conventions, "");
    EXPECT_EQ(row.paramcd, "SEIZ");
    EXPECT_EQ(row.source, "observed");
  }
}

const std::string anorexia_plan = R"(
arms = ["Cont", "CBT", "FT"]
conventions = "r"
[columns]
subject = "row"
arm = "Treat"
[analysis.a]
method = "ancova"
response = "Postwt"
covariates = ["Prewt"]
[analysis.b]
method = "ancova"
response = "Postwt"
covariates = ["Prewt"]
errors = "hc3"
[analysis.c]
method = "standardisation"
response = "Postwt"
covariates = ["Prewt", "arm:Prewt"]
)";

TEST(Plan, AncovaAndStandardisationAgreeWithTheReferenceCase) {
  const auto own = rows(anorexia_plan, {table("c10_ancova_anorexia/data.csv")});
  EXPECT_NEAR(value(own, "a", "difference", "FT"), 8.6601281809917, 1e-9);
  EXPECT_NEAR(value(own, "a", "se", "CBT"), 1.29660917344949, 1e-9);  // of the adjusted mean
  EXPECT_NEAR(value(own, "a", "p_value", "FT"), 0.000189023798034244, 1e-10);
  EXPECT_NEAR(value(own, "a", "adjusted_mean", "CBT"), 85.5743283143094, 1e-8);
  EXPECT_NEAR(value(own, "c", "marginal_mean", "FT"), 89.747571597122, 1e-8);
  EXPECT_NEAR(value(own, "c", "difference", "CBT"), 4.46444651128431, 1e-8);
}

/// Forty patients with a sex under two spellings, of which the first level differs.
formats::DataTable patients_of_both_sexes() {
  std::string cells = "USUBJID,ARM,SEX,OTHER,X,y,t,e,LEVEL\n";
  for (int i = 0; i < 40; ++i) {
    const bool man = i % 3 == 0;
    cells += "s" + std::to_string(i) + "," + (i % 2 == 0 ? "a" : "b") + "," + (man ? "m" : "f") +
             "," + (man ? "a_m" : "b_f") + "," + std::to_string((i * 5) % 7) + "," +
             std::to_string((i * i * 3) % 11) + "," + std::to_string(1 + (i * i * 7) % 23) + ",1," +
             std::to_string((i * i * 5 + i / 3) % 3) + "\n";
  }
  return formats::parse_csv_table(cells, "trial.csv").value();
}

TEST(Plan, ProductsOfCategoriesNeedTheirPartsAndThenDoNotHangOnSpelling) {
  const auto data = patients_of_both_sexes();
  for (const char* model : {"method = \"ancova\"\nresponse = \"y\"\n",
                            "method = \"cox\"\ntime = \"t\"\nevent = \"e\"\n",
                            "method = \"cumulative_logit\"\nresponse = \"LEVEL\"\n"}) {
    const std::string text = "[analysis.m]\n" + std::string(model);
    const auto lacking = result(text + "covariates = [\"SEX\", \"SEX:X\"]\n", {data});
    EXPECT_NE(diagnostics::to_string(lacking.problems).find("add \"X\""), std::string::npos)
        << diagnostics::to_string(lacking.problems);
    const auto arms = result(text + "covariates = [\"arm:X\"]\n", {data});
    EXPECT_FALSE(arms.problems.empty()) << model;
    const auto one = rows(text + "covariates = [\"X\", \"SEX:X\"]\n", {data});
    const auto other = rows(text + "covariates = [\"X\", \"OTHER:X\"]\n", {data});
    EXPECT_NEAR(value(one, "m", "p_value", "b"), value(other, "m", "p_value", "b"), 1e-7) << model;
  }
}

TEST(Plan, SaysEveryProblemOfAPlanAtOnce) {
  const auto read = read_plan(R"(
level_fraction = 2.0
[analysis.a]
method = "ancovar"
[analysis.b]
method = "ancova"
respons = "y"
covariates = "Prewt"
)",
                              "plan.toml");
  ASSERT_FALSE(read.ok());
  const std::string text = diagnostics::to_string(read.problems());
  EXPECT_NE(text.find("plan.toml:2: level_fraction"), std::string::npos) << text;
  EXPECT_NE(text.find("did you mean \"ancova\"?"), std::string::npos) << text;
  EXPECT_NE(text.find("response"), std::string::npos) << text;
  EXPECT_NE(text.find("must be a list"), std::string::npos) << text;
}

TEST(Plan, NamesTheCellThatCannotBeUsed) {
  const auto data =
      formats::parse_csv_table("USUBJID,ARM,y\ns1,a,1\ns2,b,two\ns3,b,3\ns4,a,-1\n", "trial.csv");
  const auto out =
      result("[analysis.x]\nmethod = \"negative_binomial\"\nresponse = \"y\"\n", {data.value()});
  const std::string text = diagnostics::to_string(out.problems);
  EXPECT_NE(text.find("trial.csv:3: y = two: must be a number"), std::string::npos) << text;
}

TEST(Plan, RefusesWhatTheDataCannotSupport) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y\ns1,a,0\ns2,b,0\ns3,b,0\ns4,a,0\ns5,a,0\ns6,b,0\n", "trial.csv");
  const auto out =
      result("[analysis.x]\nmethod = \"negative_binomial\"\nresponse = \"y\"\n", {data.value()});
  EXPECT_TRUE(out.problems.empty());
  ASSERT_EQ(out.refusals.size(), 1U);
  ASSERT_EQ(out.rows.size(), 1U);
  EXPECT_FALSE(out.rows[0].value.has_value());
  EXPECT_NE(out.rows[0].note, "");
}

struct Refused {
  const char* name;
  const char* csv;
  const char* plan;
  const char* words;
};

class BadData : public testing::TestWithParam<Refused> {};

TEST_P(BadData, IsAProblemWithItsPlace) {
  const auto data = formats::parse_csv_table(GetParam().csv, "trial.csv");
  ASSERT_TRUE(data.ok());
  const auto out = result(GetParam().plan, {data.value()});
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

constexpr const char* ancova = "[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\n";

INSTANTIATE_TEST_SUITE_P(
    Plan, BadData,
    testing::Values(
        Refused{"column", "USUBJID,ARM,z\ns1,a,1\ns2,b,2\n", ancova,
                "trial.csv: y: the data have no such column"},
        Refused{"arm", "USUBJID,ARM,y\ns1,a,1\ns2,b,2\ns3,plcebo,1\n",
                "arms = [\"a\", \"b\"]\n[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\n",
                "trial.csv:4: ARM = plcebo: is not one of the plan's arms"},
        Refused{"empty", "USUBJID,ARM,y\ns1,a,1\ns2,b,NA\ns3,a,1\n", ancova,
                "ARM = b: no row of this arm is left"},
        Refused{
            "collinear",
            "USUBJID,ARM,y,x,z\ns1,a,1,1,2\ns2,b,3,2,4\ns3,a,1,3,6\ns4,b,4,5,10\n"
            "s5,a,2,7,14\ns6,b,4,1,2\n",
            "[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\ncovariates = [\"x\", \"z\"]\n",
            "collinear"},
        Refused{"separated", "USUBJID,ARM,y\ns1,a,0\ns2,b,1\ns3,a,0\ns4,b,1\ns5,a,0\ns6,b,1\n",
                "[analysis.x]\nmethod = \"logistic_regression\"\nresponse = \"y\"\n", "separated"},
        Refused{"condition", "USUBJID,ARM,y\ns1,a,0\ns2,b,1\n",
                "[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\nwhere = [\"y is 1\"]\n",
                "must read COLUMN = VALUE"},
        Refused{"stratum", "USUBJID,ARM,y\ns1,a,0\ns2,b,1\n",
                "[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\n"
                "[analysis.x.estimand.events]\nrescue = \"principal_stratum\"\n",
                "none is offered"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Plan, StrategiesForEventsChangeTheRowsTheySay) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,ADY,RESCDY,y\ns1,a,10,,1\ns2,a,10,5,100\ns3,a,10,12,3\ns4,b,10,,5\ns5,b,10,,7\n",
      "trial.csv");
  const std::string head =
      "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"ancova\"\n"
      "response = \"y\"\nerrors = \"model\"\n[analysis.x.estimand]\n"
      "composite_value = 20.0\n[analysis.x.estimand.events]\nrescue = ";
  const auto mean = [&](const std::string& strategy) {
    return value(rows(head + '"' + strategy + "\"\n", {data.value()}), "x", "adjusted_mean", "a");
  };
  EXPECT_DOUBLE_EQ(mean("treatment_policy"), 104.0 / 3.0);
  EXPECT_DOUBLE_EQ(mean("hypothetical"), 2.0);
  EXPECT_DOUBLE_EQ(mean("composite"), 8.0);
}

TEST(Plan, ConditionsMayBeWrittenAsInOtherLanguages) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,V,y\ns1,a,M 6,1\ns2,b,M 6,2\ns3,a,M 6,3\ns4,b,M 6,5\ns5,a,M 3,90\n", "t.csv");
  for (const char* condition : {"V = M 6", "V == M 6", "V = 'M 6'", "V=\\\"M 6\\\"", "V != M 3"}) {
    const auto own = rows("[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\nwhere = [\"" +
                              std::string(condition) + "\"]\n",
                          {data.value()});
    EXPECT_DOUBLE_EQ(value(own, "x", "n"), 4.0) << condition;
  }
}

TEST(Plan, PrintsNoTestWithoutAStandardError) {
  // Subject 5 alone in its arm determines its own fitted value; a constant response has no error.
  for (const char* csv : {"USUBJID,ARM,S,y\n1,b,u,5\n2,b,u,6\n3,b,v,4\n4,b,v,6\n5,a,v,5\n",
                          "USUBJID,ARM,S,y\n1,a,u,5\n2,b,u,5\n3,a,v,5\n4,b,v,5\n5,a,v,5\n"}) {
    const auto out =
        result("[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\ncovariates = [\"S\"]\n",
               {formats::parse_csv_table(csv, "t.csv").value()});
    EXPECT_EQ(out.refusals.size(), 1U);
    for (const Row& row : out.rows) EXPECT_NE(row.statistic, "p_value");
  }
}

TEST(Plan, ASubjectAloneAtItsSiteChangesNothingElse) {
  const std::string four = "USUBJID,ARM,S,y\n1,a,u,5\n2,b,u,6\n3,a,u,4\n4,b,u,6\n";
  const auto p_value = [](const std::string& csv, const std::string& covariates) {
    const auto out = result("[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\n" + covariates,
                            {formats::parse_csv_table(csv, "t.csv").value()});
    EXPECT_TRUE(out.problems.empty());
    EXPECT_EQ(out.refusals.size(), covariates.empty() ? 0U : 1U);  // of the adjusted means
    return value(out.rows, "x", "p_value", "b");
  };
  EXPECT_NEAR(p_value(four + "5,a,v,5\n", "covariates = [\"S\"]\n"), p_value(four, ""), 1e-12);
}

TEST(Plan, TakesTwoArmsOfThreeAndCountsWhoHasNone) {
  const auto data =
      formats::parse_csv_table("USUBJID,ARM,y\n1,a,1\n2,b,2\n3,c,9\n4,a,3\n5,b,5\n6,,7\n", "t.csv");
  const auto own = rows(
      "arms = [\"a\", \"b\"]\n[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\n"
      "where = [\"ARM != c\"]\n",
      {data.value()});
  EXPECT_DOUBLE_EQ(value(own, "x", "difference", "b"), 1.5);
  EXPECT_DOUBLE_EQ(value(own, "x", "n_without_arm"), 1.0);
}

TEST(Plan, JoinsColumnsOfTheSubjectTable) {
  auto subjects = formats::parse_csv_table(
      "USUBJID,ARM,FASFL\ns1,a,Y\ns2,b,Y\ns3,a,Y\ns4,b,Y\ns5,b,N\ns6,,Y\n", "adsl.csv");
  auto values = formats::parse_csv_table(
      "USUBJID,AVISIT,AVAL\ns1,M6,1\ns2,M6,3\ns3,M6,2\ns4,M6,5\ns5,M6,99\ns6,M6,99\ns1,M3,50\n",
      "adeff.csv");
  formats::DataTable adsl = std::move(subjects).value(), adeff = std::move(values).value();
  adsl.name = "ADSL";
  adeff.name = "ADEFF";
  const auto own = rows(R"(
[analysis.x]
method = "ancova"
table = "ADEFF"
response = "AVAL"
where = ["AVISIT = M6"]
[analysis.x.estimand]
population = "FASFL"
)",
                        {adsl, adeff});
  EXPECT_DOUBLE_EQ(value(own, "x", "difference", "b"), 2.5);
  EXPECT_DOUBLE_EQ(value(own, "x", "n"), 4.0);
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
