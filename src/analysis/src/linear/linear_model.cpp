// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/linear_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using State = LinearState;

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

/// Weighted least squares of z: s.next and s.bread; false where columns are collinear.
bool least_squares(State& s, const VectorXd& weight, const VectorXd& z) {
  s.root = weight.cwiseSqrt();
  // Columns of unit length: the rank must not depend on units.
  s.scaled = s.root.asDiagonal() * s.data.x;
  s.inverse_length = s.scaled.colwise().norm();
  if (!(s.inverse_length.minCoeff() > 0.0)) return false;
  s.inverse_length = s.inverse_length.cwiseInverse();
  s.scaled *= s.inverse_length.asDiagonal();
  if (!s.factor.compute(s.scaled)) return false;
  s.turned = s.root.cwiseProduct(z);
  s.factor.solve(s.turned, s.next);
  s.next.array() *= s.inverse_length.array();
  s.factor.inverse_gram(s.gram_inverse);
  s.bread = s.inverse_length.asDiagonal() * s.gram_inverse * s.inverse_length.asDiagonal();
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

double starting_predictor(Family family, double y) {
  if (family == Family::poisson) return std::log(y + 0.1);
  const double p = (y + 0.5) / 2.0;
  return std::log(p / (1.0 - p));
}

/// The longest of the steps 1, 1/2, 1/4 ... that does not lower the likelihood, whose value it
/// updates.
bool advance(State& s, double& value) {
  const LinearData& d = s.data;
  const double slack = 1.0e-13 * (1.0 + std::fabs(value));
  for (int half = 0; half < most_halvings; ++half, s.step *= 0.5, s.fitted_step *= 0.5) {
    s.trial = s.eta + s.fitted_step;
    const double next = kernel(d, s.trial);
    if (!(next >= value - slack)) continue;
    s.beta += s.step;
    s.eta = s.trial;
    value = next;
    return true;
  }
  return false;
}

/// Newton on beta, which for a canonical link is iterated weighted least squares.
LinearStatus iterate(State& s, int& iterations) {
  const LinearData& d = s.data;
  s.eta = d.y.unaryExpr([&](double y) { return starting_predictor(d.family, y); });
  double value = -std::numeric_limits<double>::infinity();
  for (iterations = 0; iterations < most_iterations; ++iterations) {
    take_mean(d.family, s.eta, s.mu);
    take_variance(d.family, s.mu, s.working);
    s.working.array() *= d.weight.array();
    if (!(s.working.minCoeff() > 0.0)) return LinearStatus::separated;
    s.score = d.weight.cwiseProduct(d.y - s.mu);
    s.pseudo = s.eta - d.offset + s.score.cwiseQuotient(s.working);
    if (!least_squares(s, s.working, s.pseudo)) return LinearStatus::separated;
    if (iterations == 0) {
      s.beta = s.next;
      s.eta.noalias() = d.x * s.beta;
      s.eta += d.offset;
      value = kernel(d, s.eta);
      continue;
    }
    s.step = s.next - s.beta;
    s.gradient.noalias() = d.x.transpose() * s.score;
    s.fitted_step.noalias() = d.x * s.step;
    const double decrement = s.step.dot(s.gradient);
    const double move = s.fitted_step.cwiseAbs().maxCoeff();
    if (decrement < 1.0e-12 && move > runaway_step) return LinearStatus::separated;
    if (decrement < last_decrement) return LinearStatus::fitted;
    if (!advance(s, value)) {
      return decrement < 1.0e-10 ? LinearStatus::fitted : LinearStatus::not_converged;
    }
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

void clear(LinearFit& fit) {
  fit.status = LinearStatus::invalid_input;
  fit.iterations = fit.degrees_of_freedom = 0;
  fit.sigma = fit.log_likelihood = 0.0;
  fit.aliased.clear();
  for (auto* values : {&fit.coefficients, &fit.fitted, &fit.leverage, &fit.bread}) values->clear();
}

/// At s.beta and s.bread.
void report(State& s) {
  const LinearData& d = s.data;
  LinearFit& fit = s.fit;
  s.eta.noalias() = d.x * s.beta;
  s.eta += d.offset;
  take_mean(d.family, s.eta, s.mu);
  take_variance(d.family, s.mu, s.working);
  s.by_bread.noalias() = d.x * s.bread;
  s.leverage = s.by_bread.cwiseProduct(d.x).rowwise().sum();
  s.leverage.array() *= d.weight.array() * s.working.array();
  fit.degrees_of_freedom = static_cast<int>(d.x.rows() - d.x.cols());
  const double squares = (d.y - s.mu).cwiseAbs2().dot(d.weight);
  fit.sigma = d.family == Family::gaussian
                  ? std::sqrt(squares / static_cast<double>(fit.degrees_of_freedom))
                  : 1.0;
  fit.log_likelihood = log_likelihood(d, s.mu, squares);
  fit.coefficients.assign(s.beta.data(), s.beta.data() + s.beta.size());
  fit.fitted.assign(s.mu.data(), s.mu.data() + s.mu.size());
  fit.leverage.assign(s.leverage.data(), s.leverage.data() + s.leverage.size());
  fit.bread.assign(s.bread.data(), s.bread.data() + s.bread.size());
}

}  // namespace

LinearWorkspace::LinearWorkspace() : state_(std::make_unique<State>()) {}
LinearWorkspace::~LinearWorkspace() = default;
LinearWorkspace::LinearWorkspace(LinearWorkspace&&) noexcept = default;
LinearWorkspace& LinearWorkspace::operator=(LinearWorkspace&&) noexcept = default;

LinearFit fit_linear_model(const LinearModel& model) {
  LinearWorkspace workspace;
  return fit_linear_model(model, workspace);
}

const LinearFit& fit_linear_model(const LinearModel& model, LinearWorkspace& workspace) {
  const std::size_t rows = model.response.size();
  ANGIOTRIAL_EXPECT(model.design.size() == rows * model.columns, "a design row a response");
  ANGIOTRIAL_EXPECT(model.weights.empty() || model.weights.size() == rows, "a weight a response");
  ANGIOTRIAL_EXPECT(model.offset.empty() || model.offset.size() == rows, "an offset a response");
  ANGIOTRIAL_EXPECT(model.cluster.empty() || model.cluster.size() == rows, "a cluster a response");
  State& s = workspace.state();
  LinearFit& fit = s.fit;
  clear(fit);
  if (!valid(model)) return fit;
  fit.status = LinearStatus::too_few_rows;
  if (rows <= model.columns) return fit;
  LinearData& d = s.data;
  read_model(model, d);
  s.trial = d.y - d.offset;
  fit.status = LinearStatus::collinear;
  if (!least_squares(s, d.weight, s.trial)) {
    fit.aliased = aliased_columns(d.x, s.rank);
    return fit;
  }
  fit.status = LinearStatus::fitted;
  s.beta = s.next;
  if (model.family != Family::gaussian) fit.status = iterate(s, fit.iterations);
  if (fit.status == LinearStatus::fitted) report(s);
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
