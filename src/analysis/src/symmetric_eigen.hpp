// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

namespace angiotrial::analysis {

/// Eigen's decomposition of a symmetric matrix, compiled once. Buffers are kept between calls: as
/// large a matrix as before asks for no memory, which Eigen's own call with vectors does.
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
  [[nodiscard]] const Eigen::VectorXd& eigenvalues() const { return values_; }
  [[nodiscard]] const Eigen::MatrixXd& eigenvectors() const { return vectors_; }

 private:
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver_;  ///< of the tridiagonal matrix
  Eigen::Tridiagonalization<Eigen::MatrixXd> tridiagonal_;
  Eigen::MatrixXd scaled_, rotation_, vectors_;
  Eigen::VectorXd diagonal_, beside_, values_, workspace_;
};

}  // namespace angiotrial::analysis
