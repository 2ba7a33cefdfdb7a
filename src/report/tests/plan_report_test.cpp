// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/plan_report.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace angiotrial::report {
namespace {

using analysis::Row;

Row row(const std::string& statistic, double value, const std::string& arm = "low") {
  Row out;
  out.source = "observed";
  out.analysis = "primary";
  out.method = "a <method>";
  out.conventions = "variance: model";
  out.arm = arm;
  out.arm_ref = arm.empty() ? "" : "placebo";
  out.statistic = statistic;
  out.unit = "s";
  out.value = value;
  return out;
}

PlanReport report() {
  PlanReport out;
  out.title = "A & B";
  out.rows = {row("difference", 12.5), row("lower", 2.25),    row("upper", 22.75),
              row("se", 5.0),          row("p_value", 0.013), row("n", 60.0, "")};
  for (const std::size_t limit : {1U, 2U}) out.rows[limit].level = 0.95;
  out.rows[4].unit = "probability";
  return out;
}

TEST(PlanReport, PutsAnEstimateItsIntervalAndItsTestOnOneLine) {
  const std::string text = plan_terminal(report());
  EXPECT_NE(
      text.find("low against placebo  difference 12.50 s (95 % 2.250 to 22.75), SE 5, p 0.0130"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("variance: model"), std::string::npos);
}

TEST(PlanReport, NamesTheRowOfEachNumberAndEscapesWhatOthersWrote) {
  const std::string page = plan_html(report());
  for (std::size_t i = 0; i < report().rows.size(); ++i) {
    EXPECT_NE(page.find("data-row=\"" + std::to_string(i) + "\""), std::string::npos) << i;
  }
  EXPECT_NE(page.find("A &amp; B"), std::string::npos);
  EXPECT_NE(page.find("a &lt;method&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

TEST(PlanReport, SaysSimulatedOnlyOfSimulatedRows) {
  PlanReport all = report();
  EXPECT_EQ(plan_terminal(all).find("SIMULATED"), std::string::npos);
  EXPECT_NE(plan_terminal(all).find("not for clinical decisions"), std::string::npos);
  for (Row& one : all.rows) one.source = "simulated";
  EXPECT_NE(plan_terminal(all).find("SIMULATED"), std::string::npos);
  all.rows.back().source = "observed";
  EXPECT_EQ(plan_terminal(all).find("SIMULATED"), std::string::npos);
}

TEST(PlanReport, SaysWhatIsOfThePlanAlone) {
  PlanReport all = report();
  for (Row& one : all.rows) one.source = "design";
  const std::string text = plan_terminal(all);
  EXPECT_NE(
      text.find("SIMULATED or computed from the plan alone, no data of patients read - not for "
                "clinical decisions"),
      std::string::npos);
  EXPECT_EQ(text.find("supplied by the user"), std::string::npos);
  all.rows.back().source = "observed";
  EXPECT_NE(plan_terminal(all).find("Data supplied by the user; results of source \"design\" are"),
            std::string::npos);
}

TEST(PlanReport, LeavesOutWhatAPartlyRefusedLineLacks) {
  PlanReport partly = report();
  for (Row& one : partly.rows) {
    one.note = "refused: the variance is not positive";
    if (one.statistic != "difference") one.value.reset();
  }
  const std::string text = plan_terminal(partly);
  EXPECT_EQ(text.find(" to )"), std::string::npos) << text;
  EXPECT_EQ(text.find("SE"), std::string::npos) << text;
  EXPECT_NE(text.find("difference 12.50 s\n"), std::string::npos) << text;
}

TEST(PlanReport, ShowsWhyThereIsNoNumber) {
  PlanReport refused;
  refused.rows = {row("status", 0.0, "")};
  refused.rows[0].value.reset();
  refused.rows[0].note = "refused: separated";
  EXPECT_NE(plan_terminal(refused).find("refused: separated"), std::string::npos);
  EXPECT_NE(plan_html(refused).find("refused: separated"), std::string::npos);
}

TEST(PlanReport, WritesEveryRowAsALineOfCsv) {
  const std::string csv = rows_csv(report().rows);
  EXPECT_EQ(std::ranges::count(csv, '\n'), 7);
  EXPECT_TRUE(csv.starts_with("source,scenario,arm,arm_ref,group,paramcd,"));
  EXPECT_NE(csv.find("12.5,s"), std::string::npos);
}

}  // namespace
}  // namespace angiotrial::report
