// SPDX-License-Identifier: Apache-2.0
#include "column_products.hpp"
#include "linear/linear_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = LinearState;

bool weighted_least_squares(State& s, const VectorXd& weight, const VectorXd& z) {
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

bool factor_gram(State& s, const VectorXd& weight) {
  constexpr double clear_pivot = 1.0e-4;
  return s.gram.compute(s.data.x, values_of(weight), clear_pivot);
}

namespace {

constexpr int most_iterations = 60;
constexpr int most_halvings = 30;
/// Squared Newton decrement at which one more step would be rounding ...
constexpr double last_decrement = 1.0e-18;
/// ... and at which a linear predictor that still moves by more than this runs to infinity.
constexpr double runaway_step = 0.05;

/// sum of w log f(y), without what does not depend on mu.
double kernel(const LinearData& d, const VectorXd& eta, const VectorXd& mu) {
  if (d.family == Family::poisson) {
    return (d.weight.array() * (d.y.array() * eta.array() - mu.array())).sum();
  }
  double sum = 0.0;
  for (Index i = 0; i < eta.size(); ++i) {
    const double e = eta[i];
    // log(1 + e^eta) without overflow.
    const double b = std::max(e, 0.0) + std::log1p(std::exp(-std::fabs(e)));
    sum += d.weight[i] * (d.y[i] * e - b);
  }
  return sum;
}

void take_starting_predictor(const LinearData& d, VectorXd& eta) {
  if (d.family == Family::poisson) {
    eta = (d.y.array() + 0.1).log();
  } else {
    eta = ((d.y.array() + 0.5) / (1.5 - d.y.array())).log();
  }
}

/// The longest of the steps 1, 1/2, 1/4 ... that does not lower the likelihood, whose value it
/// updates.
bool advance(State& s, double& value) {
  const LinearData& d = s.data;
  const double slack = 1.0e-13 * (1.0 + std::fabs(value));
  for (int half = 0; half < most_halvings; ++half, s.step *= 0.5, s.fitted_step *= 0.5) {
    s.trial = s.eta + s.fitted_step;
    take_mean(d.family, s.trial, s.trial_mu);
    const double next = kernel(d, s.trial, s.trial_mu);
    if (!(next >= value - slack)) continue;
    s.beta += s.step;
    s.eta.swap(s.trial);
    s.mu.swap(s.trial_mu);
    value = next;
    return true;
  }
  return false;
}

/// The step of iterated weighted least squares from s.beta, where s.gradient is X'(score); on the
/// first round s.beta itself.
/// Leaves (X'WX)^-1 in s.bread where that costs nothing. False where columns are collinear.
bool take_step(State& s, bool first, bool& has_bread) {
  has_bread = !factor_gram(s, s.working);
  if (has_bread) {
    s.pseudo = s.eta - s.data.offset + s.score.cwiseQuotient(s.working);
    if (!weighted_least_squares(s, s.working, s.pseudo)) return false;
    s.step = s.next;
    if (!first) s.step -= s.beta;
  } else if (first) {
    s.pseudo = s.working.cwiseProduct(s.eta - s.data.offset) + s.score;
    cross_product(s.data.x, values_of(s.pseudo), s.next);
    s.gram.solve(s.next, s.step);
  } else {
    s.gram.solve(s.gradient, s.step);
  }
  return true;
}

}  // namespace

LinearStatus iterate_least_squares(State& s, int& iterations) {
  const LinearData& d = s.data;
  take_starting_predictor(d, s.eta);
  take_mean(d.family, s.eta, s.mu);
  double value = -std::numeric_limits<double>::infinity();
  bool has_bread = false;
  const auto end = [&](LinearStatus status) {
    if (!has_bread && status == LinearStatus::fitted) s.gram.inverse(s.bread);
    return status;
  };
  for (iterations = 0; iterations < most_iterations; ++iterations) {
    take_variance(d.family, s.mu, s.working);
    s.working.array() *= d.weight.array();
    if (!(s.working.minCoeff() > 0.0)) return LinearStatus::separated;
    s.score = d.weight.cwiseProduct(d.y - s.mu);
    if (iterations > 0) cross_product(d.x, values_of(s.score), s.gradient);
    if (!take_step(s, iterations == 0, has_bread)) return LinearStatus::separated;
    if (iterations == 0) {
      s.beta = s.step;
      take_predictor(d, s.beta, s.eta);
      take_mean(d.family, s.eta, s.mu);
      value = kernel(d, s.eta, s.mu);
      continue;
    }
    s.fitted_step.resize(d.x.rows());
    linear_predictor(d.x, values_of(s.step), {}, values_of(s.fitted_step));
    const double decrement = s.step.dot(s.gradient);
    const double move = s.fitted_step.cwiseAbs().maxCoeff();
    if (decrement < 1.0e-12 && move > runaway_step) return LinearStatus::separated;
    if (decrement < last_decrement) return end(LinearStatus::fitted);
    if (!advance(s, value)) {
      return end(decrement < 1.0e-10 ? LinearStatus::fitted : LinearStatus::not_converged);
    }
  }
  return LinearStatus::not_converged;
}

}  // namespace angiotrial::analysis
