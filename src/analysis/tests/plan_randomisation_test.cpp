// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

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

formats::DataColumn column_of_texts(const std::string& name,
                                    const std::vector<std::string>& texts) {
  formats::DataColumn out;
  out.name = name;
  out.kind = formats::DataColumn::Kind::text;
  for (const std::string& text : texts) out.texts.push_back(text);
  return out;
}

formats::DataColumn column_of_numbers(const std::string& name, std::vector<double> numbers) {
  formats::DataColumn out;
  out.name = name;
  out.numbers = std::move(numbers);
  return out;
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
        "scheme = \"stratified_blocks\"\norder = \"NR\"\nstrata = [\"SITE\", \"SEX\"]\n"
        "multiples = [2]\n",
        "scheme = \"complete\"\nstrata = [\"SITE\"]\n",
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
                                 "scheme = \"blocks\"\norder = \"NR\"\nmultiples = [2]\nseed = 1\n"
                                 "replicates = 999\n"),
                        {trial("NA")});
  EXPECT_EQ(value(own, "r", "n"), 11.0);
  EXPECT_EQ(value(own, "r", "n_missing"), 1.0);
  EXPECT_LT(value(own, "r", "p_value", "b"), 0.2);
}

/// A plan with `scheme` by the order of entry is refused, in these words; without an order of entry
/// it is the test of those that are left.
void expect_refused(const std::string& head, const std::string& tail, const std::string& words,
                    double left, const std::vector<formats::DataTable>& tables) {
  for (const char* scheme :
       {"scheme = \"blocks\"\nmultiples = [2]\n", "scheme = \"urn\"\n",
        "scheme = \"biased_coin\"\n", "scheme = \"minimisation\"\nfactors = [\"SEX\"]\n",
        "scheme = \"stratified_blocks\"\nstrata = [\"SITE\"]\nmultiples = [6]\n"}) {
    const auto out = result(
        head + analysis("x", std::string(scheme) + "order = \"NR\"\nseed = 1\n" + tail), tables);
    EXPECT_EQ(diagnostics::to_string(out.problems), "") << scheme;
    const std::string text = diagnostics::to_string(out.refusals);
    EXPECT_NE(text.find(words), std::string::npos) << scheme << text;
    EXPECT_NE(text.find("every subject randomised is needed"), std::string::npos) << text;
  }
  for (const char* scheme : {"complete", "simple"}) {
    const auto own = rows(head + analysis("x", "scheme = \"" + std::string(scheme) +
                                                   "\"\nseed = 1\nreplicates = 99\n" + tail),
                          tables);
    EXPECT_EQ(value(own, "x", "n"), left) << scheme;
  }
}

TEST(PlanRandomisation, SchemesInOrderNeedEverySubjectOfTheSubjectTable) {
  formats::DataTable adsl = trial();
  adsl.name = "ADSL";
  adsl.columns.pop_back();
  formats::DataTable adqs =
      formats::parse_csv_table(
          "USUBJID,y\ns11,14\ns10,8\ns9,12\ns8,7\ns7,11\ns5,15\ns4,6\ns3,13\ns2,9.5\n"
          "s1,10.5\n",
          "adqs.csv")
          .value();
  adqs.name = "ADQS";
  expect_refused("", "table = \"ADQS\"\n",
                 "2 subjects randomised have no row in the analysis (s12, s6)", 10.0, {adsl, adqs});
}

TEST(PlanRandomisation, SchemesInOrderNeedThoseThatConditionsAndPopulationsLeaveOut) {
  expect_refused("", "where = [\"NR != 6\"]\n",
                 "1 subject randomised has no row in the analysis (s6)", 11.0, {trial()});
  formats::DataTable data = trial();
  data.columns.push_back(
      column_of_texts("FASFL", {"Y", "Y", "Y", "Y", "Y", "N", "Y", "Y", "Y", "Y", "Y", "Y"}));
  expect_refused("", "[analysis.x.estimand]\npopulation = \"FASFL\"\n",
                 "1 subject randomised has no row in the analysis (s7)", 11.0, {data});
}

TEST(PlanRandomisation, SchemesInOrderNeedThoseThatStrategiesRemove) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  formats::DataTable data = trial();
  std::vector<double> rescued(12, none);
  rescued[0] = 10.0;
  data.columns.push_back(column_of_numbers("RESCDY", rescued));
  data.columns.push_back(column_of_numbers("ADY", std::vector<double>(12, 80.0)));
  expect_refused("[events]\nrescue = \"RESCDY\"\n",
                 "[analysis.x.estimand.events]\nrescue = \"hypothetical\"\n",
                 "1 subject randomised has no row in the analysis (s12)", 11.0, {data});
}

/// 200,000 draws a block, where an occasion of a stream has 131,072.
TEST(PlanRandomisation, LongBlocksAreDrawn) {
  const auto own = rows(analysis("r",
                                 "scheme = \"blocks\"\norder = \"NR\"\nratio = [100, 100]\n"
                                 "multiples = [1000]\nseed = 1\nreplicates = 9\n"),
                        {trial()});
  EXPECT_GE(value(own, "r", "p_value", "b"), 0.1);
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

/// Values on a grid of 0.1 far from 0: equal differences of means lie apart by rounding. Counted in
/// whole tenths, 18 of 252 allocations are as extreme.
TEST(PlanRandomisation, TiesAreNotLostByRounding) {
  const std::vector<int> tenths{3, 4, 3, 3, 0, 5, 4, 5, 5, 3};
  const auto extreme = [&](bool beyond) {
    std::vector<int> arm{0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
    int observed = 0, count = 0;
    bool first = true;
    do {
      int sum = 0;
      for (std::size_t i = 0; i < 10; ++i) sum += arm[i] == 1 ? tenths[i] : -tenths[i];
      if (first) observed = std::abs(sum);
      first = false;
      count += std::abs(sum) >= observed + (beyond ? 1 : 0) ? 1 : 0;
    } while (std::next_permutation(arm.begin(), arm.end()));
    return count / 252.0;
  };
  ASSERT_GT(extreme(false), extreme(true) + 0.01);
  for (const int base : {0, 400, 10000, 1000000}) {
    std::string csv = "USUBJID,ARM,x,y\n";
    for (std::size_t i = 0; i < 10; ++i) {
      csv += "s" + std::to_string(i) + (i < 5 ? ",a," : ",b,") + std::to_string(i % 2) + "," +
             std::to_string(base) + "." + std::to_string(tenths[i]) + "\n";
    }
    const auto data = formats::parse_csv_table(csv, "trial.csv").value();
    const auto own = rows(analysis("e", "enumerate = true\n") + analysis("d", "seed = 1\n") +
                              analysis("c", "enumerate = true\nstatistic = \"ancova\"\n"),
                          {data});
    EXPECT_EQ(value(own, "e", "p_value", "b"), extreme(false)) << base;
    EXPECT_EQ(value(own, "c", "p_value", "b"), extreme(false)) << base;
    EXPECT_LT(value(own, "d", "p_value_lower", "b"), extreme(false)) << base;
    EXPECT_GT(value(own, "d", "p_value_upper", "b"), extreme(false)) << base;
  }
}

TEST(PlanRandomisation, ResponsesThatDifferByRoundingOnlyAreEqual) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y\ns1,a,0.1\ns2,a,0.1\ns3,b,0.1\ns4,b,0.1\ns5,b,0.1\n", "trial.csv");
  const auto own = rows(analysis("e", "enumerate = true\n"), {data.value()});
  EXPECT_EQ(value(own, "e", "p_value", "b"), 1.0);
}

/// All orders within sites: as the stratified permutation test counted by hand.
TEST(PlanRandomisation, EnumerationInStrataKeepsTheSizesOfEachArmInEach) {
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,SITE,y\ns1,a,x,1\ns2,b,y,21\ns3,a,x,2\ns4,b,y,25\ns5,b,x,3\ns6,a,y,20\n"
      "s7,b,x,5\n",
      "trial.csv");
  const auto own =
      rows(analysis("s", "enumerate = true\nstrata = [\"SITE\"]\ntail = \"greater\"\n") +
               analysis("d", "strata = [\"SITE\"]\ntail = \"greater\"\nseed = 1\n"),
           {data.value()});
  // 6 orders in x, 3 in y: only the trial's own has the largest sum in b.
  EXPECT_EQ(value(own, "s", "allocations", "b"), 18.0);
  EXPECT_EQ(value(own, "s", "p_value", "b"), 1.0 / 18.0);
  EXPECT_NEAR(value(own, "d", "p_value", "b"), 1.0 / 18.0, 5.0 * std::sqrt(1.0 / 18.0 / 9999.0));
  EXPECT_NE(own[0].conventions.find("complete by SITE, all allocations"), std::string::npos);
}

/// Numbers, their texts behind a letter, and dates are one order of entry.
TEST(PlanRandomisation, OrderOfEntryMayBeNumberedTextOrDates) {
  formats::DataTable data = trial();
  std::vector<std::string> labels, dates;
  for (int i = 12; i >= 1; --i) {
    labels.push_back("R" + std::to_string(i));
    dates.push_back("2024-" + std::string(i < 10 ? "0" : "") + std::to_string(i) + "-01");
  }
  data.columns.push_back(column_of_texts("LABEL", labels));
  data.columns.push_back(column_of_texts("DATE", dates));
  const auto p = [&](const std::string& column) {
    const auto own =
        rows(analysis("r", "scheme = \"blocks\"\nmultiples = [2]\nseed = 7\norder = \"" + column +
                               "\"\n"),
             {data});
    return value(own, "r", "p_value", "b");
  };
  EXPECT_EQ(p("LABEL"), p("NR"));
  EXPECT_EQ(p("DATE"), p("NR"));
}

/// Six allocations of four subjects: no more draws would end the interval.
TEST(PlanRandomisation, AnIntervalWithoutEndsSaysWhy) {
  const auto four =
      formats::parse_csv_table("USUBJID,ARM,y\ns1,a,1\ns2,a,2\ns3,b,3\ns4,b,4.5\n", "four.csv");
  ASSERT_TRUE(four.ok());
  int ends = 0;
  for (const Row& row : rows(analysis("x", "seed = 1\nreplicates = 999\n"), {four.value()})) {
    if (row.statistic != "lower" && row.statistic != "upper") continue;
    EXPECT_TRUE(!row.value || std::isinf(*row.value));
    EXPECT_EQ(row.note,
              "too few replicates or too few different allocations for an interval of this level");
    ++ends;
  }
  EXPECT_EQ(ends, 2);
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
  data.columns.push_back(column_of_texts("NAMES", {"Ada", "Ben", "Cem", "Dan", "Eve", "Fay", "Gil",
                                                   "Hal", "Ida", "Jon", "Kai", "Lea"}));
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
        Refused{"idle_strata", "seed = 1\nscheme = \"blocks\"\norder = \"NR\"\nstrata = [\"SEX\"]",
                "strata: is not read by blocks"},
        Refused{"idle_strata_of_all", "enumerate = true\nfactors = [\"SEX\"]",
                "columns that minimisation balances"},
        Refused{"idle_ratio", "seed = 1\nratio = [2, 1]", "ratio: is not read by complete"},
        Refused{"idle_order", "seed = 1\norder = \"NR\"", "order: is not read by complete"},
        Refused{"idle_multiples", "enumerate = true\nmultiples = [3]",
                "multiples: is not read by complete"},
        Refused{"idle_coin", "seed = 1\nscheme = \"blocks\"\norder = \"NR\"\ncoin = 0.9",
                "coin: is not read by blocks"},
        Refused{"idle_urn", "seed = 1\nurn_initial = 5", "urn_initial: is not read by complete"},
        Refused{"idle_balls",
                "seed = 1\nscheme = \"minimisation\"\norder = \"NR\"\nfactors = [\"SEX\"]\n"
                "urn_added = 2",
                "urn_added: is not read by minimisation"},
        Refused{"no_weight",
                "seed = 1\nscheme = \"minimisation\"\norder = \"NR\"\nfactors = [\"SEX\"]\n"
                "factor_weights = [0]",
                "must not all be 0"},
        Refused{"names_as_order", "seed = 1\nscheme = \"urn\"\norder = \"NAMES\"",
                "does not tell the order of entry"},
        Refused{"impossible", "seed = 1\nscheme = \"blocks\"\norder = \"NR\"",
                "cannot have given the arm of subject s6"},
        Refused{"impossible_coin", "seed = 1\nscheme = \"biased_coin\"\norder = \"NR\"\ncoin = 1",
                "cannot have given the arm of subject s6"},
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
        Refused{"idle_seed", "seed = 4\nenumerate = true", "is for allocations that are drawn"},
        Refused{"idle_replicates", "replicates = 99\nenumerate = true",
                "is for allocations that are drawn"},
        Refused{"constant", "seed = 1\nstatistic = \"ancova\"\ncovariates = [\"NR\", \"ARM\"]",
                "cannot be computed"}),
    [](const auto& named) { return std::string(named.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
