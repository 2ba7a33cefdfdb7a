// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/bayes/no_u_turn_sampler.hpp>

#include <Eigen/Core>
#include <cstddef>

namespace angiotrial::analysis {

/// Dual averaging of the log step size (Hoffman and Gelman 2014, section 3.2).
class StepSizeAdaptation {
 public:
  void restart(double step_size);
  /// The step size to use next, after a transition with this mean acceptance.
  double learn(double acceptance, double target);
  [[nodiscard]] double averaged() const;

 private:
  double centre_ = 0.0;
  double error_ = 0.0;
  double log_average_ = 0.0;
  double count_ = 0.0;
};

/// Which warm-up iterations feed the mass matrix, and where it is renewed: a start and an end
/// without, windows that double between (as Stan's reference manual describes it).
class WarmupPlan {
 public:
  explicit WarmupPlan(int warmup);
  [[nodiscard]] bool collects(int iteration) const;
  /// True at the last iteration of a window.
  [[nodiscard]] bool closes(int iteration);

 private:
  int first_ = 0;
  int last_ = 0;  ///< one past the last collecting iteration
  int window_ = 0;
  int window_end_ = 0;
};

/// Running mean and covariance of positions (Welford).
class RunningCovariance {
 public:
  RunningCovariance(std::size_t dimension, MassMatrix kind);
  void clear();
  void add(const Eigen::VectorXd& position);
  /// Inverse mass: the covariance of the window shrunk towards `first`, the more the fewer draws.
  [[nodiscard]] Eigen::MatrixXd estimate(const Eigen::MatrixXd& first, double weight) const;
  [[nodiscard]] double count() const { return count_; }

 private:
  MassMatrix kind_;
  double count_ = 0.0;
  Eigen::VectorXd mean_;
  Eigen::MatrixXd squares_;
};

}  // namespace angiotrial::analysis
