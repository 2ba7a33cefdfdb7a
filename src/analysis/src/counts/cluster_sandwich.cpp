// SPDX-License-Identifier: Apache-2.0
#include "counts/cluster_sandwich.hpp"

#include <cmath>
#include <map>

namespace angiotrial::analysis {

void ClusterMeat::clear(Eigen::Index coefficients, ClusterCorrection correction) {
  correction_ = correction;
  sum_.setZero(coefficients, coefficients);
}

void ClusterMeat::add(const Eigen::MatrixXd& information, const Eigen::VectorXd& score,
                      LoneDirections& lone) {
  lone.add(information);
  corrected_ = score;
  if (correction_ != ClusterCorrection::none) {
    left_ = Eigen::MatrixXd::Identity(sum_.rows(), sum_.cols()) - information;
    solver_.compute(left_);
    scale_ = solver_.eigenvalues().unaryExpr([&](double left) {
      if (!(left > least_left)) return 0.0;
      return correction_ == ClusterCorrection::inverse ? 1.0 / left : 1.0 / std::sqrt(left);
    });
    turned_.noalias() = solver_.eigenvectors().transpose() * score;
    turned_.array() *= scale_.array();
    corrected_.noalias() = solver_.eigenvectors() * turned_;
  }
  sum_.noalias() += corrected_ * corrected_.transpose();
}

std::vector<std::vector<Eigen::Index>> rows_of_clusters(std::span<const int> labels) {
  std::map<int, std::vector<Eigen::Index>> by_label;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    by_label[labels[i]].push_back(static_cast<Eigen::Index>(i));
  }
  std::vector<std::vector<Eigen::Index>> out;
  out.reserve(by_label.size());
  for (auto& [label, rows] : by_label) out.push_back(std::move(rows));
  return out;
}

}  // namespace angiotrial::analysis
