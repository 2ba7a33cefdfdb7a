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
using Eigen::MatrixXd;
using Eigen::VectorXd;
using State = LinearState;

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

/// ln y!; whole numbers from a table that grows.
double log_factorial(double y, std::vector<double>& table) {
  constexpr double most = 1000.0;
  if (y != std::floor(y) || y > most) return std::lgamma(y + 1.0);
  while (static_cast<double>(table.size()) <= y) {
    table.push_back(std::lgamma(static_cast<double>(table.size()) + 1.0));
  }
  return table[static_cast<std::size_t>(y)];
}

double log_likelihood(State& s, double squares) {
  const LinearData& d = s.data;
  const VectorXd& mu = s.mu;
  const auto n = static_cast<double>(d.y.size());
  if (d.family == Family::gaussian) {
    return 0.5 * (d.weight.array().log().sum() -
                  n * (std::log(2.0 * std::numbers::pi * squares / n) + 1.0));
  }
  double sum = 0.0;
  for (Index i = 0; i < d.y.size(); ++i) {
    const double y = d.y[i];
    if (d.family == Family::poisson) {
      sum += d.weight[i] * (y * s.eta[i] - mu[i] - log_factorial(y, s.log_factorials));
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
  for (auto* values : {&fit.coefficients, &fit.fitted, &fit.bread}) values->clear();
}

/// At s.beta and s.bread.
void report(State& s) {
  const LinearData& d = s.data;
  LinearFit& fit = s.fit;
  take_predictor(d, s.beta, s.eta);
  take_mean(d.family, s.eta, s.mu);
  fit.degrees_of_freedom = static_cast<int>(d.x.rows() - d.x.cols());
  const double squares = (d.y - s.mu).cwiseAbs2().dot(d.weight);
  fit.sigma = d.family == Family::gaussian
                  ? std::sqrt(squares / static_cast<double>(fit.degrees_of_freedom))
                  : 1.0;
  fit.log_likelihood = log_likelihood(s, squares);
  fit.coefficients.assign(s.beta.data(), s.beta.data() + s.beta.size());
  fit.fitted.assign(s.mu.data(), s.mu.data() + s.mu.size());
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
  const bool gaussian = model.family == Family::gaussian;
  s.trial = d.y - d.offset;
  fit.status = LinearStatus::collinear;
  // Columns that are clearly independent need no orthogonal factors to say so.
  const bool independent =
      (!gaussian && factor_gram(s, d.weight)) || weighted_least_squares(s, d.weight, s.trial);
  if (!independent) {
    fit.aliased = aliased_columns(d.x, s.rank);
    return fit;
  }
  fit.status = LinearStatus::fitted;
  if (gaussian) {
    s.beta = s.next;
  } else {
    fit.status = iterate_least_squares(s, fit.iterations);
  }
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
