// SPDX-License-Identifier: Apache-2.0
#include "symmetric_eigen.hpp"

namespace angiotrial::analysis {
namespace {

int options(bool vectors) { return vectors ? Eigen::ComputeEigenvectors : Eigen::EigenvaluesOnly; }

}  // namespace

SymmetricEigen::SymmetricEigen() = default;
SymmetricEigen::SymmetricEigen(const Eigen::MatrixXd& matrix) : solver_(matrix) {}

void SymmetricEigen::compute(const Eigen::MatrixXd& matrix, bool vectors) {
  solver_.compute(matrix, options(vectors));
}

void SymmetricEigen::compute_tridiagonal(const Eigen::VectorXd& diagonal,
                                         const Eigen::VectorXd& beside, bool vectors) {
  solver_.computeFromTridiagonal(diagonal, beside, options(vectors));
}

}  // namespace angiotrial::analysis
