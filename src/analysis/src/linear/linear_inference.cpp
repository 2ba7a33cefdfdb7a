// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/linear_state.hpp"
#include "reference_distributions.hpp"
#include "symmetric_eigen.hpp"

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>
#include <map>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// What all sandwiches share, in the workspace: the data, bread, mu and u.
void take_pieces(const LinearModel& model, const LinearFit& fit, LinearState& s) {
  ANGIOTRIAL_EXPECT(fit.status == LinearStatus::fitted, "the model has been fitted");
  read_model(model, s.data);
  const Index p = s.data.x.cols();
  s.bread = Eigen::Map<const MatrixXd>(fit.bread.data(), p, p);
  s.mu = Eigen::Map<const VectorXd>(fit.fitted.data(), s.data.y.size());
  s.u = s.data.weight.cwiseProduct(s.data.y - s.mu);
}

/// Into s.covariance and s.rows.
void heteroscedastic(const LinearFit& fit, LinearVariance variance, LinearState& s) {
  take_variance(s.data.family, s.mu, s.working);
  s.working.array() *= s.data.weight.array();
  s.rows.compute(s.data.x, s.bread, s.working);
  const int power =
      variance == LinearVariance::hc3 ? 2 : static_cast<int>(variance == LinearVariance::hc2);
  s.rows.sandwich(s.u, power, s.covariance);
  const auto n = static_cast<double>(s.u.size());
  if (variance == LinearVariance::hc1) s.covariance *= n / fit.degrees_of_freedom;
}

/// Score and information of a cluster in coordinates in which bread is the identity. With G the
/// information, the adjustment (I - H)^(-1/2) of its residuals becomes (I - G)^(-1/2) of its score.
struct Cluster {
  MatrixXd information;
  VectorXd score;
  MatrixXd adjust;
};

std::map<int, Cluster> clusters_of(const LinearModel& model, const LinearState& pieces,
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
    const SymmetricEigen solver(cluster.adjust - cluster.information);
    // A direction that a cluster carries alone adds nothing to contrasts that do not rest on it.
    const VectorXd scaled = solver.eigenvalues().unaryExpr(
        [](double value) { return value > least_left ? 1.0 / std::sqrt(value) : 0.0; });
    cluster.adjust =
        solver.eigenvectors() * scaled.asDiagonal() * solver.eigenvectors().transpose();
  }
  return clusters;
}

/// Into s.covariance and s.lone.
void clustered(const LinearModel& model, LinearState& s, LinearVariance variance) {
  MatrixXd meat = MatrixXd::Zero(s.bread.rows(), s.bread.rows());
  const std::map<int, Cluster> clusters = clusters_of(model, s, variance);
  for (const auto& [label, cluster] : clusters) {
    s.lone.add(cluster.information);
    const VectorXd score = cluster.adjust * cluster.score;
    meat += score * score.transpose();
  }
  ANGIOTRIAL_EXPECT(clusters.size() > 1, "a variance by cluster has two clusters");
  const auto g = static_cast<double>(clusters.size());
  if (variance == LinearVariance::cr1) meat *= g / (g - 1.0);
  const MatrixXd root = s.bread.llt().matrixL();
  s.covariance = root * meat * root.transpose();
}

/// (tr G)^2 / tr G^2 of the quadratic form that the CR2 variance is under the working model.
double bell_mccaffrey(const LinearModel& model, const LinearState& pieces,
                      const VectorXd& weights) {
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

/// In s.covariance, s.lone and s.rows, after take_pieces.
void take_covariance(const LinearModel& model, const LinearFit& fit, LinearVariance variance,
                     LinearState& s) {
  s.lone.clear();
  s.rows.clear();
  switch (variance) {
    case LinearVariance::model:
      s.covariance = fit.sigma * fit.sigma * s.bread;
      return;
    case LinearVariance::cr0:
    case LinearVariance::cr1:
    case LinearVariance::cr2:
      clustered(model, s, variance);
      return;
    default:
      heteroscedastic(fit, variance, s);
  }
}

double reference_df(const LinearModel& model, const LinearFit& fit, const LinearState& pieces,
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

void take_covariance_of_all(const LinearModel& model, const LinearFit& fit, LinearVariance variance,
                            LinearState& s) {
  take_pieces(model, fit, s);
  take_covariance(model, fit, variance, s);
  if (!s.lone.empty()) {
    s.lone.strike_out(MatrixXd(s.bread.llt().matrixL()).transpose(), s.covariance);
  }
}

std::span<const double> coefficient_covariance(const LinearModel& model, const LinearFit& fit,
                                               LinearVariance variance,
                                               LinearWorkspace& workspace) {
  LinearState& s = workspace.state();
  take_covariance_of_all(model, fit, variance, s);
  s.rows.strike_out(s.covariance);
  s.answer.assign(s.covariance.data(), s.covariance.data() + s.covariance.size());
  return s.answer;
}

std::vector<double> coefficient_covariance(const LinearModel& model, const LinearFit& fit,
                                           LinearVariance variance) {
  LinearWorkspace workspace;
  const auto out = coefficient_covariance(model, fit, variance, workspace);
  return {out.begin(), out.end()};
}

LinearContrast estimate_contrast(const LinearModel& model, const LinearFit& fit,
                                 std::span<const double> weights, LinearVariance variance,
                                 double level) {
  LinearWorkspace workspace;
  return estimate_contrast(model, fit, weights, variance, level, workspace);
}

LinearContrast estimate_contrast(const LinearModel& model, const LinearFit& fit,
                                 std::span<const double> weights, LinearVariance variance,
                                 double level, LinearWorkspace& workspace) {
  ANGIOTRIAL_EXPECT(weights.size() == model.columns, "a weight a coefficient");
  LinearState& s = workspace.state();
  take_pieces(model, fit, s);
  take_covariance(model, fit, variance, s);
  const auto p = static_cast<Index>(model.columns);
  VectorXd& c = s.weights;
  c = Eigen::Map<const VectorXd>(weights.data(), p);
  LinearContrast out;
  out.estimate = c.dot(Eigen::Map<const VectorXd>(fit.coefficients.data(), p));
  out.se = std::sqrt(c.dot(s.covariance.lazyProduct(c)));
  if (s.rows.carries(c) ||
      (!s.lone.empty() && s.lone.carry(MatrixXd(s.bread.llt().matrixL()).transpose() * c))) {
    out.se = out.df = out.lower = out.upper = out.p_value =
        std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  out.df = reference_df(model, fit, s, c, variance);
  const bool known = out.se > 0.0 && std::isfinite(out.se);
  const double statistic = known ? std::fabs(out.estimate) / out.se : 0.0;
  double width = normal_half_width(level);
  if (std::isinf(out.df)) {
    out.p_value = normal_p_value(statistic);
  } else {
    width = student_tail_quantile(out.df, 0.5 * (1.0 - level));
    out.p_value = 2.0 * student_tail(out.df, statistic);
  }
  if (!known) out.p_value = std::numeric_limits<double>::quiet_NaN();
  out.lower = out.estimate - width * out.se;
  out.upper = out.estimate + width * out.se;
  return out;
}

}  // namespace angiotrial::analysis
