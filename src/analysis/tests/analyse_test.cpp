// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/analyse.hpp>
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/row_json.hpp>
#include <angiotrial/schema/ledger.hpp>

#include <gtest/gtest.h>

#include "synthetic_trial.hpp"

#include <set>
#include <stdexcept>

namespace angiotrial::analysis {
namespace {

struct Want {
  std::string paramcd, avisit, arm, statistic, arm_ref, group;
};

const Row& find(const std::vector<Row>& rows, const Want& want) {
  const Row* found = nullptr;
  for (const Row& row : rows) {
    if (row.paramcd != want.paramcd || row.avisit != want.avisit || row.arm != want.arm ||
        row.statistic != want.statistic || row.arm_ref != want.arm_ref || row.group != want.group) {
      continue;
    }
    if (found != nullptr) throw std::runtime_error("two rows of " + want.statistic);
    found = &row;
  }
  if (found == nullptr) {
    throw std::runtime_error("no row " + want.paramcd + " " + want.avisit + " " + want.statistic);
  }
  return *found;
}

double value(const std::vector<Row>& rows, const Want& want) {
  return find(rows, want).value.value();
}

TEST(Plan, describes_itself_without_fault_and_lists_the_endpoints_of_the_study) {
  EXPECT_EQ(schema::audit(AnalysisPlan{}), std::vector<std::string>{});
  std::set<std::string> paths;
  for (const auto& row : schema::list(AnalysisPlan{}, "analysis")) paths.insert(row.path);
  EXPECT_TRUE(paths.contains("analysis.counts.ANGWK.baseline_shift_per_week"));
  EXPECT_TRUE(paths.contains("analysis.events.MACE.estimand.population"));
  EXPECT_TRUE(paths.contains("analysis.level_fraction"));
}

TEST(Plan, names_every_fault_and_the_nearest_right_name) {
  AnalysisPlan plan;
  plan.reference_arm = "placbo";
  plan.counts[0].visits = "Month 6; Month 7";
  plan.events[0].paramcd = "TOOLONGCODE";
  const auto problems = check_plan(synthetic::trial(1), plan);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].key, "reference_arm");
  EXPECT_EQ(problems[0].hint, "placebo");
  EXPECT_EQ(problems[1].value, "Month 7");
  EXPECT_EQ(problems[2].value, "TOOLONGCODE");
  EXPECT_TRUE(check_plan(synthetic::trial(1), AnalysisPlan{}).empty());
}

TEST(Analyse, says_method_estimand_and_unit_on_every_row_and_no_key_twice) {
  const auto rows = analyse(synthetic::trial(2), AnalysisPlan{});
  EXPECT_GT(rows.size(), 500U);
  std::set<std::string> keys;
  for (const Row& row : rows) {
    EXPECT_FALSE(row.method.empty()) << row.paramcd << row.statistic;
    EXPECT_FALSE(row.estimand.empty()) << row.paramcd << row.statistic;
    EXPECT_FALSE(row.unit.empty()) << row.paramcd << row.statistic;
    EXPECT_EQ(row.source, "simulated");
  }
  std::vector<Row> sorted = rows;
  std::sort(sorted.begin(), sorted.end(), before);
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end(), same_statistic);
  EXPECT_EQ(twice, sorted.end()) << twice->paramcd << " " << twice->statistic << " " << twice->arm;
}

TEST(Analyse, finds_the_effects_that_the_data_were_made_with) {
  synthetic::Truth truth;
  truth.per_arm = 2000;
  const auto rows = analyse(synthetic::trial(3, truth), AnalysisPlan{});
  // Four standard errors at 4,000 subjects: se(log ratio) about 0.023, se(difference) about 3.2 s.
  EXPECT_NEAR(value(rows, {"ANGWK", "Month 6", "low", "rate_ratio", "placebo", ""}), 0.6, 0.06);
  EXPECT_NEAR(value(rows, {"ANGWK", "Month 6", "", "dispersion", "placebo", ""}), 0.5, 0.06);
  EXPECT_NEAR(value(rows, {"ETTDUR", "Month 12", "high", "difference", "placebo", ""}), 60.0, 13.0);
  EXPECT_EQ(value(rows, {"ETTCHG", "Month 12", "high", "difference", "placebo", ""}),
            value(rows, {"ETTDUR", "Month 12", "high", "difference", "placebo", ""}));
  const double share = value(rows, {"TROPI", "After injection", "", "percent", "", "> 1 x ULN"});
  EXPECT_NEAR(share, 100.0 * random::normal_cdf(-0.3), 3.0);
  EXPECT_NEAR(value(rows, {"CD34KG", "After injection", "high", "percent", "", "short of dose"}),
              40.0, 5.0);
  EXPECT_NEAR(value(rows, {"MACE", "Month 12", "low", "percent", "", ""}), 9.1, 2.5);
}

TEST(Analyse, keeps_the_same_keys_when_an_arm_cannot_be_estimated) {
  const AnalysisPlan plan;
  const auto whole = analyse(synthetic::trial(4), plan);
  dataset::TrialDataset bare = synthetic::trial(4);
  for (auto& row : bare.diary) {
    if (bare.subjects[row.subject].arm == "low") row.count = 0;
  }
  std::erase_if(bare.exercise,
                [&](const auto& row) { return bare.subjects[row.subject].arm == "high"; });
  bare.events.clear();
  bare.labs.clear();
  bare.exposure.clear();
  const auto rows = analyse(bare, plan);
  ASSERT_EQ(rows.size(), whole.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(same_statistic(rows[i], whole[i])) << i;
    if (rows[i].value) EXPECT_TRUE(std::isfinite(*rows[i].value)) << rows[i].statistic;
  }
  EXPECT_FALSE(find(rows, {"ANGWK", "Month 6", "low", "rate_ratio", "placebo", ""}).value);
  EXPECT_EQ(value(rows, {"ANGWK", "Month 6", "", "fit_status", "placebo", ""}),
            static_cast<double>(FitStatus::separated));
  EXPECT_FALSE(find(rows, {"ETTDUR", "Month 6", "high", "difference", "placebo", ""}).value);
  EXPECT_TRUE(find(rows, {"ETTDUR", "Month 6", "low", "difference", "placebo", ""}).value);
  EXPECT_FALSE(find(rows, {"MACE", "Month 12", "", "p_value", "", ""}).value);
}

TEST(Analyse, does_not_depend_on_the_order_of_subjects_or_rows) {
  const dataset::TrialDataset data = synthetic::trial(5);
  dataset::TrialDataset turned = data;
  const auto last = static_cast<dataset::SubjectIndex>(data.subjects.size() - 1);
  std::reverse(turned.subjects.begin(), turned.subjects.end());
  const auto turn = [&](auto& rows) {
    std::reverse(rows.begin(), rows.end());
    for (auto& row : rows) row.subject = last - row.subject;
  };
  turn(turned.diary);
  turn(turned.exercise);
  turn(turned.events);
  turn(turned.exposure);
  turn(turned.labs);
  const auto a = analyse(data, AnalysisPlan{});
  const auto b = analyse(turned, AnalysisPlan{});
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].value.has_value(), b[i].value.has_value());
    if (a[i].value) EXPECT_NEAR(*a[i].value, *b[i].value, 1e-10 * (1.0 + std::fabs(*a[i].value)));
  }
}

TEST(Analyse, turns_a_ratio_over_and_a_sign_round_when_arms_change_roles) {
  dataset::TrialDataset data = synthetic::trial(6);
  std::erase_if(data.diary, [&](const auto& r) { return data.subjects[r.subject].arm == "high"; });
  std::erase_if(data.exercise,
                [&](const auto& r) { return data.subjects[r.subject].arm == "high"; });
  AnalysisPlan plan;
  const auto forward = analyse(data, plan);
  plan.reference_arm = "low";
  const auto backward = analyse(data, plan);
  const double ratio = value(forward, {"ANGWK", "Month 6", "low", "rate_ratio", "placebo", ""});
  const double inverse = value(backward, {"ANGWK", "Month 6", "placebo", "rate_ratio", "low", ""});
  EXPECT_NEAR(ratio * inverse, 1.0, 1e-10);
  EXPECT_NEAR(value(forward, {"ETTDUR", "Month 6", "low", "difference", "placebo", ""}),
              -value(backward, {"ETTDUR", "Month 6", "placebo", "difference", "low", ""}), 1e-9);
}

TEST(RowJson, writes_every_field_of_the_contract_in_order) {
  Row row;
  row.arm = "low";
  row.month = 6.0;
  row.statistic = "rate_ratio";
  row.value = 0.5;
  formats::JsonWriter json;
  write(json, row);
  EXPECT_EQ(json.take(),
            "{\"source\":\"simulated\",\"scenario\":\"\",\"arm\":\"low\",\"arm_ref\":\"\","
            "\"group\":\"\",\"paramcd\":\"\",\"param\":\"\",\"avisit\":\"\",\"month\":6,"
            "\"statistic\":\"rate_ratio\",\"method\":\"\",\"estimand\":\"\",\"analysis\":\"\","
            "\"conventions\":\"\",\"note\":\"\",\"level\":null,"
            "\"value\":0.5,\"unit\":\"\",\"mcse\":null,\"q025\":null,\"q500\":null,\"q975\":null}");
}

}  // namespace
}  // namespace angiotrial::analysis
