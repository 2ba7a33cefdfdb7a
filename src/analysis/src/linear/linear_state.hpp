// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/linear_model.hpp>

#include "linear/cluster_leverage.hpp"
#include "linear/column_rank.hpp"
#include "linear/linear_family.hpp"
#include "linear/pivoted_factor.hpp"
#include "linear/row_leverage.hpp"
#include "linear/scaled_gram.hpp"

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// Buffers of one fit and of the inference after it.
struct LinearWorkspace::State {
  LinearData data;
  RankScratch rank;
  PivotedFactor factor;
  ScaledGram gram;
  Eigen::MatrixXd scaled, gram_inverse;
  Eigen::VectorXd root, inverse_length, turned;
  Eigen::VectorXd beta, next, step, fitted_step, gradient;
  Eigen::MatrixXd bread;
  Eigen::VectorXd eta, trial, mu, trial_mu, working, score, pseudo;

  // Of the inference: u_i = w_i (y_i - mu_i), so that the score is sum of x_i u_i.
  Eigen::VectorXd u, weights;
  Eigen::MatrixXd covariance;
  RowLeverage rows;          ///< of the forms by row
  ClusterLeverage clusters;  ///< of the forms by cluster
  std::vector<double> answer;
  std::vector<double> log_factorials;  ///< of 0, 1, 2 ..., as far as was needed

  LinearFit fit;
};

using LinearState = LinearWorkspace::State;

/// Weighted least squares of z: s.next and s.bread; false where columns are collinear.
[[nodiscard]] bool weighted_least_squares(LinearState& s, const Eigen::VectorXd& weight,
                                          const Eigen::VectorXd& z);
/// s.gram of X'WX; false where orthogonal factors are the ones to trust.
[[nodiscard]] bool factor_gram(LinearState& s, const Eigen::VectorXd& weight);
/// s.covariance as of coefficient_covariance, but finite where rows of leverage 1 have a part: they
/// add nothing.
void take_covariance_of_all(const LinearModel& model, const LinearFit& fit, LinearVariance variance,
                            LinearState& s);
/// Newton on beta, which for a canonical link is iterated weighted least squares: s.beta and
/// s.bread.
[[nodiscard]] LinearStatus iterate_least_squares(LinearState& s, int& iterations);

}  // namespace angiotrial::analysis
