// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/column_rank.hpp"
#include "linear/weight_unit.hpp"
#include "ordinal/centred_model.hpp"
#include "ordinal/cumulative_likelihood.hpp"
#include "ordinal/cumulative_link.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_iterations = 100;
constexpr int most_halvings = 40;
/// Squared Newton decrement at which one more step would be rounding ...
constexpr double last_decrement = 1.0e-18;
/// ... and at which a linear predictor that still moves by more than this runs to infinity.
constexpr double flat_decrement = 1.0e-10;
constexpr double runaway_step = 0.05;

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool valid(const CumulativeModel& model) {
  if (model.categories < 2 || model.response.empty()) return false;
  if (!finite(model.proportional) || !finite(model.nominal) || !finite(model.weights)) return false;
  return std::all_of(model.response.begin(), model.response.end(),
                     [&](int y) { return y >= 0 && y < model.categories; }) &&
         std::all_of(model.weights.begin(), model.weights.end(), [](double w) { return w >= 0.0; });
}

/// Columns 1, z, x; the column of ones is not counted in the answer.
std::vector<std::size_t> aliased(const CumulativeModel& model) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Index>(model.response.size());
  const auto q = static_cast<Index>(model.nominal_columns);
  const auto p = static_cast<Index>(model.proportional_columns);
  MatrixXd x(n, 1 + q + p);
  x.col(0).setOnes();
  x.middleCols(1, q) = Eigen::Map<const RowMajor>(model.nominal.data(), n, q);
  x.rightCols(p) = Eigen::Map<const RowMajor>(model.proportional.data(), n, p);
  if (!model.weights.empty()) {
    for (Index r = 0; r < n; ++r) {
      if (model.weights[static_cast<std::size_t>(r)] == 0.0) x.row(r).setZero();
    }
  }
  std::vector<std::size_t> columns = aliased_columns(x);
  for (std::size_t& column : columns) --column;
  return columns;
}

double null_likelihood(const std::vector<double>& totals, double weight) {
  double sum = 0.0;
  for (const double n : totals) sum += n * std::log(n / weight);
  return sum;
}

/// Of minus the Hessian scaled to unit diagonal: whether it is safely positive definite.
bool well_conditioned(const Eigen::LLT<MatrixXd>& factor) {
  constexpr double smallest_pivot = 1.0e-5;
  return factor.info() == Eigen::Success &&
         factor.matrixLLT().diagonal().minCoeff() > smallest_pivot;
}

}  // namespace

struct CumulativeWorkspace::State {
  CentredModel centred;
  double unit = 1.0;  ///< of the weights
  std::vector<double> weights;
  CumulativeRows rows;
  VectorXd parameters, trial, gradient, scale, step;
  MatrixXd information, scaled;
  Eigen::LLT<MatrixXd> factor;
  CumulativeFit fit;

  /// The model with moved columns, and weights in their unit.
  CumulativeModel prepare(const CumulativeModel& model);
  void start(double weight);
  bool newton_step(double ridge);
  /// From `value`, gradient and information at the parameters on to those at the maximum.
  OrdinalStatus iterate(int& iterations, double& value);
  [[nodiscard]] double largest_move() const;
  void report(ThresholdSign sign);
};

CumulativeModel CumulativeWorkspace::State::prepare(const CumulativeModel& model) {
  CumulativeModel out = centred.of(model);
  unit = weight_unit(model.weights);
  if (unit == 1.0) return out;
  weights.assign(model.weights.begin(), model.weights.end());
  for (double& w : weights) w /= unit;
  out.weights = weights;
  return out;
}

void CumulativeWorkspace::State::start(double weight) {
  const auto size = static_cast<Index>(rows.parameters());
  for (VectorXd* v : {&parameters, &trial, &gradient, &scale, &step}) v->setZero(size);
  information.resize(size, size);
  scaled.resize(size, size);
  double cumulative = 0.0;
  for (std::size_t j = 0; j < rows.thresholds(); ++j) {
    cumulative += rows.totals()[j];
    parameters[static_cast<Index>(j)] = link_quantile(rows.link(), cumulative / weight);
  }
}

/// The step solves (I + ridge diag(I)) step = gradient; false where that is not positive definite.
bool CumulativeWorkspace::State::newton_step(double ridge) {
  scale = information.diagonal().cwiseAbs().cwiseSqrt();
  for (Index i = 0; i < scale.size(); ++i) {
    if (!(scale[i] > 0.0)) scale[i] = 1.0;
  }
  scaled = information;
  scaled.array().colwise() /= scale.array();
  scaled.array().rowwise() /= scale.transpose().array();
  scaled.diagonal().array() += ridge;
  factor.compute(scaled);
  if (factor.info() != Eigen::Success) return false;
  step = gradient.cwiseQuotient(scale);
  factor.solveInPlace(step);
  step = step.cwiseQuotient(scale);
  return true;
}

/// Largest change of a linear predictor by the step, over rows and thresholds.
double CumulativeWorkspace::State::largest_move() const {
  double largest = 0.0;
  const auto t = rows.thresholds();
  const auto at = [&](std::size_t i) { return step[static_cast<Index>(i)]; };
  for (std::size_t i = 0; i < rows.blocks() * CumulativeRows::lanes; ++i) {
    const std::size_t block = i / CumulativeRows::lanes;
    const std::size_t lane = i % CumulativeRows::lanes;
    if (rows.weight(block)[lane] == 0.0) continue;
    double eta = 0.0;
    for (std::size_t c = 0; c < rows.proportional(); ++c) {
      eta += at(t * (1 + rows.nominal()) + c) * rows.x(block, c)[lane];
    }
    for (std::size_t j = 0; j < t; ++j) {
      double move = at(j) - eta;
      for (std::size_t c = 0; c < rows.nominal(); ++c) {
        move += at((1 + c) * t + j) * rows.z(block, c)[lane];
      }
      largest = std::max(largest, std::fabs(move));
    }
  }
  return largest;
}

OrdinalStatus CumulativeWorkspace::State::iterate(int& iterations, double& value) {
  for (iterations = 0; iterations < most_iterations; ++iterations) {
    double ridge = 0.0;
    while (!newton_step(ridge)) {
      ridge = ridge == 0.0 ? 1.0e-3 : 4.0 * ridge;
      if (ridge > 1.0e6) return OrdinalStatus::not_converged;
    }
    const double decrement = step.dot(gradient);
    if (decrement < flat_decrement && largest_move() > runaway_step) {
      return OrdinalStatus::separated;
    }
    if (decrement < last_decrement && ridge == 0.0) return OrdinalStatus::fitted;
    const double slack = 1.0e-13 * (1.0 + std::fabs(value));
    bool better = false;
    for (int half = 0; half < most_halvings && !better; ++half, step *= 0.5) {
      trial = parameters + step;
      const double next =
          cumulative_likelihood(rows, trial, Order::information, gradient, information);
      if (!(next >= value - slack)) continue;
      better = true;
      parameters = trial;
      value = next;
    }
    if (!better) {
      value = cumulative_likelihood(rows, parameters, Order::information, gradient, information);
      return decrement < flat_decrement ? OrdinalStatus::fitted : OrdinalStatus::not_converged;
    }
  }
  return OrdinalStatus::not_converged;
}

void CumulativeWorkspace::State::report(ThresholdSign sign) {
  const Index size = parameters.size();
  const auto thresholds = static_cast<Index>(rows.thresholds() * (1 + rows.nominal()));
  newton_step(0.0);
  scaled.setIdentity();
  factor.solveInPlace(scaled);
  scaled.array().colwise() /= scale.array();
  scaled.array().rowwise() /= scale.transpose().array();
  if (unit != 1.0) scaled /= unit;
  fit.log_likelihood *= unit;
  centred.restore(parameters, scaled);
  if (sign == ThresholdSign::at_least) {
    parameters.head(thresholds) *= -1.0;
    scaled.topRows(thresholds) *= -1.0;
    scaled.leftCols(thresholds) *= -1.0;
  }
  fit.largest_gradient = unit * gradient.cwiseAbs().maxCoeff();
  fit.coefficients.assign(parameters.data(), parameters.data() + size);
  fit.covariance.assign(scaled.data(), scaled.data() + size * size);
  fit.se.resize(static_cast<std::size_t>(size));
  for (Index i = 0; i < size; ++i) fit.se[static_cast<std::size_t>(i)] = std::sqrt(scaled(i, i));
}

CumulativeWorkspace::CumulativeWorkspace() : state_(std::make_unique<State>()) {}
CumulativeWorkspace::~CumulativeWorkspace() = default;
CumulativeWorkspace::CumulativeWorkspace(CumulativeWorkspace&&) noexcept = default;
CumulativeWorkspace& CumulativeWorkspace::operator=(CumulativeWorkspace&&) noexcept = default;

const CumulativeFit& fit_cumulative_model(const CumulativeModel& model,
                                          CumulativeWorkspace& workspace) {
  const std::size_t n = model.response.size();
  ANGIOTRIAL_EXPECT(model.proportional.size() == n * model.proportional_columns, "an x a row");
  ANGIOTRIAL_EXPECT(model.nominal.size() == n * model.nominal_columns, "a z a row");
  ANGIOTRIAL_EXPECT(model.weights.empty() || model.weights.size() == n, "a weight a row");
  CumulativeWorkspace::State& s = workspace.state();
  CumulativeFit& fit = s.fit;
  fit.status = OrdinalStatus::invalid_input;
  fit.aliased.clear();
  fit.coefficients.clear();
  fit.se.clear();
  fit.covariance.clear();
  fit.iterations = 0;
  if (!valid(model)) return fit;
  const CumulativeModel prepared = s.prepare(model);
  s.rows.read(prepared);
  double weight = 0.0;
  for (const double total : s.rows.totals()) weight += total;
  fit.weight = s.unit * weight;
  fit.status = OrdinalStatus::empty_category;
  for (const double total : s.rows.totals()) {
    if (!(total > 0.0)) return fit;
  }
  fit.null_log_likelihood = s.unit * null_likelihood(s.rows.totals(), weight);
  s.start(weight);
  fit.log_likelihood =
      cumulative_likelihood(s.rows, s.parameters, Order::information, s.gradient, s.information);
  // At the start every row has curvature: a small pivot there means dependent columns.
  if (!s.newton_step(0.0) || !well_conditioned(s.factor)) {
    fit.aliased = aliased(prepared);
    fit.status = OrdinalStatus::collinear;
    if (!fit.aliased.empty()) return fit;
  }
  fit.status = s.iterate(fit.iterations, fit.log_likelihood);
  if (fit.status != OrdinalStatus::fitted) return fit;
  s.report(model.sign);
  return fit;
}

CumulativeFit fit_cumulative_model(const CumulativeModel& model) {
  CumulativeWorkspace workspace;
  return fit_cumulative_model(model, workspace);
}

std::string_view name_of(OrdinalStatus status) {
  switch (status) {
    case OrdinalStatus::fitted:
      return "fitted";
    case OrdinalStatus::invalid_input:
      return "invalid input";
    case OrdinalStatus::empty_category:
      return "a category without rows";
    case OrdinalStatus::collinear:
      return "collinear columns";
    case OrdinalStatus::separated:
      return "separated: no finite estimate";
    case OrdinalStatus::not_converged:
      return "not converged";
    case OrdinalStatus::no_variance:
      return "no variance between groups";
    case OrdinalStatus::single_rows:
      return "as many groups as rows: nothing tells an intercept of a group from the row";
    case OrdinalStatus::coarse_quadrature:
      return "quadrature too coarse: with more points the likelihood at the maximum is another";
  }
  return "";
}

}  // namespace angiotrial::analysis
