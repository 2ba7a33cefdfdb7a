// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/reference_based.hpp>
#include <angiotrial/analysis/imputation/rubin.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "imputation/imputation_state.hpp"
#include "incomplete_rows.hpp"
#include "mixed_rows.hpp"

namespace angiotrial::analysis {
namespace {

constexpr std::array every_strategy{
    ImputationStrategy::missing_at_random, ImputationStrategy::jump_to_reference,
    ImputationStrategy::copy_reference, ImputationStrategy::copy_increments,
    ImputationStrategy::last_mean_carried_forward};

TEST(Imputation, with_nothing_missing_is_the_analysis_of_covariance_with_its_jackknife) {
  IncompleteRows rows(3, 40, 0.0);
  rows.strategy = {ImputationStrategy::jump_to_reference};
  ImputationWorkspace workspace;
  const ImputationResult& result = impute_conditional_means(rows.trial(), workspace);
  ASSERT_EQ(result.status, ImputationStatus::imputed);
  for (int visit = 0; visit < 3; ++visit) {
    const auto fit_without = [&](std::size_t without) {
      std::vector<double> y, x;
      for (std::size_t i = 0; i < 40; ++i) {
        if (i == without) continue;
        y.push_back(rows.outcome[3 * i + static_cast<std::size_t>(visit)]);
        x.insert(x.end(), {1.0, static_cast<double>(rows.arm[i]), rows.baseline[i]});
      }
      LinearModel model;
      model.response = y;
      model.design = x;
      model.columns = 3;
      return fit_linear_model(model).coefficients[1];
    };
    double mean = 0.0, squares = 0.0;
    std::vector<double> left;
    for (std::size_t i = 0; i < 40; ++i) left.push_back(fit_without(i));
    for (const double value : left) mean += value / 40.0;
    for (const double value : left) squares += (value - mean) * (value - mean);
    const ImputedEstimate& e = result.contrasts[static_cast<std::size_t>(visit)];
    EXPECT_NEAR(e.estimate, fit_without(40), 1e-11);
    EXPECT_NEAR(e.se, std::sqrt(39.0 / 40.0 * squares), 1e-11);
  }
}

TEST(Imputation, conditional_means_at_random_give_the_contrast_of_the_mixed_model) {
  const IncompleteRows rows(5, 60, 0.3);
  ImputationWorkspace workspace;
  const ImputationResult& result = impute_conditional_means(rows.trial(), workspace);
  ASSERT_EQ(result.status, ImputationStatus::imputed);
  MixedWorkspace mixed;
  const Rows longer = rows.as_rows();
  ASSERT_EQ(fit_mixed_model(longer.model(), mixed).status, MixedStatus::fitted);
  // The regressions of the completed outcomes are the fixed point of the model's equations.
  for (std::size_t v = 0; v < 3; ++v) {
    const MixedEstimate e = estimate_contrast(mixed, unit(9, 3 * v + 1));
    EXPECT_NEAR(result.contrasts[v].estimate, e.estimate, 1e-9 * e.se);
    EXPECT_NEAR(result.contrasts[v].se, e.se, 0.15 * e.se);
  }
}

TEST(Imputation, steps_on_one_hessian_find_the_maximum_without_each_patient) {
  const IncompleteRows rows(9, 30, 0.3);
  ImputationWorkspace workspace;
  const ImputationResult& all = impute_conditional_means(rows.trial(), workspace);
  ASSERT_EQ(all.status, ImputationStatus::imputed);
  const Eigen::MatrixXd replicates = workspace.state().replicates;
  for (const std::size_t without : {0U, 7U, 29U}) {
    const IncompleteRows fewer = rows.without(without);
    ImputationWorkspace other;
    const ImputationResult& result = impute_conditional_means(fewer.trial(), other);
    ASSERT_EQ(result.status, ImputationStatus::imputed);
    for (std::size_t v = 0; v < 3; ++v) {
      EXPECT_NEAR(replicates(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(without) + 1),
                  result.contrasts[v].estimate, 1e-8 * result.contrasts[v].se);
    }
  }
}

RC_GTEST_PROP(Imputation, a_patient_of_the_reference_arm_jumps_to_what_is_missing_at_random, ()) {
  IncompleteRows rows(*rc::gen::inRange<std::uint64_t>(1, 100000), 60, 0.3);
  ImputationWorkspace first, second;
  rows.strategy.assign(60, ImputationStrategy::missing_at_random);
  const ImputationResult& a = impute_conditional_means(rows.trial(), first);
  for (std::size_t i = 0; i < 60; ++i) {
    if (rows.arm[i] == 0)
      rows.strategy[i] = *rc::gen::elementOf(std::vector{ImputationStrategy::jump_to_reference,
                                                         ImputationStrategy::copy_reference,
                                                         ImputationStrategy::copy_increments});
  }
  const ImputationResult& b = impute_conditional_means(rows.trial(), second);
  RC_PRE(a.status == ImputationStatus::imputed);
  RC_ASSERT(b.status == ImputationStatus::imputed);
  for (std::size_t i = 0; i < a.completed.size(); ++i) {
    RC_ASSERT(std::fabs(a.completed[i] - b.completed[i]) <
              1e-8 * (1.0 + std::fabs(a.completed[i])));
  }
}

RC_GTEST_PROP(Imputation, ignores_the_order_of_patients_also_where_it_draws, ()) {
  IncompleteRows rows(*rc::gen::inRange<std::uint64_t>(1, 100000), 50, 0.3);
  rows.strategy.assign(50, *rc::gen::elementOf(every_strategy));
  const IncompleteRows other = rows.reversed();
  ImputationWorkspace first, second;
  const ImputationResult& a = impute_conditional_means(rows.trial(), first);
  const ImputationResult& b = impute_conditional_means(other.trial(), second);
  RC_PRE(a.status == ImputationStatus::imputed);
  for (std::size_t i = 0; i < a.contrasts.size(); ++i) {
    RC_ASSERT(std::fabs(a.contrasts[i].estimate - b.contrasts[i].estimate) < 1e-8);
    RC_ASSERT(std::fabs(a.contrasts[i].se - b.contrasts[i].se) < 1e-8);
  }
  const auto kind =
      *rc::gen::element(ParameterDraw::bootstrap, ParameterDraw::normal_approximation);
  const MultipleImputation plan{5, kind, 2};
  const ImputationResult& c = impute_multiply(rows.trial(), plan, 11, first);
  const ImputationResult& d = impute_multiply(other.trial(), plan, 11, second);
  RC_PRE(c.status == ImputationStatus::imputed);
  for (std::size_t i = 0; i < c.contrasts.size(); ++i) {
    RC_ASSERT(std::fabs(c.contrasts[i].estimate - d.contrasts[i].estimate) < 1e-7);
    RC_ASSERT(std::fabs(c.contrasts[i].se - d.contrasts[i].se) < 1e-7);
  }
}

RC_GTEST_PROP(Imputation, relabelled_arms_with_their_references_change_the_sign, ()) {
  IncompleteRows rows(*rc::gen::inRange<std::uint64_t>(1, 100000), 50, 0.3);
  rows.strategy.assign(50, *rc::gen::elementOf(every_strategy));
  rows.reference = {0, 0};
  IncompleteRows other = rows;
  other.reference = {1, 1};
  for (int& arm : other.arm) arm = 1 - arm;
  ImputationWorkspace first, second;
  const ImputationResult& a = impute_conditional_means(rows.trial(), first);
  const ImputationResult& b = impute_conditional_means(other.trial(), second);
  RC_PRE(a.status == ImputationStatus::imputed);
  for (std::size_t i = 0; i < a.contrasts.size(); ++i) {
    RC_ASSERT(std::fabs(a.contrasts[i].estimate + b.contrasts[i].estimate) < 1e-8);
    RC_ASSERT(std::fabs(a.contrasts[i].se - b.contrasts[i].se) < 1e-8);
    RC_ASSERT(std::fabs(a.means[2 * i].estimate - b.means[2 * i + 1].estimate) < 1e-8);
  }
}

TEST(Imputation, strategies_place_the_mean_where_their_definition_says) {
  // No covariate, no correlation left: a missing value is its mean.
  IncompleteRows rows(13, 80, 0.3);
  ImputationWorkspace workspace;
  const auto completed = [&](ImputationStrategy strategy) {
    rows.strategy.assign(80, strategy);
    IncompleteTrial trial = rows.trial();
    trial.by_visit = {};
    trial.by_visit_columns = 0;
    const ImputationResult& result = impute_conditional_means(trial, workspace);
    EXPECT_EQ(result.status, ImputationStatus::imputed);
    return result;
  };
  const ImputationResult mar = completed(ImputationStrategy::missing_at_random);
  const auto mean = [&](std::size_t visit, std::size_t arm) {
    const auto& c = mar.fit.coefficients;
    return c[2 * visit] + (arm == 1 ? c[2 * visit + 1] : 0.0);
  };
  std::size_t who = 0;
  while (!(rows.arm[who] == 1 && rows.event[who] == 1)) ++who;
  // One visit seen: y_v = mean_v + slope_v (y_0 - mean_0); copy reference moves mean_0 too.
  const double y = rows.outcome[3 * who];
  for (const std::size_t v : {1U, 2U}) {
    const double slope = mar.fit.sigma[v] / mar.fit.sigma[0];
    const double rest = slope * (y - mean(0, 1));
    const auto value = [&](ImputationStrategy strategy) {
      return completed(strategy).completed[3 * who + v];
    };
    EXPECT_NEAR(value(ImputationStrategy::missing_at_random), mean(v, 1) + rest, 1e-9);
    EXPECT_NEAR(value(ImputationStrategy::jump_to_reference), mean(v, 0) + rest, 1e-9);
    EXPECT_NEAR(value(ImputationStrategy::copy_reference), mean(v, 0) + slope * (y - mean(0, 0)),
                1e-9);
    EXPECT_NEAR(value(ImputationStrategy::copy_increments),
                mean(0, 1) + mean(v, 0) - mean(0, 0) + rest, 1e-9);
    EXPECT_NEAR(value(ImputationStrategy::last_mean_carried_forward), mean(0, 1) + rest, 1e-9);
  }
}

TEST(Imputation, outcomes_after_the_event_are_kept_but_do_not_enter_the_model) {
  IncompleteRows rows(17, 60, 0.3);
  rows.strategy = {ImputationStrategy::jump_to_reference};
  ImputationWorkspace workspace;
  const ImputationResult before = impute_conditional_means(rows.trial(), workspace);
  std::size_t who = 0;
  while (rows.event[who] != 1) ++who;
  rows.outcome[3 * who + 2] = 5.0;
  const ImputationResult& after = impute_conditional_means(rows.trial(), workspace);
  ASSERT_EQ(after.status, ImputationStatus::imputed);
  EXPECT_EQ(after.completed[3 * who + 2], 5.0);
  EXPECT_EQ(after.fit.log_likelihood, before.fit.log_likelihood);
  // The visit between is imputed given what follows.
  EXPECT_GT(std::fabs(after.completed[3 * who + 1] - before.completed[3 * who + 1]), 1e-6);
  rows.strategy = {ImputationStrategy::missing_at_random};
  EXPECT_NE(impute_conditional_means(rows.trial(), workspace).fit.log_likelihood,
            before.fit.log_likelihood);
}

TEST(Imputation, covariances_by_arm_join_at_the_event_as_the_reference_regresses) {
  IncompleteRows rows(19, 120, 0.3);
  rows.strategy = {ImputationStrategy::jump_to_reference};
  IncompleteTrial trial = rows.trial();
  trial.covariance_by_arm = true;
  ImputationWorkspace workspace;
  ASSERT_EQ(impute_conditional_means(trial, workspace).status, ImputationStatus::imputed);
  ImputationState& s = workspace.state();
  ASSERT_TRUE(take_parameters(s));
  const auto& sigma = s.mixed.state();
  for (const ImputationClass& one : s.classes) {
    if (one.arm == 0 || one.event != 1) continue;
    const Eigen::MatrixXd& own = sigma.structures[1].covariance();
    const Eigen::MatrixXd& other = sigma.structures[0].covariance();
    EXPECT_NEAR(one.sigma(0, 0), own(0, 0), 1e-12);
    for (const Eigen::Index v : {1, 2}) {
      EXPECT_NEAR(one.sigma(v, 0) / one.sigma(0, 0), other(v, 0) / other(0, 0), 1e-10);
      const double residual = other(v, v) - other(v, 0) * other(v, 0) / other(0, 0);
      EXPECT_NEAR(one.sigma(v, v) - one.sigma(v, 0) * one.sigma(v, 0) / one.sigma(0, 0), residual,
                  1e-10);
    }
  }
}

TEST(Imputation, many_draws_come_to_the_conditional_means_and_to_the_error_of_the_mixed_model) {
  const IncompleteRows rows(23, 100, 0.3);
  ImputationWorkspace workspace;
  const ImputationResult fixed = impute_conditional_means(rows.trial(), workspace);
  MixedWorkspace mixed;
  const Rows longer = rows.as_rows();
  ASSERT_EQ(fit_mixed_model(longer.model(), mixed).status, MixedStatus::fitted);
  const double error = estimate_contrast(mixed, unit(9, 7)).se;
  for (const ParameterDraw kind : {ParameterDraw::bootstrap, ParameterDraw::normal_approximation}) {
    const ImputationResult& drawn = impute_multiply(rows.trial(), {300, kind, 0}, 7, workspace);
    ASSERT_EQ(drawn.status, ImputationStatus::imputed);
    const ImputedEstimate& last = drawn.contrasts[2];
    // Monte Carlo error of the mean of 300 draws whose between-variance is below a third of the
    // total: 0.033 standard errors; four of them.
    EXPECT_NEAR(last.estimate, fixed.contrasts[2].estimate, 0.14 * error);
    EXPECT_NEAR(last.se, error, 0.1 * error);
    EXPECT_GT(last.missing_information, 0.05);
    EXPECT_LT(last.df, 97.0);
    // Nobody misses the first visit.
    EXPECT_NEAR(drawn.contrasts[0].estimate, fixed.contrasts[0].estimate, 1e-10);
  }
}

TEST(Imputation, draws_repeat_with_the_seed_and_differ_by_trial) {
  const IncompleteRows rows(29, 60, 0.3);
  ImputationWorkspace workspace, other;
  const auto estimate = [&](std::uint64_t seed, std::uint32_t replicate, ImputationWorkspace& at) {
    return impute_multiply(rows.trial(), {4, ParameterDraw::bootstrap, replicate}, seed, at)
        .contrasts[2]
        .estimate;
  };
  const double first = estimate(1, 0, workspace);
  EXPECT_NE(first, estimate(2, 0, workspace));
  EXPECT_NE(first, estimate(1, 1, workspace));
  EXPECT_EQ(first, estimate(1, 0, other));
}

TEST(Imputation, says_why_it_refuses) {
  ImputationWorkspace workspace;
  IncompleteRows rows(31, 30, 0.3);
  const auto status = [&](const IncompleteRows& of) {
    return impute_conditional_means(of.trial(), workspace).status;
  };
  EXPECT_EQ(status(rows), ImputationStatus::imputed);
  IncompleteRows bad = rows;
  bad.baseline[3] = std::nan("");
  EXPECT_EQ(status(bad), ImputationStatus::invalid_input);
  bad = rows;
  bad.event[0] = 4;
  EXPECT_EQ(status(bad), ImputationStatus::invalid_input);
  bad = rows;
  bad.label[1] = bad.label[0];
  EXPECT_EQ(status(bad), ImputationStatus::invalid_input);
  bad = rows;
  std::fill(bad.arm.begin(), bad.arm.end(), 0);
  EXPECT_EQ(status(bad), ImputationStatus::no_model);
  EXPECT_EQ(workspace.state().result.fit.status, MixedStatus::collinear);
  bad = rows;
  std::fill(bad.outcome.begin(), bad.outcome.end(), std::nan(""));
  EXPECT_EQ(status(bad), ImputationStatus::no_model);
  IncompleteTrial trial = rows.trial();
  std::vector<double> twice;
  for (const double x : rows.baseline) twice.insert(twice.end(), {x, 2.0 * x});
  trial.adjustment = twice;
  trial.adjustment_columns = 2;
  EXPECT_EQ(impute_conditional_means(trial, workspace).status,
            ImputationStatus::collinear_analysis);
  // One patient alone carries an arm.
  bad = rows;
  std::fill(bad.arm.begin(), bad.arm.end(), 0);
  for (std::size_t v = 0; v < 3; ++v) bad.outcome[12 + v] = 1.0;
  bad.arm[4] = 1;
  EXPECT_EQ(status(bad), ImputationStatus::not_without_patient);
  EXPECT_EQ(workspace.state().result.patient, 4U);
  EXPECT_EQ(impute_multiply(rows.trial(), {1, ParameterDraw::bootstrap, 0}, 1, workspace).status,
            ImputationStatus::invalid_input);
  IncompleteTrial empty;
  empty.visits = 2;
  EXPECT_EQ(impute_conditional_means(empty, workspace).status, ImputationStatus::invalid_input);
}

TEST(Rubin, limits_and_refusals) {
  const std::vector<double> same{2.0, 2.0, 2.0}, variance{0.5, 0.5, 0.5};
  const RubinEstimate e = pool_by_rubin({same, variance, 20.0, 0.95});
  ASSERT_EQ(e.status, RubinStatus::pooled);
  EXPECT_TRUE(std::isinf(e.df_rubin));
  EXPECT_NEAR(e.df, 21.0 / 23.0 * 20.0, 1e-12);
  EXPECT_EQ(e.missing_information, 0.0);
  const std::vector<double> third(7, 1.0 / 3.0), own(7, 0.1);
  EXPECT_EQ(pool_by_rubin({third, own, 20.0, 0.95}).missing_information, 0.0);
  EXPECT_TRUE(std::isinf(pool_by_rubin({same, variance}).df));
  const std::vector<double> spread{1.0, 2.0, 3.0}, none{0.0, 0.0, 0.0};
  EXPECT_NEAR(pool_by_rubin({spread, none}).df, 2.0, 1e-12);
  EXPECT_EQ(pool_by_rubin({same, none}).status, RubinStatus::without_variance);
  EXPECT_EQ(pool_by_rubin({{same.data(), 1}, {none.data(), 1}}).status, RubinStatus::too_few);
  EXPECT_EQ(pool_by_rubin({}).status, RubinStatus::too_few);
  const std::vector<double> below{0.5, -0.1, 0.5}, broken{1.0, std::nan(""), 2.0};
  EXPECT_EQ(pool_by_rubin({same, below}).status, RubinStatus::invalid_input);
  EXPECT_EQ(pool_by_rubin({broken, variance}).status, RubinStatus::invalid_input);
}

}  // namespace
}  // namespace angiotrial::analysis
