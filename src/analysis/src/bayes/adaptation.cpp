// SPDX-License-Identifier: Apache-2.0
#include "bayes/adaptation.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void StepSizeAdaptation::restart(double step_size) {
  centre_ = std::log(10.0 * step_size);
  error_ = 0.0;
  log_average_ = 0.0;
  count_ = 0.0;
}

double StepSizeAdaptation::learn(double acceptance, double target) {
  constexpr double shrinkage = 0.05;   // gamma
  constexpr double offset = 10.0;      // t_0
  constexpr double forgetting = 0.75;  // kappa
  count_ += 1.0;
  const double eta = 1.0 / (count_ + offset);
  error_ = (1.0 - eta) * error_ + eta * (target - acceptance);
  const double log_step = centre_ - error_ * std::sqrt(count_) / shrinkage;
  const double weight = std::pow(count_, -forgetting);
  log_average_ = weight * log_step + (1.0 - weight) * log_average_;
  return std::exp(log_step);
}

double StepSizeAdaptation::averaged() const { return std::exp(log_average_); }

WarmupPlan::WarmupPlan(int warmup) {
  constexpr int shortest = 20;
  int start = 75, end = 50;
  window_ = 25;
  if (warmup < shortest) return;
  if (warmup < start + window_ + end) {
    start = static_cast<int>(0.15 * warmup);
    end = static_cast<int>(0.1 * warmup);
    window_ = warmup - start - end;
  }
  first_ = start;
  last_ = warmup - end;
  window_end_ = first_ + window_;
}

bool WarmupPlan::collects(int iteration) const { return iteration >= first_ && iteration < last_; }

bool WarmupPlan::closes(int iteration) {
  if (!collects(iteration) || iteration + 1 != window_end_) return false;
  window_ *= 2;
  window_end_ += window_;
  // A last window that would be cut short is joined to the one before.
  if (window_end_ + 2 * window_ > last_) window_end_ = last_;
  return true;
}

RunningCovariance::RunningCovariance(std::size_t dimension, MassMatrix kind) : kind_(kind) {
  const auto d = static_cast<Index>(dimension);
  mean_ = VectorXd::Zero(d);
  squares_ = MatrixXd::Zero(d, kind == MassMatrix::dense ? d : 1);
}

void RunningCovariance::clear() {
  count_ = 0.0;
  mean_.setZero();
  squares_.setZero();
}

void RunningCovariance::add(const VectorXd& position) {
  count_ += 1.0;
  const VectorXd before = position - mean_;
  mean_ += before / count_;
  const VectorXd after = position - mean_;
  if (kind_ == MassMatrix::dense) {
    squares_.noalias() += before * after.transpose();
  } else {
    squares_.col(0) += before.cwiseProduct(after);
  }
}

MatrixXd RunningCovariance::estimate(const MatrixXd& first, double weight) const {
  const double share = count_ / (count_ + weight);
  const double scale = share / std::max(1.0, count_ - 1.0);
  MatrixXd out = (1.0 - share) * first;
  if (kind_ == MassMatrix::dense) {
    out += scale * 0.5 * (squares_ + squares_.transpose());
  } else {
    out.diagonal() += scale * squares_.col(0);
  }
  return out;
}

}  // namespace angiotrial::analysis
