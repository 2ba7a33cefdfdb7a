// SPDX-License-Identifier: Apache-2.0
#include "linear/cluster_leverage.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <cmath>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void ClusterLeverage::compute(const MatrixXd& x, const MatrixXd& bread, const VectorXd& w,
                              std::span<const int> labels) {
  const Index n = x.rows();
  ANGIOTRIAL_EXPECT(labels.size() == static_cast<std::size_t>(n), "a cluster label a row");
  order_.reset(labels.size());
  order_.by(labels);
  const auto& rows = order_.positions();
  cholesky_.compute(bread);
  root_ = cholesky_.matrixL();
  turned_.noalias() = x * root_;
  z_.resize(n, x.cols());
  weighted_.resize(n, x.cols());
  begin_.clear();
  for (Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (i == 0 || labels[rows[at]] != labels[rows[at - 1]]) begin_.push_back(i);
    z_.row(i) = turned_.row(rows[at]);
    weighted_.row(i) = w[rows[at]] * turned_.row(rows[at]);
  }
  begin_.push_back(n);
  lone_.clear();
  for (int c = 0; c < clusters(); ++c) {
    take_information(c);
    lone_.add(information_);
  }
}

void ClusterLeverage::take_information(int cluster) {
  information_.noalias() = rows_of(weighted_, cluster).transpose() * rows_of(z_, cluster);
}

bool ClusterLeverage::carries(const Eigen::Ref<const VectorXd>& c) const {
  return !lone_.empty() && lone_.carry(root_.transpose() * c);
}

void ClusterLeverage::strike_out(MatrixXd& covariance) const {
  if (!lone_.empty()) lone_.strike_out(root_.transpose(), covariance);
}

void ClusterLeverage::correct(ClusterCorrection correction, const VectorXd& v, VectorXd& out) {
  if (correction == ClusterCorrection::none) {
    out = v;
    return;
  }
  left_ = -information_;
  left_.diagonal().array() += 1.0;
  solver_.compute(left_);
  scale_ = solver_.eigenvalues().unaryExpr([&](double left) {
    if (!(left > least_left)) return 0.0;
    return correction == ClusterCorrection::inverse ? 1.0 / left : 1.0 / std::sqrt(left);
  });
  in_directions_.noalias() = solver_.eigenvectors().transpose() * v;
  in_directions_.array() *= scale_.array();
  out.noalias() = solver_.eigenvectors() * in_directions_;
}

const VectorXd& ClusterLeverage::score(int cluster, const VectorXd& u,
                                       ClusterCorrection correction) {
  const auto rows = rows_of(z_, cluster);
  residual_.resize(u.size());
  for (Index i = 0; i < rows.rows(); ++i) {
    const auto at = static_cast<std::size_t>(begin_[static_cast<std::size_t>(cluster)] + i);
    residual_[i] = u[order_.positions()[at]];
  }
  score_.noalias() = rows.transpose() * residual_.head(rows.rows());
  if (correction != ClusterCorrection::none) take_information(cluster);
  correct(correction, score_, corrected_);
  return corrected_;
}

void ClusterLeverage::sandwich(const VectorXd& u, ClusterCorrection correction, MatrixXd& out) {
  meat_.setZero(root_.rows(), root_.cols());
  for (int c = 0; c < clusters(); ++c) {
    const VectorXd& own = score(c, u, correction);
    meat_.noalias() += own * own.transpose();
  }
  half_.noalias() = root_ * meat_;
  out.noalias() = half_ * root_.transpose();
}

double ClusterLeverage::bell_mccaffrey(const Eigen::Ref<const VectorXd>& c,
                                       ClusterCorrection correction) {
  coordinates_.noalias() = root_.transpose() * c;
  double trace = 0.0;
  double squares = 0.0;
  meat_.setZero(root_.rows(), root_.cols());
  for (int cluster = 0; cluster < clusters(); ++cluster) {
    take_information(cluster);
    correct(correction, coordinates_, corrected_);
    pulled_.noalias() = information_ * corrected_;
    const double length = corrected_.dot(pulled_);
    trace += length - pulled_.squaredNorm();
    squares += length * (length - 2.0 * pulled_.squaredNorm());
    meat_.noalias() += pulled_ * pulled_.transpose();
  }
  return trace * trace / (squares + meat_.squaredNorm());
}

}  // namespace angiotrial::analysis
