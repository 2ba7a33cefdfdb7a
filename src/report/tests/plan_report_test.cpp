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

/// Rows of one effect: the statistics with their values, `unit` of the first and p-values marked.
std::vector<Row> rows(std::initializer_list<std::pair<const char*, std::optional<double>>> of) {
  std::vector<Row> out;
  for (const auto& [statistic, value] : of) {
    Row& one = out.emplace_back(row(statistic, 0.0));
    one.value = value;
    if (one.statistic.find("p_value") != std::string::npos) one.unit = "probability";
    if (one.statistic.ends_with("lower") || one.statistic.ends_with("upper")) one.level = 0.95;
  }
  return out;
}

std::string terminal_of(std::vector<Row> of) {
  PlanReport report;
  report.rows = std::move(of);
  return plan_terminal(report);
}

void expect_line(const std::string& text, const std::string& line) {
  EXPECT_NE(text.find(line + "\n"), std::string::npos) << line << "\n--- not in\n" << text;
}

TEST(PlanReport, GivesAnIntervalToTheEstimateItFollows) {
  const std::string text = terminal_of(
      rows({{"median_unbiased", 3.5}, {"lower", 1}, {"upper", 6}, {"bias_adjusted", 3}}));
  expect_line(text, "median unbiased 3.500 s (95 % 1 to 6)");
  expect_line(text, "bias adjusted 3 s");
}

TEST(PlanReport, ShowsTheLimitThatExistsAndNamesTheArmOfANote) {
  auto all = rows({{"median", {}}, {"lower", 2725}, {"upper", {}}});
  all[0].note = "not reached";
  Row other = row("median", 2083, "high");
  all.push_back(other);
  const std::string text = terminal_of(all);
  expect_line(text, "low against placebo   median - s (95 % 2725 to -)");
  expect_line(text, "  ! low against placebo: not reached");
  PlanReport report;
  report.rows = all;
  EXPECT_NE(plan_html(report).find("low against placebo: not reached"), std::string::npos);
}

TEST(PlanReport, NamesNoArmWhereANoteIsAboutAll) {
  auto all = rows({{"difference", 1}, {"z", 2}});
  for (Row& one : all) one.note = "drawn on";
  expect_line(terminal_of(all), "  ! drawn on");
}

TEST(PlanReport, SaysWhatCouldNotBeEstimated) {
  auto all = rows({{"odds_ratio", {}}, {"lower", {}}, {"upper", {}}, {"se_log", {}}, {"n", 5}});
  expect_line(terminal_of(all), "odds ratio not estimable");
  all = rows({{"odds_ratio", {}}, {"lower", 0}, {"upper", {}}, {"se_log", {}}});
  all[0].unit = "ratio";
  expect_line(terminal_of(all), "odds ratio - (95 % 0 to -)");
  all = rows({{"difference", 2}, {"se", {}}, {"p_value", {}}});
  expect_line(terminal_of(all), "difference 2 s");
}

TEST(PlanReport, PutsAPValueBesideWhatWasTested) {
  expect_line(
      terminal_of(
          rows({{"f", 2.5}, {"numerator_df", 4}, {"denominator_df", 152.25}, {"p_value", 0.0487}})),
      "F 2.500 s, df 4 and 152.2, p 0.0487");
  for (const char* count : {"n_not_zero", "critical_value", "stopped_at", "unadjusted_p_value"}) {
    expect_line(terminal_of(rows({{count, 1}, {"p_value", 0.5}})), "p value 0.5000");
  }
}

TEST(PlanReport, FindsTheTestOfASecondEffect) {
  const std::string text = terminal_of(rows({{"net_benefit", 0.25},
                                             {"net_benefit_se", 0.125},
                                             {"net_benefit_z", 2},
                                             {"net_benefit_p_value", 0.04},
                                             {"quade_f", 8},
                                             {"quade_df_between", 1},
                                             {"quade_df_within", 45},
                                             {"quade_p_value", 1e-9}}));
  expect_line(text, "net benefit 0.2500 s, SE 0.1250");
  expect_line(text, "net benefit z 2 s, p 0.0400");
  expect_line(text, "quade f 8 s, df 1 and 45, p <0.0001");
  expect_line(
      terminal_of(rows({{"selected_mean", 2}, {"selected_lower", 1}, {"selected_upper", 3}})),
      "selected mean 2 s (95 % 1 to 3)");
}

TEST(PlanReport, WritesEveryPValueTheSameWay) {
  const std::string text = terminal_of(
      rows({{"adjusted_p_value", 0.25}, {"p_value_lower", 0.012345}, {"poisson_p_value", 4e-90}}));
  expect_line(text, "adjusted p value 0.2500");
  expect_line(text, "p value lower 0.0123");
  expect_line(text, "p value of overdispersion <0.0001");
}

TEST(PlanReport, MarksAnErrorOfALogarithm) {
  PlanReport of;
  of.rows = rows({{"rate_ratio", 0.75}, {"lower", 0.5}, {"upper", 1.0}, {"se_log", 0.125}});
  EXPECT_NE(plan_html(of).find("0.1250</span> <small>(log)</small>"), std::string::npos);
  EXPECT_EQ(plan_html(report()).find("(log)"), std::string::npos);
}

TEST(PlanReport, WritesEveryRowAsALineOfCsv) {
  const std::string csv = rows_csv(report().rows);
  EXPECT_EQ(std::ranges::count(csv, '\n'), 7);
  EXPECT_TRUE(csv.starts_with("source,scenario,arm,arm_ref,group,paramcd,"));
  EXPECT_NE(csv.find("12.5,s"), std::string::npos);
}

}  // namespace
}  // namespace angiotrial::report
