// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_scale.hpp>

#include <Eigen/Core>

namespace angiotrial::analysis {

/// Log-likelihood with its gradient and Hessian in (theta, gamma, beta, zeta), sign at_most.
struct ScaleLikelihood {
  double value = 0.0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd hessian;
};
/// -infinity, the rest untouched, where a cell of some row has no probability.
[[nodiscard]] ScaleLikelihood scale_likelihood(const CumulativeScaleModel& model,
                                               const Eigen::VectorXd& parameters);

}  // namespace angiotrial::analysis
