// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "plan_case.hpp"

/// Win statistics by plans.
namespace angiotrial::analysis::plan_test {
namespace {

constexpr double digits = 1e-9;

const std::string head = "reference_arm = \"0\"\n[columns]\nsubject = \"id\"\narm = \"treated\"\n";
const std::string two_tiers =
    "tiers = [\"time death_time event death better longer\", "
    "\"time rec_time event rec better later\"]\n";

formats::DataTable colon() { return table("c70_win_ratio_colon/data.csv"); }

TEST(PlanComposites, WinStatisticsGiveTheNumbersOfTheReferenceCase) {
  const auto own =
      rows(head + "[analysis.w]\nmethod = \"win_statistics\"\n" + two_tiers, {colon()});
  EXPECT_NEAR(value(own, "w", "win_ratio", "1"), 1.46847603372409, digits);
  EXPECT_NEAR(value(own, "w", "lower", "1"), 1.16921042459291, digits);
  EXPECT_NEAR(value(own, "w", "se_log", "1"), 0.116275851423052, digits);
  EXPECT_NEAR(value(own, "w", "p_value", "1"), 0.000951704993459513, digits);
  EXPECT_NEAR(value(own, "w", "net_benefit_se", "1"), 0.0432186674666252, digits);
  EXPECT_NEAR(value(own, "w", "win_odds_upper", "1"), 1.59434449324954, digits);
  EXPECT_EQ(value(own, "w", "wins", "1"), 43718.0);
  EXPECT_EQ(value(own, "w", "losses", "1", "tier 2: time rec_time event rec better later"), 1799.0);
  EXPECT_EQ(value(own, "w", "n"), 619.0);
}

TEST(PlanComposites, PresetsAndConventionsAreThoseOfTheirPackages) {
  const auto wins = rows(
      "conventions = \"r\"\n" + head + "[analysis.w]\nmethod = \"win_statistics\"\n" + two_tiers,
      {colon()});
  EXPECT_NEAR(value(wins, "w", "lower", "1"), 1.16929996378834, 1e-6);
  const auto buyse = rows(head +
                              "[analysis.w]\nmethod = \"win_statistics\"\nvariance = \"plug_in\"\n"
                              "censored_at_event = \"survives\"\n" +
                              two_tiers,
                          {colon()});
  EXPECT_NEAR(value(buyse, "w", "net_benefit", "1"), 0.145634920634921, 1e-7);
  EXPECT_NEAR(value(buyse, "w", "net_benefit_se", "1"), 0.0431492066241917, 1e-7);
}

TEST(PlanComposites, StrataMarginsAndMissingValuesAgree) {
  const auto own =
      rows(head + "[analysis.s]\nmethod = \"win_statistics\"\nstrata = [\"node4\"]\n" + two_tiers +
               "[analysis.m]\nmethod = \"win_statistics\"\nmissing = \"exclude\"\n"
               "tiers = [\"time death_time event death better longer\", "
               "\"time rec_time event rec better later\", "
               "\"value nodes better lower margin 1\"]\n",
           {table("c70_win_ratio_colon/data_three_tier.csv")});
  EXPECT_NEAR(value(own, "s", "win_ratio", "1"), 1.47891504440763, digits);
  EXPECT_EQ(value(own, "s", "wins", "1", "stratum node4 0"), 21598.0);
  EXPECT_NEAR(value(own, "m", "win_ratio", "1"), 1.39540360081078, digits);
  EXPECT_NEAR(value(own, "m", "p_value", "1"), 0.00172414312490734, digits);
  EXPECT_EQ(value(own, "m", "n"), 607.0);
  EXPECT_EQ(value(own, "m", "n_missing"), 12.0);
}

TEST(PlanComposites, PeronScoringIsOfferedAndSaysWhatItIs) {
  const std::string method = "[analysis.w]\nmethod = \"win_statistics\"\nscoring = \"peron\"\n";
  const auto own =
      rows("reference_arm = \"1\"\n[columns]\nsubject = \"\"\narm = \"trt\"\n" + method +
               "tiers = [\"time time event status better longer margin 20 inclusive\"]\n",
           {table("c31_survival_veteran_maxcombo/data.csv")});
  // As R package BuyseTest prints them.
  EXPECT_NEAR(value(own, "w", "net_benefit", "2"), -0.0877, 5e-5);
  EXPECT_NEAR(value(own, "w", "wins", "2"), 1772.59, 0.005);
  EXPECT_NEAR(value(own, "w", "losses", "2"), 2183.89, 0.005);
  EXPECT_EQ(own.front().conventions,
            "scoring: Peron; variance: unbiased; weights of strata: mantel_haenszel; censored at "
            "the other's event: survives; missing value: refuse; interval: Wald, log scale for "
            "ratio and odds");
  const auto r = rows("conventions = \"r\"\n" + head + method + two_tiers, {colon()});
  EXPECT_NE(r.front().conventions.find("variance: plug_in"), std::string::npos);
  for (const char* option : {"variance = \"null\"\n", "censored_at_event = \"tie\"\n"}) {
    const auto out = result(head + method + option + two_tiers, {colon()});
    EXPECT_EQ(out.problems.size(), 1U) << option;
    EXPECT_TRUE(out.rows.empty());
  }
}

TEST(PlanComposites, FinkelsteinSchoenfeldAgrees) {
  const auto own =
      rows(head + "[analysis.f]\nmethod = \"finkelstein_schoenfeld\"\n" + two_tiers, {colon()});
  EXPECT_EQ(value(own, "f", "score", "1"), 13947.0);
  EXPECT_NEAR(value(own, "f", "p_value", "1"), 0.000822150889966771, digits);
}

TEST(PlanComposites, MarksOfEventsMayBeLettersAndMayMarkCensoring) {
  const std::string csv = "USUBJID,ARM,t,f,c\ns1,a,5,Y,0\ns2,a,9,,1\ns3,b,7,Y,0\ns4,b,9,,1\n";
  const auto data = formats::parse_csv_table(csv, "trial.csv");
  const auto own = rows(
      "[analysis.f]\nmethod = \"win_statistics\"\ntiers = [\"time t event f better longer\"]\n"
      "[analysis.c]\nmethod = \"win_statistics\"\n"
      "tiers = [\"time t censored c better higher\"]\n",
      {data.value()});
  EXPECT_EQ(value(own, "f", "wins", "b"), 2.0);
  EXPECT_EQ(value(own, "f", "losses", "b"), 1.0);
  for (const char* statistic : {"wins", "losses", "ties"}) {
    EXPECT_EQ(value(own, "f", statistic, "b"), value(own, "c", statistic, "b"));
  }
}

struct Refused {
  const char* name;
  const char* tiers;
  const char* words;
};

class TierRefusal : public testing::TestWithParam<Refused> {};

TEST_P(TierRefusal, SaysWhatIsWrong) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y,t,e\ns1,a,1,4,1\ns2,a,,5,0\ns3,b,3,6,2\ns4,b,5,7,1\n", "trial.csv");
  const auto out =
      result("[analysis.x]\nmethod = \"win_statistics\"\n" + std::string(GetParam().tiers) + "\n",
             {data.value()});
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanComposites, TierRefusal,
    testing::Values(
        Refused{"none", "", "must list the outcomes"},
        Refused{"kind", "tiers = [\"count y better lower\"]", "begins with `time COLUMN`"},
        Refused{"direction", "tiers = [\"value y\"]", "must say what is better"},
        Refused{"value_later", "tiers = [\"value y better later\"]", "better is higher or lower"},
        Refused{"margin", "tiers = [\"value y better lower margin -1\"]", "at least 0"},
        Refused{"word", "tiers = [\"value y better lower marging 1\"]", "knows no word `marging`"},
        Refused{"half", "tiers = [\"value y better lower margin\"]", "needs a word after it"},
        Refused{"event", "tiers = [\"time t better later\"]", "a time needs `event COLUMN`"},
        Refused{"mark", "tiers = [\"time t event e better later\"]", "e = 2: marks an event"},
        Refused{"column", "tiers = [\"value z better lower\"]", "no such column"},
        Refused{"missing", "tiers = [\"value y better lower\"]", "1 subjects have no value"}),
    [](const auto& named) { return std::string(named.param.name); });

TEST(PlanComposites, OneSidedWinsHaveNoStandardErrorButANote) {
  const auto data =
      formats::parse_csv_table("USUBJID,ARM,y\ns1,a,1\ns2,a,2\ns3,b,3\ns4,b,5\n", "trial.csv");
  const auto out =
      result("[analysis.x]\nmethod = \"win_statistics\"\ntiers = [\"value y better higher\"]\n",
             {data.value()});
  EXPECT_TRUE(out.problems.empty());
  bool seen = false;
  for (const Row& row : out.rows) {
    if (row.statistic != "p_value") continue;
    EXPECT_FALSE(row.value.has_value());
    EXPECT_NE(row.note, "");
    seen = true;
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
