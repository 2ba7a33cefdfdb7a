// SPDX-License-Identifier: Apache-2.0
#include "ordinal/quasi_newton.hpp"

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

class Search {
 public:
  Search(const Objective& rough, const VectorXd& start) {
    best_.at = start;
    gradient_ = trial_gradient_ = VectorXd::Zero(start.size());
    turn_to(rough);
  }

  void turn_to(const Objective& objective) {
    objective_ = &objective;
    best_.value = evaluate(best_.at, gradient_);
  }

  /// False where no way up is found.
  bool climb() {
    constexpr int most_steps = 200;
    constexpr double near = 1.0e-12;
    if (!std::isfinite(best_.value)) return false;
    if (best_.information.size() == 0) {
      const VectorXd widths = 1.0e-5 * (1.0 + best_.at.array().abs());
      difference(widths, false);
    }
    for (int i = 0; i < most_steps; ++i) {
      const double decrement = step(true);
      if (decrement < near) return decrement >= 0.0;
    }
    return true;
  }

  void polish();
  [[nodiscard]] const Maximum& best() const { return best_; }

 private:
  double evaluate(const VectorXd& at, VectorXd& gradient) {
    ++best_.evaluations;
    const double value = (*objective_)(at, gradient);
    return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
  }

  /// The information by differences of the gradient.
  void difference(const VectorXd& widths, bool central) {
    const Index d = widths.size();
    best_.information.resize(d, d);
    VectorXd upper(d), lower = gradient_, at = best_.at;
    for (Index i = 0; i < d; ++i) {
      at[i] = best_.at[i] + widths[i];
      evaluate(at, upper);
      if (central) {
        at[i] = best_.at[i] - widths[i];
        evaluate(at, lower);
      }
      at[i] = best_.at[i];
      best_.information.col(i) = (lower - upper) / ((central ? 2.0 : 1.0) * widths[i]);
    }
    best_.information = 0.5 * (best_.information + best_.information.transpose()).eval();
  }

  /// One step uphill; its squared decrement, negative where there is none.
  double step(bool learn) {
    const VectorXd scale = best_.information.diagonal().cwiseAbs().cwiseMax(1.0e-12);
    Eigen::LLT<MatrixXd> factor(best_.information);
    for (double ridge = 1.0e-3; factor.info() != Eigen::Success && ridge < 1.0e6; ridge *= 4.0) {
      factor.compute(best_.information + MatrixXd((ridge * scale).asDiagonal()));
    }
    if (factor.info() != Eigen::Success) return -1.0;
    VectorXd move = factor.solve(gradient_);
    const double decrement = move.dot(gradient_);
    constexpr int most_halvings = 50;
    const double slack = 1.0e-13 * (1.0 + std::fabs(best_.value));
    for (int half = 0; half < most_halvings; ++half, move *= 0.5) {
      const double value = evaluate(best_.at + move, trial_gradient_);
      if (!(value >= best_.value + 1.0e-4 * move.dot(gradient_) - slack)) continue;
      if (learn) update(move, gradient_ - trial_gradient_);
      best_.at += move;
      best_.value = value;
      gradient_.swap(trial_gradient_);
      return decrement;
    }
    return decrement < 1.0e-10 ? 0.0 : -1.0;
  }

  void update(const VectorXd& move, const VectorXd& change) {
    const double curvature = move.dot(change);
    const VectorXd image = best_.information * move;
    const double old = move.dot(image);
    if (!(curvature > 1.0e-8 * std::fabs(old)) || !(old > 0.0)) return;
    best_.information += change * change.transpose() / curvature - image * image.transpose() / old;
  }

  const Objective* objective_ = nullptr;
  Maximum best_;
  VectorXd gradient_, trial_gradient_;
};

void Search::polish() {
  constexpr int most_rounds = 6;
  constexpr double last = 1.0e-11;
  constexpr double share_of_sd = 1.0e-3;
  for (int i = 0; i < most_rounds && !best_.converged; ++i) {
    const VectorXd curvature = best_.information.diagonal().cwiseAbs().cwiseMax(1.0e-12);
    const VectorXd widths = share_of_sd * curvature.cwiseSqrt().cwiseInverse();
    difference(widths, true);
    const double decrement = step(false);
    if (decrement < 0.0) return;
    best_.converged = decrement < last;
  }
}

}  // namespace

Maximum maximise(const Objective& objective, const Objective& rough, const VectorXd& start) {
  Search search(rough, start);
  if (!search.climb()) return search.best();
  if (&objective != &rough) {
    search.turn_to(objective);
    if (!search.climb()) return search.best();
  }
  search.polish();
  return search.best();
}

}  // namespace angiotrial::analysis
