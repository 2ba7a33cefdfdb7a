// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <Eigen/QR>

namespace angiotrial::analysis {

/// Smallest pivot of an orthogonal factorisation, over the largest, that counts as full rank.
inline constexpr double rank_tolerance = 1.0e-7;

/// X P = Q R with column pivots, and what least squares ask of it. Keeps its memory.
class PivotedFactor {
 public:
  /// False where the columns of x are dependent.
  [[nodiscard]] bool compute(const Eigen::MatrixXd& x);
  /// beta = P R^-1 Q' y.
  void solve(const Eigen::VectorXd& y, Eigen::VectorXd& beta);
  /// (X'X)^-1 = P R^-1 R^-T P'.
  void inverse_gram(Eigen::MatrixXd& out);

 private:
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr_;
  Eigen::VectorXd turned_;
  Eigen::MatrixXd triangle_, back_;
};

}  // namespace angiotrial::analysis
