// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "linear/lone_directions.hpp"
#include "symmetric_eigen.hpp"

namespace angiotrial::analysis {

/// What multiplies the score before it is squared.
enum class ClusterCorrection {
  none,         ///< I
  square_root,  ///< (I - G)^(-1/2): CR2, Kauermann and Carroll 2001
  inverse       ///< (I - G)^(-1): CR3, Mancl and DeRouen 2001
};

/// sum of A_c U_c U_c' A_c' over clusters of information G_c and score U_c, in coordinates in which
/// the bread is the identity. Keeps its buffers.
class ClusterMeat {
 public:
  /// Begins a sum.
  void clear(Eigen::Index coefficients, ClusterCorrection correction);
  /// A direction that this cluster carries alone adds nothing; `lone` takes those, since what rests
  /// on one has no error.
  void add(const Eigen::MatrixXd& information, const Eigen::VectorXd& score, LoneDirections& lone);
  [[nodiscard]] const Eigen::MatrixXd& sum() const { return sum_; }

 private:
  ClusterCorrection correction_ = ClusterCorrection::none;
  Eigen::MatrixXd sum_, left_;
  SymmetricEigen solver_;
  Eigen::VectorXd scale_, turned_, corrected_;
};

/// Rows of each cluster, in order of rows; clusters in order of their labels.
[[nodiscard]] std::vector<std::vector<Eigen::Index>> rows_of_clusters(std::span<const int> labels);

}  // namespace angiotrial::analysis
