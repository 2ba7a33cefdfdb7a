// SPDX-License-Identifier: Apache-2.0
#include "multiplicity/scale_rule.hpp"
#include "symmetric_eigen.hpp"

#include <cmath>

namespace angiotrial::analysis::quadrature {
namespace {

/// Points that integrate Phi(c S - d), c up to 6, to about 1e-12: compared with the panels.
Eigen::Index scale_points(double df) {
  if (df >= 150.0) return 10;
  if (df >= 80.0) return 14;
  return df >= 50.0 ? 18 : 24;
}

}  // namespace

// nu S^2 / 2 ~ Gamma(nu / 2): Laguerre's polynomials with exponent a = nu / 2 - 1. Nodes are the
// eigenvalues of their Jacobi matrix, with 2k + 1 + a on the diagonal and sqrt(k (k + a)) beside
// it; weights are the squares of the eigenvectors' first entries (Golub and Welsch 1969).
ScaleRule scale_rule(double df) {
  const Eigen::Index n = scale_points(df);
  const double a = 0.5 * df - 1.0;
  Eigen::VectorXd diagonal(n), beside(n - 1);
  for (Eigen::Index k = 0; k < n; ++k) {
    const auto order = static_cast<double>(k);
    diagonal[k] = 2.0 * order + 1.0 + a;
    if (k > 0) beside[k - 1] = std::sqrt(order * (order + a));
  }
  SymmetricEigen solver;
  solver.compute_tridiagonal(diagonal, beside);
  ScaleRule rule;
  for (Eigen::Index k = 0; k < n; ++k) {
    const double first = solver.eigenvectors()(0, k);
    rule.node.push_back(std::sqrt(2.0 * solver.eigenvalues()[k] / df));
    rule.weight.push_back(first * first);
  }
  return rule;
}

}  // namespace angiotrial::analysis::quadrature
