// SPDX-License-Identifier: Apache-2.0
// Response-adaptive trials as a user writes them.
#include <angiotrial/analysis/design/response_adaptive_simulation.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plan_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

const std::string arms = R"(
arms = ["a", "b", "c"]
looks = [60.0, 120.0, 180.0]
)";

AdaptiveArms three_arms() {
  AdaptiveArms d;
  d.arms = 3;
  d.looks = {60, 120, 180};
  return d;
}

const Row& row_of(const std::vector<Row>& rows, const std::string& statistic,
                  const std::string& arm = "") {
  return *std::ranges::find_if(
      rows, [&](const Row& r) { return r.statistic == statistic && r.arm == arm; });
}

TEST(PlanResponseAdaptive, SimulatesWhatTheLibrarySimulates) {
  const auto own = rows("[analysis.x]\nmethod = \"response_adaptive_design\"" + arms +
                            "truth = [0.4, 0.4, 0.4]\ntrials = 200\nseed = 3\nfallback = \"best\"\n"
                            "equivalence = [0.9]\nequivalence_margin = 0.1\nsoftening = [0.5]\n",
                        {});
  AdaptiveArms d = three_arms();
  d.equivalence = {0.9};
  d.equivalence_margin = 0.1;
  d.softening = {0.5};
  const ArmsOutcome library =
      simulate_adaptive_arms(d, {{0.4, 0.4, 0.4}, {}}, ArmsFallback::best, 200, 3);
  EXPECT_EQ(value(own, "x", "superiority"), library.superiority.value);
  EXPECT_EQ(value(own, "x", "type_one_error"), library.superiority.value);
  EXPECT_EQ(value(own, "x", "rmse"), library.rmse.value);
  EXPECT_EQ(value(own, "x", "expected_size", "b"), library.patients[1].value);
  EXPECT_EQ(value(own, "x", "selected", "c"), library.selected[2].value);
  EXPECT_EQ(row_of(own, "expected_events", "a").mcse, library.sums[0].error);
  EXPECT_NE(own[0].conventions.find("equivalence 0.1 above 0.9; softening: 0.5"), std::string::npos)
      << own[0].conventions;
}

TEST(PlanResponseAdaptive, ALookOfCountsAndOfDataIsOne) {
  const std::string head = "[analysis.x]\nmethod = \"response_adaptive_look\"" + arms;
  const auto counts = rows(head + "n = [4.0, 3.0, 2.0]\nevents = [1.0, 2.0, 1.0]\n", {});
  const auto data = formats::parse_csv_table(
      "USUBJID,ARM,y\ns1,a,1\ns2,a,0\ns3,a,0\ns4,a,0\ns5,b,1\ns6,b,1\ns7,b,0\ns8,c,1\ns9,c,0\n",
      "trial.csv");
  ASSERT_TRUE(data.ok());
  const auto found =
      rows("arms = [\"a\", \"b\", \"c\"]\n" + head + "response = \"y\"\n", {data.value()});
  const ArmsLook look = analyse_adaptive_arms(
      three_arms(), {std::vector{4.0, 3.0, 2.0}, std::vector{1.0, 2.0, 1.0}, {}});
  const std::vector<std::string> names{"a", "b", "c"};
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(value(counts, "x", "best", names[k]), look.best[k]);
    EXPECT_EQ(value(found, "x", "best", names[k]), look.best[k]);
    EXPECT_EQ(value(found, "x", "next_share", names[k]), look.shares[k]);
  }
  EXPECT_EQ(value(found, "x", "stops"), 0.0);
  EXPECT_EQ(row_of(found, "stops").note, "the trial goes on");
}

TEST(PlanResponseAdaptive, ALaterLookKnowsWhoIsGoneAndWhoControls) {
  const auto own =
      rows("[analysis.x]\nmethod = \"response_adaptive_look\"" + arms +
               "control = \"a\"\ncurrent_control = \"b\"\ndropped = [\"a\"]\nlook = 2\n"
               "endpoint = \"normal\"\nn = [30.0, 60.0, 50.0]\nmean = [4.0, 1.0, 1.2]\n"
               "sd = [2.0, 2.0, 2.0]\nequivalence_margin = 0.5\n",
           {});
  EXPECT_EQ(value(own, "x", "in_the_trial", "a"), 0.0);
  EXPECT_EQ(value(own, "x", "next_share", "a"), 0.0);
  EXPECT_EQ(row_of(own, "in_the_trial", "b").note, "control");
  const double z = -0.2 / (2.0 * std::sqrt(1.0 / 50.0 + 1.0 / 60.0));
  EXPECT_NEAR(value(own, "x", "better_than_control", "c"), 0.5 * std::erfc(-z / std::sqrt(2.0)),
              1e-7);
}

TEST(PlanResponseAdaptive, OtherNumbersThanPlannedAreAmongTheConventions) {
  const auto conventions = [](const std::string& n) {
    return rows("[analysis.x]\nmethod = \"response_adaptive_look\"" + arms + "look = 2\nn = " + n +
                    "\nevents = [3.0, 4.0, 5.0]\n",
                {})
        .at(0)
        .conventions;
  };
  EXPECT_NE(conventions("[40.0, 40.0, 41.0]").find("; patients: 121, planned 120 at this look"),
            std::string::npos);
  EXPECT_EQ(conventions("[40.0, 40.0, 40.0]").find("patients"), std::string::npos);
}

TEST(PlanResponseAdaptive, StartingSharesKeepTheirLimits) {
  const auto said = [](const std::string& options) {
    return complaints("[analysis.x]\nmethod = \"response_adaptive_design\"" + arms +
                      "truth = [0.2, 0.2, 0.2]\nseed = 1\ntrials = 2\n" + options);
  };
  const std::string words = "analysis.x.start";
  EXPECT_NE(said("least = [0.4, 0.0, 0.0]\n").find(words), std::string::npos);  // equal is 1/3
  EXPECT_NE(said("most = [1.0, 0.3, 1.0]\n").find(words), std::string::npos);
  EXPECT_NE(said("start = [0.5, 0.25, 0.25]\nfixed = [0.4, 0.0, 0.0]\n").find(words),
            std::string::npos);
  EXPECT_EQ(said("fixed = [0.4, 0.0, 0.0]\n"), "");
  EXPECT_EQ(said("start = [0.4, 0.3, 0.3]\nleast = [0.4, 0.0, 0.0]\nmost = [1.0, 0.3, 1.0]\n"), "");
  EXPECT_EQ(said("start = [0.333333, 0.333333, 0.333334]\nleast = [0.333333, 0.333333, "
                 "0.333333]\n"),
            "");
}

TEST(PlanResponseAdaptive, SaysWhatIsWrong) {
  const auto said = [](const std::string& method, const std::string& text) {
    return complaints("[analysis.x]\nmethod = \"response_adaptive_" + method + "\"\n" + text);
  };
  const auto expect = [](const std::string& own, const std::string& part) {
    EXPECT_NE(own.find(part), std::string::npos) << own;
  };
  const std::string truth = "truth = [0.2, 0.2, 0.2]\n";
  expect(said("design", arms + truth), "seed");
  expect(said("design", arms + "seed = 1\ntruth = [0.2]\n"), "truth");
  expect(said("design", arms + "seed = 1\ntruth = [0.2, 0.2, 1.3]\n"), "rate outside 0 to 1");
  expect(said("design", arms + truth + "seed = 1\nendpoint = \"normal\"\n"), "sd");
  expect(said("design", arms + truth + "seed = 1\ncontrol = \"d\"\n"), "must be one of the arms");
  expect(said("design", arms + truth + "seed = 1\nleast = [0.5, 0.5, 0.5]\n"), "every limit");
  expect(said("design", arms + truth + "seed = 1\nmost = [1.0, 0.0, 0.0]\n"),
         "greatest shares must be above 0");
  expect(said("design", "arms = [\"a\", \"a\"]\nlooks = [10.0]\nseed = 1\n"), "stands twice");
  expect(said("design", "arms = [\"a\", \"b\"]\nlooks = [10.5]\nseed = 1\n"), "whole numbers");
  expect(said("design", "arms = [\"a\", \"b\"]\nseed = 1\n"), "looks that rise");
  const std::string counts = "n = [9.0, 9.0, 9.0]\nevents = [1.0, 2.0, 3.0]\n";
  expect(said("look", arms), "analysis.x.n");
  expect(said("look", arms + counts + "look = 4\n"), "beyond the last");
  expect(said("look", arms + "n = [100.0, 60.0, 21.0]\nevents = [1.0, 2.0, 3.0]\n"),
         "analysis.x.n = 181 patients: more than the last of `looks` has: 180");
  expect(said("look", arms + counts + "mean = [1.0, 2.0, 3.0]\n"),
         "analysis.x.mean: is used with a normal endpoint alone");
  expect(said("look", arms + counts + "endpoint = \"normal\"\n"),
         "analysis.x.events: is used with endpoint = \"binary\" alone");
  expect(said("look", arms + counts + "response = \"y\"\n"),
         "analysis.x.n: is used with an empty `response` alone");
  expect(said("design", arms + truth + "seed = 1\nsd = [1.0, 1.0, 1.0]\n"),
         "analysis.x.sd: is used with a normal endpoint alone");
  expect(said("look", arms + counts + "dropped = [\"e\"]\n"), "must be one of the arms");
  expect(said("look", arms + counts + "current_control = \"a\"\n"), "needs `control`");
  expect(said("look", arms + counts + "control = \"a\"\ncurrent_control = \"b\"\n"),
         "place of a, which `dropped` must then name");
  EXPECT_EQ(said("look", arms + counts + "control = \"a\"\ncurrent_control = \"a\"\n"), "");
  expect(said("look", arms + "n = [40.5, 9.0, 9.0]\nevents = [1.0, 2.0, 3.0]\n"), "whole numbers");
  expect(said("look", arms + "n = [40.0, 9.0, 9.0]\nevents = [12.3, 2.0, 3.0]\n"), "whole numbers");
  expect(said("look", arms + "endpoint = \"normal\"\nn = [40.5, 9.0, 9.0]\n"
                             "mean = [1.5, 2.0, 3.0]\nsd = [1.0, 1.0, 1.0]\n"),
         "whole numbers");
  expect(said("look", arms + counts + "dropped = [\"a\", \"b\"]\n"), "fewer than two arms");
  expect(said("look", arms + "n = [9.0, 9.0, 9.0]\nevents = [1.0, 2.0, 30.0]\n"),
         "counts that cannot be");
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
