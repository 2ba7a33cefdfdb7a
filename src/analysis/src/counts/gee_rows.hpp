// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>

#include "linear/linear_family.hpp"
#include "stable_order.hpp"

#include <Eigen/Core>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// Rows by cluster, those of a cluster by time, with z_i = sqrt(w V) x_i and
/// r_i = (y - mu) sqrt(w / V). Keeps its buffers.
struct GeeRows {
  StableOrder order;                ///< positions in the model
  std::vector<Eigen::Index> begin;  ///< of each cluster, and the number of rows
  std::vector<int> label, time;
  LinearData data;
  Eigen::VectorXd eta, mu, variance, r;
  Eigen::MatrixXd z;

  [[nodiscard]] std::size_t clusters() const { return begin.size() - 1; }
};

/// False where a cluster has a time twice.
[[nodiscard]] bool arrange(const GeeModel& model, GeeRows& rows);

/// mu, z and r at beta.
void standardise_rows(GeeRows& rows, const Eigen::VectorXd& beta);

/// z and r of all rows times the inverse Cholesky factors of the correlations of their clusters.
/// Keeps its buffers.
struct Whitened {
  Eigen::MatrixXd z;
  Eigen::VectorXd r;
  Eigen::MatrixXd correlation;  ///< of the largest cluster; others are its leading block
};

/// False where a correlation is not positive definite.
[[nodiscard]] bool whiten(const GeeRows& rows, WorkingCorrelation correlation, double alpha,
                          Whitened& out);

}  // namespace angiotrial::analysis
