// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/column_rank.hpp"
#include "linear/linear_family.hpp"

#include <Eigen/Cholesky>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_iterations = 60;
constexpr int most_halvings = 30;
/// Squared Newton decrement at which one more step would be rounding ...
constexpr double last_decrement = 1.0e-18;
/// ... and at which a linear predictor that still moves by more than this runs to infinity.
constexpr double runaway_step = 0.05;

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool valid(const LinearModel& model) {
  if (!finite(model.response) || !finite(model.design)) return false;
  if (!finite(model.weights) || !finite(model.offset) || model.columns == 0) return false;
  if (std::any_of(model.weights.begin(), model.weights.end(), [](double w) { return w <= 0.0; })) {
    return false;
  }
  return std::all_of(model.response.begin(), model.response.end(), [&](double y) {
    if (model.family == Family::gaussian) return true;
    return y >= 0.0 && (model.family == Family::poisson || y <= 1.0);
  });
}

/// Weighted least squares of z by an orthogonal factorisation; false where columns are collinear.
bool least_squares(const MatrixXd& x, const VectorXd& weight, const VectorXd& z, VectorXd& beta,
                   MatrixXd& bread) {
  constexpr double rank_tolerance = 1.0e-7;  // the same as in ancova
  const VectorXd root = weight.cwiseSqrt();
  Eigen::ColPivHouseholderQR<MatrixXd> qr(x.rows(), x.cols());
  qr.setThreshold(rank_tolerance);
  // Columns of unit length: the rank must not depend on units.
  MatrixXd scaled = root.asDiagonal() * x;
  const VectorXd length = scaled.colwise().norm();
  if (!(length.minCoeff() > 0.0)) return false;
  scaled *= length.cwiseInverse().asDiagonal();
  qr.compute(scaled);
  const Index p = x.cols();
  if (qr.rank() < p) return false;
  const VectorXd inverse = length.cwiseInverse();
  beta = inverse.asDiagonal() * qr.solve(root.cwiseProduct(z));
  const MatrixXd back =
      qr.colsPermutation() *
      MatrixXd(qr.matrixR().topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(
          MatrixXd::Identity(p, p)));
  bread = inverse.asDiagonal() * (back * back.transpose()) * inverse.asDiagonal();
  return true;
}

/// sum of w log f(y), without what does not depend on mu.
double kernel(const LinearData& d, const VectorXd& eta) {
  double sum = 0.0;
  for (Index i = 0; i < eta.size(); ++i) {
    const double e = eta[i];
    // log(1 + e^eta) without overflow.
    const double b = d.family == Family::poisson
                         ? std::exp(e)
                         : std::max(e, 0.0) + std::log1p(std::exp(-std::fabs(e)));
    sum += d.weight[i] * (d.y[i] * e - b);
  }
  return sum;
}

VectorXd starting_predictor(const LinearData& d) {
  return d.y.unaryExpr([&](double y) {
    if (d.family == Family::poisson) return std::log(y + 0.1);
    const double p = (y + 0.5) / 2.0;
    return std::log(p / (1.0 - p));
  });
}

/// Newton on beta, which for a canonical link is iterated weighted least squares.
LinearStatus iterate(const LinearData& d, VectorXd& beta, MatrixXd& bread, int& iterations) {
  VectorXd eta = starting_predictor(d);
  VectorXd next;
  double previous = -std::numeric_limits<double>::infinity();
  for (iterations = 0; iterations < most_iterations; ++iterations) {
    const VectorXd mu = mean_of(d.family, eta);
    const VectorXd working = d.weight.cwiseProduct(variance_of(d.family, mu));
    if (!(working.minCoeff() > 0.0)) return LinearStatus::separated;
    const VectorXd score = d.weight.cwiseProduct(d.y - mu);
    const VectorXd z = eta - d.offset + score.cwiseQuotient(working);
    if (!least_squares(d.x, working, z, next, bread)) return LinearStatus::separated;
    if (iterations == 0) {
      beta = next;
      eta = d.offset + d.x * beta;
      previous = kernel(d, eta);
      continue;
    }
    VectorXd step = next - beta;
    const double decrement = step.dot(d.x.transpose() * score);
    const double move = (d.x * step).cwiseAbs().maxCoeff();
    if (decrement < 1.0e-12 && move > runaway_step) return LinearStatus::separated;
    if (decrement < last_decrement) return LinearStatus::fitted;
    const double slack = 1.0e-13 * (1.0 + std::fabs(previous));
    bool better = false;
    for (int half = 0; half < most_halvings && !better; ++half, step *= 0.5) {
      const VectorXd trial = d.offset + d.x * (beta + step);
      const double value = kernel(d, trial);
      if (!(value >= previous - slack)) continue;
      better = true;
      beta += step;
      eta = trial;
      previous = value;
    }
    if (!better) return decrement < 1.0e-10 ? LinearStatus::fitted : LinearStatus::not_converged;
  }
  return LinearStatus::not_converged;
}

double log_likelihood(const LinearData& d, const VectorXd& mu, double squares) {
  const auto n = static_cast<double>(d.y.size());
  if (d.family == Family::gaussian) {
    return 0.5 * (d.weight.array().log().sum() -
                  n * (std::log(2.0 * std::numbers::pi * squares / n) + 1.0));
  }
  double sum = 0.0;
  for (Index i = 0; i < d.y.size(); ++i) {
    const double y = d.y[i];
    if (d.family == Family::poisson) {
      sum += d.weight[i] * (y * std::log(mu[i]) - mu[i] - std::lgamma(y + 1.0));
    } else {
      sum += d.weight[i] * (y * std::log(mu[i]) + (1.0 - y) * std::log1p(-mu[i]));
    }
  }
  return sum;
}

}  // namespace

LinearData read_model(const LinearModel& model) {
  const auto n = static_cast<Index>(model.response.size());
  const auto p = static_cast<Index>(model.columns);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  LinearData d;
  d.family = model.family;
  d.x = Eigen::Map<const RowMajor>(model.design.data(), n, p);
  d.y = Eigen::Map<const VectorXd>(model.response.data(), n);
  d.weight = VectorXd::Ones(n);
  if (!model.weights.empty()) d.weight = Eigen::Map<const VectorXd>(model.weights.data(), n);
  d.offset = VectorXd::Zero(n);
  if (!model.offset.empty()) d.offset = Eigen::Map<const VectorXd>(model.offset.data(), n);
  return d;
}

VectorXd mean_of(Family family, const VectorXd& eta) {
  switch (family) {
    case Family::binomial:
      return eta.unaryExpr([](double e) { return 1.0 / (1.0 + std::exp(-e)); });
    case Family::poisson:
      return eta.array().exp();
    case Family::gaussian:
      break;
  }
  return eta;
}

VectorXd variance_of(Family family, const VectorXd& mu) {
  switch (family) {
    case Family::binomial:
      return mu.array() * (1.0 - mu.array());
    case Family::poisson:
      return mu;
    case Family::gaussian:
      break;
  }
  return VectorXd::Ones(mu.size());
}

LinearFit fit_linear_model(const LinearModel& model) {
  const std::size_t rows = model.response.size();
  ANGIOTRIAL_EXPECT(model.design.size() == rows * model.columns, "a design row a response");
  ANGIOTRIAL_EXPECT(model.weights.empty() || model.weights.size() == rows, "a weight a response");
  ANGIOTRIAL_EXPECT(model.offset.empty() || model.offset.size() == rows, "an offset a response");
  ANGIOTRIAL_EXPECT(model.cluster.empty() || model.cluster.size() == rows, "a cluster a response");
  LinearFit fit;
  if (!valid(model)) return fit;
  fit.status = LinearStatus::too_few_rows;
  if (rows <= model.columns) return fit;
  const LinearData d = read_model(model);
  VectorXd beta;
  MatrixXd bread;
  fit.status = LinearStatus::collinear;
  if (!least_squares(d.x, d.weight, d.y - d.offset, beta, bread)) {
    fit.aliased = aliased_columns(d.x);
    return fit;
  }
  fit.status = LinearStatus::fitted;
  if (model.family != Family::gaussian) fit.status = iterate(d, beta, bread, fit.iterations);
  if (fit.status != LinearStatus::fitted) return fit;
  const VectorXd mu = mean_of(d.family, d.offset + d.x * beta);
  const VectorXd working = d.weight.cwiseProduct(variance_of(d.family, mu));
  const VectorXd leverage = working.cwiseProduct((d.x * bread).cwiseProduct(d.x).rowwise().sum());
  fit.degrees_of_freedom = static_cast<int>(rows - model.columns);
  const double squares = (d.y - mu).cwiseAbs2().dot(d.weight);
  fit.sigma = d.family == Family::gaussian
                  ? std::sqrt(squares / static_cast<double>(fit.degrees_of_freedom))
                  : 1.0;
  fit.log_likelihood = log_likelihood(d, mu, squares);
  fit.coefficients.assign(beta.data(), beta.data() + beta.size());
  fit.fitted.assign(mu.data(), mu.data() + mu.size());
  fit.leverage.assign(leverage.data(), leverage.data() + leverage.size());
  fit.bread.assign(bread.data(), bread.data() + bread.size());
  return fit;
}

std::string_view name_of(LinearStatus status) {
  switch (status) {
    case LinearStatus::fitted:
      return "fitted";
    case LinearStatus::invalid_input:
      return "invalid input";
    case LinearStatus::too_few_rows:
      return "too few rows";
    case LinearStatus::collinear:
      return "collinear columns";
    case LinearStatus::separated:
      return "separated: no finite estimate";
    case LinearStatus::not_converged:
      return "not converged";
  }
  return "";
}

}  // namespace angiotrial::analysis
