// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <span>

namespace angiotrial::analysis {

/// Products of a tall design matrix, n x k, where a fit of microseconds spends its time and a
/// general matrix product spends its own on packing. The same bytes on every machine.
using DesignColumns = Eigen::Ref<const Eigen::MatrixXd>;

/// G = sum_i w_i x_i x_i', both triangles; `weight` of n, or empty for 1.
void weighted_gram(const DesignColumns& x, std::span<const double> weight, Eigen::MatrixXd& gram);

/// X'r; `r` of n.
void cross_product(const DesignColumns& x, std::span<const double> r, Eigen::VectorXd& out);

/// X beta + offset; `beta` of k, `out` of n, `offset` of n or empty.
void linear_predictor(const DesignColumns& x, std::span<const double> beta,
                      std::span<const double> offset, std::span<double> out);

[[nodiscard]] inline std::span<const double> values_of(const Eigen::VectorXd& v) {
  return {v.data(), static_cast<std::size_t>(v.size())};
}
[[nodiscard]] inline std::span<double> values_of(Eigen::VectorXd& v) {
  return {v.data(), static_cast<std::size_t>(v.size())};
}

}  // namespace angiotrial::analysis
