// SPDX-License-Identifier: Apache-2.0
#include "dose/shape_derivatives.hpp"

#include <cmath>

namespace angiotrial::analysis::dose {
namespace {

/// Derivatives in phi of the inner function of a shape.
struct Inner {
  double first[2];
  double second[3];
};

/// g = 1 / (1 + exp(-z)):  g_i = g (1 - g) z_i,  g_ij = g (1 - g) ((1 - 2 g) z_i z_j + z_ij)
ShapeDerivatives through_logistic(double z, const Inner& d) {
  ShapeDerivatives out;
  const double g = 1.0 / (1.0 + std::exp(-z));
  const double slope = g * (1.0 - g);
  const double bend = 1.0 - 2.0 * g;
  out.value = g;
  out.first[0] = slope * d.first[0];
  out.first[1] = slope * d.first[1];
  out.second[0] = slope * (bend * d.first[0] * d.first[0] + d.second[0]);
  out.second[1] = slope * (bend * d.first[0] * d.first[1] + d.second[1]);
  out.second[2] = slope * (bend * d.first[1] * d.first[1] + d.second[2]);
  return out;
}

/// g = exp(L):  g_i = g L_i,  g_ij = g (L_i L_j + L_ij)
ShapeDerivatives through_exponential(double g, const Inner& d) {
  ShapeDerivatives out;
  out.value = g;
  out.first[0] = g * d.first[0];
  out.first[1] = g * d.first[1];
  out.second[0] = g * (d.first[0] * d.first[0] + d.second[0]);
  out.second[1] = g * (d.first[0] * d.first[1] + d.second[1]);
  out.second[2] = g * (d.first[1] * d.first[1] + d.second[2]);
  return out;
}

ShapeDerivatives emax(double theta, double dose) {
  ShapeDerivatives out;
  const double g = dose / (theta + dose);
  out.value = g;
  out.first[0] = -g * (1.0 - g);
  out.second[0] = g * (1.0 - g) * (1.0 - 2.0 * g);
  return out;
}

ShapeDerivatives exponential(double theta, double dose) {
  ShapeDerivatives out;
  const double x = dose / theta;
  out.value = std::expm1(x);
  out.first[0] = -x * (out.value + 1.0);
  out.second[0] = x * (1.0 + x) * (out.value + 1.0);
  return out;
}

/// z = theta_1 ln(d / theta_0)
ShapeDerivatives sig_emax(const ShapeParameters& theta, double dose) {
  if (dose <= 0.0) return {};
  const double z = theta[1] * std::log(dose / theta[0]);
  return through_logistic(z, {{-theta[1], z}, {0.0, -theta[1], z}});
}

/// z = (d - theta_0) / theta_1
ShapeDerivatives logistic(const ShapeParameters& theta, double dose) {
  const double z = (dose - theta[0]) / theta[1];
  const double q = theta[0] / theta[1];
  return through_logistic(z, {{-q, -z}, {-q, q, z}});
}

/// ln g = (a + b) ln(a + b) - a ln a - b ln b + a ln x + b ln(1 - x)
ShapeDerivatives beta(const ShapeParameters& theta, double dose, const ShapeConstants& constants) {
  const double g = shape_value(Shape::beta, theta, dose, constants);
  if (g == 0.0) return {};
  const auto [a, b] = theta;
  const double x = dose / constants.scale;
  const double to_a = a * (std::log((a + b) / a) + std::log(x));
  const double to_b = b * (std::log((a + b) / b) + std::log1p(-x));
  const double both = 1.0 / (a + b);
  return through_exponential(
      g, {{to_a, to_b}, {to_a + a * a * both - a, a * b * both, to_b + b * b * both - b}});
}

/// ln g = -z^2 / 2, z = (d - theta_0) / theta_1, q = theta_0 / theta_1
ShapeDerivatives gaussian(const ShapeParameters& theta, double dose) {
  const double z = (dose - theta[0]) / theta[1];
  const double q = theta[0] / theta[1];
  return through_exponential(std::exp(-0.5 * z * z),
                             {{z * q, z * z}, {z * q - q * q, -2.0 * z * q, -2.0 * z * z}});
}

}  // namespace

ShapeDerivatives shape_derivatives(Shape shape, const ShapeParameters& theta, double dose,
                                   const ShapeConstants& constants) {
  switch (shape) {
    case Shape::emax:
      return emax(theta[0], dose);
    case Shape::exponential:
      return exponential(theta[0], dose);
    case Shape::sig_emax:
      return sig_emax(theta, dose);
    case Shape::logistic:
      return logistic(theta, dose);
    case Shape::beta:
      return beta(theta, dose, constants);
    case Shape::gaussian:
      return gaussian(theta, dose);
    default: {
      ShapeDerivatives out;
      out.value = shape_value(shape, theta, dose, constants);
      return out;
    }
  }
}

}  // namespace angiotrial::analysis::dose
