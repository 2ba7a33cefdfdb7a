// SPDX-License-Identifier: Apache-2.0
#include "linear/row_leverage.hpp"

#include <limits>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void RowLeverage::compute(const MatrixXd& x, const MatrixXd& bread, const VectorXd& w) {
  bread_ = bread;
  w_ = w;
  by_bread_.noalias() = x * bread;
  leverage_ = by_bread_.cwiseProduct(x).rowwise().sum().cwiseProduct(w);
  alone_.clear();
  for (Index i = 0; i < leverage_.size(); ++i) {
    if (!(1.0 - leverage_[i] > least_left)) alone_.push_back(i);
  }
}

double RowLeverage::share(const Eigen::Ref<const VectorXd>& c) const {
  if (alone_.empty()) return 0.0;
  double own = 0.0;
  for (const Index i : alone_) {
    const double t = by_bread_.row(i).dot(c);
    own += w_[i] * t * t;
  }
  const double all = c.dot(bread_.lazyProduct(c));
  return all > 0.0 ? own / all : 0.0;
}

bool RowLeverage::carries(const Eigen::Ref<const VectorXd>& c) const {
  constexpr double rounding = 1.0e-10;
  return !(share(c) <= rounding);
}

void RowLeverage::strike_out(MatrixXd& covariance) const {
  if (alone_.empty()) return;
  for (Index a = 0; a < covariance.cols(); ++a) {
    if (!carries(VectorXd::Unit(covariance.cols(), a))) continue;
    covariance.row(a).setConstant(std::numeric_limits<double>::quiet_NaN());
    covariance.col(a).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
}

void RowLeverage::sandwich(const VectorXd& u, int power, MatrixXd& out) {
  squares_ = u.cwiseAbs2();
  for (int k = 0; k < power; ++k) squares_.array() /= 1.0 - leverage_.array();
  for (const Index i : alone_) squares_[i] = 0.0;
  weighted_ = squares_.asDiagonal() * by_bread_;
  out.noalias() = by_bread_.transpose() * weighted_;
}

}  // namespace angiotrial::analysis
