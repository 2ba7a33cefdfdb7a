// SPDX-License-Identifier: Apache-2.0
#include "counts/cluster_sandwich.hpp"
#include "symmetric_eigen.hpp"

#include <cmath>
#include <map>

namespace angiotrial::analysis {

Eigen::MatrixXd cluster_meat(const std::vector<ClusterPiece>& clusters,
                             ClusterCorrection correction, LoneDirections& lone) {
  lone.clear();
  const Eigen::Index p = clusters.empty() ? 0 : clusters.front().score.size();
  Eigen::MatrixXd meat = Eigen::MatrixXd::Zero(p, p);
  SymmetricEigen solver;
  for (const ClusterPiece& cluster : clusters) {
    lone.add(cluster.information);
    Eigen::VectorXd score = cluster.score;
    if (correction != ClusterCorrection::none) {
      solver.compute(Eigen::MatrixXd::Identity(p, p) - cluster.information);
      const Eigen::VectorXd scale = solver.eigenvalues().unaryExpr([&](double left) {
        if (!(left > least_left)) return 0.0;
        return correction == ClusterCorrection::inverse ? 1.0 / left : 1.0 / std::sqrt(left);
      });
      score = solver.eigenvectors() *
              scale.cwiseProduct(solver.eigenvectors().transpose() * cluster.score);
    }
    meat.noalias() += score * score.transpose();
  }
  return meat;
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
