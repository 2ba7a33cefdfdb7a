// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "plan_case.hpp"

/// Times to an event at the edge of what data can tell.
namespace angiotrial::analysis::plan_test {
namespace {

formats::DataTable parsed(const std::string& csv) {
  return formats::parse_csv_table(csv, "trial.csv").value();
}

std::string plan_of(const std::string& method, const std::string& options = "",
                    const std::string& head = "") {
  return head + "[analysis.x]\nmethod = \"" + method + "\"\ntime = \"t\"\nevent = \"e\"\n" +
         options;
}

std::string words_of(const PlanResult& out) {
  return diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
}

/// Twenty-four subjects of two arms, all with events, in `sites` sites of one arm each.
std::string trial_with_sites(int sites) {
  std::string csv = "USUBJID,ARM,t,e,x,site\n";
  for (int i = 0; i < 24; ++i) {
    csv += std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + std::to_string(1 + i * 7 % 24) +
           ",1," + std::to_string(i * 5 % 11) + ",s" + std::to_string(i % sites) + "\n";
  }
  return csv;
}

TEST(PlanSurvivalLimits, RobustErrorsNeedTwoClustersAnArm) {
  const std::string options = "cluster = \"site\"\n";
  const auto one = result(plan_of("cox", options), {parsed(trial_with_sites(2))});
  EXPECT_NE(words_of(one).find("errors by site need two or more in arm a"), std::string::npos)
      << words_of(one);
  EXPECT_EQ(one.rows.size(), 1U);
  EXPECT_GT(value(rows(plan_of("cox", options), {parsed(trial_with_sites(4))}), "x", "se_log", "b"),
            0.0);
}

TEST(PlanSurvivalLimits, RobustErrorsNeedMoreClustersThanColumns) {
  const std::string options =
      "cluster = \"site\"\ncovariates = [\"x\"]\nclasses = [\"x\"]\nproportionality = \"none\"\n";
  const auto few = result(plan_of("cox", options), {parsed(trial_with_sites(4))});
  EXPECT_NE(words_of(few).find("need more of them, 4, than columns of the model, 11"),
            std::string::npos)
      << words_of(few);
}

TEST(PlanSurvivalLimits, OneSubjectAnArmHasNoRobustError) {
  const auto out = result(plan_of("recurrent_events", "start = \"s\"\nat_times = [5.0]\n"),
                          {parsed("USUBJID,ARM,s,t,e\n1,a,0,1,1\n1,a,1,2.5,1\n1,a,2.5,7,0\n"
                                  "2,b,0,1.3,1\n2,b,1.3,3.1,1\n2,b,3.1,8.2,0\n")});
  EXPECT_NE(words_of(out).find("errors by subject need two or more in arm a"), std::string::npos);
  for (const Row& row : out.rows) {
    EXPECT_TRUE(row.value.has_value() || !row.note.empty()) << row.statistic;
    EXPECT_FALSE(row.statistic == "se" || row.statistic == "lower") << row.arm;
    if (row.statistic == "mean_events") EXPECT_EQ(row.note, "one subject: no variance, no limits");
  }
}

TEST(PlanSurvivalLimits, AllEventsAtOneTimeHaveNoRobustError) {
  std::string csv = "USUBJID,ARM,t,e\n";
  for (int i = 0; i < 20; ++i) csv += std::to_string(i) + (i % 2 == 0 ? ",a,5,1\n" : ",b,5,1\n");
  const std::string cause = "cause = \"1\"\ncensored = \"\"\n";
  for (const std::string& plan :
       {plan_of("fine_gray", cause), plan_of("cox", "errors = \"robust\"\nties = \"breslow\"\n")}) {
    const auto out = result(plan, {parsed(csv)});
    EXPECT_NE(words_of(out).find("no robust variance: the score residuals"), std::string::npos)
        << words_of(out);
    EXPECT_EQ(out.rows.size(), 1U);
  }
}

TEST(PlanSurvivalLimits, PresetOfRIsRobustForWeightsThatAreNoWholeNumbers) {
  std::string csv = "USUBJID,ARM,t,e,w,f\n";
  for (int i = 0; i < 24; ++i) {
    csv += std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + std::to_string(1 + i * 7 % 24) +
           ",1," + std::to_string(1 + i % 3) + "," + std::to_string(1 + i % 3) + ".5\n";
  }
  const auto errors = [&](const std::string& preset, const std::string& column) {
    const auto all =
        rows(plan_of("cox", "weight = \"" + column + "\"\n", "conventions = \"" + preset + "\"\n"),
             {parsed(csv)});
    const std::string& words = all.front().conventions;
    return words.substr(words.find("errors: "), words.find("; reference") - words.find("errors: "));
  };
  EXPECT_EQ(errors("r", "f"), "errors: robust by subject");
  EXPECT_EQ(errors("r", "w"), "errors: model");
  EXPECT_EQ(errors("sas", "f"), "errors: model");
  EXPECT_EQ(errors("recommended", "w"), "errors: robust by subject");
}

TEST(PlanSurvivalLimits, RatiosBeyondTheRangeOfNumbersSayTheirLogarithm) {
  std::string csv = "USUBJID,ARM,t,e,x\n";
  for (int i = 0; i < 24; ++i) {
    csv += std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + std::to_string(1 + i * 7 % 24) +
           ",1," + std::to_string(i * 5 % 11) + "e-8\n";
  }
  for (const char* method : {"cox", "fine_gray", "accelerated_failure_time"}) {
    const std::string options = "covariates = [\"x\"]\n";
    const std::string cause =
        std::string(method) == "fine_gray" ? "cause = \"1\"\ncensored = \"\"\n" : "";
    for (const Row& row : rows(plan_of(method, options + cause), {parsed(csv)})) {
      EXPECT_TRUE(row.value.has_value() || !row.note.empty()) << method << row.statistic;
      if (row.group != "x" || row.unit != "ratio") continue;
      EXPECT_FALSE(row.value.has_value()) << method << row.statistic;
      EXPECT_TRUE(row.note.starts_with("outside the range of numbers: its logarithm is "))
          << row.note;
    }
  }
}

TEST(PlanSurvivalLimits, AcceleratedTimesDoNotMindWhereACovariateStands) {
  for (const std::string distribution : {"weibull", "exponential", "lognormal", "loglogistic"}) {
    const auto fit = [&](const std::string& shift) {
      std::string csv = "USUBJID,ARM,t,e,x\n";
      for (int i = 0; i < 40; ++i) {
        csv += std::to_string(i) + (i % 2 == 0 ? ",a," : ",b,") + std::to_string(1 + i * 7 % 24) +
               (i % 5 == 0 ? ",0," : ",1,") + shift + std::to_string(10 + i * 5 % 11) + "\n";
      }
      return rows(plan_of("accelerated_failure_time",
                          "covariates = [\"x\"]\ndistribution = \"" + distribution + "\"\n"),
                  {parsed(csv)});
    };
    const auto own = fit("");
    for (const std::string shift : {"10000", "1000000"}) {  // 1e6 and 1e8, with two digits after
      const auto far_off = fit(shift);
      for (const char* statistic : {"time_ratio", "se_log", "p_value"}) {
        for (const auto& [arm, group] : {std::pair{"b", ""}, {"", "x"}}) {
          EXPECT_NEAR(value(far_off, "x", statistic, arm, group),
                      value(own, "x", statistic, arm, group), 1e-10)
              << distribution << shift << statistic;
        }
      }
      EXPECT_NEAR(value(far_off, "x", "log_likelihood"), value(own, "x", "log_likelihood"), 1e-9);
      const double moved =
          std::log(value(own, "x", "time_ratio", "", "x")) * std::stod(shift + "00");
      EXPECT_NEAR((value(far_off, "x", "intercept") + moved) / value(own, "x", "intercept"), 1.0,
                  1e-6);
    }
  }
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
