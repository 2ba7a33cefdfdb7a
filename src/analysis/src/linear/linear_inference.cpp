// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/linear_family.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <limits>
#include <map>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// What all sandwiches share: u_i = w_i (y_i - mu_i), so that the score is sum of x_i u_i.
struct Pieces {
  LinearData data;
  MatrixXd bread;
  VectorXd mu, u;
};

Pieces pieces_of(const LinearModel& model, const LinearFit& fit) {
  ANGIOTRIAL_EXPECT(fit.status == LinearStatus::fitted, "the model has been fitted");
  Pieces out;
  out.data = read_model(model);
  const Index p = out.data.x.cols();
  out.bread = Eigen::Map<const MatrixXd>(fit.bread.data(), p, p);
  out.mu = Eigen::Map<const VectorXd>(fit.fitted.data(), out.data.y.size());
  out.u = out.data.weight.cwiseProduct(out.data.y - out.mu);
  return out;
}

MatrixXd heteroscedastic(const Pieces& pieces, const LinearFit& fit, LinearVariance variance) {
  const Index n = pieces.u.size();
  const auto rows = static_cast<double>(n);
  VectorXd weight = pieces.u.cwiseAbs2();
  if (variance == LinearVariance::hc1) weight *= rows / static_cast<double>(fit.degrees_of_freedom);
  for (Index i = 0; i < n; ++i) {
    double left = 1.0 - fit.leverage[static_cast<std::size_t>(i)];
    // A row that fits itself says nothing of its own variance: no answer, not a lucky one.
    if (left < 1e-8) left = std::numeric_limits<double>::quiet_NaN();
    if (variance == LinearVariance::hc2) weight[i] /= left;
    if (variance == LinearVariance::hc3) weight[i] /= left * left;
  }
  const MatrixXd xv = pieces.data.x * pieces.bread;
  return xv.transpose() * weight.asDiagonal() * xv;
}

/// Score and information of a cluster in coordinates in which bread is the identity. With G the
/// information, the adjustment (I - H)^(-1/2) of its residuals becomes (I - G)^(-1/2) of its score.
struct Cluster {
  MatrixXd information;
  VectorXd score;
  MatrixXd adjust;
};

std::map<int, Cluster> clusters_of(const LinearModel& model, const Pieces& pieces,
                                   LinearVariance variance) {
  ANGIOTRIAL_EXPECT(model.cluster.size() == model.response.size(), "a cluster a response");
  const Index p = pieces.bread.rows();
  const VectorXd working =
      pieces.data.weight.cwiseProduct(variance_of(pieces.data.family, pieces.mu));
  const MatrixXd root = pieces.bread.llt().matrixL();
  const MatrixXd rows = pieces.data.x * root;
  std::map<int, Cluster> clusters;
  for (Index i = 0; i < rows.rows(); ++i) {
    Cluster& cluster = clusters[model.cluster[static_cast<std::size_t>(i)]];
    if (cluster.score.size() == 0) {
      cluster.information.setZero(p, p);
      cluster.score.setZero(p);
    }
    cluster.information += working[i] * rows.row(i).transpose() * rows.row(i);
    cluster.score += pieces.u[i] * rows.row(i).transpose();
  }
  for (auto& [label, cluster] : clusters) {
    cluster.adjust.setIdentity(p, p);
    if (variance != LinearVariance::cr2) continue;
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(cluster.adjust - cluster.information);
    // A cluster that alone carries a coefficient has leverage 1: that direction adds nothing.
    constexpr double least = 1.0e-10;
    const VectorXd scaled = solver.eigenvalues().unaryExpr(
        [](double value) { return value > least ? 1.0 / std::sqrt(value) : 0.0; });
    cluster.adjust =
        solver.eigenvectors() * scaled.asDiagonal() * solver.eigenvectors().transpose();
  }
  return clusters;
}

MatrixXd clustered(const LinearModel& model, const Pieces& pieces, LinearVariance variance) {
  MatrixXd meat = MatrixXd::Zero(pieces.bread.rows(), pieces.bread.rows());
  const std::map<int, Cluster> clusters = clusters_of(model, pieces, variance);
  for (const auto& [label, cluster] : clusters) {
    const VectorXd score = cluster.adjust * cluster.score;
    meat += score * score.transpose();
  }
  ANGIOTRIAL_EXPECT(clusters.size() > 1, "a variance by cluster has two clusters");
  const auto g = static_cast<double>(clusters.size());
  if (variance == LinearVariance::cr1) meat *= g / (g - 1.0);
  const MatrixXd root = pieces.bread.llt().matrixL();
  return root * meat * root.transpose();
}

/// (tr G)^2 / tr G^2 of the quadratic form that the CR2 variance is under the working model.
double bell_mccaffrey(const LinearModel& model, const Pieces& pieces, const VectorXd& weights) {
  const MatrixXd root = pieces.bread.llt().matrixL();
  const VectorXd z = root.transpose() * weights;
  double trace = 0.0;
  double squares = 0.0;
  MatrixXd cross = MatrixXd::Zero(z.size(), z.size());
  for (const auto& [label, cluster] : clusters_of(model, pieces, LinearVariance::cr2)) {
    const VectorXd adjusted = cluster.adjust * z;
    const double length = adjusted.dot(cluster.information * adjusted);
    const VectorXd t = cluster.information * adjusted;
    trace += length - t.squaredNorm();
    squares += length * (length - 2.0 * t.squaredNorm());
    cross += t * t.transpose();
  }
  return trace * trace / (squares + cross.squaredNorm());
}

MatrixXd covariance_by(const LinearModel& model, const LinearFit& fit, const Pieces& pieces,
                       LinearVariance variance) {
  switch (variance) {
    case LinearVariance::model:
      return fit.sigma * fit.sigma * pieces.bread;
    case LinearVariance::cr0:
    case LinearVariance::cr1:
    case LinearVariance::cr2:
      return clustered(model, pieces, variance);
    default:
      return heteroscedastic(pieces, fit, variance);
  }
}

double reference_df(const LinearModel& model, const LinearFit& fit, const Pieces& pieces,
                    const VectorXd& weights, LinearVariance variance) {
  if (variance == LinearVariance::cr2) return bell_mccaffrey(model, pieces, weights);
  if (variance == LinearVariance::cr0 || variance == LinearVariance::cr1) {
    std::map<int, int> sizes;
    for (const int label : model.cluster) ++sizes[label];
    return static_cast<double>(sizes.size()) - 1.0;
  }
  if (model.family == Family::gaussian) return fit.degrees_of_freedom;
  return std::numeric_limits<double>::infinity();
}

}  // namespace

std::vector<double> coefficient_covariance(const LinearModel& model, const LinearFit& fit,
                                           LinearVariance variance) {
  const MatrixXd out = covariance_by(model, fit, pieces_of(model, fit), variance);
  return {out.data(), out.data() + out.size()};
}

LinearContrast estimate_contrast(const LinearModel& model, const LinearFit& fit,
                                 std::span<const double> weights, LinearVariance variance,
                                 double level) {
  ANGIOTRIAL_EXPECT(weights.size() == model.columns, "a weight a coefficient");
  const Pieces pieces = pieces_of(model, fit);
  const auto p = static_cast<Index>(model.columns);
  const VectorXd c = Eigen::Map<const VectorXd>(weights.data(), p);
  LinearContrast out;
  out.estimate = c.dot(Eigen::Map<const VectorXd>(fit.coefficients.data(), p));
  out.se = std::sqrt(c.dot(covariance_by(model, fit, pieces, variance) * c));
  out.df = reference_df(model, fit, pieces, c, variance);
  const bool known = out.se > 0.0 && std::isfinite(out.se);
  const double statistic = known ? std::fabs(out.estimate) / out.se : 0.0;
  double width = normal_half_width(level);
  if (std::isinf(out.df)) {
    out.p_value = normal_p_value(statistic);
  } else {
    const boost::math::students_t_distribution<double> t(out.df);
    width = quantile(complement(t, 0.5 * (1.0 - level)));
    out.p_value = 2.0 * cdf(complement(t, statistic));
  }
  if (!known) out.p_value = std::numeric_limits<double>::quiet_NaN();
  out.lower = out.estimate - width * out.se;
  out.upper = out.estimate + width * out.se;
  return out;
}

}  // namespace angiotrial::analysis
