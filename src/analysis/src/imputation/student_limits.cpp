// SPDX-License-Identifier: Apache-2.0
#include "imputation/student_limits.hpp"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

template <typename Distribution>
StudentLimits limits_of(const Distribution& distribution, double estimate, double se,
                        double level) {
  StudentLimits out;
  const double width = quantile(complement(distribution, 0.5 * (1.0 - level))) * se;
  out.lower = estimate - width;
  out.upper = estimate + width;
  out.statistic = estimate / se;
  out.p_value = 2.0 * cdf(complement(distribution, std::fabs(out.statistic)));
  return out;
}

}  // namespace

StudentLimits student_limits(double estimate, double se, double df, double level) {
  if (!(df > 0.0) || !std::isfinite(estimate / se)) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {none, none, none, none};
  }
  if (!std::isfinite(df)) {
    return limits_of(boost::math::normal_distribution<double>(), estimate, se, level);
  }
  return limits_of(boost::math::students_t_distribution<double>(df), estimate, se, level);
}

}  // namespace angiotrial::analysis
