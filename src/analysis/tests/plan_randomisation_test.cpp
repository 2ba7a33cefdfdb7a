// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>

#include <gtest/gtest.h>

#include "plan_case.hpp"

/// Re-randomisation tests by plans.
namespace angiotrial::analysis::plan_test {
namespace {

/// Twelve subjects in three blocks of four, listed against the order of their entry.
formats::DataTable trial(const std::string& last = "9") {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,NR,SEX,SITE,BASE,y\n"
      "s12,a,12,F,1,3.1," +
          last +
          "\ns11,b,11,F,2,2.0,14\ns10,a,10,M,1,2.2,8\n"
          "s9,b,9,M,2,4.5,12\ns8,a,8,F,1,1.5,7\ns7,a,7,M,2,3.3,11\ns6,b,6,F,1,0.2,10\n"
          "s5,b,5,M,2,2.8,15\ns4,a,4,M,1,1.9,6\ns3,b,3,F,2,3.6,13\ns2,b,2,F,1,2.4,9.5\n"
          "s1,a,1,M,2,4.0,10.5\n",
      "trial.csv");
  EXPECT_TRUE(data.ok());
  return data.value();
}

std::string analysis(const std::string& name, const std::string& options) {
  return "[analysis." + name + "]\nmethod = \"rerandomisation_test\"\nresponse = \"y\"\n" + options;
}

TEST(PlanRandomisation, EnumerationOfRanksIsTheExactWilcoxonTest) {
  const auto own = rows(analysis("e", "statistic = \"rank_sum\"\nenumerate = true\n") +
                            "[analysis.w]\nmethod = \"wilcoxon\"\nresponse = \"y\"\n",
                        {trial()});
  EXPECT_EQ(value(own, "e", "allocations", "b"), 924.0);
  EXPECT_NEAR(value(own, "e", "p_value", "b"), value(own, "w", "p_value", "b"), 1e-12);
}

TEST(PlanRandomisation, AdjustedStatisticIsTheCoefficientOfTheAnalysisOfCovariance) {
  const auto own = rows(
      analysis("r",
               "statistic = \"ancova\"\ncovariates = [\"BASE\", \"SEX\"]\nseed = 3\n"
               "replicates = 99\n") +
          "[analysis.c]\nmethod = \"ancova\"\nresponse = \"y\"\ncovariates = [\"BASE\", \"SEX\"]\n",
      {trial()});
  EXPECT_NEAR(value(own, "r", "difference", "b"), value(own, "c", "difference", "b"), 1e-12);
}

/// The subjects in the order of entry, and blocks replayed over them.
TEST(PlanRandomisation, BlocksAreReplayedInTheOrderOfEntry) {
  const auto own = rows(analysis("r",
                                 "scheme = \"blocks\"\norder = \"NR\"\nmultiples = [2]\n"
                                 "seed = 7\nreplicates = 199\n"),
                        {trial()});
  const std::vector<double> y{10.5, 9.5, 13, 6, 15, 10, 11, 7, 12, 8, 14, 9};
  const std::vector<int> arm{0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0};
  const auto difference = [&](std::span<const int> drawn) {
    double sum = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += drawn[i] == 1 ? y[i] : -y[i];
    return sum / 6.0;
  };
  RerandomisationOptions options;
  options.replicates = 199;
  const auto direct =
      rerandomisation_test(arm, replay(BlockAllocation{{1, 1}, {2}, {}}, 7), difference, options);
  EXPECT_NEAR(value(own, "r", "difference", "b"), direct.observed, 1e-12);
  EXPECT_EQ(value(own, "r", "p_value", "b"), direct.p_value);
  EXPECT_LT(value(own, "r", "lower", "b"), direct.observed);
  EXPECT_GT(value(own, "r", "upper", "b"), direct.observed);
}

TEST(PlanRandomisation, EverySchemeRunsAndRepeats) {
  for (const char* scheme :
       {"scheme = \"complete\"\n", "scheme = \"simple\"\nratio = [1, 1]\n",
        "scheme = \"stratified_blocks\"\norder = \"NR\"\nstrata = [\"SITE\", \"SEX\"]\n",
        "scheme = \"minimisation\"\norder = \"NR\"\nfactors = [\"SITE\", \"SEX\"]\n",
        "scheme = \"minimisation\"\norder = \"NR\"\nfactors = [\"SITE\"]\nfactor_weights = [2]\n"
        "coin = 0.9\nratio = [2, 1]\n",
        "scheme = \"biased_coin\"\norder = \"NR\"\nstrata = [\"SITE\"]\n",
        "scheme = \"urn\"\norder = \"NR\"\n"}) {
    const std::string text = analysis("r", std::string(scheme) + "seed = 11\nreplicates = 499\n");
    const auto own = rows(text, {trial()});
    const double p = value(own, "r", "p_value", "b");
    EXPECT_GE(p, 1.0 / 500.0) << scheme;
    EXPECT_LT(p, 0.4) << scheme;
    EXPECT_EQ(own, rows(text, {trial()})) << scheme;
    EXPECT_NE(own[0].conventions.find("seed: 11"), std::string::npos);
  }
}

TEST(PlanRandomisation, SubjectsWithoutResponseAreStillAllocated) {
  const auto own = rows(analysis("r",
                                 "scheme = \"blocks\"\norder = \"NR\"\nseed = 1\n"
                                 "replicates = 999\n"),
                        {trial("NA")});
  EXPECT_EQ(value(own, "r", "n"), 11.0);
  EXPECT_EQ(value(own, "r", "n_missing"), 1.0);
  EXPECT_LT(value(own, "r", "p_value", "b"), 0.2);
}

TEST(PlanRandomisation, MoreThanTwoArmsAreComparedWithTheReference) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y\ns1,a,1\ns2,a,2\ns3,b,3\ns4,b,4\ns5,c,8\ns6,c,9\n", "trial.csv");
  const auto own = rows(analysis("m", "enumerate = true\n") +
                            analysis("k", "statistic = \"rank_sum\"\nenumerate = true\n") +
                            analysis("c", "statistic = \"ancova\"\nenumerate = true\n"),
                        {data.value()});
  EXPECT_EQ(value(own, "m", "difference", "c"), 7.0);
  EXPECT_NEAR(value(own, "m", "p_value", "c"), 2.0 * 6.0 / 90.0 / 6.0, 1e-12);
  EXPECT_NEAR(value(own, "c", "difference", "b"), 2.0, 1e-12);
  EXPECT_EQ(value(own, "k", "rank_statistic", "b"), 2.0);
}

struct Refused {
  const char* name;
  const char* options;
  const char* words;
};

class SchemeRefusal : public testing::TestWithParam<Refused> {};

TEST_P(SchemeRefusal, SaysWhatIsWrong) {
  formats::DataTable data = trial();
  data.columns.push_back(*data.find("SITE"));
  data.columns.back().name = "GAPS";
  data.columns.back().numbers[3] = std::numeric_limits<double>::quiet_NaN();
  const auto out = result(analysis("x", std::string(GetParam().options) + "\n"), {data});
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanRandomisation, SchemeRefusal,
    testing::Values(
        Refused{"seed", "", "there is no default seed"},
        Refused{"order", "seed = 1\nscheme = \"blocks\"", "order of entry for blocks"},
        Refused{"tied_order", "seed = 1\nscheme = \"urn\"\norder = \"SITE\"",
                "two subjects have the same order"},
        Refused{"strata", "seed = 1\nscheme = \"stratified_blocks\"\norder = \"NR\"",
                "must name the columns of the strata"},
        Refused{"idle_strata", "seed = 1\nstrata = [\"SEX\"]", "complete has no strata"},
        Refused{"gaps", "seed = 1\nscheme = \"biased_coin\"\norder = \"NR\"\nstrata = [\"GAPS\"]",
                "level at randomisation is missing"},
        Refused{"factors", "seed = 1\nscheme = \"minimisation\"\norder = \"NR\"",
                "columns that minimisation balances"},
        Refused{"weights",
                "seed = 1\nscheme = \"minimisation\"\norder = \"NR\"\nfactors = [\"SEX\"]\n"
                "factor_weights = [1, 2]",
                "as many as factors"},
        Refused{"ratio", "seed = 1\nscheme = \"simple\"\nratio = [1, 1, 1]", "for each arm"},
        Refused{"half", "seed = 1\nscheme = \"simple\"\nratio = [1, 1.5]", "a whole number"},
        Refused{"coin", "seed = 1\nscheme = \"biased_coin\"\norder = \"NR\"\ncoin = 0.3",
                "one half to 1"},
        Refused{"covariates", "seed = 1\ncovariates = [\"BASE\"]", "are for statistic"},
        Refused{"enumerate", "scheme = \"simple\"\nenumerate = true", "is for scheme"},
        Refused{"constant", "seed = 1\nstatistic = \"ancova\"\ncovariates = [\"NR\", \"ARM\"]",
                "cannot be computed"}),
    [](const auto& named) { return std::string(named.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
