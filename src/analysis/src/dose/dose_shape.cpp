// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/dose_shape.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

double beta_value(const ShapeParameters& theta, double x) {
  if (x <= 0.0 || x >= 1.0) return 0.0;
  const auto [a, b] = theta;
  const double log_peak = (a + b) * std::log(a + b) - a * std::log(a) - b * std::log(b);
  return std::exp(log_peak + a * std::log(x) + b * std::log1p(-x));
}

ShapeParameters beta_gradient(const ShapeParameters& theta, double x) {
  const double value = beta_value(theta, x);
  if (value == 0.0) return {};
  const auto [a, b] = theta;
  return {value * (std::log((a + b) / a) + std::log(x)),
          value * (std::log((a + b) / b) + std::log1p(-x))};
}

double sig_emax_value(const ShapeParameters& theta, double dose) {
  return dose <= 0.0 ? 0.0 : 1.0 / (1.0 + std::pow(theta[0] / dose, theta[1]));
}

double gaussian_value(const ShapeParameters& theta, double dose) {
  const double z = (dose - theta[0]) / theta[1];
  return std::exp(-0.5 * z * z);
}

double table_value(const ShapeTable& table, double dose) {
  std::size_t i = 1;
  while (i + 1 < table.count && dose > table.doses[i]) ++i;
  const double span = table.doses[i] - table.doses[i - 1];
  const double share = std::clamp((dose - table.doses[i - 1]) / span, 0.0, 1.0);
  return (1.0 - share) * table.values[i - 1] + share * table.values[i];
}

}  // namespace

ShapeTable shape_table(std::span<const double> doses, std::span<const double> values) {
  ANGIOTRIAL_EXPECT(doses.size() == values.size(), "a value a dose");
  ANGIOTRIAL_EXPECT(doses.size() >= 2 && doses.size() <= most_doses, "2 to 12 doses");
  ShapeTable table;
  for (std::size_t i = 0; i < doses.size(); ++i) {
    ANGIOTRIAL_EXPECT(std::isfinite(doses[i]) && std::isfinite(values[i]), "finite numbers");
    ANGIOTRIAL_EXPECT(i == 0 || doses[i] > doses[i - 1], "rising doses");
    table.doses[i] = doses[i];
    table.values[i] = values[i];
  }
  table.count = doses.size();
  return table;
}

std::string_view name_of(Shape shape) {
  switch (shape) {
    case Shape::linear:
      return "linear";
    case Shape::linear_log:
      return "linear in log";
    case Shape::emax:
      return "emax";
    case Shape::sig_emax:
      return "sigmoid emax";
    case Shape::logistic:
      return "logistic";
    case Shape::exponential:
      return "exponential";
    case Shape::quadratic:
      return "quadratic";
    case Shape::beta:
      return "beta";
    case Shape::gaussian:
      return "gaussian";
    case Shape::table:
      return "table";
  }
  return "unknown";
}

std::size_t nonlinear_count(Shape shape) {
  switch (shape) {
    case Shape::emax:
    case Shape::exponential:
      return 1;
    case Shape::sig_emax:
    case Shape::logistic:
    case Shape::beta:
    case Shape::gaussian:
      return 2;
    default:
      return 0;
  }
}

std::size_t parameter_count(Shape shape) {
  return (shape == Shape::quadratic ? 3 : 2) + nonlinear_count(shape);
}

double shape_value(Shape shape, const ShapeParameters& theta, double dose,
                   const ShapeConstants& constants) {
  switch (shape) {
    case Shape::linear:
      return dose;
    case Shape::linear_log:
      return std::log(dose + constants.offset);
    case Shape::emax:
      return dose / (theta[0] + dose);
    case Shape::sig_emax:
      return sig_emax_value(theta, dose);
    case Shape::logistic:
      return 1.0 / (1.0 + std::exp((theta[0] - dose) / theta[1]));
    case Shape::exponential:
      return std::expm1(dose / theta[0]);
    case Shape::quadratic:
      return dose + theta[0] * dose * dose;
    case Shape::beta:
      return beta_value(theta, dose / constants.scale);
    case Shape::gaussian:
      return gaussian_value(theta, dose);
    case Shape::table:
      ANGIOTRIAL_EXPECT(constants.table.count >= 2, "a table of the user's shape");
      return table_value(constants.table, dose);
  }
  ANGIOTRIAL_EXPECT(false, "a known shape");
  return 0.0;
}

ShapeParameters shape_gradient(Shape shape, const ShapeParameters& theta, double dose,
                               const ShapeConstants& constants) {
  const double g = shape_value(shape, theta, dose, constants);
  switch (shape) {
    case Shape::emax:
      return {-dose / ((theta[0] + dose) * (theta[0] + dose)), 0.0};
    case Shape::exponential:
      return {-dose / (theta[0] * theta[0]) * (g + 1.0), 0.0};
    case Shape::sig_emax:
      if (dose <= 0.0) return {};
      return {-g * (1.0 - g) * theta[1] / theta[0], g * (1.0 - g) * std::log(dose / theta[0])};
    case Shape::logistic:
      return {-g * (1.0 - g) / theta[1], g * (1.0 - g) * (theta[0] - dose) / (theta[1] * theta[1])};
    case Shape::beta:
      return beta_gradient(theta, dose / constants.scale);
    case Shape::gaussian: {
      const double z = (dose - theta[0]) / theta[1];
      return {g * z / theta[1], g * z * z / theta[1]};
    }
    default:
      return {};
  }
}

ShapeBounds default_bounds(Shape shape, double largest) {
  switch (shape) {
    case Shape::emax:
      return {{0.001 * largest, 0.0}, {1.5 * largest, 0.0}};
    case Shape::exponential:
      return {{0.1 * largest, 0.0}, {2.0 * largest, 0.0}};
    case Shape::sig_emax:
      return {{0.001 * largest, 0.5}, {1.5 * largest, 10.0}};
    case Shape::logistic:
      return {{0.001 * largest, 0.01 * largest}, {1.5 * largest, 0.5 * largest}};
    case Shape::beta:
      return {{0.05, 0.05}, {4.0, 4.0}};
    case Shape::gaussian:
      return {{0.05 * largest, 0.1 * largest}, {1.5 * largest, largest}};
    default:
      return {};
  }
}

}  // namespace angiotrial::analysis
