// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/target_dose.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "dose/constrained_profile.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

using dose::Matrix;
using dose::Metric;
using dose::Vector;
using Eigen::Index;

constexpr double infinity = std::numeric_limits<double>::infinity();
/// Six parameters at most: e_0, e_1, e_2 or theta.
using Parameters = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 6, 1>;

/// df / d psi at a dose, psi = (e_0, e_1 [, e_2] [, theta]).
Parameters curve_gradient(const DoseFit& fit, double dose) {
  const auto p = static_cast<Index>(parameter_count(fit.shape));
  Parameters out(p);
  out[0] = 1.0;
  if (fit.shape == Shape::quadratic) {
    out[1] = dose;
    out[2] = dose * dose;
    return out;
  }
  out[1] = shape_value(fit.shape, fit.nonlinear, dose, fit.constants);
  const ShapeParameters d = shape_gradient(fit.shape, fit.nonlinear, dose, fit.constants);
  for (Index i = 2; i < p; ++i) out[i] = fit.linear[1] * d[static_cast<std::size_t>(i - 2)];
  return out;
}

/// df / dd by a central difference, one-sided at placebo.
double slope_at(DoseFit fit, double dose, double largest) {
  fit.linear[0] = 0.0;  // a large common level costs no digits
  const double h = 1.0e-5 * largest;
  const double low = std::max(dose - h, 0.0);
  return (fit.predict(dose + h) - fit.predict(low)) / (dose + h - low);
}

double residual_df(const DoseFit& fit, const DoseEstimates& data) {
  if (!(data.patients > 0.0)) return infinity;
  return data.patients - static_cast<double>(parameter_count(fit.shape) + data.covariates.size());
}

double variance_of(const DoseFit& fit, const DoseEstimates& data) {
  const double df = residual_df(fit, data);
  return std::isfinite(df) ? fit.objective / df : 1.0;
}

double quantile_of(double level, double df) {
  const double tail = 0.5 * (1.0 - level);
  if (!std::isfinite(df)) return -quantile(boost::math::normal_distribution<double>(), tail);
  return student_tail_quantile(df, tail);
}

/// h_psi' V h_psi
double quadratic_form(const std::vector<double>& v, const Parameters& h) {
  const Eigen::Map<const Eigen::MatrixXd> matrix(v.data(), h.size(), h.size());
  return h.dot(matrix * h);
}

DoseInterval delta(const DoseFit& fit, const DoseEstimates& data, double estimate,
                   const Parameters& h, double level) {
  DoseInterval out;
  out.estimate = estimate;
  const std::vector<double> v = parameter_covariance(fit, data);
  const double slope = slope_at(fit, estimate, data.doses.back());
  if (v.empty() || slope == 0.0) return out;
  out.se = std::sqrt(quadratic_form(v, h)) / std::fabs(slope);
  const double z = quantile_of(level, residual_df(fit, data));
  out.lower = std::max(estimate - z * out.se, 0.0);
  out.upper = estimate + z * out.se;
  if (std::isfinite(out.se)) out.status = DoseIntervalStatus::computed;
  return out;
}

/// From `from`, where `excess` <= 0, in steps towards `to`: where it turns positive.
template <class F>
std::optional<double> leave(const F& excess, double from, double to) {
  constexpr int steps = 48;
  double inside = from;
  double at_inside = excess(from);
  if (at_inside > 0.0) return from;
  for (int i = 1; i <= steps; ++i) {
    const double x = from + (to - from) * i / steps;
    const double at_x = excess(x);
    if (at_x > 0.0) {
      boost::uintmax_t iterations = 60;
      const auto close = [](double a, double b) {
        return std::fabs(a - b) <= 1.0e-9 * std::fabs(b);
      };
      const auto [a, b] = boost::math::tools::toms748_solve(
          excess, std::min(inside, x), std::max(inside, x), inside < x ? at_inside : at_x,
          inside < x ? at_x : at_inside, close, iterations);
      return 0.5 * (a + b);
    }
    inside = x;
    at_inside = at_x;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(DoseIntervalStatus status) {
  switch (status) {
    case DoseIntervalStatus::computed:
      return "computed";
    case DoseIntervalStatus::not_reached:
      return "the fitted curve does not reach the effect";
    case DoseIntervalStatus::not_estimable:
      return "no shape fitted, a parameter on its bound, or a flat curve";
  }
  return "unknown";
}

std::vector<double> parameter_covariance(const DoseFit& fit, const DoseEstimates& data) {
  if (fit.status != DoseFitStatus::fitted) return {};
  const std::size_t k = data.doses.size();
  const Metric metric = dose::metric_of(data.covariance, k);
  if (!metric.positive_definite) return {};
  const auto p = static_cast<Index>(parameter_count(fit.shape));
  Matrix j(static_cast<Index>(k), p);
  for (std::size_t i = 0; i < k; ++i) {
    j.row(static_cast<Index>(i)) = curve_gradient(fit, data.doses[i]).transpose();
  }
  // Columns in their own units, so that a dose in cells and one in millilitres behave alike.
  const Parameters unit = (metric.weight.diagonal().asDiagonal() * j.cwiseAbs2())
                              .colwise()
                              .sum()
                              .transpose()
                              .cwiseSqrt();
  if (!(unit.minCoeff() > 0.0) || !unit.allFinite()) return {};
  const Matrix scaled = j * unit.cwiseInverse().asDiagonal();
  const Matrix information = scaled.transpose() * metric.weight * scaled;
  const Eigen::LDLT<Matrix> factor(information);
  const Vector d = factor.vectorD();
  if (factor.info() != Eigen::Success || !(d.minCoeff() > 1.0e-14 * d.maxCoeff())) return {};
  Matrix v = factor.solve(Matrix::Identity(p, p)) * variance_of(fit, data);
  v = unit.cwiseInverse().asDiagonal() * v * unit.cwiseInverse().asDiagonal();
  return {v.data(), v.data() + v.size()};
}

DoseInterval target_dose_delta(const DoseFit& fit, const DoseEstimates& data, double effect,
                               double level) {
  DoseInterval out;
  if (!usable(fit.status)) return out;
  const auto estimate = target_dose(fit, effect, data.doses.back());
  out.status = DoseIntervalStatus::not_reached;
  if (!estimate) return out;
  return delta(fit, data, *estimate, curve_gradient(fit, *estimate) - curve_gradient(fit, 0.0),
               level);
}

// h = f(d) - (1 - p) f(0) - p f(d*); d* maximises, so that its own derivative drops out.
DoseInterval effective_dose_delta(const DoseFit& fit, const DoseEstimates& data, double fraction,
                                  double level) {
  if (!usable(fit.status)) return {};
  const double largest = data.doses.back();
  const auto estimate = effective_dose(fit, fraction, largest);
  if (!estimate) return {};
  const Parameters h = curve_gradient(fit, *estimate) -
                       (1.0 - fraction) * curve_gradient(fit, 0.0) -
                       fraction * curve_gradient(fit, furthest_dose(fit, largest));
  return delta(fit, data, *estimate, h, level);
}

DoseInterval target_dose_profile(const DoseFit& fit, const DoseEstimates& data, double effect,
                                 double level, const std::optional<ShapeBounds>& bounds) {
  DoseInterval out;
  if (!usable(fit.status)) return out;
  const double largest = data.doses.back();
  const auto estimate = target_dose(fit, effect, largest);
  out.status = DoseIntervalStatus::not_reached;
  if (!estimate || !(*estimate > 0.0)) return out;
  out.estimate = *estimate;
  const ShapeBounds box = bounds.value_or(default_bounds(fit.shape, largest));
  dose::ConstrainedProfile profile(fit, data, effect, box);
  const double z = quantile_of(level, residual_df(fit, data));
  const double allowed = z * z * variance_of(fit, data) + fit.objective - data.pure_error;
  const auto excess = [&](double x) { return profile.at(x) - allowed; };
  out.lower = leave(excess, *estimate, 1.0e-4 * std::min(*estimate, largest)).value_or(0.0);
  profile.restart();
  out.upper = *estimate < largest ? leave(excess, *estimate, largest).value_or(infinity) : infinity;
  out.status = DoseIntervalStatus::computed;
  return out;
}

CurvePoint curve_point(const DoseFit& fit, const DoseEstimates& data, double dose,
                       bool against_placebo, double level) {
  CurvePoint out;
  out.mean = fit.predict(dose) - (against_placebo ? fit.predict(0.0) : 0.0);
  out.se = out.lower = out.upper = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> v = parameter_covariance(fit, data);
  if (v.empty()) return out;
  Parameters h = curve_gradient(fit, dose);
  if (against_placebo) h -= curve_gradient(fit, 0.0);
  out.se = std::sqrt(std::max(quadratic_form(v, h), 0.0));
  const double z = quantile_of(level, residual_df(fit, data));
  out.lower = out.mean - z * out.se;
  out.upper = out.mean + z * out.se;
  return out;
}

}  // namespace angiotrial::analysis
