// SPDX-License-Identifier: Apache-2.0
#include "linear/scaled_gram.hpp"

#include "column_products.hpp"

namespace angiotrial::analysis {

using Eigen::MatrixXd;
using Eigen::VectorXd;

bool ScaledGram::compute(const MatrixXd& x, std::span<const double> weight, double clear_pivot) {
  weighted_gram(x, weight, gram_);
  scale_ = gram_.diagonal().cwiseSqrt().cwiseInverse();
  if (!scale_.allFinite()) return false;
  scaled_ = scale_.asDiagonal() * gram_ * scale_.asDiagonal();
  cholesky_.compute(scaled_);
  return cholesky_.info() == Eigen::Success &&
         cholesky_.matrixLLT().diagonal().cwiseAbs2().minCoeff() > clear_pivot;
}

void ScaledGram::solve(const VectorXd& v, VectorXd& out) const {
  out = scale_.cwiseProduct(v);
  cholesky_.solveInPlace(out);
  out.array() *= scale_.array();
}

void ScaledGram::inverse(MatrixXd& out) {
  scaled_inverse_.setIdentity(gram_.rows(), gram_.cols());
  cholesky_.solveInPlace(scaled_inverse_);
  out = scale_.asDiagonal() * scaled_inverse_ * scale_.asDiagonal();
}

}  // namespace angiotrial::analysis
