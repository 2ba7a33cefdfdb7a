// SPDX-License-Identifier: Apache-2.0
#include "survival/quadratic_form.hpp"

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

constexpr double least_share = 1.0e-10;

bool pivot_stands(const Eigen::LLT<Eigen::MatrixXd>& cholesky, const Eigen::MatrixXd& v, Index a) {
  const double pivot = cholesky.matrixLLT()(a, a);
  return cholesky.info() == Eigen::Success && pivot * pivot > least_share * v(a, a);
}

bool regular(const Eigen::MatrixXd& v, const Eigen::LLT<Eigen::MatrixXd>& cholesky) {
  for (Index a = 0; a < v.rows(); ++a) {
    if (!pivot_stands(cholesky, v, a)) return false;
  }
  return true;
}

/// Takes in one column after the other; what is left out has rows of the unit matrix and u = 0, so
/// that sizes, and with them the memory, stay. Returns the number of columns taken.
int factor_independent(const Eigen::MatrixXd& v, QuadraticFormScratch& s) {
  int rank = 0;
  s.kept.setIdentity(v.rows(), v.cols());
  for (Index a = 0; a < v.rows(); ++a) {
    for (Index b = 0; b < a; ++b) {
      const bool taken = s.solved[b] != 0.0;
      s.kept(a, b) = s.kept(b, a) = taken ? v(a, b) : 0.0;
    }
    s.kept(a, a) = v(a, a);
    s.cholesky.compute(s.kept);
    const bool stands = v(a, a) > 0.0 && pivot_stands(s.cholesky, v, a);
    s.solved[a] = stands ? 1.0 : 0.0;
    rank += stands ? 1 : 0;
    if (stands) continue;
    s.kept.row(a).setZero();
    s.kept.col(a).setZero();
    s.kept(a, a) = 1.0;
  }
  s.cholesky.compute(s.kept);
  return rank;
}

}  // namespace

QuadraticForm quadratic_form(const Eigen::VectorXd& u, const Eigen::MatrixXd& v,
                             QuadraticFormScratch& s) {
  QuadraticForm out{0.0, static_cast<int>(u.size())};
  s.solved.resize(u.size());
  s.cholesky.compute(v);
  if (regular(v, s.cholesky)) {
    s.solved = u;
  } else {
    out.rank = factor_independent(v, s);
    s.solved.array() *= u.array();  // which held 1 for the columns taken and 0 for others
  }
  s.cholesky.solveInPlace(s.solved);
  out.value = u.dot(s.solved);
  return out;
}

}  // namespace angiotrial::analysis
