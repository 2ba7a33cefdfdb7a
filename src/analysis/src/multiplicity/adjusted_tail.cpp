// SPDX-License-Identifier: Apache-2.0
#include "multiplicity/adjusted_tail.hpp"

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {

double student_tail(double t, double df, Sides sides) {
  const double x = sides == Sides::two ? std::fabs(t) : t;
  const double one = std::isfinite(df)
                         ? cdf(complement(boost::math::students_t_distribution<double>(df), x))
                         : quadrature::normal_cdf(-x);
  return sides == Sides::two ? 2.0 * one : one;
}

Probability any_outside(const Probability& all_inside, double each, std::size_t count) {
  const double most = std::min(1.0, each * static_cast<double>(count));
  const double outside = 1.0 - all_inside.value;
  const double value = outside <= all_inside.error ? most : std::clamp(outside, each, most);
  return {value, std::min(all_inside.error, most - each)};
}

Probability max_t_p_value(double t, const CorrelationMatrix& correlation, double df, Sides sides) {
  return any_outside(max_t_probability(t, correlation, df, sides), student_tail(t, df, sides),
                     correlation.dimension);
}

double product_max_t_p_value(double t, std::span<const double> lambda, double df, Sides sides) {
  const Probability inside{product_max_t_probability(t, lambda, df, sides), quadrature_rounding};
  return any_outside(inside, student_tail(t, df, sides), lambda.size()).value;
}

}  // namespace angiotrial::analysis
