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

/// For few parameters and a dear objective: BFGS from a differenced gradient, first on `rough`, an
/// approximation that costs less, then on `objective`; last Newton steps with central differences
/// of the gradient until one has a squared decrement below 1e-11, after which what is left is
/// rounding.
[[nodiscard]] Maximum maximise(const Objective& objective, const Objective& rough,
                               const Eigen::VectorXd& start);

}  // namespace angiotrial::analysis
