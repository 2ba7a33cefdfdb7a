// SPDX-License-Identifier: Apache-2.0
#include "counts/gee_rows.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The order of rows, and the labels in that order.
void sort(const GeeModel& model, GeeRows& rows) {
  const auto labels = model.mean.cluster;
  rows.order.reset(labels.size());
  if (!model.visit.empty()) rows.order.by(model.visit);
  rows.order.by(labels);
  rows.label.clear();
  rows.begin.clear();
  for (const std::uint32_t row : rows.order.positions()) {
    if (rows.label.empty() || labels[row] != rows.label.back()) {
      rows.begin.push_back(static_cast<Index>(rows.label.size()));
    }
    rows.label.push_back(labels[row]);
  }
  rows.begin.push_back(static_cast<Index>(rows.label.size()));
}

void read_in_order(const LinearModel& model, const StableOrder& order, LinearData& out) {
  const auto n = static_cast<Index>(model.response.size());
  const auto p = static_cast<Index>(model.columns);
  out.family = model.family;
  out.x.resize(n, p);
  out.y.resize(n);
  out.weight.setOnes(n);
  out.offset.setZero(n);
  for (Index i = 0; i < n; ++i) {
    const std::size_t row = order.positions()[static_cast<std::size_t>(i)];
    for (Index c = 0; c < p; ++c) {
      out.x(i, c) = model.design[row * model.columns + static_cast<std::size_t>(c)];
    }
    out.y[i] = model.response[row];
    if (!model.weights.empty()) out.weight[i] = model.weights[row];
    if (!model.offset.empty()) out.offset[i] = model.offset[row];
  }
}

/// Of rows `from` to `from + size`: the lower triangle.
void take_correlation(const GeeRows& rows, Index from, WorkingCorrelation correlation, double alpha,
                      Eigen::Ref<MatrixXd> out) {
  const int* time = rows.time.data() + from;
  for (Index k = 0; k < out.cols(); ++k) {
    out(k, k) = 1.0;
    for (Index j = k + 1; j < out.rows(); ++j) {
      out(j, k) = correlation == WorkingCorrelation::exchangeable
                      ? alpha
                      : std::pow(alpha, time[j] - time[k]);
    }
  }
}

}  // namespace

bool arrange(const GeeModel& model, GeeRows& rows) {
  sort(model, rows);
  read_in_order(model.mean, rows.order, rows.data);
  rows.time.resize(rows.label.size());
  for (std::size_t c = 0; c < rows.clusters(); ++c) {
    for (Index i = rows.begin[c]; i < rows.begin[c + 1]; ++i) {
      const auto at = static_cast<std::size_t>(i);
      rows.time[at] = model.visit.empty() ? static_cast<int>(i - rows.begin[c])
                                          : model.visit[rows.order.positions()[at]];
      if (i > rows.begin[c] && rows.time[at] == rows.time[at - 1]) return false;
    }
  }
  return true;
}

void standardise_rows(GeeRows& rows, const VectorXd& beta) {
  const LinearData& d = rows.data;
  rows.eta.noalias() = d.x * beta;
  rows.eta += d.offset;
  take_mean(d.family, rows.eta, rows.mu);
  take_variance(d.family, rows.mu, rows.variance);
  const auto v = rows.variance.array();
  rows.r = (d.y - rows.mu).array() * (d.weight.array() / v).sqrt();
  rows.z = (d.weight.array() * v).sqrt().matrix().asDiagonal() * d.x;
}

bool whiten(const GeeRows& rows, WorkingCorrelation correlation, double alpha, Whitened& out) {
  out.z = rows.z;
  out.r = rows.r;
  if (correlation == WorkingCorrelation::independence) return true;
  Index largest = 0;
  for (std::size_t c = 0; c < rows.clusters(); ++c) {
    largest = std::max(largest, rows.begin[c + 1] - rows.begin[c]);
  }
  out.correlation.resize(largest, largest);
  for (std::size_t c = 0; c < rows.clusters(); ++c) {
    const Index from = rows.begin[c];
    const Index m = rows.begin[c + 1] - from;
    auto block = out.correlation.topLeftCorner(m, m);
    take_correlation(rows, from, correlation, alpha, block);
    const Eigen::LLT<Eigen::Ref<MatrixXd>> cholesky(block);
    if (cholesky.info() != Eigen::Success) return false;
    const auto lower = block.triangularView<Eigen::Lower>();
    lower.solveInPlace(out.z.middleRows(from, m));
    lower.solveInPlace(out.r.segment(from, m));
  }
  return true;
}

}  // namespace angiotrial::analysis
