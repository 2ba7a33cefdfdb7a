// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <span>

namespace angiotrial::analysis {

/// Cholesky factor of X'WX with columns scaled to unit length: several times faster than orthogonal
/// factors, and as good where columns are far from dependent.
class ScaledGram {
 public:
  /// False where a squared pivot is at most `clear_pivot`, so that orthogonal factors are the ones
  /// to trust. Weights of n, or empty for 1.
  [[nodiscard]] bool compute(const Eigen::MatrixXd& x, std::span<const double> weight,
                             double clear_pivot);
  /// (X'WX)^-1 v; `out` is not `v`.
  void solve(const Eigen::VectorXd& v, Eigen::VectorXd& out) const;
  /// (X'WX)^-1.
  void inverse(Eigen::MatrixXd& out);

 private:
  Eigen::MatrixXd gram_, scaled_, scaled_inverse_;
  Eigen::VectorXd scale_;
  Eigen::LLT<Eigen::MatrixXd> cholesky_;
};

}  // namespace angiotrial::analysis
