// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "plan_case.hpp"

/// Data of users that are not quite what the plan takes them for.
namespace angiotrial::analysis::plan_test {
namespace {

using formats::DataTable;

DataTable parsed(const std::string& csv) {
  auto read = formats::parse_csv_table(csv, "t.csv");
  EXPECT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  return std::move(read).value();
}

const std::string ancova = "[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\n";

std::string told(const std::string& plan_text, const std::vector<DataTable>& tables) {
  const auto out = result(plan_text, tables);
  return diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
}

::testing::AssertionResult says(const std::string& text, const std::string& words) {
  if (text.find(words) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "\"" << words << "\" is not in: " << text;
}

TEST(PlanData, RowsAreSubjectsOnlyWhereThePlanSaysSo) {
  const auto data = parsed("ARM,y\na,1\nb,2\na,3\nb,5\n");
  const std::string text = told(ancova, {data});
  EXPECT_TRUE(says(text, "t.csv: USUBJID: the table has no such column"));
  EXPECT_TRUE(says(text, "subject = \"row\""));
  for (const char* subject : {"row", ""}) {
    const auto own =
        rows("[columns]\nsubject = \"" + std::string(subject) + "\"\n" + ancova, {data});
    EXPECT_DOUBLE_EQ(value(own, "x", "difference", "b"), 1.5);
  }
}

TEST(PlanData, ArmsThatDifferOnlyInCaseOrBlanksAreNamedWithTheirRows) {
  const auto data =
      parsed("USUBJID,ARM,y\n1,Placebo,1\n2,placebo ,2\n3,PLACEBO,3\n4,cells,5\n5,PLACEBO,5\n");
  const std::string text = told(ancova, {data});
  EXPECT_TRUE(says(text, "t.csv:2: ARM = \"Placebo\""));
  EXPECT_TRUE(says(text, "t.csv:3: ARM = \"placebo \""));
  EXPECT_TRUE(says(text, "differs from \"PLACEBO\" (rows: 2)"));
}

TEST(PlanData, CategoriesAndConditionsThatDifferOnlyInCaseOrBlanksAreProblems) {
  const auto data = parsed("USUBJID,ARM,S,V,y\n1,a,m,M6,1\n2,b,M,M6,2\n3,a,m,m6,3\n4,b,m,M6,5\n");
  EXPECT_TRUE(says(told(ancova + "covariates = [\"S\"]\n", {data}), "differs from \"M\""));
  EXPECT_TRUE(says(told(ancova + "where = [\"V = M6\"]\n", {data}),
                   "t.csv:4: V = \"m6\": differs from the condition's \"M6\""));
}

TEST(PlanData, ASlipAmongTheNumbersOfACovariateIsAProblemUnlessItIsAClass) {
  const std::string kept = "USUBJID,ARM,AGE,F,y\n1,a,31,Y,1\n2,b,42,Y,2\n3,a,53,Y,3\n4,b,64,Y,5\n";
  const std::string more = "5,a,35,Y,4\n6,b,47,Y,9\n7,a,,Y,3\n";
  const std::string covariates = "covariates = [\"AGE\"]\n";
  for (const char* slip : {"5x", "nan", "1e400"}) {
    const auto data = parsed(kept + "8,b," + slip + ",N,7\n" + more);
    const std::string rule = "t.csv:6: AGE = " + std::string(slip) +
                             ": is not a number (list AGE in `classes` if it is a category)";
    EXPECT_TRUE(says(told(ancova + covariates, {data}), rule));
    EXPECT_TRUE(says(told(ancova + covariates + "where = [\"F = Y\"]\n", {data}), rule));
    EXPECT_TRUE(says(
        told("[analysis.x]\nmethod = \"random_intercept_model\"\nresponse = \"y\"\n" + covariates,
             {data}),
        rule));
    EXPECT_EQ(told(ancova + covariates + "classes = [\"AGE\"]\n", {data}).find("is not a number"),
              std::string::npos);
  }
}

TEST(PlanData, TextsThatAreMostlyNoNumbersAndNamesOfDigitsStayCategories) {
  const auto data = parsed(
      "USUBJID,ARM,S,SITEID,y\n1,a,m,007,1\n2,b,f,007,2\n3,a,1,012,3\n4,b,m,012,5\n5,a,f,007,4\n"
      "6,b,m,012,9\n");
  (void)rows(ancova + "errors = \"model\"\ncovariates = [\"S\", \"SITEID\"]\n", {data});
}

TEST(PlanData, AColumnCalledArmThatIsNotTheArmIsNotDroppedSilently) {
  const auto data = parsed(
      "USUBJID,ARM,arm,z,y\n1,a,3,1,1\n2,b,4,2,2\n3,a,7,1,3\n4,b,1,4,5\n5,a,2,6,5\n6,b,3,2,5\n");
  for (const char* term : {"arm", "arm:z"}) {
    const std::string covariates = "covariates = [\"" + std::string(term) + "\"]\n";
    EXPECT_TRUE(says(told(ancova + covariates, {data}), "in a term `arm` means ARM"));
    EXPECT_TRUE(says(
        told("[analysis.x]\nmethod = \"random_intercept_model\"\nresponse = \"y\"\n" + covariates,
             {data}),
        "in a term `arm` means ARM"));
  }
  EXPECT_TRUE(says(told("[analysis.x]\nmethod = \"rank_ancova\"\nresponse = \"y\"\ncovariates = "
                        "[\"arm\"]\n",
                        {data}),
                   "without the arm"));
}

TEST(PlanData, ATypingErrorInClassesIsToldWithTheNearestName) {
  const auto data = parsed(
      "USUBJID,ARM,V,S,y\n1,a,1,1,1\n2,b,1,2,2\n3,a,1,1,3\n4,b,1,2,5\n1,a,2,1,1\n2,b,2,2,4\n");
  for (const std::string method :
       {"mmrm\"\nvisit = \"V", "random_intercept_model",
        "constrained_longitudinal\"\nvisit = "
        "\"V\"\nbaseline = \"S",
        "reference_based_imputation\"\nvisit = \"V", "gee", "cumulative_logit"}) {
    const std::string text =
        told("[analysis.x]\nmethod = \"" + method +
                 "\"\nresponse = \"y\"\ncovariates = [\"SITE\"]\nclasses = [\"SITTE\"]\n",
             {data});
    EXPECT_TRUE(says(text, "analysis.x.classes = SITTE: must name a column of the covariates"));
    EXPECT_TRUE(says(text, "SITE")) << method;
  }
}

TEST(PlanData, EveryProblemIsToldAtOnce) {
  const auto data = parsed("USUBJID,ARM,F,V,y\n1,a,Q,x,1\n2,b,Y,x,two\n3,a,R,x,3\n");
  const std::string text = told(
      "[analysis.x]\nmethod = \"ancova\"\nresponse = \"yy\"\ncovariates = [\"age\"]\n"
      "where = [\"V is x\", \"W = 1\", \"V > 3\"]\n[analysis.x.estimand]\npopulation = \"F\"\n"
      "composite_value = 0.0\n[analysis.x.estimand.events]\nrescue = \"composite\"\ndeath = "
      "\"principal_stratum\"\n",
      {data});
  for (const char* words :
       {"t.csv:2: F = Q", "t.csv:4: F = R", "must read COLUMN = VALUE", "t.csv: W: the data have",
        "V = x: must be a number", "yy: the data have no such column", "age: the data have no",
        "names no column with the day of this event", "none is offered"}) {
    EXPECT_TRUE(says(text, words));
  }
  const std::string visits = told(
      "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"y\"\nvisit = \"V\"\nvisits = [\"a\", \"b\"]\n"
      "covariance = \"spatial_exponential\"\nfallback = [\"ar2\", \"none\"]\n",
      {data});
  for (const char* words : {"ar2: is not a covariance", "none: is not a covariance"}) {
    EXPECT_TRUE(says(visits, words));
  }
}

TEST(PlanData, NamesOfTablesMayBeWrittenInSmallLetters) {
  DataTable adsl = parsed("USUBJID,ARM\ns1,a\ns2,b\ns3,a\ns4,b\n");
  DataTable adqs = parsed("USUBJID,y\ns1,1\ns2,2\ns3,3\ns4,5\n");
  adsl.name = "ADSL";
  adqs.name = "ADQS";
  const auto own =
      rows("[columns]\nsubject_table = \"adsl\"\n" + ancova + "table = \"adqs\"\n", {adsl, adqs});
  EXPECT_DOUBLE_EQ(value(own, "x", "difference", "b"), 1.5);
  DataTable other = adqs;
  other.name = "AdQS";
  EXPECT_TRUE(says(told(ancova + "table = \"adqs\"\n", {adsl, adqs, other}), "no such table"));
  EXPECT_TRUE(says(
      told("[columns]\nsubject_table = \"ADLS\"\n" + ancova + "table = \"ADQS\"\n", {adsl, adqs}),
      "columns.subject_table = ADLS: the data have no such table"));
}

TEST(PlanData, WhatWouldGiveAWrongNumberQuietlyIsAProblem) {
  const auto data = parsed(
      "USUBJID,ARM,PARAMCD,ADY,RESCDY,y\n1,a,ETT,9,,1\n2,b,ETT,9,,2\n1,a,ANG,9,,3\n2,b,ANG,9,,5\n");
  EXPECT_TRUE(says(told(ancova, {data}), "PARAMCD = ANG, ETT: the rows of the analysis are of 2"));
  EXPECT_EQ(
      told(ancova + "covariates = [\"PARAMCD\"]\nerrors = \"model\"\n", {data}).find("parameters"),
      std::string::npos);
  EXPECT_TRUE(says(told(ancova + "covariates = [\"y\"]\n", {data}), "y: is the response, and"));
  EXPECT_TRUE(says(told("[events]\nrescue = \"RESCDY\"\n" + ancova +
                            "[analysis.x.estimand.events]\nrescue = \"composite\"\n",
                        {data}),
                   "needs the value that the response then has"));
  const auto twins = parsed("USUBJID,ARM,y\ns1,a,1\nS1 ,b,2\n2,a,3\n3,b,5\n");
  EXPECT_TRUE(says(told(ancova, {twins}), "USUBJID = \"S1 \": differs from \"s1\""));
}

TEST(PlanData, SubjectsOfThePopulationWithoutARowAreCounted) {
  DataTable adsl = parsed("USUBJID,ARM,FASFL\n1,a,Y\n2,b,Y\n3,a,Y\n4,b,Y\n5,a,Y\n6,b,N\n7,,Y\n");
  DataTable adqs = parsed("USUBJID,V,y\n1,6,1\n2,6,2\n3,6,3\n4,6,5\n5,3,5\n");
  adsl.name = "ADSL";
  adqs.name = "ADQS";
  const auto own = rows(ancova + "table = \"ADQS\"\nwhere = [\"V = 6\"]\n[analysis.x.estimand]\n" +
                            "population = \"FASFL\"\n",
                        {adsl, adqs});
  EXPECT_EQ(value(own, "x", "n_without_row"), 1.0);
}

TEST(PlanData, AConditionThatIsTrueOfNoRowIsNamedWithTheNearestValue) {
  const auto data = parsed("USUBJID,ARM,PARAMCD,F,y\n1,a,ETTS,N,1\n2,b,ETTS,N,2\n3,a,ANGWK,N,3\n");
  const std::string text = told(ancova + "where = [\"PARAMCD = ETT\"]\n", {data});
  EXPECT_EQ(text,
            "plan.toml:1: analysis.x.where = PARAMCD = ETT: the condition leaves no row of T (did "
            "you mean ETTS?)\n");
  EXPECT_TRUE(says(told(ancova + "where = [\"PARAMCD = ETTS\", \"y > 5\"]\n", {data}),
                   "where = y > 5: the condition leaves no row of T\n"));
  EXPECT_TRUE(says(told(ancova + "[analysis.x.estimand]\npopulation = \"F\"\n", {data}),
                   "F: is Y in no row that is left"));
}

TEST(PlanData, ArmsAndCellsOfTheResponseAreToldTogether) {
  const auto data = parsed("USUBJID,ARM,y\n1,placebo,1\n2,cells,2\n3,cels,unknown\n4,cells,5\n");
  const std::string text = told("arms = [\"placebo\", \"cells\"]\n" + ancova, {data});
  EXPECT_TRUE(says(text, "ARM = cels: is not one of the plan's arms (did you mean cells?)"));
  EXPECT_TRUE(says(text, "t.csv:4: y = unknown: must be a number"));
  EXPECT_TRUE(
      says(told("arms = [\"placebo\", \"cells\", \"cels\"]\nreference_arm = \"placeb\"\n" + ancova,
                {data}),
           "did you mean placebo?"));
}

TEST(PlanData, AnArmOfOneSubjectThatIsAllButAnotherIsAProblemUnlessListed) {
  const std::string csv =
      "USUBJID,ARM,y\n1,placebo,1\n2,cells,2\n3,placbo,3\n4,cells,5\n5,placebo,4\n6,placebo,6\n";
  const std::string text = told(ancova, {parsed(csv)});
  EXPECT_EQ(text,
            "t.csv:4: ARM = placbo: is the arm of one subject alone (did you mean placebo? "
            "else list the plan's `arms`)\n");
  EXPECT_EQ(
      told("arms = [\"placebo\", \"placbo\", \"cells\"]\n" + ancova, {parsed(csv)}).find("alone"),
      std::string::npos);
  const auto doses =
      parsed("USUBJID,ARM,y\n1,dose 1,1\n2,dose 2,2\n3,dose 1,3\n4,dose 1,5\n5,placebo,2\n");
  EXPECT_EQ(told(ancova + "errors = \"model\"\n", {doses}).find("alone"), std::string::npos);
}

/// The different labels of the rows, in the order first met.
std::vector<std::string> sources(const std::string& plan_text,
                                 const std::vector<DataTable>& tables) {
  std::vector<std::string> out;
  for (const Row& row : rows(plan_text, tables)) {
    if (out.empty() || out.back() != row.source) out.push_back(row.source);
  }
  return out;
}

TEST(PlanData, OneSimulatedTableMakesWhatComesOfThemSimulated) {
  const std::vector<std::string> simulated{"simulated"}, observed{"observed"};
  const auto plain = parsed("USUBJID,ARM,y\n1,a,1\n2,b,2\n3,a,3\n4,b,5\n");
  auto other = parsed("USUBJID,z\n1,1\n");
  other.name = "OTHER";
  const std::string plan_text = ancova + "table = \"T\"\n";
  EXPECT_EQ(sources(plan_text, {plain, other}), observed);
  for (const char* mark :
       {"SIMFL\n1,1,Y\n2,1,N\n", "STUDYID\n1,1,SIMULATED-7\n", "SIMFL\n1,1,Y\n"}) {
    auto marked = parsed("USUBJID,z," + std::string(mark));
    marked.name = "OTHER";
    EXPECT_EQ(sources(plan_text, {plain, marked}), simulated) << mark;
  }
  auto none = parsed("USUBJID,z,SIMFL,STUDYID\n1,1,N,REAL\n");
  none.name = "OTHER";
  EXPECT_EQ(sources(plan_text, {plain, none}), observed);
}

TEST(PlanData, RowsOfThePlanAloneAreNotCalledObserved) {
  const std::string design =
      "[analysis.n]\nmethod = \"sample_size\"\n"
      "[analysis.n.means]\ndifference = 0.5\nsd = 1.0\n";
  const std::string holm =
      "[analysis.h]\nmethod = \"multiplicity\"\nanalyses = [\"x\"]\nprocedure = \"holm\"\n";
  const auto data = parsed("USUBJID,ARM,y\n1,a,1\n2,b,2\n3,a,3\n4,b,5\n");
  EXPECT_EQ(sources(design, {}), std::vector<std::string>{"design"});
  EXPECT_EQ(sources(design + ancova + holm, {data}),
            (std::vector<std::string>{"design", "observed"}));
}

TEST(PlanData, AnAnalysisThatIsRefusedInPartIsARefusal) {
  const auto data = parsed(
      "USUBJID,ARM,V,y\n1,a,1,3\n1,a,2,5\n2,b,1,4\n2,b,2,1\n3,a,1,6\n3,a,2,2\n4,b,1,7\n4,b,2,9\n"
      "5,a,1,1\n5,a,2,4\n6,b,1,8\n6,b,2,3\n7,c,1,4\n7,c,2,7\n");
  const auto out = result(
      "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"y\"\nvisit = \"V\"\nvariance = \"cr0\"\n",
      {data});
  EXPECT_TRUE(out.problems.empty());
  ASSERT_EQ(out.refusals.size(), 1U) << diagnostics::to_string(out.refusals);
  EXPECT_TRUE(says(out.refusals[0].rule, "it rests on one subject alone"));
  EXPECT_TRUE(says(out.refusals[0].hint, "numbers left out: "));
  EXPECT_GT(value(out.rows, "x", "se", "b"), 0.0);
}

TEST(PlanData, RowsOfRefusalsAndOfWhatWasLeftOutCarryConventions) {
  const auto data = parsed("USUBJID,ARM,x,y\n1,a,1,0\n2,b,1,1\n3,a,1,0\n4,b,1,1\n5,,1,1\n");
  for (const char* method :
       {"logistic_regression", "poisson_regression", "negative_binomial", "count_random_intercept",
        "cumulative_logit", "hurdle", "ancova", "gee", "cox"}) {
    const std::string options = std::string(method) == "cox"
                                    ? "time = \"x\"\nevent = \"y\"\n"
                                    : "response = \"y\"\ncovariates = [\"x\"]\n";
    const auto out =
        result("[analysis.x]\nmethod = \"" + std::string(method) + "\"\n" + options, {data});
    EXPECT_FALSE(out.rows.empty()) << method << diagnostics::to_string(out.problems);
    for (const Row& row : out.rows) {
      EXPECT_NE(row.conventions, "") << method << " " << row.statistic << " " << row.note;
    }
  }
}

TEST(PlanData, ARefusedFitTellsTheConventionsItWouldHaveHad) {
  const auto data = parsed("USUBJID,ARM,y\n1,a,0\n2,b,1\n3,a,0\n4,b,1\n");
  for (const auto& [method, words] : {std::pair{"logistic_regression", "reference: normal"},
                                      std::pair{"count_random_intercept", "quadrature"}}) {
    const auto out = result(
        "[analysis.x]\nmethod = \"" + std::string(method) + "\"\nresponse = \"y\"\n", {data});
    ASSERT_EQ(out.rows.size(), 1U) << method;
    EXPECT_EQ(out.rows[0].statistic, "status");
    EXPECT_TRUE(says(out.rows[0].conventions, words));
  }
}

/// Visits whose names sort in another order than they follow in time.
DataTable weeks(const std::string& number_column) {
  const int week[] = {2, 4, 12};
  std::string csv = "USUBJID,ARM,AVISIT," + number_column + ",y\n";
  for (int s = 1; s <= 12; ++s) {
    for (int v = 0; v < 3; ++v) {
      csv += std::to_string(s) + "," + (s % 2 == 0 ? "a" : "b") + ",Week " +
             std::to_string(week[v]) + "," + std::to_string(v + 1) + "," +
             std::to_string((s * 7 + v * v * 3 + s * s * (v + 1)) % 13 + s % 2) + "\n";
    }
  }
  return parsed(csv);
}

TEST(PlanData, TextVisitsAreOrderedByTheirNumberOrMustBeListed) {
  const std::string mmrm =
      "[analysis.x]\nmethod = \"mmrm\"\nresponse = \"y\"\nvisit = \"AVISIT\"\ncovariance = "
      "\"ar1\"\n";
  const std::string listed = "visits = [\"Week 2\", \"Week 4\", \"Week 12\"]\n";
  const double right = value(rows(mmrm + listed, {weeks("N")}), "x", "log_likelihood");
  EXPECT_DOUBLE_EQ(value(rows(mmrm, {weeks("AVISITN")}), "x", "log_likelihood"), right);
  const double wrong =
      value(rows(mmrm + "visits = [\"Week 12\", \"Week 2\", \"Week 4\"]\n", {weeks("AVISITN")}),
            "x", "log_likelihood");
  EXPECT_NE(wrong, right);
  EXPECT_TRUE(says(told(mmrm, {weeks("N")}), "must list the visits in the order of time"));
  const std::string imputation =
      "[analysis.x]\nmethod = \"reference_based_imputation\"\nresponse = \"y\"\nvisit = "
      "\"AVISIT\"\nwhere = [\"AVISIT != Week 2\"]\n";
  EXPECT_TRUE(says(told(imputation, {weeks("N")}), "must list the visits in the order of time"));
  EXPECT_EQ(told(imputation, {weeks("AVISITN")}), "");
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
