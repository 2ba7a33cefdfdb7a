// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "plan_case.hpp"

/// Rank tests, proportions and many-arm comparisons, by plans.
namespace angiotrial::analysis::plan_test {
namespace {

constexpr double digits = 1e-9;

formats::DataTable anorexia() {
  formats::DataTable data = table("c20_wilcoxon_hl/data_anorexia.csv");
  formats::DataColumn change = *data.find("Postwt");
  change.name = "CHG";
  for (std::size_t i = 0; i < change.numbers.size(); ++i) {
    change.numbers[i] -= data.find("Prewt")->numbers[i];
  }
  data.columns.push_back(change);
  return data;
}

std::string head(const std::string& arm, const std::string& reference) {
  return "reference_arm = \"" + reference + "\"\n[columns]\nsubject = \"\"\narm = \"" + arm +
         "\"\n";
}

TEST(PlanRanks, WilcoxonGivesTheNumbersOfTheReferenceCase) {
  const std::string text = head("group", "control") +
                           "[analysis.a]\nmethod = \"wilcoxon\"\nresponse = \"pain\"\n"
                           "p_value = \"asymptotic\"\n";
  const auto own = rows(text, {table("c20_wilcoxon_hl/data_neuropathy.csv")});
  EXPECT_NEAR(value(own, "a", "hodges_lehmann_shift", "treat"), 0.1195, digits);
  EXPECT_NEAR(value(own, "a", "lower", "treat"), -0.105, digits);
  EXPECT_NEAR(value(own, "a", "upper", "treat"), 0.452, digits);
  EXPECT_NEAR(value(own, "a", "achieved_level", "treat"), 0.951513931678448, digits);
  EXPECT_NEAR(value(own, "a", "p_value", "treat"), 0.32625275733325, digits);
  EXPECT_EQ(value(own, "a", "rank_sum", "treat"), 889.0);
  EXPECT_NEAR(value(own, "a", "probability_higher", "treat"), 0.575, digits);
  EXPECT_NEAR(value(own, "a", "brunner_munzel_p_value", "treat"), 0.350497326908554, digits);
  EXPECT_EQ(value(own, "a", "n"), 58.0);
}

TEST(PlanRanks, PresetsOfWilcoxonDifferAsTheySay) {
  const std::string text =
      head("group", "treatment") + "[analysis.a]\nmethod = \"wilcoxon\"\nresponse = \"time\"\n";
  const auto data = table("c20_wilcoxon_hl/data_rotarod.csv");
  const auto own = rows(text, {data});
  EXPECT_NEAR(value(own, "a", "p_value", "control"), 0.0372670807453416, digits);
  for (const char* preset : {"r", "sas"}) {
    const auto theirs = rows("conventions = \"" + std::string(preset) + "\"\n" + text, {data});
    EXPECT_NEAR(value(theirs, "a", "p_value", "control"), 0.0164731558055827, digits) << preset;
    EXPECT_NE(theirs[0].conventions, own[0].conventions);
  }
}

TEST(PlanRanks, EveryArmIsComparedWithTheReference) {
  const auto own = rows(head("Treat", "Cont") +
                            "[analysis.a]\nmethod = \"wilcoxon\"\nresponse = \"CHG\"\ninterval = "
                            "\"asymptotic\"\n",
                        {anorexia()});
  EXPECT_NEAR(value(own, "a", "hodges_lehmann_shift", "FT"), 8.0, digits);
  EXPECT_NEAR(value(own, "a", "lower", "CBT"), -0.7, digits);
  EXPECT_NEAR(value(own, "a", "upper", "CBT"), 8.2, digits);
}

TEST(PlanRanks, TestsOfSeveralArmsStrataAndChangesAgree) {
  const auto k = rows(head("Treat", "Cont") +
                          "[analysis.k]\nmethod = \"kruskal_wallis\"\nresponse = \"CHG\"\n"
                          "[analysis.s]\nmethod = \"signed_rank\"\nresponse = \"CHG\"\n",
                      {anorexia()});
  EXPECT_NEAR(value(k, "k", "chi_square"), 9.04749909198748, digits);
  EXPECT_NEAR(value(k, "k", "p_value"), 0.0108482712228123, digits);
  EXPECT_NEAR(value(k, "s", "p_value", "FT"), 0.0008392333984375, digits);
  EXPECT_NEAR(value(k, "s", "pseudomedian", "FT"), 7.65, digits);
  EXPECT_NEAR(value(k, "s", "lower", "FT"), 3.45, digits);
  const std::string strata = "response = \"bwt\"\nstrata = [\"race\"]\n";
  const auto v =
      rows(head("smoke", "0") + "[analysis.v]\nmethod = \"van_elteren\"\n" + strata +
               "[analysis.o]\nmethod = \"van_elteren\"\nweights = \"overall\"\n" + strata,
           {table("c20_wilcoxon_hl/data_birthwt.csv")});
  EXPECT_NEAR(value(v, "v", "z", "1"), -3.75305656422597, digits);
  EXPECT_NEAR(value(v, "v", "p_value", "1"), 0.000174691417050264, digits);
  EXPECT_NEAR(value(v, "o", "p_value", "1"), 0.000147192810975083, digits);
}

TEST(PlanRanks, RankAncovaAgrees) {
  const std::string terms = "response = \"Postwt\"\ncovariates = [\"Prewt\"]\n";
  const std::string text = head("Treat", "Cont") + "[analysis.m]\nmethod = \"rank_ancova\"\n" +
                           terms + "[analysis.q]\nmethod = \"rank_ancova\"\ntest = \"quade\"\n" +
                           terms;
  const auto own = rows(text, {table("c10_ancova_anorexia/data.csv")});
  EXPECT_NEAR(value(own, "m", "p_value"), 0.00249293074072357, digits);
  EXPECT_NEAR(value(own, "m", "quade_p_value"), 0.00169386207113786, digits);
  EXPECT_NEAR(value(own, "q", "p_value"), 0.00169386207113786, digits);
  EXPECT_NEAR(value(own, "q", "quade_f"), 7.00892351661195, digits);
}

TEST(PlanRanks, ProportionsAgree) {
  const std::string text = head("treat", "0_placebo") +
                           "[analysis.c]\nmethod = \"mantel_haenszel\"\nresponse = \"y\"\n"
                           "strata = [\"center\"]\n"
                           "[analysis.d]\nmethod = \"risk_difference\"\nresponse = \"y\"\n";
  const auto data = table("c11_gcomp_respiratory/data.csv");
  const auto own = rows(text, {data});
  EXPECT_NEAR(value(own, "c", "odds_ratio", "1_active"), 2.13358331380361, digits);
  EXPECT_NEAR(value(own, "c", "lower", "1_active"), 0.960425455236859, digits);
  EXPECT_NEAR(value(own, "c", "p_value", "1_active"), 0.0629453565958856, digits);
  EXPECT_NEAR(value(own, "d", "difference", "1_active"), 0.172514619883041, digits);
  EXPECT_NEAR(value(own, "d", "lower", "1_active"), -0.0126710063770831, digits);
  const auto r = rows("conventions = \"r\"\n" + text, {data});
  EXPECT_GT(value(r, "c", "p_value", "1_active"), value(own, "c", "p_value", "1_active"));
  const auto sas = rows("conventions = \"sas\"\n" + text, {data});
  EXPECT_NEAR(value(sas, "d", "lower", "1_active"),
              0.172514619883041 - 1.959963984540054 * 0.0933853502853029, digits);
}

TEST(PlanRanks, ManyArmsAgree) {
  const auto own = rows("arms = [\"b0\", \"b1\", \"b2\", \"b3\"]\n" + head("blanket", "b0") +
                            "[analysis.d]\nmethod = \"dunnett\"\nresponse = \"minutes\"\n"
                            "[analysis.s]\nmethod = \"dunnett\"\nresponse = \"minutes\"\n"
                            "step_down = true\n"
                            "[analysis.l]\nmethod = \"dunnett\"\nresponse = \"minutes\"\n"
                            "alternative = \"less\"\n"
                            "[analysis.c]\nmethod = \"contrast_test\"\nresponse = \"minutes\"\n"
                            "contrasts = [-1, 1, 0, 0, -1, 0, 1, 0, -1, 0, 0, 1]\n",
                        {table("c80_dunnett_multiplicity/data.csv")});
  EXPECT_NEAR(value(own, "d", "p_value", "b3"), 0.181979543358072, digits);
  EXPECT_NEAR(value(own, "d", "critical_value"), 2.48858910665319, digits);
  EXPECT_NEAR(value(own, "d", "lower", "b2"), -11.4578330515836, 1e-8);
  EXPECT_NEAR(value(own, "s", "p_value", "b3"), 0.127286866296597, digits);
  EXPECT_NEAR(value(own, "l", "p_value", "b1"), 0.241179108687163, digits);
  EXPECT_NEAR(value(own, "l", "difference", "b1"), value(own, "d", "difference", "b1"), digits);
  EXPECT_LT(value(own, "l", "upper", "b2"), 0.0);
  EXPECT_NEAR(value(own, "c", "adjusted_p_value", "", "contrast 3"), 0.181979543358072, 1e-8);
  const auto t = rows(head("Treat", "Cont") +
                          "[analysis.t]\nmethod = \"tukey\"\nresponse = \"Postwt\"\n"
                          "[analysis.a]\nmethod = \"dunnett\"\nresponse = \"Postwt\"\n"
                          "covariates = [\"Prewt\"]\n"
                          "[analysis.s]\nmethod = \"dunnett\"\nresponse = \"Postwt\"\n"
                          "covariates = [\"Prewt\"]\nstep_down = true\n",
                      {table("c10_ancova_anorexia/data.csv")});
  EXPECT_NEAR(value(t, "t", "p_value", "CBT"), 0.058114112250329, digits);
  EXPECT_NEAR(value(t, "a", "t", "FT"), 3.9487178278947, digits);
  EXPECT_NEAR(value(t, "a", "p_value", "CBT"), 0.0629390480315156, 1e-8);
  EXPECT_NEAR(value(t, "a", "critical_value"), 2.26317146829134, 1e-8);
  // The last step of the step-down test is the t test on its own.
  EXPECT_NEAR(value(t, "s", "p_value", "CBT"), value(t, "s", "unadjusted_p_value", "CBT"), 1e-10);
}

TEST(PlanRanks, TrendsRunWithTheSignAskedFor) {
  const auto own = rows("arms = [\"b0\", \"b1\", \"b3\", \"b2\"]\n" + head("blanket", "b0") +
                            "[analysis.w]\nmethod = \"williams\"\nresponse = \"minutes\"\n"
                            "alternative = \"less\"\n"
                            "[analysis.u]\nmethod = \"umbrella_test\"\nresponse = \"minutes\"\n"
                            "contrasts = \"blocks\"\n",
                        {table("c80_dunnett_multiplicity/data.csv")});
  EXPECT_LT(value(own, "w", "p_value"), 0.001);
  EXPECT_GT(value(own, "u", "p_value"), 0.5);
  EXPECT_LT(value(own, "w", "difference", "", "b2 against b0"), 0.0);
}

struct Refused {
  const char* name;
  const char* analysis;
  const char* csv;
  const char* words;
};

class RankRefusal : public testing::TestWithParam<Refused> {};

TEST_P(RankRefusal, SaysWhatIsWrong) {
  const auto data = formats::parse_csv_table(GetParam().csv, "trial.csv");
  ASSERT_TRUE(data.ok());
  const auto out =
      result(std::string("[analysis.x]\nresponse = \"y\"\n") + GetParam().analysis, {data.value()});
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

constexpr const char* small = "USUBJID,ARM,y,s\ns1,a,1,1\ns2,a,2,2\ns3,b,3,1\ns4,b,5,2\n";
constexpr const char* flat = "USUBJID,ARM,y\ns1,a,1\ns2,a,1\ns3,b,1\ns4,b,1\n";

INSTANTIATE_TEST_SUITE_P(
    PlanRanks, RankRefusal,
    testing::Values(
        Refused{"flat", "method = \"wilcoxon\"\n", flat, "every value is the same"},
        Refused{"flat_kruskal", "method = \"kruskal_wallis\"\n", flat, "every value is the same"},
        Refused{"flat_dunnett", "method = \"dunnett\"\n", flat, "constant within"},
        Refused{"flat_signs", "method = \"signed_rank\"\n",
                "USUBJID,ARM,y\ns1,a,0\ns2,a,0\ns3,b,1\ns4,b,2\n", "nothing to compare"},
        Refused{"exact", "method = \"wilcoxon\"\np_value = \"exact\"\nexact_limit = 2\n", small,
                "exact_limit"},
        Refused{"strata", "method = \"van_elteren\"\n", small, "must name the columns"},
        Refused{"no_stratum", "method = \"van_elteren\"\nstrata = [\"ARM\"]\n", small,
                "no stratum has both arms"},
        Refused{"quade", "method = \"rank_ancova\"\ntest = \"quade\"\nstrata = [\"s\"]\n", small,
                "Quade's test needs one stratum"},
        Refused{"binary", "method = \"mantel_haenszel\"\n", small, "y = 2: must be 0 or 1"},
        Refused{"flat_binary", "method = \"mantel_haenszel\"\n", flat,
                "every response is the same"},
        Refused{"twice", "method = \"wilcoxon\"\n",
                "USUBJID,ARM,y\ns1,a,1\ns1,a,2\ns3,b,3\ns4,b,5\n", "more than one row"},
        Refused{"contrasts", "method = \"contrast_test\"\ncontrasts = [1, 0]\n", small,
                "must sum to 0"},
        Refused{"shape", "method = \"contrast_test\"\ncontrasts = [1, -1, 0]\n", small,
                "the number of arms"}),
    [](const auto& named) { return std::string(named.param.name); });

TEST(PlanRanks, SamplesTooSmallForAnIntervalSaySo) {
  const auto data = formats::parse_csv_table(small, "trial.csv");
  const auto own = rows("[analysis.x]\nmethod = \"wilcoxon\"\nresponse = \"y\"\n", {data.value()});
  EXPECT_EQ(value(own, "x", "hodges_lehmann_shift", "b"), 2.5);
  for (const Row& row : own) {
    if (row.statistic == "lower") {
      EXPECT_NE(row.note, "");
    }
  }
}

/// One arm's changes, and a second arm that is not looked at.
formats::DataTable changes(const std::vector<double>& of_a) {
  std::string csv = "USUBJID,ARM,y\nb1,b,1\nb2,b,2\n";
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    csv += "a" + std::to_string(i) + ",a," + std::to_string(of_a[i]) + "\n";
  }
  return formats::parse_csv_table(csv, "trial.csv").value();
}

const std::string signed_rank_plan =
    "reference_arm = \"b\"\n[analysis.x]\nmethod = \"signed_rank\"\nresponse = \"y\"\n";

// wilcox.test(depression$x, depression$y, paired = TRUE): V = 40, p 0.03906; sleep, with ties and a
// zero: p 0.009091. PROC UNIVARIATE: t of the signed ranks above 20, here by its formula.
TEST(PlanRanks, PresetsOfTheSignedRankTestAreThoseOfRAndSas) {
  const auto small_set = changes({0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01});
  const auto sleep = changes({1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4});
  std::vector<double> many;
  for (int i = 1; i <= 25; ++i) many.push_back((i * 37) % 23 - 8 + 0.5 * (i % 2));
  for (const char* preset : {"recommended", "r", "sas"}) {
    const std::string text = "conventions = \"" + std::string(preset) + "\"\n" + signed_rank_plan;
    const auto own = rows(text, {small_set});
    EXPECT_EQ(value(own, "x", "signed_rank", "a"), 40.0);
    EXPECT_NEAR(value(own, "x", "p_value", "a"), 0.0390625, 1e-12) << preset;
    const double exact_p = 2.0 / 512.0;  // all nine differences have one sign
    const double p = value(rows(text, {sleep}), "x", "p_value", "a");
    EXPECT_NEAR(p, preset == std::string("r") ? 0.009090698015925061 : exact_p, 1e-12) << preset;
  }
  const auto sas = rows("conventions = \"sas\"\n" + signed_rank_plan, {changes(many)});
  EXPECT_EQ(value(sas, "x", "centred_signed_rank", "a"), 75.5);
  EXPECT_NEAR(value(sas, "x", "t", "a"), 2.178797591113057, 1e-12);
  EXPECT_NEAR(value(sas, "x", "p_value", "a"), 0.03939588537231, 1e-10);
}

// prop.test(c(15, 25), c(50, 50)): X-squared 3.375, p 0.06619, interval -0.40799 to 0.00799.
TEST(PlanRanks, PresetsOfTheRiskDifferenceAreThoseOfRAndSas) {
  std::string csv = "USUBJID,ARM,y\n";
  for (int i = 0; i < 100; ++i) {
    const bool first = i < 50;
    csv +=
        std::to_string(i) + (first ? ",a," : ",b,") + (i % 50 < (first ? 25 : 15) ? "1\n" : "0\n");
  }
  const auto data = formats::parse_csv_table(csv, "trial.csv").value();
  const std::string text = "[analysis.x]\nmethod = \"risk_difference\"\nresponse = \"y\"\n";
  const auto r = rows("conventions = \"r\"\n" + text, {data});
  EXPECT_NEAR(value(r, "x", "chi_square", "b"), 3.375, 1e-12);
  EXPECT_NEAR(value(r, "x", "p_value", "b"), 0.06619257972219343, 1e-12);
  EXPECT_NEAR(value(r, "x", "lower", "b"), -0.4079931412322959, 1e-12);
  const auto sas = rows("conventions = \"sas\"\n" + text, {data});
  EXPECT_NEAR(value(sas, "x", "p_value", "b"), 0.03705621856411892, 1e-12);
  EXPECT_NEAR(value(sas, "x", "lower", "b"), -0.3879931412322959, 1e-12);
  const auto own = rows(text, {data});
  EXPECT_NEAR(value(own, "x", "p_value", "b"), 0.041226833337163676, 1e-12);
  EXPECT_GT(value(own, "x", "lower", "b"), -0.3879931412322959);
}

TEST(PlanRanks, ARiskDifferenceWithoutVariationHasNoTest) {
  const auto data = formats::parse_csv_table(flat, "trial.csv").value();
  for (const char* preset : {"recommended", "r", "sas"}) {
    const auto own = rows("conventions = \"" + std::string(preset) +
                              "\"\n[analysis.x]\nmethod = \"risk_difference\"\nresponse = "
                              "\"y\"\n",
                          {data});
    for (const Row& row : own) {
      if (row.statistic == "p_value") {
        EXPECT_FALSE(row.value.has_value());
      }
      if (row.statistic == "p_value") {
        EXPECT_NE(row.note, "");
      }
    }
  }
}

TEST(PlanRanks, TestsOfAnArmOfOneSubjectSaySo) {
  const auto data =
      formats::parse_csv_table("USUBJID,ARM,y,x\n1,a,1,4\n2,b,2,2\n3,b,4,1\n4,b,3,6\n", "t.csv");
  for (const char* method : {"kruskal_wallis\"", "rank_ancova\"\ncovariates = [\"x\"]"}) {
    const auto own = rows(
        "[analysis.x]\nresponse = \"y\"\nmethod = \"" + std::string(method) + "\n", {data.value()});
    for (const Row& row : own) {
      if (row.statistic == "p_value") {
        EXPECT_NE(row.note.find("one subject"), std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
