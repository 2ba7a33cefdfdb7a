// SPDX-License-Identifier: Apache-2.0
#include "linear/lone_directions.hpp"

#include <limits>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void LoneDirections::add(const MatrixXd& information) {
  // No eigenvalue exceeds the trace.
  if (information.trace() < 1.0 - least_left) return;
  solver_.compute(information);
  for (Index i = 0; i < information.rows(); ++i) {
    if (solver_.eigenvalues()[i] < 1.0 - least_left) continue;
    directions_.emplace_back(solver_.eigenvectors().col(i));
  }
}

bool LoneDirections::carry(const VectorXd& z) const {
  // Less of the variance than this is rounding, or would not show in an error.
  constexpr double least_share = 1.0e-10;
  double share = 0.0;
  for (const VectorXd& v : directions_) share += v.dot(z) * v.dot(z);
  return share > least_share * z.squaredNorm();
}

void LoneDirections::strike_out(const MatrixXd& coordinates, MatrixXd& covariance) const {
  if (empty()) return;
  for (Index j = 0; j < coordinates.cols(); ++j) {
    if (!carry(coordinates.col(j))) continue;
    covariance.row(j).setConstant(std::numeric_limits<double>::quiet_NaN());
    covariance.col(j).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
}

}  // namespace angiotrial::analysis
