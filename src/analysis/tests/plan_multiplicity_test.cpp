// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "plan_case.hpp"

/// p-values of earlier analyses adjusted by plans.
namespace angiotrial::analysis::plan_test {
namespace {

constexpr double digits = 1e-9;

formats::DataTable recovery() { return table("c80_dunnett_multiplicity/data.csv"); }

/// t tests of each blanket against b0, as the reference case has them.
const std::string earlier =
    "reference_arm = \"b0\"\n[columns]\nsubject = \"\"\narm = \"blanket\"\n"
    "[analysis.primary]\nmethod = \"ancova\"\nresponse = \"minutes\"\nerrors = \"model\"\n"
    "[analysis.ranks]\nmethod = \"kruskal_wallis\"\nresponse = \"minutes\"\n";

std::string multiplicity(const std::string& options, const std::string& name = "m") {
  return "[analysis." + name + "]\nmethod = \"multiplicity\"\n" + options;
}

TEST(PlanMultiplicity, ProceduresGiveTheNumbersOfTheReferenceCase) {
  std::string text = earlier;
  for (const char* name : {"bonferroni", "holm", "hochberg", "hommel", "benjamini_hochberg"}) {
    text +=
        multiplicity("analyses = [\"primary\"]\nprocedure = \"" + std::string(name) + "\"\n", name);
  }
  const auto own = rows(text, {recovery()});
  const auto p = [&](const char* name, const char* arm) {
    return value(own, name, "adjusted_p_value", arm, "primary");
  };
  EXPECT_NEAR(value(own, "holm", "unadjusted_p_value", "b3", "primary"), 0.0674797484300531,
              digits);
  EXPECT_NEAR(p("bonferroni", "b3"), 0.202439245290159, digits);
  EXPECT_NEAR(p("holm", "b3"), 0.134959496860106, digits);
  EXPECT_NEAR(p("hochberg", "b2"), 0.000121972488561958, digits);
  EXPECT_NEAR(p("hommel", "b1"), 0.191598729487478, digits);
  EXPECT_NEAR(p("benjamini_hochberg", "b3"), 0.10121962264508, digits);
  EXPECT_EQ(value(own, "holm", "rejected", "b2", "primary"), 1.0);
  EXPECT_EQ(value(own, "holm", "rejected", "b3", "primary"), 0.0);
}

TEST(PlanMultiplicity, OrderedProceduresStopAtTheFirstThatFails) {
  const auto own = rows(
      earlier +
          multiplicity("procedure = \"fixed_sequence\"\n"
                       "analyses = [\"ranks\", \"primary/b2\", \"primary/b1\", \"primary/b3\"]\n") +
          multiplicity("procedure = \"fall_back\"\nweights = [0.5, 0.5]\n"
                       "analyses = [\"primary/b2\", \"primary/b3\"]\n",
                       "f"),
      {recovery()});
  const double ranks = value(own, "m", "adjusted_p_value", "", "ranks");
  EXPECT_EQ(value(own, "m", "adjusted_p_value", "b2", "primary"), ranks);
  EXPECT_NEAR(value(own, "m", "adjusted_p_value", "b3", "primary"), 0.191598729487478, digits);
  EXPECT_NEAR(value(own, "f", "adjusted_p_value", "b3", "primary"), 0.0674797484300531, digits);
}

TEST(PlanMultiplicity, GraphsAndGatesAgreeWithHolm) {
  const auto own = rows(
      earlier +
          multiplicity("analyses = [\"primary\"]\nprocedure = \"graphical\"\n"
                       "weights = [0.33333333333333333, 0.33333333333333333, 0.33333333333333333]\n"
                       "transitions = [0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0]\n",
                       "graph") +
          multiplicity("analyses = [\"primary\"]\nprocedure = \"gatekeeping\"\nfamilies = [1]\n",
                       "gate") +
          multiplicity(
              "analyses = [\"primary\"]\nprocedure = \"holm\"\n"
              "weights = [0.33333333333333333, 0.33333333333333333, 0.33333333333333333]\n",
              "weighted") +
          multiplicity(
              "analyses = [\"primary\", \"ranks\"]\nprocedure = \"gatekeeping\"\n"
              "families = [2, 1]\ntruncations = [0, 1]\ntests = [\"holm\", \"hochberg\"]\n",
              "gates"),
      {recovery()});
  for (const char* name : {"graph", "gate", "weighted"}) {
    EXPECT_NEAR(value(own, name, "adjusted_p_value", "b3", "primary"), 0.134959496860106, 1e-8)
        << name;
  }
  EXPECT_EQ(value(own, "gates", "rejected", "b2", "primary"), 1.0);
}

TEST(PlanMultiplicity, RefusedAnalysisCountsWithAPValueOfOne) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y,z\ns1,a,1,1\ns2,a,2,1\ns3,a,3,1\ns4,a,4,1\ns5,b,15,1\ns6,b,16,1\ns7,b,17,1\n"
      "s8,b,18,1\n",
      "trial.csv");
  const auto out = result(
      "[analysis.primary]\nmethod = \"wilcoxon\"\nresponse = \"y\"\n"
      "[analysis.second]\nmethod = \"wilcoxon\"\nresponse = \"z\"\n" +
          multiplicity("analyses = [\"primary\", \"second\"]\n"),
      {data.value()});
  EXPECT_TRUE(out.problems.empty());
  EXPECT_EQ(out.refusals.size(), 1U);
  EXPECT_NEAR(value(out.rows, "m", "adjusted_p_value", "b", "primary"), 4.0 / 70.0, 1e-12);
  EXPECT_EQ(value(out.rows, "m", "adjusted_p_value", "b", "second"), 1.0);
  for (const Row& row : out.rows) {
    if (row.analysis != "m") continue;
    EXPECT_EQ(row.note.find("p-value taken as 1") != std::string::npos, row.group == "second");
  }
}

TEST(PlanMultiplicity, RefusalOfManyArmsCountsForEachOfThem) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y,z\ns1,a,1,1\ns2,a,2,1\ns3,b,5,1\ns4,b,6,1\ns5,c,15,1\ns6,c,16,1\n",
      "trial.csv");
  const auto out = result(
      "[analysis.one]\nmethod = \"ancova\"\nresponse = \"y\"\n"
      "[analysis.two]\nmethod = \"dunnett\"\nresponse = \"z\"\n" +
          multiplicity("analyses = [\"one\", \"two\"]\nprocedure = \"bonferroni\"\n"),
      {data.value()});
  const double raw = value(out.rows, "one", "p_value", "c");
  EXPECT_NEAR(value(out.rows, "m", "adjusted_p_value", "c", "one"), 4.0 * raw, 1e-12);
  EXPECT_EQ(value(out.rows, "m", "adjusted_p_value", "", "two: comparison 2"), 1.0);
}

/// Arms of one value each, which sums of tenths cannot say exactly.
TEST(PlanMultiplicity, RoundingIsNoVariationWithinArms) {
  for (const char* base : {"0", "1000000"}) {
    std::string csv = "USUBJID,ARM,y\n";
    for (int i = 0; i < 6; ++i) {
      csv += "s" + std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + base +
             (i % 2 == 0 ? ".1" : ".7") + "\n";
    }
    const auto out = result(
        "[analysis.t]\nmethod = \"tukey\"\nresponse = \"y\"\n"
        "[analysis.c]\nmethod = \"contrast_test\"\nresponse = \"y\"\ncontrasts = [-1, 1]\n"
        "[analysis.d]\nmethod = \"dunnett\"\nresponse = \"y\"\n"
        "[analysis.a]\nmethod = \"ancova\"\nresponse = \"y\"\n",
        {formats::parse_csv_table(csv, "trial.csv").value()});
    EXPECT_TRUE(out.problems.empty());
    EXPECT_EQ(out.refusals.size(), 4U) << diagnostics::to_string(out.refusals);
    for (const Row& row : out.rows) EXPECT_NE(row.statistic, "p_value") << row.analysis;
  }
}

TEST(PlanMultiplicity, SidesOfPValuesAndOfTheErrorRateAreAlike) {
  const std::string side =
      "[analysis.side]\nmethod = \"dunnett\"\nresponse = \"minutes\"\nalternative = \"less\"\n";
  const auto mixed =
      result(earlier + side + multiplicity("analyses = [\"primary\", \"side\"]\n"), {recovery()});
  EXPECT_NE(diagnostics::to_string(mixed.problems)
                .find("one-sided p-values of side stand beside two-sided p-values of primary"),
            std::string::npos);
  const auto own =
      rows(earlier + side + multiplicity("analyses = [\"side\"]\n", "one") +
               multiplicity("analyses = [\"primary\", \"side\"]\nsides = \"two\"\n", "two"),
           {recovery()});
  for (const Row& row : own) {
    if (row.analysis != "one" && row.analysis != "two") continue;
    const std::string words = row.analysis == "one" ? "0.025; sides: one" : "0.05; sides: two";
    EXPECT_NE(row.conventions.find(words), std::string::npos) << row.conventions;
  }
  EXPECT_NEAR(value(own, "two", "unadjusted_p_value", "b2", "side"),
              2.0 * value(own, "side", "p_value", "b2"), 1e-15);
  EXPECT_EQ(value(own, "two", "unadjusted_p_value", "b2", "primary"),
            value(own, "primary", "p_value", "b2"));
}

TEST(PlanMultiplicity, OnlyContrastsOfArmsAreHypotheses) {
  const auto data = formats::parse_csv_table(
                        "USUBJID,ARM,t,e,x\ns1,a,5,1,1\ns2,a,7,1,3\ns3,a,9,1,2\ns4,a,4,1,5\n"
                        "s5,b,6,1,4\ns6,b,8,1,1\ns7,b,3,1,2\ns8,b,10,1,6\n",
                        "trial.csv")
                        .value();
  const std::string text =
      "[analysis.cox]\nmethod = \"cox\"\ntime = \"t\"\nevent = \"e\"\ncovariates = [\"x\"]\n"
      "[analysis.lr]\nmethod = \"log_rank\"\ntime = \"t\"\nevent = \"e\"\n";
  const auto own = rows(
      text + multiplicity("analyses = [\"cox\", \"lr\"]\nprocedure = \"bonferroni\"\n"), {data});
  const double p = value(own, "cox", "p_value", "b");
  EXPECT_NEAR(value(own, "m", "adjusted_p_value", "b", "cox"), std::min(1.0, 2.0 * p), 1e-12);
  const auto asked = result(text + multiplicity("analyses = [\"cox//x\"]\n"), {data});
  EXPECT_NE(diagnostics::to_string(asked.problems).find("effect of a covariate"),
            std::string::npos);
}

TEST(PlanMultiplicity, TestsAtSeveralVisitsAreTakenWhereThePlanSaysSo) {
  std::string cells = "USUBJID,ARM,AVISIT,AVAL\n";
  for (int i = 0; i < 12; ++i) {
    for (const int month : {3, 6}) {
      cells += "s" + std::to_string(i) + "," + (i % 2 == 0 ? "a" : "b") + ",Month " +
               std::to_string(month) + "," + std::to_string((i * 7 + month * i * i) % 11) + "\n";
    }
  }
  const auto data = formats::parse_csv_table(cells, "trial.csv").value();
  const std::string text =
      "[analysis.change]\nmethod = \"mmrm\"\nresponse = \"AVAL\"\nvisit = \"AVISIT\"\n";
  const auto several = result(text + multiplicity("analyses = [\"change\"]\n"), {data});
  EXPECT_TRUE(several.refusals.empty()) << diagnostics::to_string(several.refusals);
  EXPECT_NE(diagnostics::to_string(several.problems).find("\"change@Month 6\""), std::string::npos)
      << diagnostics::to_string(several.problems);
  const auto own = rows(text + multiplicity("analyses = [\"change/b@Month 6\"]\n", "one") +
                            multiplicity("analyses = [\"change@*\"]\n", "both"),
                        {data});
  std::size_t one = 0, both = 0;
  for (const Row& row : own) {
    if (row.statistic != "adjusted_p_value") continue;
    one += row.analysis == "one" && row.avisit == "Month 6" ? 1 : 0;
    both += row.analysis == "both" ? 1 : 0;
  }
  EXPECT_EQ(one, 1);
  EXPECT_EQ(both, 2);
  const auto none = result(text + multiplicity("analyses = [\"change@Month 9\"]\n"), {data});
  EXPECT_NE(diagnostics::to_string(none.problems).find("no earlier analysis"), std::string::npos);
}

struct Refused {
  const char* name;
  const char* options;
  const char* words;
};

class MultiplicityRefusal : public testing::TestWithParam<Refused> {};

TEST_P(MultiplicityRefusal, SaysWhatIsWrong) {
  const auto out =
      result(earlier + multiplicity(std::string(GetParam().options) + "\n"), {recovery()});
  const std::string text = diagnostics::to_string(out.problems);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanMultiplicity, MultiplicityRefusal,
    testing::Values(
        Refused{"none", "", "must list the analyses"},
        Refused{"unknown", "analyses = [\"primry\"]", "did you mean \"primary\"?"},
        Refused{"arm", "analyses = [\"primary/b9\"]", "no earlier analysis"},
        Refused{"twice", "analyses = [\"primary\", \"primary/b2\"]", "already taken"},
        Refused{"few_weights", "analyses = [\"primary\"]\nprocedure = \"graphical\"\nweights = [1]",
                "one for each of the 3 hypotheses"},
        Refused{"heavy_weights", "analyses = [\"primary\"]\nweights = [0.5, 0.5, 0.5]",
                "must sum to at most 1"},
        Refused{"diagonal",
                "analyses = [\"primary/b1\", \"primary/b2\"]\nprocedure = \"graphical\"\n"
                "weights = [0.5, 0.5]\ntransitions = [1, 0, 1, 0]",
                "0 on the diagonal"},
        Refused{"idle", "analyses = [\"primary\"]\nprocedure = \"hommel\"\nweights = [1, 0, 0]",
                "is not for procedure"},
        Refused{"families", "analyses = [\"primary\"]\nprocedure = \"gatekeeping\"",
                "one for each entry"},
        Refused{"hole", "analyses = [\"primary\"]\nprocedure = \"gatekeeping\"\nfamilies = [2]",
                "no hypothesis in family 1"},
        Refused{"test",
                "analyses = [\"primary\"]\nprocedure = \"gatekeeping\"\nfamilies = [1]\n"
                "tests = [\"hommel\"]",
                "holm or hochberg"}),
    [](const auto& named) { return std::string(named.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
