// SPDX-License-Identifier: Apache-2.0
#include "mixed/mixed_by_parameter.hpp"
#include "mixed/mixed_state.hpp"

// With V = Sigma^-1, K = X'VX = R R', Phi = K^-1 and the residual r at the estimate of beta:
//
//   -2 l      = c log 2 pi + log|Sigma| + r'Vr  [+ log|K| under REML]
//   d_i       = tr(V S_i) - tr(Phi P_i) - r'V S_i V r,              P_i = X'V S_i V X
//   d_ij      = -tr(V S_i V S_j) + 2 tr(S_i V S_j M) - tr(Phi P_i Phi P_j) - 2 b_i'Phi b_j
//               + sum of G_ab d2 Sigma_ab,     b_i = X'V S_i V r,   M = V (r r' + X Phi X') V
//
// with S_i = dSigma / dtheta_i and G the gradient in the entries of Sigma. Under ML the terms with
// Phi P and X Phi X' are absent. Sums over patients are sums over patterns of cross-products.
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Pairs a <= b of m visits, row by row.
Index pair_at(Index a, Index b, Index m) { return a * m - a * (a - 1) / 2 + (b - a); }

/// spread_jk = sum of z_j' Psi z_k over the patients of a pattern.
void spread_of(const MixedState& s, const VisitPattern& pattern, const MatrixXd& psi,
               MatrixXd& out) {
  const std::size_t m = pattern.visits.size();
  out.resize(static_cast<Index>(m), static_cast<Index>(m));
  for (std::size_t j = 0; j < m; ++j) {
    const auto& rows = s.columns[at(pattern.visits[j])];
    for (std::size_t k = j; k < m; ++k) {
      const auto& columns = s.columns[at(pattern.visits[k])];
      const double* block = &pattern.cross[pattern.block_at[j * m + k]];
      double sum = 0.0;
      for (const Index a : rows) {
        const double* weight = psi.col(a).data();
        for (const Index b : columns) sum += *block++ * weight[b];
      }
      out(static_cast<Index>(j), static_cast<Index>(k)) = sum;
      out(static_cast<Index>(k), static_cast<Index>(j)) = sum;
    }
  }
}

/// Adds tr(E_ab V E_cd M) over pairs to `out`, E_ab the symmetric unit matrix of a pair.
void add_quadratic(const VisitPattern& pattern, const MatrixXd& v, const MatrixXd& w, Index m,
                   MatrixXd& out) {
  const auto size = static_cast<Index>(pattern.visits.size());
  for (Index a = 0; a < size; ++a) {
    for (Index b = a; b < size; ++b) {
      const Index u = pair_at(pattern.visits[at(a)], pattern.visits[at(b)], m);
      const double half = a == b ? 0.5 : 1.0;
      for (Index c = 0; c < size; ++c) {
        for (Index d = c; d < size; ++d) {
          const Index t = pair_at(pattern.visits[at(c)], pattern.visits[at(d)], m);
          if (t < u) continue;
          out(t, u) +=
              half * (c == d ? 0.5 : 1.0) *
              (v(b, c) * w(d, a) + v(b, d) * w(c, a) + v(a, c) * w(d, b) + v(a, d) * w(c, b));
        }
      }
    }
  }
}

/// Adds to pair (a, b) the sum over patients of (V Z)_a' (V Z)_b; `left` is (p + 1) x (p + 1).
void add_pairs(const MixedState& s, const VisitPattern& pattern, std::vector<MatrixXd>& pairs,
               MatrixXd& left) {
  const std::size_t m = pattern.visits.size();
  for (std::size_t a = 0; a < m; ++a) {
    for (std::size_t k = 0; k < m; ++k) {
      // Rows of V Z at visit a against rows of Z at visit k.
      const auto& columns = s.columns[at(pattern.visits[k])];
      const auto width = static_cast<Index>(columns.size());
      auto used = left.topRows(width);
      used.setZero();
      for (std::size_t j = 0; j < m; ++j) {
        const double weight = pattern.v(static_cast<Index>(a), static_cast<Index>(j));
        const double* block = &pattern.cross[pattern.block_at[j * m + k]];
        for (const Index row : s.columns[at(pattern.visits[j])]) {
          double* to = left.col(row).data();
          for (Index b = 0; b < width; ++b) to[b] += weight * *block++;
        }
      }
      for (std::size_t b = a; b < m; ++b) {
        MatrixXd& out = pairs[at(pair_at(pattern.visits[a], pattern.visits[b], s.m))];
        const double weight = pattern.v(static_cast<Index>(b), static_cast<Index>(k));
        for (Index c = 0; c < width; ++c) {
          out.col(columns[at(c)]) += weight * left.row(c).transpose();
        }
      }
    }
  }
}

/// J of a group: entry (pair, i) is S_i of that pair.
void fill_pair_jacobian(const Structure& structure, Index m, MatrixXd& jacobian) {
  jacobian.resize(m * (m + 1) / 2, structure.parameters());
  for (Index i = 0; i < jacobian.cols(); ++i) {
    const MatrixXd& d = structure.derivatives()[at(i)];
    for (Index a = 0; a < m; ++a) {
      for (Index b = a; b < m; ++b) jacobian(pair_at(a, b, m), i) = d(a, b);
    }
  }
}

/// Copies the lower triangle to the upper one.
void mirror(MatrixXd& matrix) {
  for (Index b = 1; b < matrix.cols(); ++b) {
    for (Index a = 0; a < b; ++a) matrix(a, b) = matrix(b, a);
  }
}

/// Adds P_i of one class, in the coordinates of K = R R', and b_i.
void transform_pairs(MixedState& s, std::size_t group, const MatrixXd& jacobian) {
  const Index p = s.p;
  const auto& pairs = s.p_pair[group];
  const auto root = s.cholesky.matrixL();
  for (Index i = 0; i < jacobian.cols(); ++i) {
    s.sum.setZero(p + 1, p + 1);
    for (Index a = 0; a < s.m; ++a) {
      for (Index b = a; b < s.m; ++b) {
        const Index u = pair_at(a, b, s.m);
        const double weight = (a == b ? 0.5 : 1.0) * jacobian(u, i);
        if (weight != 0.0) s.sum += weight * pairs[at(u)];
      }
    }
    s.whole = s.sum + s.sum.transpose();
    const Index column = s.theta_at(group) + i;
    s.b_tilde.col(column).noalias() += s.whole.topRows(p).lazyProduct(s.gamma);
    s.transformed = s.whole.topLeftCorner(p, p);
    root.solveInPlace(s.transformed);
    s.transformed.transposeInPlace();
    root.solveInPlace(s.transformed);
    Eigen::Map<MatrixXd>(s.p_tilde.col(column).data(), p, p) += s.transformed;
  }
}

/// The sums of differentiate(), but for the curvature of Sigma, by pairs of visits.
void sum_by_pairs(MixedState& s) {
  const Index k = s.per_group();
  const Index pairs = s.m * (s.m + 1) / 2;
  s.left.resize(s.p + 1, s.p + 1);
  s.p_pair.resize(s.classes);
  s.quadratic.resize(s.classes);
  s.jacobian.resize(s.classes);
  for (std::size_t g = 0; g < s.classes; ++g) {
    s.quadratic[g].setZero(pairs, pairs);
    s.p_pair[g].resize(at(pairs));
    for (MatrixXd& pair : s.p_pair[g]) pair.setZero(s.p + 1, s.p + 1);
  }
  for (VisitPattern& pattern : s.patterns) {
    pattern.product = 2.0 * pattern.inner - pattern.patients * pattern.v;
    add_quadratic(pattern, pattern.v, pattern.product, s.m, s.quadratic[pattern.group]);
    add_pairs(s, pattern, s.p_pair[pattern.group], s.left);
  }
  for (std::size_t g = 0; g < s.classes; ++g) {
    fill_pair_jacobian(s.structures[g], s.m, s.jacobian[g]);
    mirror(s.quadratic[g]);
    s.product.noalias() = s.quadratic[g].lazyProduct(s.jacobian[g]);
    auto block = s.hessian.block(s.theta_at(g), s.theta_at(g), k, k);
    block.noalias() += s.jacobian[g].transpose().lazyProduct(s.product);
    transform_pairs(s, g, s.jacobian[g]);
  }
}

}  // namespace

void differentiate_once(MixedState& s) {
  const Index k = s.per_group();
  s.phi.setIdentity(s.p, s.p);
  s.cholesky.solveInPlace(s.phi);
  s.gamma.resize(s.p + 1);
  s.gamma.head(s.p) = -s.beta;
  s.gamma[s.p] = 1.0;
  s.psi.noalias() = s.gamma * s.gamma.transpose();
  if (s.criterion == Criterion::reml) s.psi.topLeftCorner(s.p, s.p) += s.phi;
  s.score.resize(s.classes);
  for (MatrixXd& score : s.score) score.setZero(s.m, s.m);
  for (VisitPattern& pattern : s.patterns) {
    spread_of(s, pattern, s.psi, pattern.spread);
    pattern.product.noalias() = pattern.v.lazyProduct(pattern.spread);
    pattern.inner.noalias() = pattern.product.lazyProduct(pattern.v);
    const auto size = static_cast<Index>(pattern.visits.size());
    for (Index a = 0; a < size; ++a) {
      for (Index b = 0; b < size; ++b) {
        s.score[pattern.group](pattern.visits[at(a)], pattern.visits[at(b)]) +=
            pattern.patients * pattern.v(a, b) - pattern.inner(a, b);
      }
    }
  }
  s.gradient.setZero(k * static_cast<Index>(s.groups));
  for (std::size_t g = 0; g < s.classes; ++g) {
    for (Index i = 0; i < k; ++i) {
      s.gradient[s.theta_at(g) + i] +=
          s.score[g].cwiseProduct(s.structures[g].derivatives()[at(i)]).sum();
    }
  }
}

void differentiate(MixedState& s) {
  differentiate_once(s);
  const Index k = s.per_group();
  const Index total = k * static_cast<Index>(s.groups);
  s.hessian.setZero(total, total);
  s.p_tilde.setZero(s.p * s.p, total);
  s.b_tilde.setZero(s.p, total);
  if (has_few_parameters(s)) {
    sum_by_parameter(s);
  } else {
    sum_by_pairs(s);
  }
  for (std::size_t g = 0; g < s.classes; ++g) {
    s.structures[g].contract(s.score[g], s.curvature);
    s.hessian.block(s.theta_at(g), s.theta_at(g), k, k) += s.curvature;
  }
  s.cholesky.matrixL().solveInPlace(s.b_tilde);
  s.hessian.noalias() -= 2.0 * s.b_tilde.transpose().lazyProduct(s.b_tilde);
  if (s.criterion == Criterion::reml) {
    s.hessian.noalias() -= s.p_tilde.transpose().lazyProduct(s.p_tilde);
  }
}

const MatrixXd& expected_hessian(MixedState& s) {
  // tr(V S_i V S_j) - 2 tr(S_i V S_j V X Phi X' V) + tr(Phi P_i Phi P_j)
  const Index k = s.per_group();
  const bool reml = s.criterion == Criterion::reml;
  s.psi.setZero(s.p + 1, s.p + 1);
  if (reml) s.psi.topLeftCorner(s.p, s.p) = s.phi;
  const bool few = has_few_parameters(s);
  for (std::size_t g = 0; !few && g < s.classes; ++g) s.quadratic[g].setZero();
  s.expected.setZero(s.gradient.size(), s.gradient.size());
  for (VisitPattern& pattern : s.patterns) {
    spread_of(s, pattern, s.psi, pattern.spread);
    pattern.product.noalias() = pattern.v * pattern.spread;
    pattern.inner.noalias() = pattern.product * pattern.v;
    pattern.product = pattern.patients * pattern.v - 2.0 * pattern.inner;
    if (few) {
      add_traces(s, pattern, s.expected);
    } else {
      add_quadratic(pattern, pattern.v, pattern.product, s.m, s.quadratic[pattern.group]);
    }
  }
  for (std::size_t g = 0; !few && g < s.classes; ++g) {
    mirror(s.quadratic[g]);
    s.product.noalias() = s.quadratic[g] * s.jacobian[g];
    auto block = s.expected.block(s.theta_at(g), s.theta_at(g), k, k);
    block.noalias() += s.jacobian[g].transpose() * s.product;
  }
  if (reml) s.expected.noalias() += s.p_tilde.transpose() * s.p_tilde;
  return s.expected;
}

}  // namespace angiotrial::analysis
