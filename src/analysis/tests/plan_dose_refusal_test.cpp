// SPDX-License-Identifier: Apache-2.0
// What dose-response analyses of a plan refuse, and how they say so.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plan_dose_case.hpp"

namespace angiotrial::analysis::plan_test {
namespace {

const std::string three_doses =
    "ARM,y\nplacebo,0.1\nplacebo,-0.1\nplacebo,0.0\nlow,1.1\nlow,0.9\nlow,1.0\nhigh,2.1\n"
    "high,1.9\nhigh,2.0\n";
const std::string three_plan =
    "arms = [\"placebo\", \"low\", \"high\"]\n" + row_is_a_subject +
    "[analysis.x]\nmethod = \"mcp_mod\"\n"
    "response = \"y\"\ndoses = [0.0, 1.0, 5.0]\ncandidates = [\"linear\", \"table 0 1 0.5\"]\n";

TEST(PlanDose, PlaceboAndTwoDosesAreTestedButNoShapeIsChosen) {
  const auto data = formats::parse_csv_table(three_doses, "trial.csv").value();
  const auto out = result(three_plan, {data});
  EXPECT_TRUE(out.problems.empty()) << diagnostics::to_string(out.problems);
  ASSERT_EQ(out.refusals.size(), 1U);
  EXPECT_NE(out.refusals[0].rule.find("placebo and two doses"), std::string::npos);
  EXPECT_LT(value(out.rows, "x", "adjusted_p_value", "", "linear"), 1e-6);
  EXPECT_NE(note_of(out.rows, "status").find("placebo and two doses"), std::string::npos);
}

TEST(PlanDose, WithoutASignalNoShapeIsChosenAndTheNoteSaysSo) {
  const auto data =
      formats::parse_csv_table(
          "dose,y\n0,1\n0,2\n0,3\n1,1\n1,2\n1,3\n2,1\n2,2\n2,3\n4,1\n4,2\n4,3\n", "trial.csv")
          .value();
  const auto own = rows(
      row_is_a_subject + "[analysis.x]\nmethod = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\n",
      {data});
  EXPECT_GT(value(own, "x", "p_value"), 0.4);
  EXPECT_NE(note_of(own, "selected").find("no dose-response signal"), std::string::npos);
  EXPECT_TRUE(std::ranges::any_of(own, [](const Row& row) {
    return row.group == "returns to placebo" && row.statistic == "t";
  }));
}

/// Every method and family on data too small or too plain: a refusal or rows, never a crash, and
/// no statistic twice.
TEST(PlanDose, AwkwardDataAreRefusedOrAnswered) {
  const char* data[] = {
      "ARM,d,y,s\na,0,1,1\n",
      "ARM,d,y,s\na,0,1,1\nb,1,1,1\n",
      "ARM,d,y,s\na,0,0,1\na,0,0,1\nb,1,0,1\nb,1,0,1\nc,2,0,1\nc,2,0,1\nd,3,0,1\nd,3,0,1\n",
      "ARM,d,y,s\na,0,1,0\na,0,3,1\nb,0,2,1\nb,0,5,1\n",
      "ARM,d,y,s\na,0,1,1e-9\na,0,3,1\nb,1e-12,2,1\nb,1e-12,9,1\nc,1e9,4,2\nc,1e9,5,2\nd,2e9,7,1"
      "\nd,2e9,1,1\n",
      "ARM,d,y,s\na,0,1e6,1e9\na,0,0,1\nb,1,0,1\nb,1,1,1\nc,2,0,1\nc,2,900000,1\nd,3,0,1\nd,3,1,"
      "1\n",
      "ARM,d,y,s\na,0,NA,1\nb,1,NA,1\n"};
  for (const char* csv : data) {
    const auto trial = formats::parse_csv_table(csv, "trial.csv").value();
    for (const std::string method : {"mcp_mod", "dose_response_average", "order_restricted_test",
                                     "umbrella_test", "williams", "dunnett"}) {
      for (const std::string family : {"gaussian", "poisson", "negative_binomial", "estimates"}) {
        SCOPED_TRACE(method + " " + family + "\n" + csv);
        const auto out =
            result(row_is_a_subject + "[analysis.x]\nresponse = \"y\"\nmethod = \"" + method +
                       "\"\nfamily = \"" + family + "\"\n" +
                       (method == "dunnett" ? "" : "dose = \"d\"\n") +
                       (method == "dose_response_average" ? "effect_sd = 1.0\nshapes = [\"emax\"]\n"
                                                          : "") +
                       (family == "estimates" ? "standard_error = \"s\"\n" : ""),
                   {trial});
        EXPECT_FALSE(out.problems.empty() && out.rows.empty());
        expect_each_once(out.rows);
        for (const Row& row : out.rows) {
          EXPECT_TRUE(!row.value || std::isfinite(*row.value)) << row.statistic << " " << row.group;
        }
      }
    }
  }
}

struct Bad {
  const char* name;
  const char* options;
  const char* words;
};
class BadDosePlan : public testing::TestWithParam<Bad> {};

TEST_P(BadDosePlan, SaysWhatIsWrong) {
  const auto data = formats::parse_csv_table(
                        "ARM,dose,y,x,c\na,0,1.1,1,0\na,0,0.9,2,0\na,0,1.5,3,0\nb,1,1.0,2,3\n"
                        "b,1,2.0,1,2\nb,1,2.5,3,4\nc,2,2.0,1,1\nc,2,4.0,2,5\nc,2,3.1,3,2\n"
                        "d,4,5.0,3,3\nd,4,2.0,2,2\nd,4,6.0,1,1\n",
                        "trial.csv")
                        .value();
  const auto out =
      result(row_is_a_subject + "[analysis.z]\n" + std::string(GetParam().options), {data});
  const std::string text =
      diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    PlanDose, BadDosePlan,
    testing::Values(
        Bad{"dose", "method = \"mcp_mod\"\nresponse = \"y\"\n", "must name the column of the dose"},
        Bad{"count_of_doses", "method = \"mcp_mod\"\nresponse = \"y\"\ndoses = [0.0, 1.0]\n",
            "one dose for each of the 4 arms"},
        Bad{"shape",
            "method = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\ncandidates = [\"emx 1\"]\n",
            "must begin with linear"},
        Bad{"guess",
            "method = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\ncandidates = [\"emax\"]\n",
            "emax takes the dose with half of the effect"},
        Bad{"table",
            "method = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\ncandidates = [\"table 0 "
            "1\"]\n",
            "table takes a mean for each dose"},
        Bad{"overflow",
            "method = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\ncandidates = [\"exponential "
            "0.001\"]\n",
            "exponential takes a rate"},
        Bad{"scale", "method = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\nscale = 3.0\n",
            "above the largest dose"},
        Bad{"ratio",
            "method = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\ntarget_ratio = 0.5\n",
            "is of counts"},
        Bad{"no_placebo",
            "method = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\nwhere = [\"dose > 0\"]\n",
            "no placebo is left"},
        Bad{"two_doses",
            "method = \"mcp_mod\"\nresponse = \"y\"\ndose = \"dose\"\nwhere = [\"dose < 2\"]\n",
            "placebo and one dose"},
        Bad{"average_three_doses",
            "method = \"dose_response_average\"\nresponse = \"y\"\ndose = \"dose\"\n"
            "where = [\"dose < 4\"]\neffect_sd = 1.0\n",
            "the prior alone would choose the shape"},
        Bad{"prior", "method = \"dose_response_average\"\nresponse = \"y\"\ndose = \"dose\"\n",
            "the effects hoped for"},
        Bad{"peak",
            "method = \"order_restricted_test\"\nresponse = \"y\"\ndose = \"dose\"\n"
            "order = \"umbrella\"\npeak_dose = 3.0\n",
            "must be a dose of the data"},
        Bad{"collinear",
            "method = \"williams\"\nresponse = \"y\"\ndose = \"dose\"\ncovariates = [\"dose\"]\n",
            "a combination of doses"},
        Bad{"arm_term", "method = \"dunnett\"\nresponse = \"y\"\ncovariates = [\"arm:x\"]\n",
            "no terms of the arm"},
        Bad{"constant", "method = \"dunnett\"\nresponse = \"dose\"\n", "constant within doses"},
        Bad{"reference_without_events",
            "method = \"dunnett\"\nresponse = \"c\"\nfamily = \"poisson\"\n"
            "zero_counts = \"leave_out\"\n",
            "no event on placebo or the reference"},
        Bad{"separated",
            "method = \"mcp_mod\"\nresponse = \"c\"\ndose = \"dose\"\n"
            "family = \"negative_binomial\"\n",
            "add_half"},
        Bad{"no_response", "method = \"williams\"\ndose = \"dose\"\n",
            "must name the column of the response"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace angiotrial::analysis::plan_test
