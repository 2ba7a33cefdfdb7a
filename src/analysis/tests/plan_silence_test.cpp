// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "plan_case.hpp"

/// Plans and data of which a part would be left out or misread without a word.
namespace angiotrial::analysis::plan_test {
namespace {

formats::DataTable parsed(const std::string& csv) {
  auto read = formats::parse_csv_table(csv, "data.csv");
  EXPECT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  return std::move(read).value();
}

/// Twelve subjects with two rows each: categories as texts and as numbers, sites across subjects.
formats::DataTable diary() {
  std::string csv = "USUBJID,ARM,ADY,AGE,SEX,SEV,Y,SITE\n";
  const std::string names[] = {"none", "mild", "bad"};
  for (int i = 0; i < 12; ++i) {
    for (int day = 1; day <= 2; ++day) {
      const int y = (i * 5 + day * (i % 4)) % 3;
      csv += "S" + std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + std::to_string(day) + "," +
             std::to_string(40 + 3 * i) + (i % 3 == 0 ? ",F," : ",M,") +
             names[static_cast<std::size_t>(y)] + "," + std::to_string(y) + ",C" +
             std::to_string((i + day) % 3) + "\n";
    }
  }
  return parsed(csv);
}

TEST(PlanSilence, HoldingACovariateDoesNotLeaveItsProductsBehind) {
  for (const std::string product : {"AGE:AGE", "AGE:SEX", "SEX:AGE"}) {
    const std::string found = complaints(
        "reference_arm = \"a\"\n[analysis.q]\nmethod = \"markov_ordinal\"\nresponse = \"Y\"\n"
        "covariates = [\"AGE\", \"SEX\", \"" +
            product +
            "\"]\nat = [\"AGE = 45\"]\n"
            "time = \"none\"\n",
        {diary()});
    EXPECT_NE(found.find("at the value of each subject"), std::string::npos) << product << found;
  }
}

TEST(PlanSilence, NoStrategyPutsNumbersAmongCategoriesThatAreTexts) {
  EXPECT_NE(complaints("reference_arm = \"a\"\n[events]\nrescue = \"AGE\"\n[analysis.o]\n"
                       "method = \"cumulative_logit\"\nresponse = \"SEV\"\n"
                       "levels = [\"none\", \"mild\", \"bad\"]\nwhere = [\"ADY = 1\"]\n"
                       "[analysis.o.estimand.events]\nrescue = \"while_on_treatment\"\n",
                       {diary()})
                .find("needs categories that are numbers"),
            std::string::npos);
}

TEST(PlanSilence, GroupsOtherThanSubjectsTakeOneRowASubject) {
  const std::string found = complaints(
      "reference_arm = \"a\"\n[analysis.g]\nmethod = \"cumulative_random_intercept\"\n"
      "response = \"Y\"\ngroup = \"SITE\"\n",
      {diary()});
  EXPECT_NE(found.find("leave `group` out"), std::string::npos) << found;
}

/// Four arms whose letters sort otherwise than their doses.
formats::DataTable doses() {
  std::string csv = "USUBJID,ARM,Y,T,E\n";
  int subject = 0;
  for (const std::string arm : {"p", "d1", "d2", "d4"}) {
    for (int i = 0; i < 6; ++i) {
      ++subject;
      csv += std::to_string(subject) + "," + arm + "," + std::to_string((subject * 7) % 11) + "," +
             std::to_string(1 + (subject * 5) % 13) + "," + std::to_string(i % 2) + "\n";
    }
  }
  return parsed(csv);
}

TEST(PlanSilence, NumbersInTheOrderOfArmsNeedThatOrder) {
  const std::string mcp =
      "[analysis.m]\nmethod = \"mcp_mod\"\nresponse = \"Y\"\n"
      "doses = [0.0, 1.0, 2.0, 4.0]\n";
  const std::string contrast =
      "[analysis.c]\nmethod = \"contrast_test\"\nresponse = \"Y\"\n"
      "contrasts = [-3.0, -1.0, 1.0, 3.0]\n";
  const std::string trend =
      "[analysis.t]\nmethod = \"log_rank\"\ntime = \"T\"\nevent = \"E\"\n"
      "scores = [0.0, 1.0, 2.0, 4.0]\n";
  for (const std::string& analysis : {mcp, contrast, trend}) {
    EXPECT_NE(complaints("reference_arm = \"p\"\n" + analysis, {doses()})
                  .find("the order of the arms is not known"),
              std::string::npos)
        << analysis;
    EXPECT_EQ(complaints("arms = [\"p\", \"d1\", \"d2\", \"d4\"]\n" + analysis, {doses()})
                  .find("the order of the arms"),
              std::string::npos)
        << analysis;
  }
}

TEST(PlanSilence, CurvesEndAtTheLargestDose) {
  const std::string text =
      "arms = [\"p\", \"d1\", \"d2\", \"d4\"]\n[analysis.m]\n"
      "method = \"mcp_mod\"\nresponse = \"Y\"\n"
      "doses = [0.0, 1.0, 2.0, 4.0]\ncurve_doses = ";
  EXPECT_NE(complaints(text + "[4.5]\n", {doses()}).find("must not exceed the largest dose"),
            std::string::npos);
  EXPECT_EQ(complaints(text + "[3.5]\n", {doses()}).find("must not exceed the largest dose"),
            std::string::npos);
}

TEST(PlanSilence, PlannedDosesRise) {
  for (const std::string doses : {"[0.0, 5.0, 0.0]", "[0.0, 0.0, 0.0]", "[0.0, 3.0, 2.0]",
                                  "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]"}) {
    EXPECT_NE(complaints("[analysis.m]\nmethod = \"mcp_mod_planning\"\ntruth = \"linear\"\n"
                         "sizes = [20]\nsd = 1.0\nseed = 1\ndoses = " +
                         doses + "\n")
                  .find("placebo (0) and 2 to 11 doses, rising"),
              std::string::npos)
        << doses;
  }
}

TEST(PlanSilence, APairWithoutAResultIsARefusal) {
  std::string csv = "USUBJID,ARM,T,E\n";
  for (int i = 0; i < 18; ++i) {
    const std::string arm = i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c";
    csv += std::to_string(i) + "," + arm + "," + std::to_string(1 + (i * 5) % 13) + "," +
           std::to_string(arm == "c" ? 1 : 0) + "\n";
  }
  const PlanResult out = result(
      "reference_arm = \"a\"\n[analysis.l]\nmethod = \"log_rank\"\n"
      "time = \"T\"\nevent = \"E\"\n",
      {parsed(csv)});
  EXPECT_EQ(diagnostics::to_string(out.problems), "");
  EXPECT_FALSE(out.refusals.empty());
}

TEST(PlanSilence, ACoxTestWithoutAResultIsARefusal) {
  std::string csv = "USUBJID,ARM,T,E\n";
  for (int i = 0; i < 20; ++i) {  // every event at one time, whose trend with time nothing tells
    csv += std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + (i % 3 == 0 ? "4,1\n" : "9,0\n");
  }
  const PlanResult out =
      result("reference_arm = \"a\"\n[analysis.c]\nmethod = \"cox\"\ntime = \"T\"\nevent = \"E\"\n",
             {parsed(csv)});
  EXPECT_EQ(diagnostics::to_string(out.problems), "");
  EXPECT_TRUE(value(out.rows, "c", "hazard_ratio", "b") > 0.0);
  EXPECT_FALSE(out.refusals.empty());
}

TEST(PlanSilence, MethodsForTimesTellOfSubjectsWithoutAnArm) {
  std::string csv = "USUBJID,ARM,T,E\n";
  for (int i = 0; i < 12; ++i) {
    csv += std::to_string(i) + (i < 2 ? "," : i % 2 == 0 ? ",a" : ",b");
    csv += "," + std::to_string(1 + (i * 5) % 13) + "," + std::to_string(i % 3 == 0 ? 0 : 1) + "\n";
  }
  const auto own = rows(
      "reference_arm = \"a\"\n[analysis.l]\nmethod = \"log_rank\"\ntime = \"T\"\n"
      "event = \"E\"\n",
      {parsed(csv)});
  EXPECT_EQ(value(own, "l", "n_without_arm"), 2.0);
}

TEST(PlanSilence, ImputationTellsOfSubjectsWithoutARowAtItsVisits) {
  std::string csv = "USUBJID,ARM,AVISIT,CHG\n";
  for (int i = 0; i < 20; ++i) {
    for (const std::string visit : {"W0", "W1", "W2"}) {
      if (i < 3 && visit != "W0") continue;
      csv += "S" + std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + visit + "," +
             std::to_string((i * 7 + (visit == "W2" ? 3 * (i % 5) : i % 3)) % 11) + "\n";
    }
  }
  const auto own = rows(
      "reference_arm = \"a\"\n[analysis.i]\n"
      "method = \"reference_based_imputation\"\nresponse = \"CHG\"\n"
      "visit = \"AVISIT\"\nvisits = [\"W1\", \"W2\"]\n",
      {parsed(csv)});
  EXPECT_EQ(value(own, "i", "n_without_visit"), 3.0);
}

TEST(PlanSilence, ASubjectStandsInOneArm) {
  std::string csv = "USUBJID,ARM,ST,EN,EV,ADY,Y\n";
  for (int i = 0; i < 10; ++i) {
    const std::string name = "S" + std::to_string(i);
    csv += name + (i % 2 == 0 ? ",a" : ",b") + ",0,3,1,1," + std::to_string(i % 3) + "\n";
    csv += name + (i % 2 == 0 || i == 7 ? ",a" : ",b") + ",3,9,0,2," + std::to_string(i % 2) + "\n";
  }
  const std::string times = "time = \"EN\"\nstart = \"ST\"\nevent = \"EV\"\n";
  for (const std::string& analysis :
       {"method = \"recurrent_events\"\n" + times, "method = \"cox\"\n" + times,
        std::string("method = \"markov_ordinal\"\nresponse = \"Y\"\ntime = \"none\"\n"),
        std::string("method = \"cumulative_logit\"\nresponse = \"Y\"\nerrors = \"cluster\"\n")}) {
    EXPECT_NE(complaints("reference_arm = \"a\"\n[analysis.x]\n" + analysis, {parsed(csv)})
                  .find("stands in two arms"),
              std::string::npos)
        << analysis;
  }
}

/// Two arms of ten: in b all respond and nobody has an event.
formats::DataTable separated() {
  std::string csv = "USUBJID,ARM,R,N,X,LATE\n";
  for (int i = 0; i < 20; ++i) {
    const bool b = i % 2 == 1;
    csv += std::to_string(i) + (b ? ",b," : ",a,") + std::to_string(b ? 1 : i % 4 / 2) + "," +
           std::to_string(b ? 0 : 1 + i % 3) + "," + std::to_string(i) + "," +
           std::to_string(i > 12 ? 1 : 0) + "\n";
  }
  return parsed(csv);
}

TEST(PlanSilence, WhatHasNoMaximumNamesTheColumnAndTheFile) {
  const std::string head = "reference_arm = \"a\"\n[analysis.x]\nmethod = ";
  EXPECT_NE(complaints(head + "\"logistic_regression\"\nresponse = \"R\"\n", {separated()})
                .find("responses of 0 from those above (data.csv)"),
            std::string::npos);
  const std::string counted =
      complaints(head + "\"negative_binomial\"\nresponse = \"N\"\n", {separated()});
  EXPECT_NE(counted.find("a group without events: none where"), std::string::npos) << counted;
  EXPECT_NE(counted.find("(data.csv)"), std::string::npos) << counted;
  EXPECT_NE(complaints(head + "\"logistic_regression\"\nresponse = \"LATE\"\n"
                              "covariates = [\"X\"]\n",
                       {separated()})
                .find("X alone tells responses of 0 from those above"),
            std::string::npos);
}

TEST(PlanSilence, EveryRatioSaysOnWhatScaleItsIntervalIsSymmetric) {
  std::string csv = "USUBJID,ARM,ADY,N,B,Y\n";
  for (int i = 0; i < 40; ++i) {
    csv += "S" + std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + "1," +
           std::to_string((i * 7) % 5) + "," + std::to_string((i * 3) % 7 > 2 ? 1 : 0) + "," +
           std::to_string((i * 11) % 4) + "\n";
  }
  const auto own = rows(
      "reference_arm = \"a\"\n"
      "[analysis.s]\nmethod = \"standardisation\"\nresponse = \"B\"\nfamily = \"binomial\"\n"
      "scale = \"odds_ratio\"\n"
      "[analysis.g]\nmethod = \"gee\"\nresponse = \"N\"\nfamily = \"poisson\"\n"
      "correlation = \"independence\"\n"
      "[analysis.o]\nmethod = \"cumulative_logit\"\nresponse = \"Y\"\n"
      "[analysis.n]\nmethod = \"negative_binomial\"\nresponse = \"N\"\nmarginal = \"rates\"\n",
      {parsed(csv)});
  std::size_t ratios = 0;
  for (const Row& row : own) {
    if (!row.statistic.ends_with("ratio")) continue;
    ++ratios;
    EXPECT_TRUE(row.conventions.find("on the log scale") != std::string::npos ||
                row.conventions.find("profile likelihood") != std::string::npos)
        << row.analysis << " " << row.statistic << ": " << row.conventions;
  }
  EXPECT_EQ(ratios, 5U);
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
