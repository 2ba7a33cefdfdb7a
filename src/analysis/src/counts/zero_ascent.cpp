// SPDX-License-Identifier: Apache-2.0
#include "counts/zero_ascent.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <utility>

namespace angiotrial::analysis {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The step by observed information, made positive definite where it is not (Levenberg).
VectorXd newton_step(const ZeroLikelihood& likelihood) {
  MatrixXd matrix = likelihood.information();
  const VectorXd diagonal = matrix.diagonal().cwiseAbs().cwiseMax(1.0e-8);
  Eigen::LLT<MatrixXd> cholesky(matrix);
  for (double share = 1.0e-3; cholesky.info() != Eigen::Success && share < 1.0e6; share *= 4.0) {
    matrix.diagonal() = likelihood.information().diagonal() + share * diagonal;
    cholesky.compute(matrix);
  }
  return cholesky.solve(likelihood.gradient());
}

}  // namespace

ZeroTop climb_zero_counts(ZeroLikelihood& likelihood, VectorXd psi) {
  constexpr int most_iterations = 200;
  constexpr int most_halvings = 40;
  constexpr double last_decrement = 1.0e-14;
  constexpr double longest = 5.0;
  ZeroTop top;
  top.psi = std::move(psi);
  top.value = likelihood.evaluate(top.psi);
  for (; top.iterations < most_iterations; ++top.iterations) {
    VectorXd step = newton_step(likelihood);
    const double decrement = step.dot(likelihood.gradient());
    if (!(decrement >= 0.0) || !step.allFinite()) return top;
    step *= std::min(1.0, longest / std::max(step.cwiseAbs().maxCoeff(), longest * 1e-9));
    double share = 1.0;
    double value = -std::numeric_limits<double>::infinity();
    VectorXd next;
    for (int half = 0; half < most_halvings; ++half, share *= 0.5) {
      next = top.psi + share * step;
      value = likelihood.evaluate(next);
      if (value >= top.value - 1.0e-13 * std::fabs(top.value)) break;
    }
    const bool gained = value >= top.value - 1.0e-13 * std::fabs(top.value);
    if (gained) {
      top.psi = next;
      top.value = value;
    } else {
      likelihood.evaluate(top.psi);
    }
    top.converged = decrement < last_decrement;
    if (top.converged || !gained) return top;
  }
  return top;
}

}  // namespace angiotrial::analysis
