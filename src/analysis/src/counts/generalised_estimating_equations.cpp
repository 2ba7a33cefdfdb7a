// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/descriptive.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "counts/cluster_sandwich.hpp"
#include "counts/gee_rows.hpp"
#include "counts/plain_fit_status.hpp"
#include "reference_distributions.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_iterations = 500;
/// Largest change of alpha and of a coefficient in its standard error at which iteration ends.
constexpr double last_change = 1.0e-12;

/// Sum and number of r_j r_k / s over the pairs of a lag.
using PairsByLag = std::map<int, std::pair<double, double>>;

PairsByLag pairs_of(const GeeRows& rows, double scale, bool by_lag) {
  PairsByLag pairs;
  for (const auto& members : rows.cluster) {
    for (std::size_t j = 0; j < members.size(); ++j) {
      for (std::size_t k = j + 1; k < members.size(); ++k) {
        const int lag = rows.time[static_cast<std::size_t>(members[k])] -
                        rows.time[static_cast<std::size_t>(members[j])];
        auto& [sum, count] = pairs[by_lag ? lag : 1];
        sum += rows.r[members[j]] * rows.r[members[k]] / scale;
        count += 1.0;
      }
    }
  }
  return pairs;
}

/// Gauss-Newton on sum over lags of count (mean - alpha^lag)^2, from the least lag.
double autoregressive_alpha(const PairsByLag& pairs) {
  constexpr double largest = 0.9999;
  const auto& [lag, first] = *pairs.begin();
  const double mean = first.first / first.second;
  double alpha = lag % 2 == 0 ? std::pow(std::max(mean, 0.0), 1.0 / lag)
                              : std::copysign(std::pow(std::fabs(mean), 1.0 / lag), mean);
  alpha = std::clamp(alpha, -largest, largest);
  for (int iteration = 0; iteration < 200; ++iteration) {
    double slope = 0.0;
    double curvature = 0.0;
    for (const auto& [l, sums] : pairs) {
      const double before = l == 1 ? 1.0 : std::pow(alpha, l - 1);
      const double d = l * before;
      slope += d * (sums.first - sums.second * before * alpha);
      curvature += sums.second * d * d;
    }
    if (!(curvature > 0.0)) break;
    const double next = std::clamp(alpha + slope / curvature, -largest, largest);
    const double change = std::fabs(next - alpha);
    alpha = next;
    if (change < 1.0e-15) break;
  }
  return alpha;
}

double estimate_alpha(const GeeRows& rows, double scale, WorkingCorrelation correlation) {
  const bool by_lag = correlation == WorkingCorrelation::autoregressive;
  const PairsByLag pairs = pairs_of(rows, scale, by_lag);
  if (by_lag) return autoregressive_alpha(pairs);
  return pairs.begin()->second.first / pairs.begin()->second.second;
}

/// sum Z'R^-1 Z and sum Z'R^-1 r.
bool totals(const GeeRows& rows, WorkingCorrelation correlation, double alpha,
            MatrixXd& information, VectorXd& score) {
  const Index p = rows.z.cols();
  information.setZero(p, p);
  score.setZero(p);
  Whitened part;
  for (const auto& members : rows.cluster) {
    if (!whiten(rows, members, correlation, alpha, part)) return false;
    information.noalias() += part.z.transpose() * part.z;
    score.noalias() += part.z.transpose() * part.r;
  }
  return true;
}

/// Moments and scoring steps in turn. `rows`, `beta` and the fit move together.
GeeStatus iterate(const GeeModel& model, GeeRows& rows, VectorXd& beta, GeeFit& fit) {
  const bool correlated = model.correlation != WorkingCorrelation::independence;
  MatrixXd information;
  VectorXd score;
  for (fit.iterations = 0; fit.iterations < most_iterations; ++fit.iterations) {
    standardise_rows(rows, beta);
    const double before = fit.alpha;
    fit.scale = rows.r.squaredNorm() / static_cast<double>(rows.r.size());
    if (!(fit.scale > 0.0)) return GeeStatus::not_converged;
    if (correlated) fit.alpha = estimate_alpha(rows, fit.scale, model.correlation);
    if (!totals(rows, model.correlation, fit.alpha, information, score)) {
      return GeeStatus::correlation_invalid;
    }
    const Eigen::LLT<MatrixXd> cholesky(information);
    if (cholesky.info() != Eigen::Success || !score.allFinite()) return GeeStatus::not_converged;
    const VectorXd step = cholesky.solve(score);
    const MatrixXd bread = cholesky.solve(MatrixXd::Identity(beta.size(), beta.size()));
    fit.bread.assign(bread.data(), bread.data() + bread.size());
    const double moved =
        (step.array() / (fit.scale * bread.diagonal().array()).sqrt()).abs().maxCoeff();
    if (moved < last_change && std::fabs(fit.alpha - before) < last_change) {
      return GeeStatus::fitted;
    }
    beta += step;
  }
  return GeeStatus::not_converged;
}

GeeRows rows_at(const GeeModel& model, const GeeFit& fit) {
  ANGIOTRIAL_EXPECT(fit.status == GeeStatus::fitted, "the model has been fitted");
  GeeRows rows;
  arrange(model, rows);
  standardise_rows(rows, Eigen::Map<const VectorXd>(fit.coefficients.data(),
                                                    static_cast<Index>(fit.coefficients.size())));
  return rows;
}

}  // namespace

std::string_view name_of(GeeStatus status) {
  switch (status) {
    case GeeStatus::no_pairs:
      return "no cluster with two rows";
    case GeeStatus::correlation_invalid:
      return "working correlation not positive definite";
    case GeeStatus::fitted:
      return "fitted";
    case GeeStatus::invalid_input:
      return "invalid input";
    case GeeStatus::too_few_rows:
      return "too few rows or clusters";
    case GeeStatus::collinear:
      return "collinear columns";
    case GeeStatus::separated:
      return "separated: no finite estimate";
    case GeeStatus::not_converged:
      return "not converged";
  }
  return "";
}

GeeFit fit_gee(const GeeModel& model) {
  const std::size_t n = model.mean.response.size();
  ANGIOTRIAL_EXPECT(model.mean.cluster.size() == n, "a cluster a response");
  ANGIOTRIAL_EXPECT(model.visit.empty() || model.visit.size() == n, "a visit a response");
  GeeFit fit;
  const LinearFit start = fit_linear_model(model.mean);
  if (start.status != LinearStatus::fitted) {
    fit.status = status_of_plain<GeeStatus>(start.status);
    return fit;
  }
  // Where the mean is linear, equations are solved for what least squares leave: a response far
  // from 0 would cost their digits.
  const bool linear = model.mean.family == Family::gaussian;
  GeeModel rest = model;
  std::vector<double> left(n), none(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) left[i] = model.mean.response[i] - start.fitted[i];
  if (linear) {
    rest.mean.response = left;
    rest.mean.offset = none;
  }
  GeeRows rows;
  fit.status = GeeStatus::invalid_input;
  if (!arrange(rest, rows)) return fit;
  fit.clusters = static_cast<int>(rows.cluster.size());
  fit.status = GeeStatus::too_few_rows;
  if (rows.cluster.size() <= model.mean.columns) return fit;
  fit.status = GeeStatus::no_pairs;
  const bool single = rows.cluster.size() == n;
  if (single && model.correlation != WorkingCorrelation::independence) return fit;
  const Eigen::Map<const VectorXd> first(start.coefficients.data(),
                                         static_cast<Index>(model.mean.columns));
  VectorXd beta = first;
  if (linear) beta.setZero();
  fit.status = iterate(model, rows, beta, fit);
  if (fit.status != GeeStatus::fitted) return fit;
  if (linear) {
    beta += first;
    rows.mu += Eigen::Map<const VectorXd>(start.fitted.data(), rows.mu.size());
  }
  fit.coefficients.assign(beta.data(), beta.data() + beta.size());
  fit.fitted.assign(rows.mu.data(), rows.mu.data() + rows.mu.size());
  return fit;
}

namespace {

/// A covariance of the coefficients, and what no sandwich has an error for.
struct GeeErrors {
  MatrixXd covariance;
  MatrixXd root;  ///< of bread
  LoneDirections lone;
};

GeeErrors errors_of(const GeeModel& model, const GeeFit& fit, GeeVariance variance) {
  const GeeRows rows = rows_at(model, fit);
  const Index p = rows.z.cols();
  const Eigen::Map<const MatrixXd> bread(fit.bread.data(), p, p);
  GeeErrors out{fit.scale * bread, bread.llt().matrixL(), {}};
  if (variance != GeeVariance::model) {
    const ClusterCorrection correction =
        variance == GeeVariance::mancl_derouen       ? ClusterCorrection::inverse
        : variance == GeeVariance::kauermann_carroll ? ClusterCorrection::square_root
                                                     : ClusterCorrection::none;
    ClusterMeat meat;
    meat.clear(p, correction);
    Whitened part;
    for (const auto& members : rows.cluster) {
      whiten(rows, members, model.correlation, fit.alpha, part);
      const MatrixXd z = part.z * out.root;
      meat.add(z.transpose() * z, z.transpose() * part.r, out.lone);
    }
    out.covariance = out.root * meat.sum() * out.root.transpose();
  }
  return out;
}

}  // namespace

std::vector<double> gee_covariance(const GeeModel& model, const GeeFit& fit, GeeVariance variance) {
  GeeErrors errors = errors_of(model, fit, variance);
  errors.lone.strike_out(errors.root.transpose(), errors.covariance);
  return {errors.covariance.data(), errors.covariance.data() + errors.covariance.size()};
}

LinearContrast gee_contrast(const GeeModel& model, const GeeFit& fit,
                            std::span<const double> weights, GeeVariance variance, double level) {
  ANGIOTRIAL_EXPECT(weights.size() == model.mean.columns, "a weight a coefficient");
  const GeeErrors errors = errors_of(model, fit, variance);
  const auto p = static_cast<Index>(weights.size());
  const Eigen::Map<const VectorXd> c(weights.data(), p);
  LinearContrast out;
  out.estimate = c.dot(Eigen::Map<const VectorXd>(fit.coefficients.data(), p));
  if (errors.lone.carry(errors.root.transpose() * c)) {
    out.se = out.df = out.lower = out.upper = out.p_value =
        std::numeric_limits<double>::quiet_NaN();
    return out;
  }
  out.se = std::sqrt(c.dot(errors.covariance * c));
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
