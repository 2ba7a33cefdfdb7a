// SPDX-License-Identifier: Apache-2.0
#include "multiplicity/adjusted_tail.hpp"

#include <algorithm>
#include <cmath>

#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {

double unadjusted_p(double t, double df, Sides sides) {
  const double x = sides == Sides::two ? std::fabs(t) : t;
  const double one = std::isfinite(df) ? student_tail(df, x) : quadrature::normal_cdf(-x);
  return sides == Sides::two ? 2.0 * one : one;
}

Probability any_outside(const Probability& all_inside, double each, std::size_t count) {
  const double most = std::min(1.0, each * static_cast<double>(count));
  const double outside = 1.0 - all_inside.value;
  const double value = outside <= all_inside.error ? most : std::clamp(outside, each, most);
  return {value, std::min(all_inside.error, most - each)};
}

Probability max_t_p_value(double t, const CorrelationMatrix& correlation, double df, Sides sides) {
  return any_outside(max_t_probability(t, correlation, df, sides), unadjusted_p(t, df, sides),
                     correlation.dimension);
}

double product_max_t_p_value(double t, std::span<const double> lambda, double df, Sides sides) {
  const Probability inside{product_max_t_probability(t, lambda, df, sides), quadrature_rounding};
  return any_outside(inside, unadjusted_p(t, df, sides), lambda.size()).value;
}

}  // namespace angiotrial::analysis
