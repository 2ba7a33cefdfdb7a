// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_shape.hpp>

#include <cstddef>

namespace angiotrial::analysis::dose {

/// h(d) = (g(d) - g(0)) / max |g - g(0)| on [0, largest], with the places where it turns. The
/// quadratic is cos(theta_0) u + sin(theta_0) u^2, u = d / largest.
class StandardCurve {
 public:
  StandardCurve() = default;
  StandardCurve(Shape shape, const ShapeParameters& theta, const ShapeConstants& constants,
                double largest);

  [[nodiscard]] double at(double dose) const;
  /// max over [0, dose] of h and of -h; both at least 0.
  struct Reach {
    double up = 0.0;
    double down = 0.0;
  };
  [[nodiscard]] Reach reach(double dose) const;
  /// Largest rise and largest fall of h between two doses in order; both at least 0.
  struct Swing {
    double rise = 0.0;
    double fall = 0.0;
  };
  [[nodiscard]] Swing swing() const { return swing_; }
  /// False where the shape is flat on the range, within rounding.
  [[nodiscard]] bool usable() const { return scale_ > 0.0; }

 private:
  [[nodiscard]] double raw(double dose) const;
  /// Inner places where the curve may turn: one, or the doses of a table.
  [[nodiscard]] std::size_t turns() const;
  [[nodiscard]] double turn(std::size_t i) const;
  void measure();

  Shape shape_ = Shape::linear;
  ShapeParameters theta_{};
  const ShapeConstants* constants_ = nullptr;
  double largest_ = 1.0;
  double placebo_ = 0.0;
  double scale_ = 0.0;   ///< 1 / max |g - g(0)|
  double turn_ = 0.0;    ///< 0: none
  double height_ = 0.0;  ///< h there
  Swing swing_;
};

}  // namespace angiotrial::analysis::dose
