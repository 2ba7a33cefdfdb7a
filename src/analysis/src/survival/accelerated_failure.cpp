// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/accelerated_failure.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "linear/column_rank.hpp"
#include "linear/column_scales.hpp"
#include "survival/newton.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/QR>
#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/erf.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_iterations = 200;
constexpr int most_halvings = 60;

/// A function of w with its first two derivatives.
struct Jet {
  double value = 0.0, first = 0.0, second = 0.0;
};

/// log of the density of W.
Jet log_density(FailureDistribution distribution, double w) {
  switch (distribution) {
    case FailureDistribution::weibull:
    case FailureDistribution::exponential: {
      const double e = std::exp(w);
      return {w - e, 1.0 - e, -e};
    }
    case FailureDistribution::lognormal:
      return {-0.5 * w * w - 0.5 * std::log(boost::math::constants::two_pi<double>()), -w, -1.0};
    case FailureDistribution::loglogistic: {
      const double p = 1.0 / (1.0 + std::exp(-w));
      const double soft = w > 0.0 ? w + std::log1p(std::exp(-w)) : std::log1p(std::exp(w));
      return {w - 2.0 * soft, 1.0 - 2.0 * p, -2.0 * p * (1.0 - p)};
    }
  }
  return {};
}

/// log of P(W > w).
Jet log_survival(FailureDistribution distribution, double w) {
  switch (distribution) {
    case FailureDistribution::weibull:
    case FailureDistribution::exponential: {
      const double e = std::exp(w);
      return {-e, -e, -e};
    }
    case FailureDistribution::lognormal: {
      const double tail =
          0.5 * boost::math::erfc(w * boost::math::constants::one_div_root_two<double>());
      const double hazard =
          std::exp(-0.5 * w * w) / (tail * boost::math::constants::root_two_pi<double>());
      return {std::log(tail), -hazard, -hazard * (hazard - w)};
    }
    case FailureDistribution::loglogistic: {
      const double p = 1.0 / (1.0 + std::exp(-w));
      const double soft = w > 0.0 ? w + std::log1p(std::exp(-w)) : std::log1p(std::exp(w));
      return {-soft, -p, -p * (1.0 - p)};
    }
  }
  return {};
}

/// In Olsen's parameters delta = beta / sigma, theta = 1 / sigma the likelihood is concave:
///   w_i = theta log t_i - x_i'delta = z_i'(delta, theta),   z_i = (-x_i, log t_i)
///   l = sum over events (log f(w) + log theta - log t) + sum over censored log S(w)
struct State {
  ColumnScales columns;  ///< x is centred and scaled by these
  Index intercept = -1;  ///< a column that is constant; none is centred without
  FailureDistribution distribution = FailureDistribution::weibull;
  bool fixed = false;  ///< theta = 1
  MatrixXd z;          ///< rows z_i
  std::vector<char> event;
  double events = 0.0;
  double log_times = 0.0;  ///< sum of log t over events
  double log_likelihood = 0.0;
  VectorXd gradient;
  MatrixXd information;
};

void evaluate(State& s, const VectorXd& parameters) {
  const Index last = s.z.cols() - 1;
  const double theta = parameters[last];
  const VectorXd w = s.z * parameters;
  VectorXd first(w.size()), second(w.size());
  s.log_likelihood = s.events * std::log(theta) - s.log_times;
  for (Index i = 0; i < w.size(); ++i) {
    const Jet jet = s.event[static_cast<std::size_t>(i)] != 0 ? log_density(s.distribution, w[i])
                                                              : log_survival(s.distribution, w[i]);
    s.log_likelihood += jet.value;
    first[i] = jet.first;
    second[i] = -jet.second;
  }
  s.gradient = s.z.transpose() * first;
  s.information = s.z.transpose() * second.asDiagonal() * s.z;
  s.gradient[last] += s.events / theta;
  s.information(last, last) += s.events / (theta * theta);
  if (!s.fixed) return;
  s.gradient[last] = 0.0;
  s.information.row(last).setZero();
  s.information.col(last).setZero();
  s.information(last, last) = 1.0;
}

/// Halves the step until theta stays above 0 and the likelihood does not fall.
bool advance(State& s, const VectorXd& step, VectorXd& parameters) {
  const double before = s.log_likelihood;
  const double slack = 1.0e-13 * (1.0 + std::fabs(before));
  const Index last = parameters.size() - 1;
  double share = 1.0;
  for (int half = 0; half < most_halvings; ++half, share *= 0.5) {
    const VectorXd trial = parameters + share * step;
    if (!(trial[last] > 0.0)) continue;
    evaluate(s, trial);
    if (!(s.log_likelihood >= before - slack) || !s.gradient.allFinite()) continue;
    parameters = trial;
    return true;
  }
  evaluate(s, parameters);
  return false;
}

CoxStatus climb(State& s, VectorXd& parameters, int& iterations) {
  evaluate(s, parameters);
  if (!std::isfinite(s.log_likelihood)) return CoxStatus::not_converged;
  for (iterations = 1; iterations <= most_iterations; ++iterations) {
    const Eigen::LLT<MatrixXd> cholesky(s.information);
    if (cholesky.info() != Eigen::Success) return CoxStatus::separated;
    const VectorXd step = cholesky.solve(s.gradient);
    const double decrement = step.dot(s.gradient);
    const bool last = decrement < last_decrement;
    const double move = (s.z * step).cwiseAbs().maxCoeff();
    if (decrement < monotone_decrement && move > monotone_move) return CoxStatus::separated;
    if (!advance(s, step, parameters)) return last ? CoxStatus::fitted : CoxStatus::not_converged;
    if (last) return CoxStatus::fitted;
  }
  return CoxStatus::not_converged;
}

/// Least squares of log t: somewhere near, whatever the censoring.
VectorXd start(const State& s) {
  const Index p = s.z.cols() - 1;
  const MatrixXd x = -s.z.leftCols(p);
  const VectorXd y = s.z.col(p);
  const VectorXd beta = x.colPivHouseholderQr().solve(y);
  const double spread = (y - x * beta).norm() / std::sqrt(static_cast<double>(y.size()));
  const double sigma = s.fixed ? 1.0 : std::max(spread, 1.0e-3);
  VectorXd parameters(p + 1);
  parameters << beta / sigma, 1.0 / sigma;
  return parameters;
}

/// By what coefficients of centred and scaled columns become those of the columns as they are:
///   b_a = b'_a / s_a,   b_0 = b'_0 - sum over a of b_a m_a / (the constant)
MatrixXd unscaling(const State& s) {
  const Index p = s.z.cols() - 1;
  MatrixXd out = MatrixXd::Identity(p + 1, p + 1);
  for (Index a = 0; a < p; ++a) {
    if (a == s.intercept) continue;
    const auto at = static_cast<std::size_t>(a);
    out(a, a) = 1.0 / s.columns.scale[at];
    if (s.intercept < 0) continue;
    const double one = s.columns.centre[static_cast<std::size_t>(s.intercept)];
    out(s.intercept, a) = -s.columns.centre[at] / (s.columns.scale[at] * one);
  }
  return out;
}

/// beta = delta / theta, log sigma = -log theta, and the covariance by the derivatives of these.
void report(const State& s, const VectorXd& parameters, AcceleratedFailureFit& fit) {
  const Index p = s.z.cols() - 1;
  const double theta = parameters[p];
  fit.sigma = 1.0 / theta;
  fit.log_likelihood = s.log_likelihood;
  MatrixXd derivative = MatrixXd::Identity(p + 1, p + 1) / theta;
  derivative.col(p).head(p) = -parameters.head(p) / (theta * theta);
  derivative(p, p) = -1.0 / theta;
  const MatrixXd back = unscaling(s);
  derivative = back * derivative;
  const VectorXd coefficients = back.topLeftCorner(p, p) * parameters.head(p) / theta;
  MatrixXd covariance = Eigen::LLT<MatrixXd>(s.information).solve(MatrixXd::Identity(p + 1, p + 1));
  covariance = derivative * covariance * derivative.transpose();
  const Index shown = s.fixed ? p : p + 1;
  if (s.fixed) {
    covariance = Eigen::LLT<MatrixXd>(MatrixXd(s.information.topLeftCorner(p, p)))
                     .solve(MatrixXd::Identity(p, p));
    covariance = back.topLeftCorner(p, p) * covariance * back.topLeftCorner(p, p).transpose();
  }
  fit.coefficients.assign(coefficients.data(), coefficients.data() + p);
  for (Index a = 0; a < shown; ++a) {
    fit.se.push_back(std::sqrt(covariance(a, a)));
    for (Index b = 0; b < shown; ++b) fit.covariance.push_back(covariance(a, b));
  }
}

bool valid(const AcceleratedFailureData& data) {
  return std::all_of(data.sample.begin(), data.sample.end(),
                     [](const Observation& o) { return std::isfinite(o.time) && o.time > 0.0; }) &&
         std::all_of(data.design.begin(), data.design.end(),
                     [](double v) { return std::isfinite(v); });
}

/// Columns as they are have no digits left where they stand far from 0 for their spread. One that
/// does not vary stays as it is if it is the first, and is 0 after that.
void load(const AcceleratedFailureData& data, State& s) {
  const auto p = static_cast<Index>(data.columns);
  const std::size_t n = data.sample.size();
  column_scales(data.design, data.columns, s.columns);
  for (const std::size_t a : s.columns.constant) {
    if (s.intercept < 0 && s.columns.centre[a] != 0.0) s.intercept = static_cast<Index>(a);
    s.columns.scale[a] = 1.0;
  }
  s.z.resize(static_cast<Index>(n), p + 1);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = static_cast<Index>(i);
    for (Index a = 0; a < p; ++a) {
      const auto at = static_cast<std::size_t>(a);
      const double centre = s.intercept < 0 || a == s.intercept ? 0.0 : s.columns.centre[at];
      s.z(row, a) = (centre - data.design[i * data.columns + at]) / s.columns.scale[at];
    }
    s.z(row, p) = std::log(data.sample[i].time);
    s.event.push_back(data.sample[i].event ? 1 : 0);
    if (data.sample[i].event) s.log_times += s.z(row, p);
  }
  for (const std::size_t a : s.columns.constant) {
    if (s.intercept >= 0 && static_cast<Index>(a) != s.intercept) {
      s.z.col(static_cast<Index>(a)).setZero();
    }
  }
}

}  // namespace

AcceleratedFailureFit fit_accelerated_failure(const AcceleratedFailureData& data) {
  const std::size_t n = data.sample.size();
  ANGIOTRIAL_EXPECT(data.columns > 0, "at least one column");
  ANGIOTRIAL_EXPECT(data.design.size() == n * data.columns, "a row of the design an observation");
  AcceleratedFailureFit fit;
  if (!valid(data)) return fit;
  const auto p = static_cast<Index>(data.columns);
  State s{.columns = {},
          .distribution = data.distribution,
          .fixed = data.distribution == FailureDistribution::exponential,
          .z = {},
          .event = {},
          .gradient = {},
          .information = {}};
  load(data, s);
  fit.events = static_cast<std::size_t>(std::count(s.event.begin(), s.event.end(), 1));
  s.events = static_cast<double>(fit.events);
  fit.status = CoxStatus::no_events;
  if (fit.events == 0) return fit;
  fit.status = CoxStatus::collinear;
  fit.aliased = aliased_columns(s.z.leftCols(p));
  if (!fit.aliased.empty()) return fit;
  VectorXd parameters = start(s);
  fit.status = climb(s, parameters, fit.iterations);
  if (fit.status == CoxStatus::fitted) report(s, parameters, fit);
  return fit;
}

}  // namespace angiotrial::analysis
