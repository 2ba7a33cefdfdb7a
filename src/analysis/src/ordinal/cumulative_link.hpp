// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

namespace angiotrial::analysis {

/// F, 1 - F, f and f' of a link at t; t may be infinite.
struct LinkValue {
  double below = 0.0;
  double above = 0.0;
  double density = 0.0;
  double slope = 0.0;
};
[[nodiscard]] LinkValue link_value(CumulativeLink link, double t);

/// F^-1(p), p in (0, 1).
[[nodiscard]] double link_quantile(CumulativeLink link, double p);

/// log(F(a) - F(b)) and its derivatives in a and b; a > b, either may be infinite.
struct CellTerm {
  double value = 0.0;
  double da = 0.0;
  double db = 0.0;
  double daa = 0.0;
  double dab = 0.0;
  double dbb = 0.0;
};
[[nodiscard]] CellTerm cell_term(CumulativeLink link, double a, double b);

}  // namespace angiotrial::analysis
