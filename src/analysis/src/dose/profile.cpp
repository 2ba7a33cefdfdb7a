// SPDX-License-Identifier: Apache-2.0
#include "dose/profile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis::dose {

using Eigen::Index;

Metric metric_of(std::span<const double> covariance, std::size_t doses) {
  Metric metric;
  const auto k = static_cast<Index>(doses);
  const Matrix s = Eigen::Map<const Eigen::MatrixXd>(covariance.data(), k, k);
  const Eigen::LLT<Matrix> factor(s);
  if (factor.info() != Eigen::Success || !s.allFinite()) return metric;
  const Matrix root = factor.matrixL().solve(Matrix::Identity(k, k));
  metric.weight = root.transpose() * root;
  metric.sums = metric.weight.rowwise().sum();
  metric.total = metric.sums.sum();
  metric.projection = metric.weight - metric.sums * metric.sums.transpose() / metric.total;
  metric.positive_definite = metric.projection.allFinite();
  return metric;
}

double level_of(const Vector& estimates, const Metric& metric) {
  return metric.sums.dot(estimates) / metric.total;
}

Profile::Profile(Shape shape, std::span<const double> doses, const ShapeConstants& constants,
                 const Metric& metric, const Vector& response)
    : shape_(shape), doses_(doses), constants_(&constants), metric_(&metric), response_(response) {
  projected_ = metric.projection * response_;
  flat_ = response_.dot(projected_);
}

// With r = P (m - e_1 g), b = g' P g and e_1's own derivatives s_i = (g_i' P m - 2 e_1 g_i' P g) /
// b (so that terms in dQ / d e_1 = 0 drop out of the gradient):
//   Q_i  = -2 e_1 g_i' r
//   Q_ij = -2 e_1 g_ij' r + 2 e_1^2 g_i' P g_j - 2 b s_i s_j
ProfilePoint Profile::at(const ShapeParameters& phi) const {
  const auto k = static_cast<Index>(doses_.size());
  const ShapeParameters theta{std::exp(phi[0]), std::exp(phi[1])};
  Vector g(k);
  Eigen::Matrix<double, Eigen::Dynamic, 2, 0, most, 2> first(k, 2);
  Eigen::Matrix<double, Eigen::Dynamic, 3, 0, most, 3> second(k, 3);
  for (Index i = 0; i < k; ++i) {
    const ShapeDerivatives d =
        shape_derivatives(shape_, theta, doses_[static_cast<std::size_t>(i)], *constants_);
    g[i] = d.value;
    for (Index p = 0; p < 2; ++p) first(i, p) = d.first[p];
    for (Index p = 0; p < 3; ++p) second(i, p) = d.second[p];
  }
  ProfilePoint out;
  out.value = flat_;
  const Vector pg = metric_->projection * g;
  const double b = g.dot(pg);
  if (!(b > 1.0e-300) || !std::isfinite(b)) return out;
  out.slope = g.dot(projected_) / b;
  const Vector r = projected_ - out.slope * pg;
  out.value = (response_ - out.slope * g).dot(r);
  const Eigen::Vector2d to_r = first.transpose() * r;
  const Eigen::Vector2d to_g = first.transpose() * pg;
  const Eigen::Vector3d bend = second.transpose() * r;
  const auto projected = (metric_->projection * first).eval();
  const Eigen::Matrix2d square = first.transpose() * projected;
  const Eigen::Vector2d s = (to_r - out.slope * to_g) / b;
  for (Index p = 0; p < 2; ++p) out.gradient[p] = -2.0 * out.slope * to_r[p];
  const double e = out.slope;
  const auto curvature = [&](Index c, Index i, Index j) {
    return 2.0 * (-e * bend[c] + e * e * square(i, j) - b * s[i] * s[j]);
  };
  out.hessian[0] = curvature(0, 0, 0);
  out.hessian[1] = curvature(1, 0, 1);
  out.hessian[2] = curvature(2, 1, 1);
  return out;
}

ShapeParameters Grid::point(int i, int j) const {
  const auto coordinate = [&](std::size_t p, int at) {
    if (size[p] == 1) return box.low[p];
    if (at == size[p] - 1) return box.high[p];
    return box.low[p] + (box.high[p] - box.low[p]) * at / (size[p] - 1);
  };
  return {coordinate(0, i), coordinate(1, j)};
}

Grid make_grid(Shape shape, std::span<const double> doses, const ShapeConstants& constants,
               const Metric& metric, const ShapeBounds& bounds) {
  Grid grid;
  const std::size_t free = nonlinear_count(shape);
  grid.size = free == 1 ? std::array{33, 1} : std::array{16, 12};
  for (std::size_t p = 0; p < free; ++p) {
    grid.box.low[p] = std::log(bounds.low[p]);
    grid.box.high[p] = std::log(bounds.high[p]);
  }
  const auto k = static_cast<Index>(doses.size());
  for (int i = 0; i < grid.size[0]; ++i) {
    for (int j = 0; j < grid.size[1]; ++j) {
      const ShapeParameters phi = grid.point(i, j);
      const ShapeParameters theta{std::exp(phi[0]), std::exp(phi[1])};
      Vector g(k);
      for (Index d = 0; d < k; ++d) {
        g[d] = shape_value(shape, theta, doses[static_cast<std::size_t>(d)], constants);
      }
      const Vector pg = metric.projection * g;
      const double b = g.dot(pg);
      const bool usable = b > 1.0e-300 && std::isfinite(b);
      const double scale = usable ? 1.0 / std::sqrt(b) : 0.0;
      for (Index d = 0; d < k; ++d) grid.directions.push_back(usable ? scale * pg[d] : 0.0);
    }
  }
  return grid;
}

}  // namespace angiotrial::analysis::dose
