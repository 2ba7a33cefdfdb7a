// SPDX-License-Identifier: Apache-2.0
#include "survival/newton.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

constexpr double least_share = 1.0e-10;

}  // namespace

std::vector<std::size_t> explained_columns(const Eigen::MatrixXd& information, double weight) {
  std::vector<std::size_t> explained;
  std::vector<Index> kept;
  for (Index a = 0; a < information.rows(); ++a) {
    if (information(a, a) > least_share * weight) {
      kept.push_back(a);
      const Eigen::VectorXd root = information.diagonal()(kept).cwiseSqrt().cwiseInverse();
      const Eigen::MatrixXd correlation =
          root.asDiagonal() * information(kept, kept) * root.asDiagonal();
      const Eigen::LLT<Eigen::MatrixXd> cholesky(correlation);
      const Index last = static_cast<Index>(kept.size()) - 1;
      const double left = cholesky.matrixLLT()(last, last);
      if (cholesky.info() == Eigen::Success && left * left > least_share) continue;
      kept.pop_back();
    }
    explained.push_back(static_cast<std::size_t>(a));
  }
  return explained;
}

bool any_explained(const Eigen::MatrixXd& information, double weight, ExplainedScratch& scratch) {
  if (!(information.diagonal().minCoeff() > least_share * weight)) return true;
  auto& [root, correlation, cholesky] = scratch;
  root = information.diagonal().cwiseSqrt().cwiseInverse();
  correlation = root.asDiagonal() * information * root.asDiagonal();
  cholesky.compute(correlation);
  return cholesky.info() != Eigen::Success ||
         !(cholesky.matrixLLT().diagonal().cwiseAbs2().minCoeff() > least_share);
}

double furthest_move(std::span<const double> x, const Eigen::VectorXd& step) {
  const auto p = static_cast<std::size_t>(step.size());
  double most = 0.0;
  for (std::size_t i = 0; i + p <= x.size(); i += p) {
    double move = 0.0;
    for (std::size_t a = 0; a < p; ++a) move += x[i + a] * step[static_cast<Index>(a)];
    most = std::max(most, std::fabs(move));
  }
  return most;
}

}  // namespace angiotrial::analysis
