// SPDX-License-Identifier: Apache-2.0
#include "linear/cluster_leverage.hpp"

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <vector>

/// Errors by cluster against the matrices of the residuals, written out.
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// A weighted fit: rows x, weights w, labels in no order, and any score residuals u.
struct Fit {
  MatrixXd x, bread;
  VectorXd w, u;
  std::vector<int> labels;
};

Fit any_fit() {
  random::Stream draw =
      random::Streams(*rc::gen::arbitrary<std::uint64_t>(), 0, 0).at(random::Purpose::diary);
  const Index p = *rc::gen::inRange(1, 5);
  const int clusters = *rc::gen::inRange(8, 15);
  Fit out;
  const Index n = 4 * clusters;
  out.x.resize(n, p);
  out.w.resize(n);
  out.u.resize(n);
  for (Index i = 0; i < n; ++i) {
    for (Index c = 0; c < p; ++c) out.x(i, c) = c == 0 ? 1.0 : draw.normal();
    out.w[i] = std::exp(draw.normal());
    out.u[i] = draw.normal();
    out.labels.push_back(i < 2 ? -7 * static_cast<int>(i)
                               : -7 * static_cast<int>(draw.uniform() * clusters));
  }
  out.bread = (out.x.transpose() * out.w.asDiagonal() * out.x).inverse();
  return out;
}

/// A cluster in coordinates in which the weights are 1.
struct Cluster {
  std::vector<Index> rows;
  MatrixXd x, adjust;  ///< (I - H)^(-power / 2) of its rows
};

/// The plain reference: n x n matrices and nothing kept.
struct Plain {
  MatrixXd x, leverage;
  VectorXd residual;
  std::vector<Cluster> clusters;
  double least_left = 1.0;

  Plain(const Fit& fit, double power) {
    const VectorXd root = fit.w.cwiseSqrt();
    x = root.asDiagonal() * fit.x;
    residual = fit.u.cwiseQuotient(root);
    leverage = x * fit.bread * x.transpose();
    std::vector<int> seen;
    for (const int label : fit.labels) {
      if (std::find(seen.begin(), seen.end(), label) != seen.end()) continue;
      seen.push_back(label);
      add(fit, label, power);
    }
  }
  void add(const Fit& fit, int label, double power) {
    Cluster out;
    for (std::size_t i = 0; i < fit.labels.size(); ++i) {
      if (fit.labels[i] == label) out.rows.push_back(static_cast<Index>(i));
    }
    const auto m = static_cast<Index>(out.rows.size());
    out.x = x(out.rows, Eigen::all);
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(MatrixXd::Identity(m, m) -
                                                         leverage(out.rows, out.rows));
    least_left = std::min(least_left, solver.eigenvalues()[0]);
    const VectorXd scaled = solver.eigenvalues().array().abs().pow(-0.5 * power);
    out.adjust = solver.eigenvectors() * scaled.asDiagonal() * solver.eigenvectors().transpose();
    clusters.push_back(out);
  }
  [[nodiscard]] MatrixXd sandwich(const MatrixXd& bread) const {
    MatrixXd meat = MatrixXd::Zero(bread.rows(), bread.rows());
    for (const Cluster& c : clusters) {
      const VectorXd score = c.x.transpose() * (c.adjust * residual(c.rows));
      meat += score * score.transpose();
    }
    return bread * meat * bread;
  }
  /// (tr M)^2 / tr M^2, M_cd = g_c'g_d with g_c = (I - H)'_c A_c X_c B w.
  [[nodiscard]] double df(const MatrixXd& bread, const VectorXd& weights) const {
    const Index n = x.rows();
    const MatrixXd residual_maker = MatrixXd::Identity(n, n) - leverage;
    MatrixXd g(n, static_cast<Index>(clusters.size()));
    for (Index c = 0; c < g.cols(); ++c) {
      const Cluster& its = clusters[static_cast<std::size_t>(c)];
      g.col(c) = residual_maker(Eigen::all, its.rows) * (its.adjust * (its.x * (bread * weights)));
    }
    const MatrixXd m = g.transpose() * g;
    return m.trace() * m.trace() / m.squaredNorm();
  }
};

RC_GTEST_PROP(ClusterLeverage, sandwiches_are_those_of_the_residuals, ()) {
  const Fit fit = any_fit();
  ClusterLeverage clusters;
  clusters.compute(fit.x, fit.bread, fit.w, fit.labels);
  for (const auto& [correction, power] : {std::pair{ClusterCorrection::none, 0.0},
                                          {ClusterCorrection::square_root, 1.0},
                                          {ClusterCorrection::inverse, 2.0}}) {
    const Plain plain(fit, power);
    RC_PRE(plain.least_left > 1.0e-3);
    RC_ASSERT(static_cast<std::size_t>(clusters.clusters()) == plain.clusters.size());
    const MatrixXd expected = plain.sandwich(fit.bread);
    MatrixXd covariance;
    clusters.sandwich(fit.u, correction, covariance);
    RC_ASSERT((covariance - expected).cwiseAbs().maxCoeff() <
              1.0e-10 * expected.cwiseAbs().maxCoeff());
  }
}

RC_GTEST_PROP(ClusterLeverage, degrees_of_freedom_are_those_of_the_quadratic_form, ()) {
  const Fit fit = any_fit();
  const auto [correction, power] = *rc::gen::element(std::pair{ClusterCorrection::none, 0.0},
                                                     std::pair{ClusterCorrection::square_root, 1.0},
                                                     std::pair{ClusterCorrection::inverse, 2.0});
  const Plain plain(fit, power);
  RC_PRE(plain.least_left > 1.0e-3);
  ClusterLeverage clusters;
  clusters.compute(fit.x, fit.bread, fit.w, fit.labels);
  const VectorXd weights = VectorXd::Unit(fit.x.cols(), fit.x.cols() - 1);
  const double expected = plain.df(fit.bread, weights);
  RC_ASSERT(std::fabs(clusters.bell_mccaffrey(weights, correction) - expected) < 1.0e-9 * expected);
}

TEST(ClusterLeverage, NeedsALabelARow) {
  const MatrixXd x = MatrixXd::Ones(3, 1);
  const MatrixXd bread = MatrixXd::Constant(1, 1, 1.0 / 3.0);
  ClusterLeverage clusters;
  EXPECT_THROW(clusters.compute(x, bread, VectorXd::Ones(3), std::vector{1, 2}),
               diagnostics::ContractViolation);
}

}  // namespace
}  // namespace angiotrial::analysis
