// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/linear_state.hpp"
#include "reference_distributions.hpp"

#include <cmath>
#include <limits>

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

/// w V(mu), into s.working.
void take_working_weights(LinearState& s) {
  take_variance(s.data.family, s.mu, s.working);
  s.working.array() *= s.data.weight.array();
}

/// Into s.covariance and s.rows.
void heteroscedastic(const LinearFit& fit, LinearVariance variance, LinearState& s) {
  take_working_weights(s);
  s.rows.compute(s.data.x, s.bread, s.working);
  const int power =
      variance == LinearVariance::hc3 ? 2 : static_cast<int>(variance == LinearVariance::hc2);
  s.rows.sandwich(s.u, power, s.covariance);
  const auto n = static_cast<double>(s.u.size());
  if (variance == LinearVariance::hc1) s.covariance *= n / fit.degrees_of_freedom;
}

/// Into s.covariance and s.clusters.
void clustered(const LinearModel& model, LinearState& s, LinearVariance variance) {
  take_working_weights(s);
  s.clusters.compute(s.data.x, s.bread, s.working, model.cluster);
  ANGIOTRIAL_EXPECT(s.clusters.clusters() > 1, "a variance by cluster has two clusters");
  s.clusters.sandwich(
      s.u,
      variance == LinearVariance::cr2 ? ClusterCorrection::square_root : ClusterCorrection::none,
      s.covariance);
  const double g = s.clusters.clusters();
  if (variance == LinearVariance::cr1) s.covariance *= g / (g - 1.0);
}

/// In s.covariance, s.rows and s.clusters, after take_pieces.
void take_covariance(const LinearModel& model, const LinearFit& fit, LinearVariance variance,
                     LinearState& s) {
  s.rows.clear();
  s.clusters.clear();
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

double reference_df(const LinearFit& fit, LinearState& s, LinearVariance variance) {
  if (variance == LinearVariance::cr2)
    return s.clusters.bell_mccaffrey(s.weights, ClusterCorrection::square_root);
  if (variance == LinearVariance::cr0 || variance == LinearVariance::cr1) {
    return s.clusters.clusters() - 1.0;
  }
  if (s.data.family == Family::gaussian) return fit.degrees_of_freedom;
  return std::numeric_limits<double>::infinity();
}

}  // namespace

void take_covariance_of_all(const LinearModel& model, const LinearFit& fit, LinearVariance variance,
                            LinearState& s) {
  take_pieces(model, fit, s);
  take_covariance(model, fit, variance, s);
  s.clusters.strike_out(s.covariance);
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
  if (s.rows.carries(c) || s.clusters.carries(c)) {
    out.se = out.df = out.lower = out.upper = out.p_value =
        std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  out.df = reference_df(fit, s, variance);
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
