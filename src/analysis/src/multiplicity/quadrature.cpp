// SPDX-License-Identifier: Apache-2.0
#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"

#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace angiotrial::analysis::quadrature {

double normal_quantile(double p) { return -std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * p); }

double log_scale_density(double s, double df) {
  // chi-square density at nu s^2, times the derivative 2 nu s.
  const double half = 0.5 * df;
  return std::log(2.0 * half) + std::log(s) + (half - 1.0) * std::log(0.5 * df * s * s) -
         0.5 * df * s * s - boost::math::lgamma(half);
}

Interval scale_range(double df) {
  constexpr double tail = 1.0e-16;
  return {std::sqrt(chi_square_quantile(df, tail) / df),
          std::sqrt(chi_square_tail_quantile(df, tail) / df)};
}

}  // namespace angiotrial::analysis::quadrature
