// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>

#include "counts/gee_rows.hpp"
#include "linear/cluster_leverage.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <boost/container/flat_map.hpp>
#include <utility>
#include <vector>

namespace angiotrial::analysis {

/// Sum and number of r_j r_k / s over the pairs of a lag.
using PairsByLag = boost::container::flat_map<int, std::pair<double, double>>;

/// Buffers of one fit and of the inference after it.
struct GeeWorkspace::State {
  LinearWorkspace start;
  GeeRows rows;
  PairsByLag pairs;
  Whitened whitened;
  Eigen::MatrixXd information, bread;
  Eigen::VectorXd score, step, beta;
  Eigen::LLT<Eigen::MatrixXd> cholesky;
  // Of the errors.
  Eigen::VectorXd ones, weights;
  Eigen::MatrixXd covariance;
  ClusterLeverage clusters;
  std::vector<double> answer;

  GeeFit fit;
};

}  // namespace angiotrial::analysis
