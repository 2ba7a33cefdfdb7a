// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace angiotrial::analysis {

struct StudentLimits {
  double lower = 0.0;
  double upper = 0.0;
  double statistic = 0.0;
  double p_value = 1.0;
};

/// Of an estimate with se > 0; an infinite df is the normal distribution.
[[nodiscard]] StudentLimits student_limits(double estimate, double se, double df, double level);

}  // namespace angiotrial::analysis
