// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/mixed/constrained_baseline.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <array>
#include <cmath>
#include <numbers>

#include "incomplete_rows.hpp"
#include "mixed/mixed_state.hpp"

namespace angiotrial::analysis {
namespace {

constexpr std::array sandwiches{MixedInference::cr0, MixedInference::cr2, MixedInference::cr3};

/// Patients seen three times, each at times of its own.
Rows at_own_times(std::uint32_t patients, std::vector<double>& times) {
  Rows rows;
  for (std::uint32_t i = 0; i < patients; ++i) {
    random::Stream draw = random::Streams(41, 0, i).at(random::Purpose::diary);
    double carried = draw.normal();
    for (int v = 0; v < 3; ++v) {
      const double gap = 0.5 + draw.uniform();
      const double time = v == 0 ? gap : times.back() + gap;
      const double keep = std::exp(-0.4 * gap);
      carried = keep * carried + std::sqrt(1.0 - keep * keep) * draw.normal();
      const double arm = i % 2;
      if (v == 2 && draw.uniform() < 0.2) continue;
      times.push_back(time);
      rows.add(static_cast<int>(i), v, 1.0 + 0.5 * arm + 2.0 * carried, {1.0, arm, time});
    }
  }
  return rows;
}

/// -2 restricted log-likelihood with dense matrices, patient by patient.
double dense_criterion(const Rows& rows, const std::vector<double>& times, double variance,
                       double rho) {
  Eigen::Matrix3d k = Eigen::Matrix3d::Zero();
  Eigen::Vector3d b = Eigen::Vector3d::Zero();
  double squares = 0.0, log_determinant = 0.0;
  const std::size_t n = rows.response.size();
  for (std::size_t i = 0; i < n;) {
    std::size_t end = i;
    while (end < n && rows.patient[end] == rows.patient[i]) ++end;
    const auto m = static_cast<Eigen::Index>(end - i);
    Eigen::MatrixXd sigma(m, m), x(m, 3);
    Eigen::VectorXd y(m);
    for (Eigen::Index a = 0; a < m; ++a) {
      const std::size_t row = i + static_cast<std::size_t>(a);
      y[a] = rows.response[row];
      for (std::size_t c = 0; c < 3; ++c) {
        x(a, static_cast<Eigen::Index>(c)) = rows.design[3 * row + c];
      }
      for (Eigen::Index d = 0; d < m; ++d) {
        sigma(a, d) = variance *
                      std::pow(rho, std::fabs(times[row] - times[i + static_cast<std::size_t>(d)]));
      }
    }
    const Eigen::LDLT<Eigen::MatrixXd> factor(sigma);
    log_determinant += factor.vectorD().array().log().sum();
    const Eigen::VectorXd scaled = factor.solve(y);
    for (Eigen::Index c = 0; c < 3; ++c) {
      const Eigen::VectorXd column = x.col(c);
      k.row(c) += factor.solve(column).transpose().lazyProduct(x);
      b[c] += column.dot(scaled);
    }
    squares += y.dot(scaled);
    i = end;
  }
  return static_cast<double>(n - 3) * std::log(2.0 * std::numbers::pi) + log_determinant + squares -
         b.dot(k.inverse() * b) + std::log(k.determinant());
}

TEST(MixedModel, finds_the_maximum_of_a_dense_likelihood_at_times_of_the_patients_own) {
  std::vector<double> times;
  const Rows rows = at_own_times(40, times);
  RepeatedModel model = rows.model(Structures::spatial_exponential);
  model.row_times = times;
  MixedWorkspace workspace;
  const MixedFit& fit = fit_mixed_model(model, workspace);
  ASSERT_EQ(fit.status, MixedStatus::fitted) << name_of(fit.status);
  const double variance = std::exp(fit.theta[0]);
  const double rho = 1.0 / (1.0 + std::exp(-fit.theta[1]));
  const double best = dense_criterion(rows, times, variance, rho);
  EXPECT_NEAR(-2.0 * fit.log_likelihood, best, 1e-9);
  for (const double step : {-1.0e-3, 1.0e-3}) {
    EXPECT_GT(dense_criterion(rows, times, variance * (1.0 + step), rho), best);
    EXPECT_GT(dense_criterion(rows, times, variance, rho + step), best);
  }
}

TEST(MixedModel, own_times_that_all_share_are_the_times_of_the_visits) {
  const IncompleteRows data(43, 50, 0.3);
  Rows rows = data.as_rows();
  rows.times = {0.0, 1.0, 3.0};
  std::vector<double> times;
  for (const int visit : rows.visit) times.push_back(rows.times[static_cast<std::size_t>(visit)]);
  for (const Structures structure :
       {Structures::spatial_exponential, Structures::random_slope, Structures::ar1}) {
    MixedWorkspace first, second;
    RepeatedModel model = rows.model(structure);
    const MixedFit& a = fit_mixed_model(model, first);
    model.row_times = times;
    const MixedFit& b = fit_mixed_model(model, second);
    ASSERT_EQ(a.status, MixedStatus::fitted) << name_of(structure);
    ASSERT_EQ(b.status, MixedStatus::fitted) << name_of(structure);
    EXPECT_NEAR(a.log_likelihood, b.log_likelihood, 1e-9);
    for (const MixedInference inference :
         {MixedInference::satterthwaite, MixedInference::kenward_roger,
          MixedInference::kenward_roger_exact, MixedInference::cr2}) {
      const MixedEstimate x = estimate_contrast(first, unit(9, 7), inference);
      const MixedEstimate y = estimate_contrast(second, unit(9, 7), inference);
      EXPECT_NEAR(x.se, y.se, 1e-8 * x.se);
      EXPECT_NEAR(x.df, y.df, 1e-6 * x.df);
    }
  }
}

TEST(MixedModel, refuses_two_rows_of_a_patient_at_one_time_of_its_own) {
  std::vector<double> times;
  const Rows rows = at_own_times(20, times);
  times[1] = times[0];
  RepeatedModel model = rows.model(Structures::spatial_exponential);
  model.row_times = times;
  MixedWorkspace workspace;
  EXPECT_EQ(fit_mixed_model(model, workspace).status, MixedStatus::repeated_visit);
  times[1] = std::nan("");
  EXPECT_EQ(fit_mixed_model(model, workspace).status, MixedStatus::invalid_input);
}

TEST(MixedModel, joint_tests_with_the_sandwich_are_its_t_tests_and_ignore_the_basis) {
  const IncompleteRows data(47, 60, 0.3);
  const Rows rows = data.as_rows();
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(), workspace).status, MixedStatus::fitted);
  for (const MixedInference inference : sandwiches) {
    const MixedEstimate one = estimate_contrast(workspace, unit(9, 4), inference);
    const JointTest single = test_jointly(workspace, unit(9, 4), inference);
    EXPECT_NEAR(single.f, one.statistic * one.statistic, 1e-10 * single.f);
    EXPECT_NEAR(single.denominator_df, one.df, 1e-8 * one.df);
    EXPECT_NEAR(single.p_value, one.p_value, 1e-10);
    std::vector<double> both = unit(9, 4), turned = unit(9, 4);
    turned[7] = 1.0;
    std::vector<double> other = unit(9, 4);
    other[7] = -1.0;
    const std::vector<double> second = unit(9, 7);
    both.insert(both.end(), second.begin(), second.end());
    turned.insert(turned.end(), other.begin(), other.end());
    const JointTest a = test_jointly(workspace, both, inference);
    const JointTest b = test_jointly(workspace, turned, inference);
    EXPECT_EQ(a.numerator_df, 2);
    EXPECT_NEAR(a.f, b.f, 1e-10 * a.f);
    EXPECT_GT(a.denominator_df, 10.0);
    EXPECT_LT(a.denominator_df, 60.0);
    // The F is the quadratic form of the sandwich.
    const std::vector<double> v = coefficient_covariance(workspace, inference);
    Eigen::Matrix2d part;
    part << v[4 * 9 + 4], v[4 * 9 + 7], v[7 * 9 + 4], v[7 * 9 + 7];
    const auto& beta = workspace.state().fit.coefficients;
    const Eigen::Vector2d tau(beta[4], beta[7]);
    EXPECT_NEAR(a.f, 0.5 * tau.dot(part.inverse() * tau), 1e-9 * a.f);
  }
}

BaselineTrial baseline_trial(const IncompleteRows& data) {
  BaselineTrial trial;
  trial.patients = data.arm.size();
  trial.visits = 3;
  trial.baseline = data.baseline;
  trial.outcome = data.outcome;
  trial.arm = data.arm;
  return trial;
}

RC_GTEST_PROP(ConstrainedBaseline, by_maximum_likelihood_has_the_contrasts_of_adjusted_models, ()) {
  // The likelihood splits in that of the baseline and that of the rest given it (Lu 2010): with
  // baselines complete, the model with a baseline by visit has the same maximum.
  const IncompleteRows data(*rc::gen::inRange<std::uint64_t>(1, 100000), 60, 0.3);
  const ConstrainedBaseline constrained(baseline_trial(data));
  MixedWorkspace first, second;
  RepeatedModel model = constrained.model();
  model.criterion = Criterion::ml;
  RC_PRE(fit_mixed_model(model, first).status == MixedStatus::fitted);
  const Rows rows = data.as_rows();
  RC_ASSERT(fit_mixed_model(rows.model(Structures::unstructured, Criterion::ml), second).status ==
            MixedStatus::fitted);
  for (int v = 1; v <= 3; ++v) {
    const MixedEstimate a =
        estimate_contrast(first, constrained.contrast(v, 1), MixedInference::satterthwaite);
    const MixedEstimate b = estimate_contrast(second, unit(9, 3 * static_cast<std::size_t>(v) - 2),
                                              MixedInference::satterthwaite);
    RC_ASSERT(std::fabs(a.estimate - b.estimate) < 1e-7 * b.se);
    // The errors differ by the imbalance of the baselines, a matter of chance.
    RC_ASSERT(std::fabs(a.se / b.se - 1.0) < 0.4);
  }
}

TEST(ConstrainedBaseline, with_complete_data_gives_the_analysis_of_covariance) {
  const IncompleteRows data(53, 80, 0.0);
  const ConstrainedBaseline constrained(baseline_trial(data));
  MixedWorkspace workspace;
  RepeatedModel model = constrained.model();
  model.criterion = Criterion::ml;
  ASSERT_EQ(fit_mixed_model(model, workspace).status, MixedStatus::fitted);
  double all = 0.0;
  for (const double x : data.baseline) all += x / 80.0;
  for (std::size_t v = 0; v < 3; ++v) {
    std::vector<double> y, x;
    for (std::size_t i = 0; i < 80; ++i) {
      y.push_back(data.outcome[3 * i + v]);
      x.insert(x.end(), {1.0, static_cast<double>(data.arm[i]), data.baseline[i]});
    }
    LinearModel ancova;
    ancova.response = y;
    ancova.design = x;
    ancova.columns = 3;
    const LinearFit fit = fit_linear_model(ancova);
    const int visit = static_cast<int>(v) + 1;
    const auto estimate = [&](const std::vector<double>& weights) {
      return estimate_contrast(workspace, weights, MixedInference::satterthwaite).estimate;
    };
    EXPECT_NEAR(estimate(constrained.contrast(visit, 1)), fit.coefficients[1], 1e-9);
    // Adjusted means at the mean baseline of all.
    EXPECT_NEAR(estimate(constrained.mean(visit, 0)),
                fit.coefficients[0] + fit.coefficients[2] * all, 1e-9);
    EXPECT_NEAR(estimate(constrained.mean_change(visit, 1)),
                fit.coefficients[0] + fit.coefficients[1] + (fit.coefficients[2] - 1.0) * all,
                1e-9);
  }
  EXPECT_NEAR(workspace.state().fit.coefficients[0], all, 1e-10);
}

TEST(ConstrainedBaseline, uses_patients_without_baseline_and_covariates_at_every_visit) {
  IncompleteRows data(59, 60, 0.3);
  const std::vector<double> covariate(data.baseline.rbegin(), data.baseline.rend());
  BaselineTrial trial = baseline_trial(data);
  trial.covariates = covariate;
  trial.covariate_columns = 1;
  MixedWorkspace workspace;
  const ConstrainedBaseline complete(trial);
  EXPECT_EQ(complete.columns(), 11U);
  const std::size_t rows = complete.model().response.size();
  data.baseline[0] = std::nan("");
  const ConstrainedBaseline constrained(trial);
  EXPECT_EQ(constrained.model().response.size(), rows - 1);
  ASSERT_EQ(fit_mixed_model(constrained.model(), workspace).status, MixedStatus::fitted);
  EXPECT_EQ(workspace.state().fit.patients, 60U);
}

TEST(MixedModel, standardised_means_add_the_spread_of_the_covariates_to_the_sandwich) {
  const IncompleteRows data(61, 80, 0.3);
  const Rows rows = data.as_rows();
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(), workspace).status, MixedStatus::fitted);
  std::vector<double> grid, centre(9, 0.0);
  std::vector<int> population;
  double mean = 0.0, squares = 0.0;
  for (const double x : data.baseline) mean += x / 80.0;
  for (const double x : data.baseline) squares += (x - mean) * (x - mean);
  for (const double arm : {0.0, 1.0}) {
    for (std::size_t i = 0; i < 80; ++i) {
      std::vector<double> row(9, 0.0);
      row[6] = 1.0;
      row[7] = arm;
      row[8] = data.baseline[i];
      grid.insert(grid.end(), row.begin(), row.end());
      if (arm == 0.0) population.push_back(static_cast<int>(i));
    }
  }
  for (const MixedInference inference : sandwiches) {
    const StandardisedMeans means = standardise_means(workspace, grid, population, inference);
    centre[6] = 1.0;
    centre[8] = mean;
    const MixedEstimate control = estimate_contrast(workspace, centre, inference);
    EXPECT_NEAR(means.estimate[0], control.estimate, 1e-12);
    // Without interaction the difference has no share of the covariates.
    const MixedEstimate tau = estimate_contrast(workspace, unit(9, 7), inference);
    EXPECT_NEAR(means.estimate[1] - means.estimate[0], tau.estimate, 1e-12);
    EXPECT_NEAR(means.covariance[0] + means.covariance[3] - 2.0 * means.covariance[1],
                tau.se * tau.se, 1e-12);
    // Independent shares but for what residuals and covariates have in common by chance: below a
    // fifth of the sum.
    const double slope = workspace.state().fit.coefficients[8];
    const double sum = control.se * control.se + slope * slope * squares / (80.0 * 80.0);
    EXPECT_NEAR(means.covariance[0], sum, 0.2 * sum);
  }
}

// Above eight visits forms of few parameters take their sums parameter by parameter.
TEST(MixedModel, hessian_of_many_visits_agrees_with_finite_differences) {
  Rows rows;
  for (int v = 0; v < 11; ++v) rows.times.push_back(0.4 * v + 0.05 * v * v);
  for (int i = 0; i < 24; ++i) {
    for (int v = 0; v < 11; ++v) {
      if ((3 * i + 5 * v) % 13 == 0) continue;
      const double arm = i % 2;
      const double y = std::sin(2.1 * i) + 0.3 * std::cos(1.7 * i) * v + std::sin(5.3 * i * v + v);
      rows.add(i, v, y, {1.0, arm, 1.0 * v, arm * v}, i % 2);
    }
  }
  for (const Structures structure :
       {Structures::ar1, Structures::compound_symmetry, Structures::spatial_exponential,
        Structures::random_slope, Structures::random_intercept}) {
    for (const Criterion criterion : {Criterion::reml, Criterion::ml}) {
      MixedState s;
      ASSERT_EQ(load(rows.model(structure, criterion), s), MixedStatus::fitted);
      choose_structures(s, structure);
      Eigen::VectorXd theta(2 * s.per_group());
      for (Eigen::Index i = 0; i < theta.size(); ++i) {
        theta[i] = 0.3 + 0.1 * std::sin(static_cast<double>(7 * i + 1));
      }
      ASSERT_TRUE(evaluate(s, theta));
      differentiate(s);
      const Eigen::MatrixXd hessian = s.hessian;
      for (Eigen::Index i = 0; i < theta.size(); ++i) {
        constexpr double h = 1.0e-5;
        Eigen::VectorXd up = theta, down = theta;
        up[i] += h;
        down[i] -= h;
        ASSERT_TRUE(evaluate(s, up));
        differentiate_once(s);
        const Eigen::VectorXd above = s.gradient;
        ASSERT_TRUE(evaluate(s, down));
        differentiate_once(s);
        const Eigen::VectorXd column = (above - s.gradient) / (2.0 * h);
        EXPECT_LT((column - hessian.col(i)).cwiseAbs().maxCoeff(),
                  1e-6 * (1.0 + hessian.cwiseAbs().maxCoeff()));
      }
    }
  }
}

TEST(MixedModel, goes_down_the_declared_list_in_its_order_and_says_what_became_of_each) {
  // No patient has both the first visit and the last: only forms without a correlation of that
  // pair have an answer.
  const IncompleteRows data(71, 60, 0.0);
  Rows rows;
  for (std::size_t i = 0; i < 60; ++i) {
    for (std::size_t v = i % 2; v < 2 + i % 2; ++v) {
      std::vector<double> x(3, 0.0);
      x[v] = 1.0;
      rows.add(static_cast<int>(i), static_cast<int>(v), data.outcome[3 * i + v], x);
    }
  }
  RepeatedModel model = rows.model();
  MixedWorkspace workspace;
  EXPECT_EQ(fit_mixed_model(model, workspace).status, MixedStatus::not_estimable);
  const std::array fallbacks{
      Structures::heterogeneous_toeplitz, Structures::heterogeneous_ante_dependence,
      Structures::heterogeneous_ar1, Structures::heterogeneous_compound_symmetry};
  model.fallbacks = fallbacks;
  const MixedFit& fit = fit_mixed_model(model, workspace);
  ASSERT_EQ(fit.status, MixedStatus::fitted);
  EXPECT_EQ(fit.structure, Structures::heterogeneous_ante_dependence);
  ASSERT_EQ(fit.attempts.size(), 3U);
  EXPECT_EQ(fit.attempts[0].status, MixedStatus::not_estimable);
  EXPECT_NE(fit.attempts[1].status, MixedStatus::fitted);
  EXPECT_EQ(fit.attempts[2].status, MixedStatus::fitted);
}

TEST(MixedModel, predicts_random_effects_only_where_there_are_some) {
  const IncompleteRows data(67, 60, 0.3);
  Rows rows = data.as_rows();
  rows.times = {0.0, 1.0, 2.0};
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(Structures::compound_symmetry), workspace).status,
            MixedStatus::fitted);
  double sum = 0.0;
  for (int i = 0; i < 60; ++i) {
    const RandomEffects effects = predict_random_effects(workspace, i);
    ASSERT_TRUE(effects.defined);
    ASSERT_EQ(effects.effects.size(), 1U);
    sum += effects.effects[0];
  }
  // Scores of the intercepts are 0 at the maximum: so is the sum of what is shared.
  EXPECT_NEAR(sum, 0.0, 1e-9);
  EXPECT_FALSE(predict_random_effects(workspace, 60).defined);
  ASSERT_EQ(fit_mixed_model(rows.model(Structures::ar1), workspace).status, MixedStatus::fitted);
  EXPECT_FALSE(predict_random_effects(workspace, 0).defined);
}

}  // namespace
}  // namespace angiotrial::analysis
