// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>

#include "linear/linear_family.hpp"

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// z_i = sqrt(w V) x_i and r_i = (y - mu) sqrt(w / V), row by row; rows and times by cluster.
struct GeeRows {
  LinearData data;
  std::vector<std::vector<Eigen::Index>> cluster;
  std::vector<int> time;
  Eigen::VectorXd mu, r;
  Eigen::MatrixXd z;
};

/// Rows by cluster, those of a cluster by time; false where a cluster has a time twice.
bool arrange(const GeeModel& model, GeeRows& rows);

void standardise_rows(GeeRows& rows, const Eigen::VectorXd& beta);

/// z and r of one cluster multiplied by the inverse Cholesky factor of its correlation.
struct Whitened {
  Eigen::MatrixXd z;
  Eigen::VectorXd r;
};

/// False where the correlation is not positive definite.
bool whiten(const GeeRows& rows, const std::vector<Eigen::Index>& members,
            WorkingCorrelation correlation, double alpha, Whitened& out);

}  // namespace angiotrial::analysis
