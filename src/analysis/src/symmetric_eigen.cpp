// SPDX-License-Identifier: Apache-2.0
#include "symmetric_eigen.hpp"

namespace angiotrial::analysis {
namespace {

int options(bool vectors) { return vectors ? Eigen::ComputeEigenvectors : Eigen::EigenvaluesOnly; }

}  // namespace

SymmetricEigen::SymmetricEigen() = default;
SymmetricEigen::SymmetricEigen(const Eigen::MatrixXd& matrix) { compute(matrix); }

// A = Q T Q' with T = V D V': the vectors are QV. Eigen's own call would take a vector from the
// heap to unfold Q.
void SymmetricEigen::compute(const Eigen::MatrixXd& matrix, bool vectors) {
  const double largest = matrix.cwiseAbs().maxCoeff();
  const double scale = largest > 0.0 ? largest : 1.0;
  scaled_ = matrix / scale;
  tridiagonal_.compute(scaled_);
  diagonal_ = tridiagonal_.diagonal();
  beside_ = tridiagonal_.subDiagonal();
  solver_.computeFromTridiagonal(diagonal_, beside_, options(vectors));
  values_ = scale * solver_.eigenvalues();
  if (!vectors) return;
  rotation_.resize(matrix.rows(), matrix.cols());
  tridiagonal_.matrixQ().evalTo(rotation_, workspace_);
  vectors_.noalias() = rotation_ * solver_.eigenvectors();
}

void SymmetricEigen::compute_tridiagonal(const Eigen::VectorXd& diagonal,
                                         const Eigen::VectorXd& beside, bool vectors) {
  solver_.computeFromTridiagonal(diagonal, beside, options(vectors));
  values_ = solver_.eigenvalues();
  if (vectors) vectors_ = solver_.eigenvectors();
}

}  // namespace angiotrial::analysis
