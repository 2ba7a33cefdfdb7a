// SPDX-License-Identifier: Apache-2.0
#include "ordinal/gauss_rule.hpp"
#include "symmetric_eigen.hpp"

#include <algorithm>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Lanczos on diag(points) from the roots of the weights gives the Jacobi matrix of the measure
/// (Gautschi 2004, Orthogonal Polynomials, section 2.2.3.2); nodes and weights by Golub and Welsch
/// 1969. On [-1, 1], with full reorthogonalisation.
DiscreteMeasure gauss_rule(const DiscreteMeasure& measure, std::size_t nodes) {
  constexpr double exhausted = 1.0e-13;  // what is left then is rounding
  const auto n = static_cast<Index>(measure.point.size());
  const auto most = std::min(static_cast<Index>(nodes), n);
  const double centre = 0.5 * (measure.point.front() + measure.point.back());
  const double scale = 0.5 * (measure.point.back() - measure.point.front());
  const VectorXd t = (Eigen::Map<const VectorXd>(measure.point.data(), n).array() - centre) / scale;
  const Eigen::Map<const VectorXd> weight(measure.weight.data(), n);
  const double total = weight.sum();
  MatrixXd basis(n, most);
  VectorXd alpha(most), beta(most);
  basis.col(0) = (weight / total).cwiseSqrt();
  Index size = 0;
  while (size < most) {
    VectorXd rest = t.cwiseProduct(basis.col(size));
    alpha[size] = rest.dot(basis.col(size));
    ++size;
    const auto known = basis.leftCols(size);
    for (int pass = 0; pass < 2; ++pass) rest -= known * (known.transpose() * rest).eval();
    beta[size - 1] = rest.norm();
    if (beta[size - 1] < exhausted || size == most) break;
    basis.col(size) = rest / beta[size - 1];
  }
  SymmetricEigen solver;
  solver.compute_tridiagonal(alpha.head(size), beta.head(size - 1));
  DiscreteMeasure out;
  for (Index i = 0; i < size; ++i) {
    const double first = solver.eigenvectors()(0, i);
    out.point.push_back(centre + scale * solver.eigenvalues()[i]);
    out.weight.push_back(total * first * first);
  }
  return out;
}

}  // namespace angiotrial::analysis
