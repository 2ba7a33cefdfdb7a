// SPDX-License-Identifier: Apache-2.0
#include "counts/gee_rows.hpp"

#include "counts/cluster_sandwich.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

bool arrange(const GeeModel& model, GeeRows& rows) {
  rows.data = read_model(model.mean);
  rows.cluster = rows_of_clusters(model.mean.cluster);
  rows.time.resize(model.mean.response.size());
  for (auto& members : rows.cluster) {
    for (std::size_t j = 0; j < members.size(); ++j) {
      const auto i = static_cast<std::size_t>(members[j]);
      rows.time[i] = model.visit.empty() ? static_cast<int>(j) : model.visit[i];
    }
    const auto visit_of = [&](Index i) { return rows.time[static_cast<std::size_t>(i)]; };
    std::stable_sort(members.begin(), members.end(),
                     [&](Index a, Index b) { return visit_of(a) < visit_of(b); });
    for (std::size_t j = 1; j < members.size(); ++j) {
      if (visit_of(members[j]) == visit_of(members[j - 1])) return false;
    }
  }
  return true;
}

void standardise_rows(GeeRows& rows, const VectorXd& beta) {
  const LinearData& d = rows.data;
  rows.mu = mean_of(d.family, d.offset + d.x * beta);
  const Eigen::ArrayXd v = variance_of(d.family, rows.mu);
  const Eigen::ArrayXd root = (d.weight.array() * v).sqrt();
  rows.r = (d.y - rows.mu).array() * (d.weight.array() / v).sqrt();
  rows.z = root.matrix().asDiagonal() * d.x;
}

bool whiten(const GeeRows& rows, const std::vector<Index>& members, WorkingCorrelation correlation,
            double alpha, Whitened& out) {
  out.z = rows.z(members, Eigen::all);
  out.r = rows.r(members);
  if (correlation == WorkingCorrelation::independence) return true;
  const auto m = static_cast<Index>(members.size());
  MatrixXd r = MatrixXd::Identity(m, m);
  for (Index j = 0; j < m; ++j) {
    for (Index k = 0; k < j; ++k) {
      const int lag = rows.time[static_cast<std::size_t>(members[static_cast<std::size_t>(j)])] -
                      rows.time[static_cast<std::size_t>(members[static_cast<std::size_t>(k)])];
      r(j, k) = correlation == WorkingCorrelation::exchangeable ? alpha : std::pow(alpha, lag);
    }
  }
  const Eigen::LLT<MatrixXd> cholesky(r);
  if (cholesky.info() != Eigen::Success) return false;
  cholesky.matrixL().solveInPlace(out.z);
  cholesky.matrixL().solveInPlace(out.r);
  return true;
}

}  // namespace angiotrial::analysis
