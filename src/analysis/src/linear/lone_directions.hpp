// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "symmetric_eigen.hpp"

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// What a cluster leaves to the others, 1 less its leverage, below which it counts as none.
inline constexpr double least_left = 1.0e-8;

/// Directions that one cluster carries alone, in coordinates in which the bread is the identity.
/// The informations G_c of all clusters add up to it there, so v with v'G_c v = 1 (leverage 1) is
/// known from cluster c only. Its scores vanish there at the estimate whatever the errors were: no
/// sandwich, of any form, has an error for what rests on v.
class LoneDirections {
 public:
  void clear() { directions_.clear(); }
  /// Takes those of a cluster from G_c.
  void add(const Eigen::MatrixXd& information);

  [[nodiscard]] bool empty() const { return directions_.empty(); }
  /// Whether a contrast with coordinates z rests on one of them.
  [[nodiscard]] bool carry(const Eigen::VectorXd& z) const;
  /// NaN in rows and columns of coefficients that rest on one; column j of `coordinates` is the z
  /// of coefficient j.
  void strike_out(const Eigen::MatrixXd& coordinates, Eigen::MatrixXd& covariance) const;

 private:
  std::vector<Eigen::VectorXd> directions_;
  SymmetricEigen solver_;
};

}  // namespace angiotrial::analysis
