// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/dose_fit.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "dose/fit_buffers.hpp"

namespace angiotrial::analysis {
namespace {

using dose::Matrix;
using dose::Metric;
using dose::Profile;
using dose::ProfilePoint;
using dose::Vector;
using Eigen::Index;

DoseFitStatus refusal(Shape shape, const DoseEstimates& data) {
  if (data.status != DoseDataStatus::usable) return DoseFitStatus::not_estimable;
  if (data.doses.size() <= 3) return DoseFitStatus::too_few_doses;
  if (parameter_count(shape) >= data.doses.size()) return DoseFitStatus::saturated;
  for (std::size_t i = 0; i < data.doses.size(); ++i) {
    const bool rising = i == 0 || data.doses[i] > data.doses[i - 1];
    if (!std::isfinite(data.estimates[i]) || !rising) return DoseFitStatus::not_estimable;
  }
  return DoseFitStatus::fitted;
}

bool on_bound(double x, double low, double high) {
  const double slack = 1.0e-7 * (1.0 + std::fabs(x));
  return std::fabs(x - low) < slack || std::fabs(x - high) < slack;
}

/// theta of the shapes that have one, and e_1; the curve without e_0.
Vector search_curve(const DoseEstimates& data, const ShapeBounds& box, const Vector& m,
                    dose::Prepared& prepared, DoseFit& fit) {
  const std::size_t free = nonlinear_count(fit.shape);
  const Profile profile(fit.shape, data.doses, fit.constants, prepared.metric, m);
  ShapeParameters phi{};
  if (free > 0) {
    const dose::Grid& grid = prepared.grid(fit.shape, fit.constants, box);
    phi = dose::search(profile, grid, free, prepared.scratch);
    for (std::size_t p = 0; p < free; ++p) {
      fit.nonlinear[p] = std::clamp(std::exp(phi[p]), box.low[p], box.high[p]);
      if (on_bound(fit.nonlinear[p], box.low[p], box.high[p])) {
        fit.status = DoseFitStatus::at_bound;
      }
    }
  }
  fit.linear[1] = profile.at(phi).slope;
  Vector curve(m.size());
  for (Index i = 0; i < m.size(); ++i) {
    curve[i] = fit.linear[1] * shape_value(fit.shape, fit.nonlinear,
                                           data.doses[static_cast<std::size_t>(i)], fit.constants);
  }
  return curve;
}

/// e_1 and e_2 of the quadratic by the normal equations in d / largest and its square.
Vector quadratic_curve(const DoseEstimates& data, const Vector& m, const Metric& metric,
                       DoseFit& fit) {
  const double largest = data.doses.back();
  Eigen::Matrix<double, Eigen::Dynamic, 2, 0, dose::most, 2> x(m.size(), 2);
  for (Index i = 0; i < m.size(); ++i) {
    x(i, 0) = data.doses[static_cast<std::size_t>(i)] / largest;
    x(i, 1) = x(i, 0) * x(i, 0);
  }
  const auto px = (metric.projection * x).eval();
  const Eigen::Matrix2d normal = x.transpose() * px;
  const Eigen::Vector2d beta = normal.llt().solve(px.transpose() * m);
  fit.linear[1] = beta[0] / largest;
  fit.linear[2] = beta[1] / (largest * largest);
  return x * beta;
}

/// gamma(f) = gamma + C S^-1 (f - m), C the covariance of gamma with m.
void shift_covariates(const DoseEstimates& data, const Vector& residual, const Metric& metric,
                      DoseFit& fit) {
  const Vector pull = metric.weight * residual;
  const std::size_t k = data.doses.size();
  fit.covariates = data.covariates;
  for (std::size_t c = 0; c < fit.covariates.size(); ++c) {
    for (std::size_t i = 0; i < k; ++i) {
      fit.covariates[c] -= data.covariate_covariance[c * k + i] * pull[static_cast<Index>(i)];
    }
  }
}

void score(const DoseEstimates& data, DoseFit& fit) {
  const auto p = static_cast<double>(parameter_count(fit.shape) + data.covariates.size());
  if (data.patients > 0.0) {
    const double n = data.patients;
    fit.log_likelihood = -0.5 * n * (std::log(2.0 * std::numbers::pi * fit.objective / n) + 1.0);
    fit.aic = -2.0 * fit.log_likelihood + 2.0 * (p + 1.0);
  } else {
    fit.aic = fit.objective + 2.0 * p;
  }
}

}  // namespace

DoseFitWorkspace::DoseFitWorkspace() : buffers_(std::make_unique<Buffers>()) {}
DoseFitWorkspace::~DoseFitWorkspace() = default;
DoseFitWorkspace::DoseFitWorkspace(DoseFitWorkspace&&) noexcept = default;
DoseFitWorkspace& DoseFitWorkspace::operator=(DoseFitWorkspace&&) noexcept = default;

std::string_view reason_of(DoseFitStatus status) {
  switch (status) {
    case DoseFitStatus::fitted:
      return "fitted";
    case DoseFitStatus::at_bound:
      return "a shape parameter sits on its bound: the curve has a meaning, the parameter has not";
    case DoseFitStatus::too_few_doses:
      return "placebo and two doses: every curved shape passes through the three estimates, so no "
             "shape can be selected and no target dose estimated; contrasts with fixed guesses "
             "only";
    case DoseFitStatus::saturated:
      return "as many parameters as doses: the shape passes through every estimate";
    case DoseFitStatus::not_estimable:
      return "estimates not finite, or their covariance not positive definite";
  }
  return "unknown";
}

double DoseFit::predict(double dose) const {
  if (shape == Shape::quadratic) return linear[0] + dose * (linear[1] + dose * linear[2]);
  return linear[0] + linear[1] * shape_value(shape, nonlinear, dose, constants);
}

DoseFit fit_shape(Shape shape, const DoseEstimates& data, const ShapeConstants& constants,
                  const std::optional<ShapeBounds>& bounds, DoseFitWorkspace& workspace) {
  const std::size_t k = data.doses.size();
  ANGIOTRIAL_EXPECT(data.estimates.size() == k && data.covariance.size() == k * k,
                    "an estimate a dose, and their covariance");
  ANGIOTRIAL_EXPECT(k <= most_doses, "at most 12 doses");
  DoseFit fit;
  fit.shape = shape;
  fit.constants = constants;
  fit.status = refusal(shape, data);
  if (fit.status != DoseFitStatus::fitted) return fit;
  ANGIOTRIAL_EXPECT(shape != Shape::beta || constants.scale > data.doses.back(),
                    "a beta scale above the largest dose");
  ANGIOTRIAL_EXPECT(shape != Shape::linear_log || constants.offset > 0.0, "a positive offset");
  const ShapeBounds box = bounds.value_or(default_bounds(shape, data.doses.back()));
  for (std::size_t p = 0; p < nonlinear_count(shape); ++p) {
    ANGIOTRIAL_EXPECT(box.low[p] > 0.0 && box.high[p] > box.low[p], "positive, rising bounds");
  }
  dose::Prepared& prepared = workspace.buffers().prepare(data);
  const Metric& metric = prepared.metric;
  if (!metric.positive_definite) {
    fit.status = DoseFitStatus::not_estimable;
    return fit;
  }
  // About their own mean, so that a large common level costs no digits.
  Vector m = Eigen::Map<const Eigen::VectorXd>(data.estimates.data(), static_cast<Index>(k));
  const double level = dose::level_of(m, metric);
  m.array() -= level;
  const Vector curve = shape == Shape::quadratic ? quadratic_curve(data, m, metric, fit)
                                                 : search_curve(data, box, m, prepared, fit);
  Vector residual = m - curve;
  fit.linear[0] = metric.sums.dot(residual) / metric.total;
  residual.array() -= fit.linear[0];
  fit.linear[0] += level;
  fit.objective = data.pure_error + residual.dot(metric.weight * residual);
  if (!data.covariates.empty()) shift_covariates(data, residual, metric, fit);
  score(data, fit);
  if (!std::isfinite(fit.aic)) fit.status = DoseFitStatus::not_estimable;
  return fit;
}

DoseFit fit_shape(Shape shape, const DoseEstimates& data, const ShapeConstants& constants,
                  const std::optional<ShapeBounds>& bounds) {
  DoseFitWorkspace workspace;
  return fit_shape(shape, data, constants, bounds, workspace);
}

std::vector<double> criterion_weights(std::span<const double> criteria) {
  double least = std::numeric_limits<double>::infinity();
  for (const double c : criteria) {
    if (std::isfinite(c)) least = std::min(least, c);
  }
  std::vector<double> weights;
  double sum = 0.0;
  for (const double c : criteria) {
    weights.push_back(std::isfinite(c) ? std::exp(-0.5 * (c - least)) : 0.0);
    sum += weights.back();
  }
  for (double& w : weights) w = sum > 0.0 ? w / sum : 0.0;
  return weights;
}

std::vector<double> model_weights(std::span<const DoseFit> fits) {
  std::vector<double> criteria;
  for (const DoseFit& fit : fits) {
    criteria.push_back(usable(fit.status) ? fit.aic : std::numeric_limits<double>::infinity());
  }
  return criterion_weights(criteria);
}

double average_prediction(std::span<const DoseFit> fits, std::span<const double> weights,
                          double dose) {
  ANGIOTRIAL_EXPECT(fits.size() == weights.size(), "a weight a fit");
  double sum = 0.0;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (weights[i] > 0.0) sum += weights[i] * fits[i].predict(dose);
  }
  return sum;
}

}  // namespace angiotrial::analysis
