// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/log_rank.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "plan_case.hpp"

/// Re-randomisation tests by plans whose statistic is a number of another analysis of the plan.
namespace angiotrial::analysis::plan_test {
namespace {

/// Twelve subjects, against the order of their entry, with a time, an event, a count and a
/// response.
formats::DataTable trial(const std::string& more_columns = "", const std::string& more_cells = "") {
  const std::vector<std::string> lines{
      "s12,a,12,F,1,3.1,9,4.0,1,3", "s11,b,11,F,2,2.0,14,9.5,0,1", "s10,a,10,M,1,2.2,8,6.0,1,7",
      "s9,b,9,M,2,4.5,12,11.0,1,2", "s8,a,8,F,1,1.5,7,2.5,1,9",    "s7,a,7,M,2,3.3,11,8.0,1,4",
      "s6,b,6,F,1,0.2,10,7.0,0,0",  "s5,b,5,M,2,2.8,15,14.0,1,5",  "s4,a,4,M,1,1.9,6,3.0,0,6",
      "s3,b,3,F,2,3.6,13,12.5,1,2", "s2,b,2,F,1,2.4,9.5,10.0,0,1", "s1,a,1,M,2,4.0,10.5,5.5,1,8"};
  std::string csv = "USUBJID,ARM,NR,SEX,SITE,BASE,y,t,e,n" + more_columns + "\n";
  for (const std::string& line : lines) csv += line + more_cells + "\n";
  return formats::parse_csv_table(csv, "trial.csv").value();
}

std::string rerandomised(const std::string& of, const std::string& options) {
  return "[analysis.r]\nmethod = \"rerandomisation_test\"\nstatistic = \"analysis\"\nof = \"" + of +
         "\"\n" + options;
}

const std::string log_rank_plan =
    "[analysis.k]\nmethod = \"log_rank\"\ntime = \"t\"\nevent = \"e\"\n";

/// Of all orders of six and six, the share in which `statistic` is as large as of the trial's.
template <class Statistic>
double share_of_all_orders(const std::vector<int>& own, const Statistic& statistic) {
  const double observed = statistic(own);
  std::vector<int> arm = own;
  std::ranges::sort(arm);
  double extreme = 0.0, all = 0.0;
  do {
    all += 1.0;
    if (statistic(arm) >= observed - 1e-9) extreme += 1.0;
  } while (std::next_permutation(arm.begin(), arm.end()));
  return extreme / all;
}

const std::vector<int> arms_of_trial{0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0};

TEST(PlanRerandomisedAnalysis, LogRankTestOverAllAllocationsIsThatCountedDirectly) {
  const auto own = rows(log_rank_plan + rerandomised("k", "enumerate = true\n"), {trial()});
  const std::vector<double> time{4.0, 9.5, 6.0, 11.0, 2.5, 8.0, 7.0, 14.0, 3.0, 12.5, 10.0, 5.5};
  const std::vector<int> event{1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1};
  std::vector<Observation> sample;
  for (std::size_t i = 0; i < time.size(); ++i) sample.push_back({time[i], event[i] == 1});
  const double expected = share_of_all_orders(arms_of_trial, [&](const std::vector<int>& arm) {
    return weighted_log_rank({.sample = sample, .group = arm}).chi_square;
  });
  EXPECT_EQ(value(own, "r", "allocations", "b"), 924.0);
  EXPECT_NEAR(value(own, "r", "p_value", "b"), expected, 1e-12);
  EXPECT_EQ(value(own, "r", "statistic", "b"), value(own, "k", "p_value", "b"));
  EXPECT_LT(expected, 0.05);
}

/// The coefficient that the method has of its own, by every scheme's draws.
TEST(PlanRerandomisedAnalysis, DifferenceOfAnalysisOfCovarianceIsTheMethodsOwnStatistic) {
  for (const char* scheme :
       {"enumerate = true\n", "seed = 5\nreplicates = 199\n",
        "seed = 5\nreplicates = 199\nscheme = \"blocks\"\nmultiples = [2]\norder = \"NR\"\n",
        "seed = 5\nreplicates = 199\nscheme = \"minimisation\"\nfactors = [\"SITE\", \"SEX\"]\n"
        "order = \"NR\"\n"}) {
    for (const char* tail : {"", "tail = \"greater\"\n", "tail = \"less\"\n"}) {
      const std::string model = "response = \"y\"\ncovariates = [\"BASE\", \"SEX\"]\n";
      const std::string drawn = std::string(scheme) + tail;
      const auto own =
          rows("[analysis.c]\nmethod = \"ancova\"\n" + model +
                   "[analysis.plain]\nmethod = \"rerandomisation_test\"\nstatistic = \"ancova\"\n" +
                   model + drawn + rerandomised("c", "number = \"difference\"\n" + drawn),
               {trial()});
      for (const char* number : {"p_value", "extreme_allocations", "undefined_allocations"}) {
        EXPECT_EQ(value(own, "r", number, "b"), value(own, "plain", number, "b"))
            << number << " " << drawn;
      }
      EXPECT_NEAR(value(own, "r", "statistic", "b"), value(own, "plain", "difference", "b"), 1e-12);
    }
  }
}

/// An exact test of all orders is its own re-randomisation test under complete randomisation.
TEST(PlanRerandomisedAnalysis, ExactWilcoxonTestIsItsOwn) {
  const auto own = rows("[analysis.w]\nmethod = \"wilcoxon\"\nresponse = \"y\"\n" +
                            rerandomised("w", "enumerate = true\n"),
                        {trial()});
  EXPECT_NEAR(value(own, "r", "p_value", "b"), value(own, "w", "p_value", "b"), 1e-12);
}

/// Rates of two arms of equal exposure: the ratio is that of the sums, whatever the dispersion.
TEST(PlanRerandomisedAnalysis, RatiosAreTakenAsLogarithms) {
  const auto own = rows("[analysis.n]\nmethod = \"negative_binomial\"\nresponse = \"n\"\n" +
                            rerandomised("n", "number = \"rate_ratio\"\nenumerate = true\n"),
                        {trial()});
  const std::vector<int> count{3, 1, 7, 2, 9, 4, 0, 5, 6, 2, 1, 8};
  const double expected = share_of_all_orders(arms_of_trial, [&](const std::vector<int>& arm) {
    double sum[2] = {0.0, 0.0};
    for (std::size_t i = 0; i < arm.size(); ++i) sum[arm[i]] += count[i];
    return std::fabs(std::log(sum[1] / sum[0]));
  });
  EXPECT_NEAR(value(own, "r", "p_value", "b"), expected, 1e-12);
  EXPECT_NEAR(value(own, "r", "statistic", "b"), 11.0 / 37.0, 1e-9);
}

/// Visits in one table, arms in another or in both, or as numbers.
TEST(PlanRerandomisedAnalysis, ArmsAreDrawnAgainInEveryTable) {
  const std::map<std::string, std::string> arm_of{{"a", "1"}, {"b", "2"}};
  std::string visits = "USUBJID,AVISIT,CHG\n", with_arms = "USUBJID,ARM,AVISIT,CHG\n";
  const formats::DataTable subjects = trial();
  for (std::size_t i = 0; i < subjects.rows(); ++i) {
    const std::string name = subjects.find("USUBJID")->text(i), arm = subjects.find("ARM")->text(i);
    const double y = subjects.find("y")->numbers[i];
    for (int v = 1; v <= 2; ++v) {
      const std::string cells = "V" + std::to_string(v) + "," +
                                std::to_string(y * v + std::sin(3.0 * static_cast<double>(i) + v));
      visits += name + "," + cells + "\n";
      with_arms += name + "," + arm + "," + cells + "\n";
    }
  }
  const std::string text =
      "[analysis.m]\nmethod = \"mmrm\"\ntable = \"ADEFF\"\nresponse = \"CHG\"\nvisit = "
      "\"AVISIT\"\n" +
      rerandomised("m@*",
                   "table = \"ADSL\"\nscheme = \"blocks\"\nmultiples = [2]\norder = \"NR\"\n"
                   "seed = 3\nreplicates = 99\n");
  const auto run_on = [&](const std::string& csv, const std::string& head, bool numbers) {
    formats::DataTable adsl = subjects, adeff = formats::parse_csv_table(csv, "adeff.csv").value();
    adsl.name = "ADSL";
    adeff.name = "ADEFF";
    if (numbers) {
      formats::DataColumn& arm = adsl.columns[1];
      arm.kind = formats::DataColumn::Kind::number;
      for (std::size_t i = 0; i < adsl.rows(); ++i) {
        arm.numbers.push_back(std::stod(arm_of.at(arm.texts[i])));
      }
      arm.texts = {};
    }
    std::vector<double> out;
    for (const Row& row : rows(head + text, {adsl, adeff})) {
      if (row.analysis == "r" && row.statistic == "p_value") out.push_back(*row.value);
    }
    return out;
  };
  const auto own = run_on(visits, "", false);
  ASSERT_EQ(own.size(), 2U);
  EXPECT_LT(own[0], 0.3);
  EXPECT_EQ(own, run_on(with_arms, "", false));
  EXPECT_EQ(own, run_on(visits, "", true));
}

/// The same draws for every number: each test is that of the number alone.
TEST(PlanRerandomisedAnalysis, SeveralArmsAreTestedByTheSameDraws) {
  std::string csv = "USUBJID,ARM,y\n";
  const double y[] = {1.2, 2.1, 3.3, 0.4, 2.5, 3.6, 1.7, 4.8, 5.9, 1.0, 3.1, 6.2};
  for (int i = 0; i < 12; ++i) {
    csv += "s" + std::to_string(i) + "," + "abc"[i % 3] + "," + std::to_string(y[i]) + "\n";
  }
  const std::vector<formats::DataTable> data{formats::parse_csv_table(csv, "trial.csv").value()};
  const std::string model = "[analysis.c]\nmethod = \"ancova\"\nresponse = \"y\"\n";
  const std::string draws = "seed = 2\nreplicates = 299\n";
  const auto both = rows(model + rerandomised("c", draws), data);
  for (const std::string arm : {"b", "c"}) {
    const auto one = rows(model + rerandomised("c/" + arm, draws), data);
    EXPECT_EQ(value(both, "r", "p_value", arm), value(one, "r", "p_value", arm)) << arm;
  }
  EXPECT_LT(value(both, "r", "p_value", "c"), value(both, "r", "p_value", "b"));
}

/// An arm of one subject has no variance to estimate: such allocations count as extreme.
TEST(PlanRerandomisedAnalysis, AllocationsWithoutANumberCountAsExtreme) {
  const auto four = formats::parse_csv_table(
      "USUBJID,ARM,t,e\ns1,a,1,1\ns2,a,2,0\ns3,b,3,0\ns4,b,4,0\n", "four.csv");
  const auto out = rows(log_rank_plan + rerandomised("k",
                                                     "seed = 1\nreplicates = 400\nscheme = "
                                                     "\"simple\"\n"),
                        {four.value()});
  const double undefined = value(out, "r", "undefined_allocations", "b");
  EXPECT_NEAR(undefined / 400.0, 2.0 / 16.0, 5.0 * std::sqrt(0.125 * 0.875 / 400.0));
  EXPECT_GE(value(out, "r", "extreme_allocations", "b"), undefined);
}

struct Refused {
  const char* name;
  const char* of;
  const char* options;
  const char* words;
};

class RerandomisedRefusal : public testing::TestWithParam<Refused> {};

TEST_P(RerandomisedRefusal, SaysWhatIsWrong) {
  formats::DataTable other =
      formats::parse_csv_table("USUBJID,ARM,z\ns1,a,1\ns2,b,2\ns99,b,1\ns3,a,1\n", "other.csv")
          .value();
  other.name = "OTHER";
  formats::DataTable data = trial();
  data.name = "TRIAL";
  std::vector<formats::DataTable> tables{data};
  if (std::string(GetParam().name) == "others_with_arms" ||
      std::string(GetParam().name) == "other_arm") {
    tables.push_back(other);
  }
  const std::string text = complaints(
      "[analysis.k]\nmethod = \"log_rank\"\ntable = \"TRIAL\"\ntime = \"t\"\nevent = \"e\"\n"
      "[analysis.h]\nmethod = \"multiplicity\"\nanalyses = [\"k\"]\n" +
          rerandomised(GetParam().of, "table = \"TRIAL\"\n" + std::string(GetParam().options)),
      tables);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanRerandomisedAnalysis, RerandomisedRefusal,
    testing::Values(
        Refused{"no_name", "", "seed = 1", "must name another analysis of the plan"},
        Refused{"unknown", "kk", "seed = 1", "did you mean k"},
        Refused{"itself", "r", "seed = 1", "must name another analysis of the plan"},
        Refused{"adjusted", "h", "seed = 1", "is of the method multiplicity"},
        Refused{"number", "k", "seed = 1\nnumber = \"chi_squared\"", "is no number of analysis k"},
        Refused{"seed", "k", "", "there is no default seed"},
        Refused{"tail", "k", "seed = 1\ntail = \"less\"", "is for numbers with a sign"},
        Refused{"response", "k", "seed = 1\nresponse = \"y\"", "which has its own"},
        Refused{"covariates", "k", "seed = 1\ncovariates = [\"BASE\"]", "are for statistic"},
        Refused{"others_with_arms", "k", "seed = 1", "s99: has an arm and is not among"},
        Refused{"other_arm", "k", "seed = 1", "is not the arm of subject s3"},
        Refused{"population", "k", "seed = 1\nwhere = [\"NR > 2\"]", "is not among the subjects"}),
    [](const auto& named) { return std::string(named.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
