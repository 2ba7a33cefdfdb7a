// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/linear_model.hpp>

#include "linear/column_rank.hpp"
#include "linear/linear_family.hpp"
#include "linear/pivoted_factor.hpp"

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// Buffers of one fit and of the inference after it.
struct LinearWorkspace::State {
  LinearData data;
  RankScratch rank;
  PivotedFactor factor;
  Eigen::MatrixXd scaled, gram_inverse;
  Eigen::VectorXd root, inverse_length, turned;
  Eigen::VectorXd beta, next, step, fitted_step, gradient;
  Eigen::MatrixXd bread;
  Eigen::VectorXd eta, trial, mu, working, score, pseudo, leverage;

  // Of the inference: u_i = w_i (y_i - mu_i), so that the score is sum of x_i u_i.
  Eigen::VectorXd u, squares, weights;
  Eigen::MatrixXd by_bread, weighted, covariance;
  std::vector<double> answer;

  LinearFit fit;
};

using LinearState = LinearWorkspace::State;

}  // namespace angiotrial::analysis
