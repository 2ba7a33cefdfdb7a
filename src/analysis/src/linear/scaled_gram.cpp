// SPDX-License-Identifier: Apache-2.0
#include "linear/scaled_gram.hpp"

#include "column_products.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double least_scale = 1.0e-140;

}  // namespace

using Eigen::MatrixXd;
using Eigen::VectorXd;

bool ScaledGram::compute(const MatrixXd& x, std::span<const double> weight, double clear_pivot) {
  weighted_gram(x, weight, gram_);
  scale_ = gram_.diagonal().cwiseSqrt().cwiseInverse();
  // Squares of columns of another size overflow or lose digits.
  if (!(scale_.minCoeff() > least_scale && scale_.maxCoeff() < 1.0 / least_scale)) return false;
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
