// SPDX-License-Identifier: Apache-2.0
#include "hermite_rule.hpp"
#include "symmetric_eigen.hpp"

#include <cmath>
#include <numbers>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Nodes from the Jacobi matrix (Golub and Welsch 1969); 1 / (w e^(x^2)) is the sum of squares of
/// the orthonormal Hermite functions, which keeps the digits of the outer weights.
HermiteRule::HermiteRule(int nodes) {
  const auto n = static_cast<Index>(nodes);
  VectorXd x = VectorXd::Zero(n);
  if (n > 1) {
    VectorXd off(n - 1);
    for (Index k = 1; k < n; ++k) off[k - 1] = std::sqrt(0.5 * static_cast<double>(k));
    SymmetricEigen solver;
    solver.compute_tridiagonal(VectorXd::Zero(n), off, false);
    x = solver.eigenvalues();
  }
  for (Index i = 0; i < n; ++i) {
    // The rule is symmetric; the eigenvalues are so to rounding only.
    const double at = 0.5 * (x[i] - x[n - 1 - i]);
    double before = 0.0;
    double here = std::exp(-0.5 * at * at) / std::sqrt(std::sqrt(std::numbers::pi));
    double sum = here * here;
    for (int k = 1; k < nodes; ++k) {
      const double next = std::sqrt(2.0 / k) * at * here - std::sqrt((k - 1.0) / k) * before;
      before = here;
      here = next;
      sum += here * here;
    }
    node.push_back(at);
    log_weight.push_back(-std::log(sum));
  }
}

}  // namespace angiotrial::analysis
