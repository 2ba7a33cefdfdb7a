// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include <set>
#include <string>

#include "deep_block.hpp"
#include "plan_case.hpp"

/// Analyses of times to an event, written as plans.
namespace angiotrial::analysis::plan_test {
namespace {

const std::string lung_columns = "[columns]\nsubject = \"row\"\narm = \"sex\"\n";
const std::string lung_times = "time = \"time\"\nevent = \"status\"\nevent_value = \"2\"\n";

formats::DataTable lung() { return table("c30_survival_lung/data.csv"); }
formats::DataTable parsed(const std::string& csv) {
  return formats::parse_csv_table(csv, "trial.csv").value();
}

std::string lung_plan(const std::string& method, const std::string& options = "",
                      const std::string& head = "") {
  return head + lung_columns + "[analysis.a]\nmethod = \"" + method + "\"\n" + lung_times + options;
}

std::string conventions_of(const std::vector<Row>& rows) { return rows.front().conventions; }

TEST(PlanSurvival, KaplanMeierIntervalsFollowThePreset) {
  const std::string options = "at_times = [90.0, 365.0]\nquantiles = [0.5, 0.75]\n";
  const auto own = rows(lung_plan("kaplan_meier", options), {lung()});
  EXPECT_NEAR(value(own, "a", "survival", "1", "time 365"), 0.336087834639379, 1e-12);
  EXPECT_NEAR(value(own, "a", "lower", "1", "time 365"), 0.252729143327973, 1e-12);  // log-log
  EXPECT_NEAR(value(own, "a", "se", "2", "time 90"), 0.0262936879248872, 1e-12);
  EXPECT_EQ(value(own, "a", "at_risk", "2", "time 90"), 84.0);
  EXPECT_EQ(value(own, "a", "median", "2", "median"), 426.0);
  EXPECT_EQ(value(own, "a", "lower", "2", "median"), 345.0);
  EXPECT_EQ(value(own, "a", "upper", "2", "share failed 0.75"), 765.0);
  const auto sas = rows(lung_plan("kaplan_meier", options, "conventions = \"sas\"\n"), {lung()});
  EXPECT_EQ(value(sas, "a", "upper", "2", "median"), 524.0);
  const auto r = rows(lung_plan("kaplan_meier", options, "conventions = \"r\"\n"), {lung()});
  EXPECT_NEAR(value(r, "a", "lower", "1", "time 365"), 0.260900503789725, 1e-12);
  EXPECT_EQ(value(r, "a", "upper", "2", "median"), 550.0);
  EXPECT_EQ(conventions_of(r), "interval: log; variance: Greenwood");
}

TEST(PlanSurvival, NumbersAtRiskAgreeWithTheReferenceCase) {
  for (const auto& [block, interval] :
       {std::pair{"km_log", "log"}, std::pair{"km_log_log", "log_log"},
        std::pair{"km_plain", "plain"}, std::pair{"km_logit", "logit"},
        std::pair{"km_arcsin", "arcsine"}}) {
    const auto own =
        rows(lung_plan("kaplan_meier", "at_times = [90.0, 180.0, 365.0, 730.0]\ninterval = \"" +
                                           std::string(interval) + "\"\n"),
             {lung()});
    std::vector<double> at_risk;
    for (const std::string arm : {"1", "2"}) {
      for (const std::string day : {"90", "180", "365", "730"}) {
        at_risk.push_back(value(own, "a", "at_risk", arm, "time " + day));
      }
    }
    Deep("c30_survival_lung/expected.json", block).expect({"n_risk"}, at_risk);
  }
}

TEST(PlanSurvival, AQuantileThatIsNotReachedHasNoValueAndANote) {
  const auto r =
      rows(lung_plan("kaplan_meier", "quantiles = [0.75]\ninterval = \"log\"\n"), {lung()});
  const auto row = std::ranges::find_if(r, [](const Row& x) {
    return x.arm == "2" && x.statistic == "upper" && x.group == "share failed 0.75";
  });
  ASSERT_NE(row, r.end());
  EXPECT_FALSE(row->value.has_value());
  EXPECT_EQ(row->note, "not reached");
}

TEST(PlanSurvival, OneCurveOfAllNeedsNoArms) {
  const auto own = rows(
      "[analysis.a]\nmethod = \"kaplan_meier\"\ntime = \"AVAL\"\ncensor = \"CNSR\"\n"
      "by_arm = false\nat_times = [2.0]\nhazard = \"nelson_aalen\"\n",
      {parsed("USUBJID,AVAL,CNSR\ns1,1,0\ns2,2,1\ns3,3,0\ns4,4,2\n")});
  EXPECT_DOUBLE_EQ(value(own, "a", "survival", "", "time 2"), 0.75);
  EXPECT_DOUBLE_EQ(value(own, "a", "cumulative_hazard", "", "time 2"), 0.25);
  EXPECT_EQ(value(own, "a", "events"), 2.0);
}

TEST(PlanSurvival, LogRankTestsAgreeWithTheReferenceCase) {
  const auto plain = rows(lung_plan("log_rank"), {lung()});
  EXPECT_NEAR(value(plain, "a", "chi_square"), 10.3267419548856, 1e-10);
  EXPECT_NEAR(value(plain, "a", "p_value"), 0.00131116452035549, 1e-12);
  EXPECT_NEAR(value(plain, "a", "expected", "2"), 73.4182609704272, 1e-10);
  EXPECT_NEAR(value(plain, "a", "z", "2"), -std::sqrt(10.3267419548856), 1e-10);
  const auto weighted = rows(lung_plan("log_rank", "rho = 1.0\n"), {lung()});
  EXPECT_NEAR(value(weighted, "a", "chi_square"), 12.7141514011575, 1e-10);
  const auto strata = rows(lung_plan("log_rank", "strata = [\"ph.ecog\"]\n"), {lung()});
  EXPECT_NEAR(value(strata, "a", "chi_square"), 10.7950596334964, 1e-9);
  EXPECT_EQ(value(strata, "a", "n_missing"), 1.0);
}

TEST(PlanSurvival, TheReferenceArmTurnsTheSignOfThePairAndNothingElse) {
  const auto first = rows(lung_plan("log_rank"), {lung()});
  const auto second = rows(lung_plan("log_rank", "", "reference_arm = \"2\"\n"), {lung()});
  EXPECT_NEAR(value(first, "a", "z", "2"), -value(second, "a", "z", "1"), 1e-12);
  EXPECT_DOUBLE_EQ(value(first, "a", "chi_square"), value(second, "a", "chi_square"));
}

TEST(PlanSurvival, WeightedTestsAndTheirMaximumAgreeWithTheReferenceCase) {
  const std::string head = "[columns]\nsubject = \"row\"\narm = \"trt\"\n";
  const std::string times = "time = \"time\"\nevent = \"status\"\n";
  const auto own =
      rows(head + "[analysis.combo]\nmethod = \"max_combo\"\n" + times +
               "[analysis.modest]\nmethod = \"log_rank\"\nmodest_until = 100.0\n" + times,
           {table("c31_survival_veteran_maxcombo/data.csv")});
  EXPECT_NEAR(value(own, "combo", "z", "2", "weight FH(0, 1)"), -0.898024314591002, 1e-11);
  EXPECT_NEAR(value(own, "combo", "largest_z", "2"), 0.933386036389649, 1e-11);
  EXPECT_NEAR(value(own, "combo", "p_value", "2"), 0.587912029287515, 1e-5);
  EXPECT_NEAR(value(own, "modest", "z", "2"), -0.370158458140144, 1e-11);
}

TEST(PlanSurvival, RestrictedMeansAgreeWithTheReferenceCase) {
  const auto own = rows(lung_plan("restricted_mean_survival", "horizon = 700.0\n"), {lung()});
  EXPECT_NEAR(value(own, "a", "restricted_mean", "1"), 308.695919069729, 1e-8);
  EXPECT_NEAR(value(own, "a", "difference", "2"), 119.362535281286, 1e-8);
  EXPECT_NEAR(value(own, "a", "ratio", "2"), 428.058454351016 / 308.695919069729, 1e-11);
  EXPECT_NEAR(value(own, "a", "ratio", "2", "time lost"),
              (700.0 - 428.058454351016) / (700.0 - 308.695919069729), 1e-11);
  EXPECT_LT(value(own, "a", "ratio_lower", "2"), 428.058454351016 / 308.695919069729);
  // No key comes twice.
  std::set<std::string> keys;
  for (const Row& row : own) {
    EXPECT_TRUE(
        keys.insert(row.arm + "|" + row.arm_ref + "|" + row.group + "|" + row.statistic).second)
        << row.statistic;
  }
}

TEST(PlanSurvival, CoxRegressionAgreesWithTheReferenceCase) {
  const std::string terms = "covariates = [\"age\", \"ph.ecog\"]\n";
  const auto efron = rows(lung_plan("cox", terms), {lung()});
  EXPECT_NEAR(std::log(value(efron, "a", "hazard_ratio", "2")), -0.552612395531837, 1e-10);
  EXPECT_NEAR(value(efron, "a", "se_log", "2"), 0.167739053783422, 1e-10);
  EXPECT_NEAR(std::log(value(efron, "a", "hazard_ratio", "", "age")), 0.0110667645961186, 1e-10);
  EXPECT_NEAR(value(efron, "a", "chi_square", "", "model, score"), 30.4999227049491, 1e-7);
  EXPECT_NEAR(value(efron, "a", "concordance"), 0.637135493000455, 1e-10);
  EXPECT_NEAR(value(efron, "a", "se_concordance"), 0.0250679738530796, 1e-10);
  EXPECT_NEAR(value(efron, "a", "p_value", "", "proportionality, arm"), 0.128921998863249, 1e-8);
  EXPECT_NEAR(value(efron, "a", "p_value", "", "proportionality, all terms"), 0.215554945395769,
              1e-8);
  const auto sas = rows(lung_plan("cox", terms, "conventions = \"sas\"\n"), {lung()});
  EXPECT_NEAR(std::log(value(sas, "a", "hazard_ratio", "2")), -0.551889569637656, 1e-10);
  const auto exact = rows(lung_plan("cox", terms + "ties = \"exact\"\n"), {lung()});
  EXPECT_NEAR(std::log(value(exact, "a", "hazard_ratio", "2")), -0.553435612902747, 1e-10);
  const auto robust = rows(lung_plan("cox", terms + "errors = \"robust\"\n"), {lung()});
  EXPECT_NEAR(value(robust, "a", "se_log", "2"), 0.164748427949947, 1e-10);
}

TEST(PlanSurvival, AProductWithTheArmSaysWhereTheHazardRatioHolds) {
  const auto own = rows(lung_plan("cox", "covariates = [\"age\", \"arm:age\"]\n"), {lung()});
  EXPECT_NE(conventions_of(own).find("where covariates in products with it are 0"),
            std::string::npos);
  EXPECT_EQ(value(own, "a", "df", "", "proportionality, arm:age"), 1.0);
}

TEST(PlanSurvival, CoxStrataAndClustersAgreeWithTheReferenceCase) {
  const auto strata =
      rows(lung_plan("cox", "covariates = [\"age\"]\nstrata = [\"ph.ecog\"]\n"), {lung()});
  EXPECT_NEAR(std::log(value(strata, "a", "hazard_ratio", "2")), -0.553516927413326, 1e-10);
  const auto cluster =
      rows(lung_plan("cox", "covariates = [\"age\"]\ncluster = \"inst\"\n"), {lung()});
  EXPECT_NEAR(value(cluster, "a", "se_log", "2"), 0.128230601779508, 1e-10);
  EXPECT_NE(conventions_of(cluster).find("robust by inst"), std::string::npos);
}

const std::string cgd_plan = R"(
reference_arm = "placebo"
[columns]
subject = "id"
arm = "treat"
[analysis.lwyy]
method = "recurrent_events"
start = "tstart"
time = "tstop"
event = "status"
at_times = [100.0, 300.0]
[analysis.ag]
method = "recurrent_events"
start = "tstart"
time = "tstop"
event = "status"
errors = "model"
[analysis.pwp]
method = "recurrent_events"
start = "tstart"
time = "tstop"
event = "status"
strata = ["enum"]
[analysis.cox]
method = "cox"
start = "tstart"
time = "tstop"
event = "status"
)";

TEST(PlanSurvival, RecurrentEventsAgreeWithTheReferenceCase) {
  const auto own = rows(cgd_plan, {table("c03_nb_cgd_offset/data_intervals.csv")});
  const std::string arm = "rIFN-g";
  EXPECT_NEAR(std::log(value(own, "lwyy", "rate_ratio", arm)), -1.09528673526184, 1e-10);
  EXPECT_NEAR(value(own, "lwyy", "se_log", arm), 0.311936577081626, 1e-10);
  EXPECT_NEAR(value(own, "ag", "se_log", arm), 0.261014320531363, 1e-10);
  EXPECT_NEAR(std::log(value(own, "pwp", "rate_ratio", arm)), -0.860142142415568, 1e-10);
  // The same estimate and, where subjects have several events, the same errors by recommendation.
  EXPECT_DOUBLE_EQ(value(own, "cox", "se_log", arm), value(own, "lwyy", "se_log", arm));
  EXPECT_LT(value(own, "lwyy", "mean_events", arm, "time 300"),
            value(own, "lwyy", "mean_events", "placebo", "time 300"));
}

const std::string mgus_plan = R"(
[columns]
subject = "id"
arm = "sex"
[analysis.curve]
method = "cumulative_incidence"
time = "time"
event = "event"
cause = "1"
at_times = [60.0, 240.0]
[analysis.other]
method = "cumulative_incidence"
time = "time"
event = "event"
cause = "2"
at_times = [120.0]
variance = "jackknife"
[analysis.model]
method = "fine_gray"
time = "time"
event = "event"
cause = "1"
covariates = ["age"]
[analysis.cause-specific]
method = "cox"
time = "time"
event = "event"
event_value = "2"
covariates = ["age"]
)";

TEST(PlanSurvival, CompetingRisksAgreeWithTheReferenceCase) {
  const auto own = rows(mgus_plan, {table("c32_competing_mgus2/data.csv")});
  EXPECT_NEAR(value(own, "curve", "cumulative_incidence", "M", "time 60"), 0.0293462844583663,
              1e-11);
  EXPECT_NEAR(value(own, "curve", "se", "F", "time 240"), std::sqrt(0.000204983932384499), 1e-11);
  EXPECT_NEAR(value(own, "curve", "p_value", "", "Gray's test"), 0.274422156788004, 1e-9);
  EXPECT_NEAR(value(own, "other", "chi_square", "", "Gray's test"), 11.6512590121277, 1e-8);
  EXPECT_NEAR(value(own, "other", "se", "M", "time 120"), 0.0189385922542251, 1e-11);
  EXPECT_NEAR(std::log(value(own, "model", "subdistribution_hazard_ratio", "M")),
              -0.260038237827949, 1e-8);
  EXPECT_NEAR(value(own, "model", "se_log", "M"), 0.18568103479413, 1e-8);
  EXPECT_NEAR(std::log(value(own, "cause-specific", "hazard_ratio", "M")), 0.39322586374667, 1e-9);
  const double f = value(own, "curve", "cumulative_incidence", "M", "time 240");
  const double lower = value(own, "curve", "lower", "M", "time 240");
  const double upper = value(own, "curve", "upper", "M", "time 240");
  const auto scale = [](double x) { return std::log(-std::log(x)); };
  EXPECT_NEAR(scale(lower) + scale(upper), 2.0 * scale(f), 1e-10);
  EXPECT_LT(lower, f);
  EXPECT_GT(upper, f);
}

TEST(PlanSurvival, AcceleratedFailureTimesAgreeWithTheReferenceCase) {
  for (const auto& [name, beta, sigma] :
       {std::tuple{"weibull", 0.382085139676648, 0.754050947662723},
        std::tuple{"exponential", 0.480934923960242, 1.0},
        std::tuple{"lognormal", 0.519253674628492, 1.05267589008379},
        std::tuple{"loglogistic", 0.477509224903844, 0.565578594745828}}) {
    const auto own =
        rows(lung_plan("accelerated_failure_time",
                       "covariates = [\"age\"]\ndistribution = \"" + std::string(name) + "\"\n"),
             {lung()});
    EXPECT_NEAR(std::log(value(own, "a", "time_ratio", "2")), beta, 1e-8) << name;
    EXPECT_NEAR(value(own, "a", "sigma"), sigma, 1e-8) << name;
  }
}

TEST(PlanSurvival, TrendOfThreeArmsAndPairsStandBesideTheTestOfAll) {
  const auto own = rows(
      "arms = [\"a\", \"b\", \"c\"]\n[analysis.x]\nmethod = \"log_rank\"\ntime = \"t\"\n"
      "event = \"e\"\nscores = [0.0, 1.0, 2.0]\n",
      {parsed("USUBJID,ARM,t,e\n1,a,1,1\n2,a,2,1\n3,a,4,1\n4,b,3,1\n5,b,5,0\n6,b,7,1\n"
              "7,c,6,1\n8,c,8,0\n9,c,9,1\n")});
  EXPECT_EQ(value(own, "x", "df"), 2.0);
  EXPECT_LT(value(own, "x", "z", "", "trend"), 0.0);
  EXPECT_LT(value(own, "x", "z", "c"), value(own, "x", "z", "b"));
}

TEST(PlanSurvival, IncidenceOfThreeArmsHasGraysTestOfPairsAndOfAll) {
  std::string csv = "ARM,t,e\n";
  for (int i = 0; i < 30; ++i) {
    csv += std::string(1, static_cast<char>('a' + i % 3)) + "," + std::to_string(1 + (7 * i) % 31) +
           "," + std::to_string((i % 5) % 3) + "\n";
  }
  const std::string plan =
      row_is_a_subject +
      "[analysis.x]\nmethod = \"cumulative_incidence\"\ntime = \"t\"\nevent = \"e\"\n"
      "cause = \"1\"\nat_times = [0.5, 20.0]\ninterval = \"plain\"\n";
  const auto own = rows(plan, {parsed(csv)});
  EXPECT_EQ(value(own, "x", "df", "", "Gray's test"), 2.0);
  EXPECT_EQ(value(own, "x", "df", "b", "Gray's test"), 1.0);
  EXPECT_EQ(value(own, "x", "cumulative_incidence", "c", "time 0.5"), 0.0);
}

/// Rescue on day 20 of a subject who had the event on day 40.
TEST(PlanSurvival, StrategiesForEventsCensorOrCount) {
  const auto data =
      parsed("USUBJID,ARM,t,e,RESCDY\n1,a,40,1,20\n2,a,50,0,\n3,a,60,1,70\n4,b,30,1,\n5,b,45,1,\n");
  const auto events = [&](const std::string& strategy) {
    const auto own = rows(
        "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"kaplan_meier\"\n"
        "time = \"t\"\nevent = \"e\"\ndays_per_time = 1.0\nat_times = [20.0]\n"
        "[analysis.x.estimand.events]\nrescue = \"" +
            strategy + "\"\n",
        {data});
    return std::pair(value(own, "x", "events", "a"), value(own, "x", "survival", "a", "time 20"));
  };
  EXPECT_EQ(events("treatment_policy"), std::pair(2.0, 1.0));
  EXPECT_EQ(events("hypothetical"), std::pair(1.0, 1.0));
  EXPECT_EQ(events("composite").first, 2.0);
  EXPECT_NEAR(events("composite").second, 2.0 / 3.0, 1e-15);
}

TEST(PlanSurvival, FirthGivesAHazardRatioWhereAnArmHasNoEvent) {
  const auto data = parsed(
      "USUBJID,ARM,t,e\n1,a,1,1\n2,a,2,1\n3,a,3,1\n4,a,9,0\n5,b,4,0\n6,b,5,0\n7,b,8,0\n8,b,9,0\n");
  const std::string cox = "[analysis.x]\nmethod = \"cox\"\ntime = \"t\"\nevent = \"e\"\n";
  const auto refused = result(cox, {data});
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_EQ(refused.refusals[0].rule, "separated");
  const auto own = rows(cox + "firth = true\n", {data});
  EXPECT_GT(value(own, "x", "hazard_ratio", "b"), 0.0);
  EXPECT_LT(value(own, "x", "hazard_ratio", "b"), 1.0);
}

/// Rows (0, 10] and (10, 30]; an event on day 15 ends the second.
TEST(PlanSurvival, StrategiesForEventsCutTheRowsOfACountingProcess) {
  const std::string head = "USUBJID,ARM,s,t,e,RESCDY\n";
  const auto data = parsed(head + "1,a,0,10,1,15\n1,a,10,30,1,15\n2,a,0,40,0,\n3,b,0,20,1,\n");
  const std::string plan =
      "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"recurrent_events\"\n"
      "start = \"s\"\ntime = \"t\"\nevent = \"e\"\nat_times = [16.0]\ndays_per_time = 1.0\n"
      "errors = \"model\"\n"
      "[analysis.x.estimand.events]\nrescue = ";
  const auto censored = rows(plan + "\"while_on_treatment\"\n", {data});
  EXPECT_EQ(value(censored, "x", "mean_events", "a", "time 16"), 0.5);
  EXPECT_EQ(value(censored, "x", "events"), 2.0);
  const auto counted = rows(plan + "\"composite\"\n", {data});
  EXPECT_EQ(value(counted, "x", "mean_events", "a", "time 16"), 1.0);
  const auto gap = parsed(head + "1,a,0,10,1,15\n1,a,20,30,1,15\n2,a,0,40,0,\n3,b,0,20,1,\n");
  const auto problems = result(plan + "\"composite\"\n", {gap}).problems;
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].line, 3);
}

struct Refused {
  const char* name;
  const char* csv;
  const char* method;
  const char* options;
  const char* words;
};

class BadSurvival : public testing::TestWithParam<Refused> {};

TEST_P(BadSurvival, IsAProblemOrARefusal) {
  const auto out = result("[events]\nrescue = \"t\"\n[analysis.x]\nmethod = \"" +
                              std::string(GetParam().method) + "\"\ntime = \"t\"\nevent = \"e\"\n" +
                              GetParam().options,
                          {parsed(GetParam().csv)});
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

constexpr const char* few = "USUBJID,ARM,t,e\n1,a,5,1\n2,b,6,1\n3,a,7,0\n4,b,8,0\n";

INSTANTIATE_TEST_SUITE_P(
    PlanSurvival, BadSurvival,
    testing::Values(
        Refused{"value", "USUBJID,ARM,t,e\n1,a,5,2\n2,b,6,1\n", "log_rank", "",
                "trial.csv:2: e = 2: must be 0 (censored) or 1 (the event)"},
        Refused{"event_value", few, "cox", "event_value = \"3\"\n", "no row has this value"},
        Refused{"both", few, "cox", "censor = \"e\"\n", "but not both"},
        Refused{"negative", "USUBJID,ARM,t,e\n1,a,-5,1\n2,b,6,1\n", "kaplan_meier", "",
                "trial.csv:2: t = -5: a time is a number not below 0"},
        Refused{"no_event", "USUBJID,ARM,t,e\n1,a,5,0\n2,b,6,0\n", "log_rank", "",
                "no information"},
        Refused{"no_event_cox", "USUBJID,ARM,t,e\n1,a,5,0\n2,b,6,0\n", "cox", "", "no events"},
        Refused{"empty_arm", "USUBJID,ARM,t,e\n1,a,5,1\n2,b,,1\n3,a,6,1\n", "kaplan_meier", "",
                "ARM = b: no row of this arm is left"},
        Refused{"text", "USUBJID,ARM,t,e\n1,a,5,1\n2,b,six,1\n", "max_combo", "",
                "trial.csv:3: t = six: must be a number"},
        Refused{"no_variance", "USUBJID,ARM,t,e\n1,a,5,0\n2,b,6,0\n", "restricted_mean_survival",
                "horizon = 4.0\n", "no information"},
        Refused{"arm_without_cause", "USUBJID,ARM,t,e\n1,a,5,1\n2,b,6,2\n3,a,7,1\n4,b,8,0\n",
                "fine_gray", "cause = \"1\"\n", "separated"},
        Refused{"no_weight", "USUBJID,ARM,t,e,w\n1,a,5,1,1\n2,b,6,1,0\n", "cox", "weight = \"w\"\n",
                "trial.csv:3: w = 0: a weight is above 0"},
        Refused{"no_recurrence", "USUBJID,ARM,s,t,e\n1,a,0,5,0\n2,b,0,6,0\n", "recurrent_events",
                "start = \"s\"\n", "no events"},
        Refused{"death", "USUBJID,ARM,s,t,e,d\n1,a,0,5,1,1\n1,a,5,9,0,0\n2,b,0,6,1,0\n",
                "recurrent_events", "start = \"s\"\ndeath = \"d\"\nat_times = [3.0]\n",
                "a: mean count: invalid input"},
        Refused{"repeated", "USUBJID,ARM,t,e\n1,a,5,1\n1,a,6,1\n2,b,6,1\n", "cox", "",
                "has more than one row"},
        Refused{"overlap", "USUBJID,ARM,s,t,e\n1,a,0,5,1\n1,a,4,6,1\n2,b,0,6,1\n", "cox",
                "start = \"s\"\n", "before an earlier one"},
        Refused{"reversed", "USUBJID,ARM,s,t,e\n1,a,5,5,1\n2,b,0,6,1\n", "cox", "start = \"s\"\n",
                "must end after its start"},
        Refused{"horizon", few, "restricted_mean_survival", "horizon = 20.0\n",
                "beyond the last time of the arm"},
        Refused{"no_horizon", few, "restricted_mean_survival", "", "horizon"},
        Refused{"collinear", "USUBJID,ARM,t,e,x\n1,a,5,1,2\n2,b,6,1,3\n3,a,7,1,2\n4,b,8,1,3\n",
                "cox", "covariates = [\"x\"]\n", "collinear: x"},
        Refused{"exact_firth", few, "cox", "ties = \"exact\"\nfirth = true\n",
                "is offered for ties efron and breslow"},
        Refused{"weights", few, "max_combo", "rho = [0.0]\n", "as many as rho"},
        Refused{"scores", few, "log_rank", "scores = [1.0]\n", "one for each arm"},
        Refused{"cause", few, "fine_gray", "", "value of the cause studied"},
        Refused{"no_cause", few, "cumulative_incidence", "cause = \"9\"\n",
                "no row has this value"},
        Refused{"start", few, "recurrent_events", "", "time at risk begins"},
        Refused{"zero_time", "USUBJID,ARM,t,e\n1,a,0,1\n2,b,6,1\n", "accelerated_failure_time", "",
                "no logarithm"},
        Refused{"days", few, "cox", "[analysis.x.estimand.events]\nrescue = \"hypothetical\"\n",
                "how many days a unit of `time` has"},
        Refused{"letters", "USUBJID,ARM,t,e\n1,a,5,yes\n2,b,6,no\n", "cox", "",
                "e = yes: must be a number"},
        Refused{"stratum", few, "cox",
                "[analysis.x.estimand.events]\nrescue = \"principal_stratum\"\n",
                "none is offered"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
