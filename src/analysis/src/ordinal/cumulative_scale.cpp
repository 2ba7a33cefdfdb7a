// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_scale.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "linear/column_rank.hpp"
#include "ordinal/centred_model.hpp"
#include "ordinal/cumulative_scale_likelihood.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_iterations = 200;
constexpr int most_halvings = 40;
constexpr double last_decrement = 1.0e-18;  ///< squared Newton decrement that is rounding
constexpr double flat_decrement = 1.0e-10;
/// A parameter that still moves by more than this where the likelihood is flat runs to infinity.
constexpr double runaway_step = 0.05;

/// Columns of s that 1 and earlier ones explain.
std::vector<std::size_t> aliased(const CumulativeScaleModel& model) {
  const std::size_t n = model.location.response.size(), q = model.scale_columns;
  MatrixXd x(static_cast<Index>(n), static_cast<Index>(1 + q));
  for (std::size_t i = 0; i < n; ++i) {
    const double w = model.location.weights.empty() || model.location.weights[i] > 0.0 ? 1.0 : 0.0;
    x(static_cast<Index>(i), 0) = w;
    for (std::size_t c = 0; c < q; ++c) {
      x(static_cast<Index>(i), static_cast<Index>(1 + c)) = w * model.scale[i * q + c];
    }
  }
  std::vector<std::size_t> out = aliased_columns(x);
  const std::size_t before = model.location.nominal_columns + model.location.proportional_columns;
  for (std::size_t& column : out) column += before - 1;
  return out;
}

/// -H + ridge diag|H| = L L' in units of the diagonal; false where that is not positive definite.
class NewtonStep {
 public:
  bool solve(const ScaleLikelihood& at, double ridge) {
    unit_ = at.hessian.diagonal().cwiseAbs().cwiseSqrt();
    for (Index i = 0; i < unit_.size(); ++i) {
      if (!(unit_[i] > 0.0)) unit_[i] = 1.0;
    }
    MatrixXd scaled = -at.hessian;
    scaled.array().colwise() /= unit_.array();
    scaled.array().rowwise() /= unit_.transpose().array();
    scaled.diagonal().array() += ridge;
    factor_.compute(scaled);
    if (factor_.info() != Eigen::Success) return false;
    step = factor_.solve(at.gradient.cwiseQuotient(unit_)).cwiseQuotient(unit_);
    return true;
  }
  [[nodiscard]] MatrixXd inverse() const {
    MatrixXd out = factor_.solve(MatrixXd::Identity(unit_.size(), unit_.size()));
    out.array().colwise() /= unit_.array();
    out.array().rowwise() /= unit_.transpose().array();
    return out;
  }
  VectorXd step;

 private:
  VectorXd unit_;
  Eigen::LLT<MatrixXd> factor_;
};

/// Newton's method with halved steps; `parameters` and `at` are those of the end.
OrdinalStatus climb(const CumulativeScaleModel& model, VectorXd& parameters, ScaleLikelihood& at,
                    NewtonStep& newton, int& iterations) {
  for (iterations = 0; iterations < most_iterations; ++iterations) {
    double ridge = 0.0;
    while (!newton.solve(at, ridge)) {
      ridge = ridge == 0.0 ? 1.0e-3 : 4.0 * ridge;
      if (ridge > 1.0e6) return OrdinalStatus::not_converged;
    }
    const double decrement = newton.step.dot(at.gradient);
    if (decrement < flat_decrement && newton.step.cwiseAbs().maxCoeff() > runaway_step) {
      return OrdinalStatus::separated;
    }
    if (decrement < last_decrement && ridge == 0.0) return OrdinalStatus::fitted;
    const double slack = 1.0e-13 * (1.0 + std::fabs(at.value));
    bool better = false;
    for (int half = 0; half < most_halvings && !better; ++half, newton.step *= 0.5) {
      ScaleLikelihood next = scale_likelihood(model, parameters + newton.step);
      if (!(next.value >= at.value - slack)) continue;
      better = true;
      parameters += newton.step;
      at = std::move(next);
    }
    if (better) continue;
    return decrement < flat_decrement && newton.solve(at, 0.0) ? OrdinalStatus::fitted
                                                               : OrdinalStatus::not_converged;
  }
  return OrdinalStatus::not_converged;
}

void report(const CumulativeScaleModel& model, const CentredModel& centred, VectorXd parameters,
            MatrixXd covariance, CumulativeFit& fit) {
  centred.restore(parameters, covariance);
  if (model.location.sign == ThresholdSign::at_least) {
    const Index thresholds =
        (model.location.categories - 1) * static_cast<Index>(1 + model.location.nominal_columns);
    parameters.head(thresholds) *= -1.0;
    covariance.topRows(thresholds) *= -1.0;
    covariance.leftCols(thresholds) *= -1.0;
  }
  const Index size = parameters.size();
  fit.coefficients.assign(parameters.data(), parameters.data() + size);
  fit.covariance.assign(covariance.data(), covariance.data() + size * size);
  fit.se.clear();
  for (Index i = 0; i < size; ++i) fit.se.push_back(std::sqrt(covariance(i, i)));
}

}  // namespace

CumulativeFit fit_cumulative_scale(const CumulativeScaleModel& model) {
  const std::size_t n = model.location.response.size();
  ANGIOTRIAL_EXPECT(model.scale_columns > 0, "a column of the scale");
  ANGIOTRIAL_EXPECT(model.scale.size() == n * model.scale_columns, "an s a row");
  CumulativeScaleModel own = model;
  own.location.sign = ThresholdSign::at_most;
  CumulativeFit fit = fit_cumulative_model(own.location);
  if (fit.status != OrdinalStatus::fitted) return fit;
  fit.status = OrdinalStatus::invalid_input;
  if (!std::ranges::all_of(model.scale, [](double v) { return std::isfinite(v); })) return fit;
  fit.aliased = aliased(model);
  fit.status = OrdinalStatus::collinear;
  if (!fit.aliased.empty()) return fit;
  CentredModel centred;
  own.location = centred.of(own.location);
  const auto known = static_cast<Index>(fit.coefficients.size());
  VectorXd parameters = VectorXd::Zero(known + static_cast<Index>(model.scale_columns));
  parameters.head(known) = Eigen::Map<const VectorXd>(fit.coefficients.data(), known);
  if (centred.moved()) centred.centre(parameters);
  ScaleLikelihood at = scale_likelihood(own, parameters);
  NewtonStep newton;
  fit.status = climb(own, parameters, at, newton, fit.iterations);
  if (fit.status != OrdinalStatus::fitted) return fit;
  fit.log_likelihood = at.value;
  fit.largest_gradient = at.gradient.cwiseAbs().maxCoeff();
  report(model, centred, parameters, newton.inverse(), fit);
  return fit;
}

}  // namespace angiotrial::analysis
