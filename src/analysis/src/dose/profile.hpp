// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_shape.hpp>

#include <Eigen/Dense>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "dose/shape_derivatives.hpp"

/// Variable projection of a shape: e_0 and e_1 are eliminated, so that only theta is searched.
namespace angiotrial::analysis::dose {

inline constexpr int most = static_cast<int>(most_doses);
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, most, most>;
using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, most, 1>;

/// W = S^-1 and P = W - W 1 1' W / (1' W 1), which removes e_0.
struct Metric {
  bool positive_definite = false;
  Matrix weight;       ///< W
  Matrix projection;   ///< P
  Vector sums;         ///< W 1
  double total = 0.0;  ///< 1' W 1
};
/// The estimates' own mean: of the flat curve.
[[nodiscard]] double level_of(const Vector& estimates, const Metric& metric);
[[nodiscard]] Metric metric_of(std::span<const double> covariance, std::size_t doses);

/// Q and its derivatives in phi = ln theta.
struct ProfilePoint {
  double value = 0.0;
  double slope = 0.0;  ///< e_1
  double gradient[2] = {0.0, 0.0};
  double hessian[3] = {0.0, 0.0, 0.0};  ///< 00, 01, 11
};

/// Q(phi) = (m - e_1 g)' P (m - e_1 g),   e_1 = g' P m / g' P g
class Profile {
 public:
  Profile(Shape shape, std::span<const double> doses, const ShapeConstants& constants,
          const Metric& metric, const Vector& response);

  [[nodiscard]] ProfilePoint at(const ShapeParameters& phi) const;
  [[nodiscard]] const Vector& response() const { return response_; }
  /// m' P m: what remains of a flat curve.
  [[nodiscard]] double flat() const { return flat_; }

 private:
  Shape shape_;
  std::span<const double> doses_;
  const ShapeConstants* constants_;
  const Metric* metric_;
  Vector response_, projected_;
  double flat_ = 0.0;
};

/// Unit directions P g / sqrt(g' P g) on a grid that is even in phi. They do not depend on the
/// estimates: Q at a grid point is m' P m less the square of one inner product.
struct Grid {
  std::array<int, 2> size{1, 1};
  ShapeBounds box;                 ///< in phi
  std::vector<double> directions;  ///< size[0] * size[1] rows of one number a dose

  [[nodiscard]] ShapeParameters point(int i, int j) const;
};
[[nodiscard]] Grid make_grid(Shape shape, std::span<const double> doses,
                             const ShapeConstants& constants, const Metric& metric,
                             const ShapeBounds& bounds);

/// The phi of the least Q in the box: Newton's method from the best minima of the grid.
/// `values` is scratch.
[[nodiscard]] ShapeParameters search(const Profile& profile, const Grid& grid, std::size_t free,
                                     std::vector<double>& values);

}  // namespace angiotrial::analysis::dose
