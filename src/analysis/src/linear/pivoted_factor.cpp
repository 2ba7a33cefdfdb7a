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
  // The product of qr_ and y that solve() of the library takes, without its temporaries.
  qr_.householderQ().adjoint().applyThisOnTheLeft(turned_, scratch_);
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
