// SPDX-License-Identifier: Apache-2.0
#include "dose/constrained_profile.hpp"

#include <nlopt.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace angiotrial::analysis::dose {
namespace {

using Eigen::Index;
constexpr double infinity = std::numeric_limits<double>::infinity();
/// A curve that must rise steeply to reach the effect at x fits badly; so badly that Q need not be
/// known beyond this multiple of a flat curve's.
constexpr double hopeless = 1.0e8;

struct Context {
  const ConstrainedProfile* profile;
  double x;
  double scale;
};

double objective(unsigned, const double* phi, double* gradient, void* data) {
  const auto* c = static_cast<const Context*>(data);
  double own[2] = {0.0, 0.0};
  const double q = c->profile->value(c->x, phi, own);
  if (gradient != nullptr) {
    gradient[0] = own[0] / c->scale;
    gradient[1] = own[1] / c->scale;
  }
  return q / c->scale;
}

}  // namespace

ConstrainedProfile::ConstrainedProfile(const DoseFit& fit, const DoseEstimates& data, double effect,
                                       const ShapeBounds& bounds)
    : shape_(fit.shape),
      constants_(fit.constants),
      doses_(data.doses),
      metric_(metric_of(data.covariance, data.doses.size())),
      effect_(effect) {
  response_ = Eigen::Map<const Eigen::VectorXd>(data.estimates.data(),
                                                static_cast<Index>(data.estimates.size()));
  response_.array() -= level_of(response_, metric_);  // a large common level costs no digits
  for (std::size_t p = 0; p < nonlinear_count(shape_); ++p) {
    box_.low[p] = std::log(bounds.low[p]);
    box_.high[p] = std::log(bounds.high[p]);
    start_[p] = std::clamp(std::log(fit.nonlinear[p]), box_.low[p], box_.high[p]);
  }
  last_ = start_;
}

// With r = P (m - effect h):  dQ/dphi = -2 effect h_phi' r,
//   h_phi = (g_phi(d) - g_phi(0) - h (g_phi(x) - g_phi(0))) / (g(x) - g(0))
double ConstrainedProfile::value(double x, const double* phi, double* gradient) const {
  const ShapeParameters theta{std::exp(phi[0]), std::exp(phi[1])};
  const ShapeDerivatives placebo = shape_derivatives(shape_, theta, 0.0, constants_);
  const ShapeDerivatives there = shape_derivatives(shape_, theta, x, constants_);
  const double rise = there.value - placebo.value;
  const double flat =
      std::max(response_.dot(metric_.projection * response_), std::numeric_limits<double>::min());
  if (!(std::fabs(rise) > 1.0e-200)) return hopeless * flat;
  const auto k = static_cast<Index>(doses_.size());
  Vector h(k);
  Eigen::Matrix<double, Eigen::Dynamic, 2, 0, most, 2> slope(k, 2);
  for (Index i = 0; i < k; ++i) {
    const ShapeDerivatives d =
        shape_derivatives(shape_, theta, doses_[static_cast<std::size_t>(i)], constants_);
    h[i] = (d.value - placebo.value) / rise;
    for (Index p = 0; p < 2; ++p) {
      slope(i, p) =
          (d.first[p] - placebo.first[p] - h[i] * (there.first[p] - placebo.first[p])) / rise;
    }
  }
  const Vector residual = response_ - effect_ * h;
  const Vector r = metric_.projection * residual;
  const double q = residual.dot(r);
  if (!(q < hopeless * flat)) return hopeless * flat;
  if (gradient != nullptr) {
    for (Index p = 0; p < 2; ++p) gradient[p] = -2.0 * effect_ * slope.col(p).dot(r);
  }
  return q;
}

double ConstrainedProfile::search(double x, ShapeParameters from, ShapeParameters& found) const {
  const auto free = static_cast<unsigned>(nonlinear_count(shape_));
  const double scale =
      std::max(response_.dot(metric_.projection * response_), std::numeric_limits<double>::min());
  Context context{this, x, scale};
  nlopt::opt search(nlopt::LD_SLSQP, 2);
  // A parameter that the shape does not have stays where it is.
  search.set_lower_bounds({box_.low[0], free > 1 ? box_.low[1] : 0.0});
  search.set_upper_bounds({box_.high[0], free > 1 ? box_.high[1] : 0.0});
  search.set_min_objective(objective, &context);
  search.set_xtol_rel(1.0e-9);
  search.set_maxeval(200);
  std::vector<double> phi{std::clamp(from[0], box_.low[0], box_.high[0]),
                          free > 1 ? std::clamp(from[1], box_.low[1], box_.high[1]) : 0.0};
  double value = infinity;
  try {
    static_cast<void>(search.optimize(phi, value));
  } catch (const std::runtime_error&) {
    value = objective(2, phi.data(), nullptr, &context);  // as good as doubles allow
  }
  found = {phi[0], phi[1]};
  return value * scale;
}

/// e_1 = (effect - e_2 x^2) / x leaves f - e_0 = effect d / x + e_2 (d^2 - x d).
double ConstrainedProfile::quadratic(double x) const {
  const auto k = static_cast<Index>(doses_.size());
  Vector rest = response_;
  Vector column(k);
  for (Index i = 0; i < k; ++i) {
    const double d = doses_[static_cast<std::size_t>(i)];
    rest[i] -= effect_ * d / x;
    column[i] = d * d - x * d;
  }
  const Vector pc = metric_.projection * column;
  const double e2 = rest.dot(pc) / column.dot(pc);
  const Vector residual = rest - e2 * column;
  return residual.dot(metric_.projection * residual);
}

double ConstrainedProfile::at(double x) {
  if (shape_ == Shape::quadratic) return quadratic(x);
  const std::size_t free = nonlinear_count(shape_);
  const double none[2] = {0.0, 0.0};
  if (free == 0) return value(x, none, nullptr);
  ShapeParameters found{};
  double best = search(x, last_, found);
  // A coarse grid, so that another valley is not missed.
  constexpr int points = 9;
  ShapeParameters seed = found;
  double least = infinity;
  for (int i = 0; i < points; ++i) {
    for (int j = 0; j < (free > 1 ? points : 1); ++j) {
      const double phi[2] = {box_.low[0] + (box_.high[0] - box_.low[0]) * i / (points - 1),
                             box_.low[1] + (box_.high[1] - box_.low[1]) * j / (points - 1)};
      const double q = value(x, phi, nullptr);
      if (q < least) {
        least = q;
        seed = {phi[0], phi[1]};
      }
    }
  }
  ShapeParameters other{};
  const double second = search(x, seed, other);
  if (second < best) {
    best = second;
    found = other;
  }
  last_ = found;
  return best;
}

}  // namespace angiotrial::analysis::dose
