// SPDX-License-Identifier: Apache-2.0
#include "linear/pivoted_factor.hpp"

namespace angiotrial::analysis {

using Eigen::Index;

bool PivotedFactor::compute(const Eigen::MatrixXd& x) {
  qr_.setThreshold(rank_tolerance);
  qr_.compute(x);
  return qr_.rank() == x.cols();
}

void PivotedFactor::solve(const Eigen::VectorXd& y, Eigen::VectorXd& beta) {
  const Index p = qr_.cols();
  turned_ = y;
  // Q' y, one reflection I - h (1, v)(1, v)' after the other: the library's own takes memory.
  const Index n = turned_.size();
  for (Index k = 0; k < p; ++k) {
    const auto v = qr_.matrixQR().col(k).tail(n - k - 1);
    auto rest = turned_.tail(n - k - 1);
    const double along = qr_.hCoeffs()[k] * (turned_[k] + v.dot(rest));
    turned_[k] -= along;
    rest -= along * v;
  }
  auto top = turned_.head(p);
  qr_.matrixQR().topLeftCorner(p, p).triangularView<Eigen::Upper>().solveInPlace(top);
  beta.resize(p);
  for (Index c = 0; c < p; ++c) beta[qr_.colsPermutation().indices()[c]] = top[c];
}

void PivotedFactor::inverse_gram(Eigen::MatrixXd& out) {
  const Index p = qr_.cols();
  triangle_.setIdentity(p, p);
  qr_.matrixQR().topLeftCorner(p, p).triangularView<Eigen::Upper>().solveInPlace(triangle_);
  back_.resize(p, p);
  for (Index c = 0; c < p; ++c) back_.row(qr_.colsPermutation().indices()[c]) = triangle_.row(c);
  out.noalias() = back_ * back_.transpose();
}

}  // namespace angiotrial::analysis
