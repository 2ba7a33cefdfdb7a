// SPDX-License-Identifier: Apache-2.0
#include "mixed/mixed_by_parameter.hpp"

// In the letters of mixed_derivatives.cpp.
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// s.p_pair[g][i] of a parameter becomes P_i in the coordinates of K = R R', and b_i.
void transform(MixedState& s, std::size_t group, Index i) {
  const MatrixXd& half = s.p_pair[group][at(i)];
  s.whole = half + half.transpose();
  const Index column = static_cast<Index>(group) * s.per_group() + i;
  s.b_tilde.col(column).noalias() = s.whole.topRows(s.p).lazyProduct(s.gamma);
  s.transformed = s.whole.topLeftCorner(s.p, s.p);
  const auto root = s.cholesky.matrixL();
  root.solveInPlace(s.transformed);
  s.transformed.transposeInPlace();
  root.solveInPlace(s.transformed);
  Eigen::Map<MatrixXd>(s.p_tilde.col(column).data(), s.p, s.p) = s.transformed;
}

}  // namespace

bool has_few_parameters(const MixedState& s) { return s.m > 8 && s.per_group() <= 4; }

void add_traces(MixedState& s, VisitPattern& pattern, MatrixXd& hessian) {
  const Index k = s.per_group();
  const Index first = s.theta_at(pattern.group);
  const Structure& structure = s.structures[pattern.group];
  pattern.derivatives.resize(at(k));
  if (s.quadratic.size() < at(2 * k)) s.quadratic.resize(at(2 * k));
  for (Index i = 0; i < k; ++i) {
    MatrixXd& d = pattern.derivatives[at(i)];
    restrict_to(pattern, structure.derivatives()[at(i)], d);
    s.quadratic[at(i)].noalias() = pattern.v * d;
    s.quadratic[at(k + i)].noalias() = d * pattern.product;
  }
  // tr(S_i V S_j W) = tr(V S_j W S_i) = sum of (V S_j) times (S_i W).
  for (Index i = 0; i < k; ++i) {
    for (Index j = 0; j < k; ++j) {
      hessian(first + i, first + j) +=
          s.quadratic[at(j)].cwiseProduct(s.quadratic[at(k + i)]).sum();
    }
  }
}

void sum_by_parameter(MixedState& s) {
  const Index k = s.per_group();
  s.p_pair.resize(s.groups);
  for (auto& halves : s.p_pair) {
    halves.resize(at(k));
    for (MatrixXd& half : halves) half.setZero(s.p + 1, s.p + 1);
  }
  for (VisitPattern& pattern : s.patterns) {
    pattern.product = 2.0 * pattern.inner - pattern.patients * pattern.v;
    add_traces(s, pattern, s.hessian);
    for (Index i = 0; i < k; ++i) {
      pattern.spread.noalias() = s.quadratic[at(i)] * pattern.v;
      add_weighted(s, pattern, pattern.spread, s.p_pair[s.group_of[pattern.group]][at(i)]);
    }
  }
  for (std::size_t g = 0; g < s.groups; ++g) {
    for (Index i = 0; i < k; ++i) transform(s, g, i);
  }
}

}  // namespace angiotrial::analysis
