// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

namespace angiotrial::analysis {

/// Eigen's decomposition of a symmetric matrix, compiled once; buffers are kept between calls.
class SymmetricEigen {
 public:
  SymmetricEigen();
  explicit SymmetricEigen(const Eigen::MatrixXd& matrix);

  void compute(const Eigen::MatrixXd& matrix, bool vectors = true);
  /// Of the tridiagonal matrix with these elements on the diagonal and beside it.
  void compute_tridiagonal(const Eigen::VectorXd& diagonal, const Eigen::VectorXd& beside,
                           bool vectors = true);
  [[nodiscard]] Eigen::ComputationInfo info() const { return solver_.info(); }
  /// Rising.
  [[nodiscard]] const Eigen::VectorXd& eigenvalues() const { return solver_.eigenvalues(); }
  [[nodiscard]] const Eigen::MatrixXd& eigenvectors() const { return solver_.eigenvectors(); }

 private:
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver_;
};

}  // namespace angiotrial::analysis
