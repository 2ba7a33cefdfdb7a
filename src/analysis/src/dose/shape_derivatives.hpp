// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_shape.hpp>

/// Shapes with their first and second derivatives in phi = ln theta, where their bounds span
/// decades and the surfaces of fit are nearly quadratic.
namespace angiotrial::analysis::dose {

struct ShapeDerivatives {
  double value = 0.0;                  ///< g
  double first[2] = {0.0, 0.0};        ///< dg / d phi_i
  double second[3] = {0.0, 0.0, 0.0};  ///< d2g / d phi_0^2, d phi_0 d phi_1, d phi_1^2
};

/// theta = exp(phi). Shapes without non-linear parameters have zero derivatives.
[[nodiscard]] ShapeDerivatives shape_derivatives(Shape shape, const ShapeParameters& theta,
                                                 double dose, const ShapeConstants& constants);

}  // namespace angiotrial::analysis::dose
