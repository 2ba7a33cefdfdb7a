// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "linear/lone_directions.hpp"
#include "stable_order.hpp"
#include "symmetric_eigen.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// What multiplies the score of a cluster before it is squared.
enum class ClusterCorrection {
  none,         ///< I
  square_root,  ///< (I - G)^(-1/2): CR2, Bell and McCaffrey 2002, Kauermann and Carroll 2001
  inverse       ///< (I - G)^(-1): CR3, Mancl and DeRouen 2001
};

/// Informations G_c = sum over the rows of cluster c of w_i z_i z_i' of a weighted fit, in
/// coordinates z = L'x in which the bread B = LL' is the identity: (I - H)^(-1/2) of the residuals
/// becomes (I - G)^(-1/2) of their score. As RowLeverage, for clusters. Keeps its buffers.
class ClusterLeverage {
 public:
  void clear() { lone_.clear(); }
  /// A label a row.
  void compute(const Eigen::MatrixXd& x, const Eigen::MatrixXd& bread, const Eigen::VectorXd& w,
               std::span<const int> labels);
  [[nodiscard]] int clusters() const { return static_cast<int>(begin_.size()) - 1; }

  /// Whether a contrast rests on what one cluster carries alone.
  [[nodiscard]] bool carries(const Eigen::Ref<const Eigen::VectorXd>& c) const;
  /// NaN in rows and columns of coefficients that do.
  void strike_out(Eigen::MatrixXd& covariance) const;

  /// A_c s_c, s_c the sum of z_i u_i in a cluster; clusters have the order of their labels. A
  /// direction that the cluster carries alone adds nothing. Valid until the next call.
  [[nodiscard]] const Eigen::VectorXd& score(int cluster, const Eigen::VectorXd& u,
                                             ClusterCorrection correction);
  /// L (sum_c A_c s_c s_c'A_c') L'.
  void sandwich(const Eigen::VectorXd& u, ClusterCorrection correction, Eigen::MatrixXd& out);
  /// (tr M)^2 / tr M^2 of the quadratic form M that the variance of c is under the working model:
  /// the degrees of freedom of Bell and McCaffrey 2002, theirs with `square_root`.
  [[nodiscard]] double bell_mccaffrey(const Eigen::Ref<const Eigen::VectorXd>& c,
                                      ClusterCorrection correction);

 private:
  [[nodiscard]] auto rows_of(const Eigen::MatrixXd& ordered, int cluster) const {
    const auto c = static_cast<std::size_t>(cluster);
    return ordered.middleRows(begin_[c], begin_[c + 1] - begin_[c]);
  }
  void take_information(int cluster);
  /// A of the present information times v.
  void correct(ClusterCorrection correction, const Eigen::VectorXd& v, Eigen::VectorXd& out);

  StableOrder order_;
  std::vector<Eigen::Index> begin_;  ///< of each cluster among rows in order, and their number
  LoneDirections lone_;
  Eigen::LLT<Eigen::MatrixXd> cholesky_;
  Eigen::MatrixXd root_, turned_;  ///< L; x times L
  Eigen::MatrixXd z_, weighted_;   ///< rows of that, and w times those, in order
  Eigen::MatrixXd information_, left_, meat_, half_;
  SymmetricEigen solver_;
  Eigen::VectorXd residual_, score_, scale_, in_directions_, corrected_, pulled_, coordinates_;
};

}  // namespace angiotrial::analysis
