// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/descriptive.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/gee_state.hpp"
#include "reference_distributions.hpp"

#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = GeeWorkspace::State;

ClusterCorrection correction_of(GeeVariance variance) {
  if (variance == GeeVariance::mancl_derouen) return ClusterCorrection::inverse;
  return variance == GeeVariance::kauermann_carroll ? ClusterCorrection::square_root
                                                    : ClusterCorrection::none;
}

/// Into s.covariance and s.clusters.
void take_covariance(const GeeModel& model, const GeeFit& fit, GeeVariance variance, State& s) {
  ANGIOTRIAL_EXPECT(fit.status == GeeStatus::fitted, "the model has been fitted");
  const auto p = static_cast<Index>(model.mean.columns);
  s.bread = Eigen::Map<const MatrixXd>(fit.bread.data(), p, p);
  s.clusters.clear();
  if (variance == GeeVariance::model) {
    s.covariance = fit.scale * s.bread;
    return;
  }
  bool possible = arrange(model, s.rows);
  s.beta = Eigen::Map<const VectorXd>(fit.coefficients.data(), p);
  standardise_rows(s.rows, s.beta);
  possible = possible && whiten(s.rows, model.correlation, fit.alpha, s.whitened);
  ANGIOTRIAL_EXPECT(possible, "the model is that of the fit");
  s.ones.setOnes(s.whitened.r.size());
  s.clusters.compute(s.whitened.z, s.bread, s.ones, s.rows.label);
  s.clusters.sandwich(s.whitened.r, correction_of(variance), s.covariance);
}

}  // namespace

std::span<const double> gee_covariance(const GeeModel& model, const GeeFit& fit,
                                       GeeVariance variance, GeeWorkspace& workspace) {
  State& s = workspace.state();
  take_covariance(model, fit, variance, s);
  s.clusters.strike_out(s.covariance);
  s.answer.assign(s.covariance.data(), s.covariance.data() + s.covariance.size());
  return s.answer;
}

std::vector<double> gee_covariance(const GeeModel& model, const GeeFit& fit, GeeVariance variance) {
  GeeWorkspace workspace;
  const auto out = gee_covariance(model, fit, variance, workspace);
  return {out.begin(), out.end()};
}

LinearContrast gee_contrast(const GeeModel& model, const GeeFit& fit,
                            std::span<const double> weights, GeeVariance variance, double level) {
  GeeWorkspace workspace;
  return gee_contrast(model, fit, weights, variance, level, workspace);
}

LinearContrast gee_contrast(const GeeModel& model, const GeeFit& fit,
                            std::span<const double> weights, GeeVariance variance, double level,
                            GeeWorkspace& workspace) {
  ANGIOTRIAL_EXPECT(weights.size() == model.mean.columns, "a weight a coefficient");
  State& s = workspace.state();
  take_covariance(model, fit, variance, s);
  const auto p = static_cast<Index>(weights.size());
  VectorXd& c = s.weights;
  c = Eigen::Map<const VectorXd>(weights.data(), p);
  LinearContrast out;
  out.estimate = c.dot(Eigen::Map<const VectorXd>(fit.coefficients.data(), p));
  if (s.clusters.carries(c)) {
    out.se = out.df = out.lower = out.upper = out.p_value =
        std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  out.se = std::sqrt(c.dot(s.covariance.lazyProduct(c)));
  const double z = out.estimate / out.se;
  double width = normal_half_width(level);
  out.df = std::numeric_limits<double>::infinity();
  out.p_value = normal_p_value(z);
  if (variance == GeeVariance::kauermann_carroll || variance == GeeVariance::mancl_derouen) {
    out.df = fit.clusters - static_cast<double>(p);
    width = student_tail_quantile(out.df, 0.5 * (1.0 - level));
    out.p_value = 2.0 * student_tail(out.df, std::fabs(z));
  }
  out.lower = out.estimate - width * out.se;
  out.upper = out.estimate + width * out.se;
  return out;
}

}  // namespace angiotrial::analysis
