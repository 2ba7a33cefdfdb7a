// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ordinal/cumulative_likelihood.hpp"

namespace angiotrial::analysis {

/// cumulative_likelihood of the logit link without nominal columns, one exponential a row:
///
///   log p_y = (theta_y - eta) + log(1 - e^-(theta_y - theta_(y-1)))
///             - log(1 + e^(theta_y - eta)) - log(1 + e^(theta_(y-1) - eta))
///
/// NaN where an exponential could overflow: the caller then goes row by row.
[[nodiscard]] double proportional_logit(const CumulativeRows& rows,
                                        const Eigen::VectorXd& parameters, Order order,
                                        Eigen::VectorXd& gradient, Eigen::MatrixXd& information);

}  // namespace angiotrial::analysis
