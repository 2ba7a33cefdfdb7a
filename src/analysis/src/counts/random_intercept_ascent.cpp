// SPDX-License-Identifier: Apache-2.0
#include "counts/random_intercept_ascent.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void InterceptAscent::climb(const InterceptStart& start, CountFamily family, bool intercept) {
  family_ = family;
  intercept_ = intercept;
  log_likelihood_ = -infinity;
  stand_at(start);
  converged_ = reach_top();
  take_psi();
}

/// z = 0, and T.
void InterceptAscent::stand_at(const InterceptStart& start) {
  const Index p = start.beta.size();
  const bool dispersed = family_ != CountFamily::poisson;
  base_.resize(p + 2);
  base_.head(p) = start.beta;
  base_[p] = intercept_ ? std::log(0.5) : -infinity;
  base_[p + 1] = std::log(std::clamp(intercept_ ? 0.5 * start.phi : start.phi, 0.05, 20.0));
  const Index free = p + (intercept_ ? 1 : 0) + (dispersed ? 1 : 0);
  transform_.setZero(p + 2, free);
  transform_.topLeftCorner(p, p) = start.root;
  constexpr double typical_error = 0.2;  // of log sigma and log phi
  if (intercept_) transform_(p, p) = typical_error;
  if (dispersed) transform_(p + 1, free - 1) = typical_error;
  z_.setZero(free);
}

/// psi at z.
void InterceptAscent::take_psi() {
  psi_ = base_;
  psi_.noalias() += transform_ * z_;
}

bool InterceptAscent::reach_top() {
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
  for (int step = 0; step < most_steps; ++step) {
    take_psi();
    const auto value = likelihood_.evaluate(psi_, family_, gradient_, information_);
    if (!value || likelihood_.coarseness() > too_coarse_to_climb) return false;
    slope_.noalias() = transform_.transpose() * gradient_;
    half_.noalias() = transform_.transpose() * information_;
    by_z_.noalias() = half_ * transform_;
    cholesky_.compute(by_z_);
    if (cholesky_.info() != Eigen::Success) return false;
    move_ = slope_;
    cholesky_.solveInPlace(move_);
    const double decrement = move_.dot(slope_);
    if (!(decrement >= 0.0) || decrement > longest * longest) return false;
    z_ += move_;
    if (decrement > last_decrement) continue;
    log_likelihood_ = evaluate(z_, slope_);
    return likelihood_.coarseness() < fine;
  }
  return false;
}

const MatrixXd& InterceptAscent::covariance() {
  solved_ = transform_.transpose();
  cholesky_.solveInPlace(solved_);
  covariance_.noalias() = transform_ * solved_;
  return covariance_;
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
  const auto n = static_cast<unsigned>(z_.size());
  if (!search_ || search_->get_dimension() != n) {
    search_.emplace(nlopt::LD_LBFGS, n);
    search_->set_min_objective(&objective, this);
    search_->set_lower_bounds(-farthest);
    search_->set_upper_bounds(farthest);
    search_->set_maxeval(400);
  }
  search_->set_ftol_rel(tolerance);
  searched_.assign(n, 0.0);
  double value = 0.0;
  try {
    search_->optimize(searched_, value);
  } catch (const nlopt::roundoff_limited&) {
    // The search could not improve further: the polish decides.
  } catch (const std::runtime_error&) {
    // A failed line search leaves z where it was best.
  }
  z_ = Eigen::Map<const VectorXd>(searched_.data(), z_.size());
}

/// - d2l/dz2 by central differences of the gradient.
bool InterceptAscent::factor_information() {
  constexpr double h = 1.0e-4;
  const Index n = z_.size();
  by_z_.resize(n, n);
  for (Index i = 0; i < n; ++i) {
    point_ = z_;
    point_[i] += h;
    evaluate(point_, above_);
    point_[i] = z_[i] - h;
    evaluate(point_, below_);
    by_z_.col(i) = (below_ - above_) / (2.0 * h);
  }
  if (!by_z_.allFinite()) return false;
  cholesky_.compute(0.5 * (by_z_ + by_z_.transpose()));
  return cholesky_.info() == Eigen::Success;
}

bool InterceptAscent::polish() {
  constexpr int most_rounds = 12;
  constexpr int most_steps = 8;
  constexpr double last_decrement = 1.0e-20;
  constexpr double longest = 3.0;       // in standard errors
  constexpr double moved_far = 3.0e-6;  // beyond, the information is that of another point
  log_likelihood_ = evaluate(z_, slope_);
  for (int round = 0; round < most_rounds; ++round) {
    if (!factor_information()) return false;
    double moved = 0.0;
    double before = infinity;
    for (int step = 0; step < most_steps; ++step) {
      move_ = slope_;
      cholesky_.solveInPlace(move_);
      const double decrement = move_.dot(slope_);
      if (!(decrement >= 0.0) || decrement > longest * longest) return false;
      // Steps by a fixed matrix stop gaining where rounding of the gradient is reached.
      if (decrement < last_decrement || decrement > 0.25 * before) break;
      before = decrement;
      moved += std::sqrt(decrement);
      z_ += move_;
      log_likelihood_ = evaluate(z_, slope_);
    }
    if (moved < moved_far) return true;
  }
  return false;
}

}  // namespace angiotrial::analysis
