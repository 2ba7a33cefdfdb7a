// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

/// Dose-response shapes f(d) = e_0 + e_1 g(d; theta); the quadratic is e_0 + e_1 d + e_2 d^2.
namespace angiotrial::analysis {

enum class Shape {
  linear,       ///< d
  linear_log,   ///< ln(d + offset)
  emax,         ///< d / (theta_0 + d)
  sig_emax,     ///< d^theta_1 / (theta_0^theta_1 + d^theta_1)
  logistic,     ///< 1 / (1 + exp((theta_0 - d) / theta_1))
  exponential,  ///< exp(d / theta_0) - 1
  quadratic,    ///< d + theta_0 d^2 as a guess; both coefficients are estimated
  beta,         ///< B (d / scale)^theta_0 (1 - d / scale)^theta_1, peak 1: may return to placebo
  gaussian,     ///< exp(-(d - theta_0)^2 / (2 theta_1^2)): rises and falls
  table,        ///< a user's standardised means at doses, straight lines between them
};

[[nodiscard]] std::string_view name_of(Shape shape);

inline constexpr std::size_t most_doses = 12;

/// A user's shape: values g at `count` rising doses; constant beyond the last.
struct ShapeTable {
  std::array<double, most_doses> doses{};
  std::array<double, most_doses> values{};
  std::size_t count = 0;

  [[nodiscard]] bool operator==(const ShapeTable&) const = default;
};
/// 2 to 12 finite values at rising doses; throws ContractViolation otherwise.
[[nodiscard]] ShapeTable shape_table(std::span<const double> doses, std::span<const double> values);

/// Fixed numbers of a study: `offset` of linear_log > 0, `scale` of beta above the largest dose.
struct ShapeConstants {
  double offset = 1.0;
  double scale = 0.0;
  ShapeTable table{};  ///< of Shape::table

  [[nodiscard]] bool operator==(const ShapeConstants&) const = default;
};

inline constexpr std::size_t most_shape_parameters = 2;
using ShapeParameters = std::array<double, most_shape_parameters>;

/// Non-linear parameters to estimate: none for linear, linear_log and quadratic.
[[nodiscard]] std::size_t nonlinear_count(Shape shape);
/// Linear and non-linear together.
[[nodiscard]] std::size_t parameter_count(Shape shape);

/// g(d; theta); a guess of quadratic counts its theta_0 here.
[[nodiscard]] double shape_value(Shape shape, const ShapeParameters& theta, double dose,
                                 const ShapeConstants& constants);
/// dg / d theta of the shapes with non-linear parameters.
[[nodiscard]] ShapeParameters shape_gradient(Shape shape, const ShapeParameters& theta, double dose,
                                             const ShapeConstants& constants);

struct ShapeBounds {
  ShapeParameters low{};
  ShapeParameters high{};

  [[nodiscard]] bool operator==(const ShapeBounds&) const = default;
};
/// The usual search region for doses up to `largest` (Bornkamp et al., package DoseFinding; beta:
/// both exponents in [0.05, 4];
/// gaussian: peak and width in [0.05, 1.5] and [0.1, 1] times `largest`).
[[nodiscard]] ShapeBounds default_bounds(Shape shape, double largest);

}  // namespace angiotrial::analysis
