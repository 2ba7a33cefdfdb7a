// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <functional>

namespace angiotrial::analysis {

/// Value and gradient; -infinity outside the domain.
using Objective = std::function<double(const Eigen::VectorXd& at, Eigen::VectorXd& gradient)>;

struct Maximum {
  bool converged = false;
  Eigen::VectorXd at;
  double value = 0.0;
  Eigen::MatrixXd information;  ///< minus the Hessian
  int evaluations = 0;
};

/// Few parameters and a dear objective: BFGS from a differenced gradient, then Newton with central
/// differences of the gradient until the squared decrement is below 1e-18.
[[nodiscard]] Maximum maximise(const Objective& objective, const Eigen::VectorXd& start);

}  // namespace angiotrial::analysis
