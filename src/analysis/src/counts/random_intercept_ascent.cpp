// SPDX-License-Identifier: Apache-2.0
#include "counts/random_intercept_ascent.hpp"

#include <nlopt.hpp>

#include <cmath>
#include <stdexcept>
#include <utility>

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

InterceptAscent::InterceptAscent(InterceptLikelihood& likelihood, CountFamily family, VectorXd base,
                                 MatrixXd transform)
    : likelihood_(likelihood),
      family_(family),
      base_(std::move(base)),
      transform_(std::move(transform)),
      z_(VectorXd::Zero(transform_.cols())) {}

bool InterceptAscent::climb() {
  if (likelihood_.has_nodes()) {
    // To near the top by Laplace's approximation, a fraction of the cost.
    constexpr double near = 1.0e-9;
    likelihood_.use_one_node(true);
    search(near);
    likelihood_.use_one_node(false);
    if (newton() || polish()) return true;
  }
  search(1.0e-14);
  return polish();
}

/// Newton by the information of the exact integrals; false where it does not lead up, or where the
/// quadrature is too coarse for that to be the information of its own sums.
bool InterceptAscent::newton() {
  constexpr int most_steps = 12;
  constexpr double last_decrement = 1.0e-14;  // the error after the step is of this order
  constexpr double longest = 3.0;             // in standard errors
  constexpr double too_coarse_to_climb = 0.05;
  constexpr double fine = 1.0e-7;
  MatrixXd information;
  for (int step = 0; step < most_steps; ++step) {
    const auto value = likelihood_.evaluate(psi(), family_, gradient_, information);
    if (!value || likelihood_.coarseness() > too_coarse_to_climb) return false;
    const VectorXd gradient = transform_.transpose() * gradient_;
    cholesky_.compute(transform_.transpose() * information * transform_);
    if (cholesky_.info() != Eigen::Success) return false;
    const VectorXd move = cholesky_.solve(gradient);
    const double decrement = move.dot(gradient);
    if (!(decrement >= 0.0) || decrement > longest * longest) return false;
    z_ += move;
    if (decrement > last_decrement) continue;
    VectorXd slope;
    value_ = evaluate(z_, slope);
    return likelihood_.coarseness() < fine;
  }
  return false;
}

MatrixXd InterceptAscent::covariance() const {
  return transform_ * cholesky_.solve(transform_.transpose());
}

double InterceptAscent::evaluate(const VectorXd& z, VectorXd& gradient) {
  psi_.noalias() = transform_ * z;
  psi_ += base_;
  const double value = likelihood_.evaluate(psi_, family_, gradient_);
  gradient.noalias() = transform_.transpose() * gradient_;
  return value;
}

double InterceptAscent::objective(const std::vector<double>& z, std::vector<double>& gradient,
                                  void* self) {
  auto& ascent = *static_cast<InterceptAscent*>(self);
  VectorXd& slope = ascent.slope_;
  const auto n = static_cast<Index>(z.size());
  ascent.point_ = Eigen::Map<const VectorXd>(z.data(), n);
  const double value = ascent.evaluate(ascent.point_, slope);
  const bool finite = std::isfinite(value) && slope.allFinite();
  for (Index i = 0; i < n && !gradient.empty(); ++i) {
    gradient[static_cast<std::size_t>(i)] = finite ? -slope[i] : 0.0;
  }
  constexpr double forbidden = 1.0e100;
  return finite ? -value : forbidden;
}

void InterceptAscent::search(double tolerance) {
  constexpr double farthest = 60.0;  // standard errors of the fit without intercepts
  const auto n = static_cast<std::size_t>(z_.size());
  nlopt::opt search(nlopt::LD_LBFGS, static_cast<unsigned>(n));
  search.set_min_objective(&objective, this);
  search.set_lower_bounds(-farthest);
  search.set_upper_bounds(farthest);
  search.set_ftol_rel(tolerance);
  search.set_maxeval(400);
  std::vector<double> z(n, 0.0);
  double value = 0.0;
  try {
    search.optimize(z, value);
  } catch (const nlopt::roundoff_limited&) {
    // The search could not improve further: the polish decides.
  } catch (const std::runtime_error&) {
    // A failed line search leaves z where it was best.
  }
  z_ = Eigen::Map<const VectorXd>(z.data(), static_cast<Index>(n));
}

/// - d2l/dz2 by central differences of the gradient.
bool InterceptAscent::factor_information() {
  constexpr double h = 1.0e-4;
  const Index n = z_.size();
  information_.resize(n, n);
  for (Index i = 0; i < n; ++i) {
    point_ = z_;
    point_[i] += h;
    evaluate(point_, above_);
    point_[i] = z_[i] - h;
    evaluate(point_, slope_);
    information_.col(i) = (slope_ - above_) / (2.0 * h);
  }
  if (!information_.allFinite()) return false;
  cholesky_.compute(0.5 * (information_ + information_.transpose()));
  return cholesky_.info() == Eigen::Success;
}

bool InterceptAscent::polish() {
  constexpr int most_rounds = 12;
  constexpr int most_steps = 8;
  constexpr double last_decrement = 1.0e-20;
  constexpr double longest = 3.0;       // in standard errors
  constexpr double moved_far = 3.0e-6;  // beyond, the information is that of another point
  VectorXd gradient;
  value_ = evaluate(z_, gradient);
  for (int round = 0; round < most_rounds; ++round) {
    if (!factor_information()) return false;
    double moved = 0.0;
    double before = infinity;
    for (int step = 0; step < most_steps; ++step) {
      VectorXd& move = point_;
      move = gradient;
      cholesky_.solveInPlace(move);
      const double decrement = move.dot(gradient);
      if (!(decrement >= 0.0) || decrement > longest * longest) return false;
      // Steps by a fixed matrix stop gaining where rounding of the gradient is reached.
      if (decrement < last_decrement || decrement > 0.25 * before) break;
      before = decrement;
      moved += std::sqrt(decrement);
      z_ += move;
      value_ = evaluate(z_, gradient);
    }
    if (moved < moved_far) return true;
  }
  return false;
}

}  // namespace angiotrial::analysis
