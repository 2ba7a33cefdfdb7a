// SPDX-License-Identifier: Apache-2.0
#include "reference_distributions.hpp"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace angiotrial::analysis {

using boost::math::chi_squared;
using boost::math::fisher_f;
using boost::math::students_t;

namespace {

/// Without the detour by long double, which takes most of the time, for a relative error below
/// 2e-13.
using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

}  // namespace

double student_tail(double df, double t) {
  return cdf(complement(boost::math::students_t_distribution<double, InDouble>(df), t));
}

double student_tail_quantile(double df, double tail) {
  return quantile(complement(students_t(df), tail));
}

double chi_square_tail(double df, double x) { return cdf(complement(chi_squared(df), x)); }

double chi_square_quantile(double df, double p) { return quantile(chi_squared(df), p); }

double chi_square_tail_quantile(double df, double tail) {
  return quantile(complement(chi_squared(df), tail));
}

double f_tail(double numerator_df, double denominator_df, double x) {
  return cdf(complement(fisher_f(numerator_df, denominator_df), x));
}

}  // namespace angiotrial::analysis
