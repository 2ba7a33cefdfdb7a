// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "linear/lone_directions.hpp"

namespace angiotrial::analysis {

/// Information G_c and score U_c of one cluster, in coordinates in which the bread is the identity.
struct ClusterPiece {
  Eigen::MatrixXd information;
  Eigen::VectorXd score;
};

/// What multiplies the score before it is squared.
enum class ClusterCorrection {
  none,         ///< I
  square_root,  ///< (I - G)^(-1/2): CR2, Kauermann and Carroll 2001
  inverse       ///< (I - G)^(-1): CR3, Mancl and DeRouen 2001
};

/// sum of A_c U_c U_c' A_c'. A direction that one cluster carries alone adds nothing; `lone` takes
/// those, since what rests on one has no error.
[[nodiscard]] Eigen::MatrixXd cluster_meat(const std::vector<ClusterPiece>& clusters,
                                           ClusterCorrection correction, LoneDirections& lone);

/// Rows of each cluster, in order of rows; clusters in order of their labels.
[[nodiscard]] std::vector<std::vector<Eigen::Index>> rows_of_clusters(std::span<const int> labels);

}  // namespace angiotrial::analysis
