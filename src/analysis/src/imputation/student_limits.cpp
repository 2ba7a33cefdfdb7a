// SPDX-License-Identifier: Apache-2.0
#include "imputation/student_limits.hpp"

#include <angiotrial/analysis/descriptive.hpp>

#include "reference_distributions.hpp"

#include <cmath>
#include <limits>

namespace angiotrial::analysis {

StudentLimits student_limits(double estimate, double se, double df, double level) {
  if (!(df > 0.0) || !std::isfinite(estimate / se)) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {none, none, none, none};
  }
  const bool normal = !std::isfinite(df);
  const double width =
      (normal ? normal_half_width(level) : student_tail_quantile(df, 0.5 * (1.0 - level))) * se;
  const double statistic = estimate / se;
  const double p_value =
      normal ? normal_p_value(statistic) : 2.0 * student_tail(df, std::fabs(statistic));
  return {estimate - width, estimate + width, statistic, p_value};
}

}  // namespace angiotrial::analysis
