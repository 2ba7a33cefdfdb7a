// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "linear/lone_directions.hpp"

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// Leverages h_i = w_i x_i'B x_i of the rows of a weighted fit, B = (X'WX)^-1. A row of leverage 1
/// determines its own fitted value: its residual is 0 whatever its variance, so that no sandwich by
/// rows has an error for what rests on it.
class RowLeverage {
 public:
  void clear() { alone_.clear(); }
  void compute(const Eigen::MatrixXd& x, const Eigen::MatrixXd& bread, const Eigen::VectorXd& w);

  /// The share of rows of leverage 1 in c'Bc = sum_i w_i (x_i'Bc)^2.
  [[nodiscard]] double share(const Eigen::Ref<const Eigen::VectorXd>& c) const;
  /// Whether that is more than rounding.
  [[nodiscard]] bool carries(const Eigen::Ref<const Eigen::VectorXd>& c) const;
  /// NaN in rows and columns of coefficients that rest on such rows.
  void strike_out(Eigen::MatrixXd& covariance) const;

  /// B (sum_i x_i x_i' u_i^2 / (1 - h_i)^power) B, without the rows of leverage 1. HC0 has power 0,
  /// HC2 1 and HC3 2 (MacKinnon and White 1985).
  void sandwich(const Eigen::VectorXd& u, int power, Eigen::MatrixXd& out);

 private:
  Eigen::MatrixXd bread_, by_bread_, weighted_;
  Eigen::VectorXd w_, leverage_, squares_;
  std::vector<Eigen::Index> alone_;
};

}  // namespace angiotrial::analysis
