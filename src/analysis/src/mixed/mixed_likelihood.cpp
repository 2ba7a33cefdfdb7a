// SPDX-License-Identifier: Apache-2.0
#include "mixed/mixed_state.hpp"

#include <Eigen/LU>

#include <cmath>
#include <numbers>

// With V = Sigma^-1, K = X'VX and the residual r at the estimate of beta:
//
//   -2 l = c log 2 pi + log|Sigma| + r'Vr  [+ log|K| under REML]
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

void restrict_to(const VisitPattern& pattern, const MatrixXd& full, MatrixXd& out) {
  const auto size = static_cast<Index>(pattern.visits.size());
  out.resize(size, size);
  for (Index j = 0; j < size; ++j) {
    for (Index k = 0; k < size; ++k) {
      out(j, k) = full(pattern.visits[at(j)], pattern.visits[at(k)]);
    }
  }
}

void add_weighted(const MixedState& s, const VisitPattern& pattern, const MatrixXd& w,
                  MatrixXd& half) {
  const std::size_t m = pattern.visits.size();
  for (std::size_t j = 0; j < m; ++j) {
    for (std::size_t k = j; k < m; ++k) {
      const auto& columns = s.columns[at(pattern.visits[k])];
      const double* block = &pattern.cross[pattern.block_at[j * m + k]];
      const double weight = (j == k ? 0.5 : 1.0) * w(static_cast<Index>(j), static_cast<Index>(k));
      for (const Index a : s.columns[at(pattern.visits[j])]) {
        double* to = half.col(a).data();
        for (const Index b : columns) to[b] += weight * *block++;
      }
    }
  }
}

bool evaluate(MixedState& s, const VectorXd& theta) {
  if (!theta.allFinite()) return false;
  s.theta = theta;
  for (std::size_t g = 0; g < s.classes; ++g) s.structures[g].set(theta.data() + s.theta_at(g));
  double log_determinant = 0.0;
  s.half.setZero(s.p + 1, s.p + 1);
  for (VisitPattern& pattern : s.patterns) {
    restrict_to(pattern, s.structures[pattern.group].covariance(), pattern.v);
    pattern.llt.compute(pattern.v);
    const auto diagonal = pattern.llt.matrixLLT().diagonal().array();
    if (pattern.llt.info() != Eigen::Success || !(diagonal > 0.0).all()) return false;
    // Pivot over variance: 1 - R^2 of a visit on the earlier ones.
    constexpr double least_pivot = 1.0e-12;
    if (!(diagonal.square() > least_pivot * pattern.v.diagonal().array()).all()) return false;
    log_determinant += 2.0 * pattern.patients * diagonal.log().sum();
    pattern.lower = pattern.llt.matrixL();
    pattern.v.setIdentity();
    pattern.llt.solveInPlace(pattern.v);
    add_weighted(s, pattern, pattern.v, s.half);
  }
  s.k = s.half + s.half.transpose();
  s.cholesky.compute(s.k.topLeftCorner(s.p, s.p));
  if (s.cholesky.info() != Eigen::Success) return false;
  s.beta = s.cholesky.solve(s.k.col(s.p).head(s.p));
  const double squares = s.k(s.p, s.p) - s.beta.dot(s.k.col(s.p).head(s.p));
  const bool reml = s.criterion == Criterion::reml;
  const double rows = static_cast<double>(reml ? s.n - s.p : s.n);
  s.minus_two_log_likelihood = rows * std::log(2.0 * std::numbers::pi) + log_determinant + squares;
  if (reml) {
    s.minus_two_log_likelihood += 2.0 * s.cholesky.matrixLLT().diagonal().array().log().sum();
  }
  return std::isfinite(s.minus_two_log_likelihood);
}

}  // namespace angiotrial::analysis
