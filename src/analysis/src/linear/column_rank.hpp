// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// The columns of `x` that are combinations of earlier ones: what is left of a column after
/// projection on the earlier ones is below 1e-7 of its length. A column of zeros counts.
[[nodiscard]] std::vector<std::size_t> aliased_columns(const Eigen::MatrixXd& x);

/// Memory of the same, kept between calls.
struct RankScratch {
  Eigen::MatrixXd basis;
  Eigen::VectorXd rest, share;
  std::vector<std::size_t> aliased;
};
[[nodiscard]] const std::vector<std::size_t>& aliased_columns(const Eigen::MatrixXd& x,
                                                              RankScratch& scratch);

}  // namespace angiotrial::analysis
