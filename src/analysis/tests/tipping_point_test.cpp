// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/tipping_point.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>

#include "antidepressant.hpp"
#include "incomplete_rows.hpp"

namespace angiotrial::analysis {
namespace {

constexpr std::array jump{ImputationStrategy::jump_to_reference};

/// The contrast of the last visit of c15 with delta in the drug arm, imputed and analysed anew.
ImputedEstimate analysed_at(const Antidepressant& data, double delta) {
  std::vector<double> shift(8, 0.0);
  for (std::size_t v = 0; v < 4; ++v) shift[4 + v] = delta;
  IncompleteTrial trial = data.trial();
  trial.strategy = jump;
  trial.delta = shift;
  ImputationWorkspace workspace;
  return impute_conditional_means(trial, workspace).contrasts[3];
}

TEST(TippingPoint, is_where_a_bisection_over_whole_analyses_ends) {
  const Antidepressant data;
  IncompleteTrial trial = data.trial();
  trial.strategy = jump;
  TippingPointPlan plan;
  plan.visit = 3;
  plan.limit = 20.0;
  const std::vector<double> direction{0, 0, 0, 0, 1, 1, 1, 1};
  plan.direction = direction;
  ImputationWorkspace workspace;
  const TippingResult result = find_tipping_point(trial, plan, workspace);
  ASSERT_EQ(result.status, TippingStatus::found) << name_of(result.status);
  EXPECT_TRUE(result.table.front().significant);
  EXPECT_FALSE(result.table.back().significant);
  EXPECT_NEAR(result.tipping.p_value, 0.05, 1e-10);
  double significant = 0.0, not_so = 20.0;
  for (int i = 0; i < 20; ++i) {
    const double middle = 0.5 * (significant + not_so);
    (analysed_at(data, middle).p_value < 0.05 ? significant : not_so) = middle;
  }
  EXPECT_NEAR(result.tipping.delta, significant, 20.0 * std::ldexp(1.0, -19));
  for (const std::size_t row : {0U, 3U, 10U}) {
    const ImputedEstimate e = analysed_at(data, result.table[row].delta);
    EXPECT_NEAR(result.table[row].estimate, e.estimate, 1e-9);
    EXPECT_NEAR(result.table[row].se, e.se, 1e-9);
  }
}

TEST(TippingPoint, delta_0_is_the_base_case_and_equal_deltas_of_two_arms_are_one) {
  const IncompleteRows rows(3, 80, 0.3);
  ImputationWorkspace workspace;
  const ImputationResult base = impute_conditional_means(rows.trial(), workspace);
  const std::vector<double> control{1, 1, 1, 0, 0, 0}, treated{0, 0, 0, 1, 1, 1};
  const std::vector<double> deltas{-1.0, 0.0, 2.0};
  const DeltaTable table = tabulate_deltas(
      rows.trial(), {2, 1, control, treated, DeltaScope::after_event, deltas, deltas, 0.05},
      workspace);
  ASSERT_EQ(table.status, TippingStatus::found);
  ASSERT_EQ(table.rows.size(), 9U);
  EXPECT_NEAR(table.rows[4].estimate, base.contrasts[2].estimate, 1e-12);
  EXPECT_NEAR(table.rows[4].se, base.contrasts[2].se, 1e-12);
  IncompleteTrial shifted = rows.trial();
  const std::vector<double> both{2, 2, 2, 2, 2, 2};
  shifted.delta = both;
  const ImputationResult& moved = impute_conditional_means(shifted, workspace);
  EXPECT_NEAR(table.rows[8].estimate, moved.contrasts[2].estimate, 1e-10);
  EXPECT_NEAR(table.rows[8].se, moved.contrasts[2].se, 1e-10);
}

RC_GTEST_PROP(TippingPoint, no_row_of_the_table_before_it_has_another_conclusion, ()) {
  const IncompleteRows rows(*rc::gen::inRange<std::uint64_t>(1, 100000), 60, 0.4);
  ImputationWorkspace workspace;
  TippingPointPlan plan;
  plan.visit = 2;
  plan.limit = *rc::gen::element(-6.0, 6.0);
  plan.points = 61;
  const std::vector<double> direction{0, 0, 0, 1, 1, 1};
  plan.direction = direction;
  const TippingResult result = find_tipping_point(rows.trial(), plan, workspace);
  RC_PRE(result.status == TippingStatus::found || result.status == TippingStatus::none_in_range);
  const bool found = result.status == TippingStatus::found;
  const double until = found ? std::fabs(result.tipping.delta) : 7.0;
  bool changed = false;
  for (const TippingRow& row : result.table) {
    const bool other = row.significant != result.table[0].significant;
    if (std::fabs(row.delta) < until - 1e-9) RC_ASSERT(!other);
    changed |= other;
  }
  RC_ASSERT(found || !changed);
}

TEST(TippingPoint, says_why_there_is_none) {
  ImputationWorkspace workspace;
  const IncompleteRows complete(5, 40, 0.0);
  const std::vector<double> direction{0, 0, 0, 1, 1, 1};
  TippingPointPlan plan;
  plan.visit = 2;
  plan.limit = 5.0;
  plan.direction = direction;
  EXPECT_EQ(find_tipping_point(complete.trial(), plan, workspace).status,
            TippingStatus::nothing_imputed);
  const IncompleteRows rows(5, 40, 0.3);
  plan.limit = 0.0;
  EXPECT_EQ(find_tipping_point(rows.trial(), plan, workspace).status, TippingStatus::invalid_input);
  plan.limit = 5.0;
  plan.visit = 3;
  EXPECT_EQ(find_tipping_point(rows.trial(), plan, workspace).status, TippingStatus::invalid_input);
  plan.visit = 2;
  IncompleteRows bad = rows;
  bad.baseline[0] = std::nan("");
  const TippingResult refused = find_tipping_point(bad.trial(), plan, workspace);
  EXPECT_EQ(refused.status, TippingStatus::not_imputed);
  EXPECT_EQ(refused.imputation, ImputationStatus::invalid_input);
}

}  // namespace
}  // namespace angiotrial::analysis
