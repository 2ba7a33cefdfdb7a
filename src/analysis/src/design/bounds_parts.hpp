// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/group_sequential.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "design/sequential_recursion.hpp"
#include "multiplicity/quadrature.hpp"

/// What the files on bounds share.
namespace angiotrial::analysis::bounds {

constexpr double infinity = std::numeric_limits<double>::infinity();

inline void check(std::span<const double> information, double alpha) {
  ANGIOTRIAL_EXPECT(!information.empty(), "a stage");
  double before = 0.0;
  for (const double t : information) {
    ANGIOTRIAL_EXPECT(t - before >= 0.999 * least_information_step,
                      "information fractions rise from 0 by the least step or more");
    before = t;
  }
  ANGIOTRIAL_EXPECT(std::fabs(before - 1.0) < 1.0e-9, "the last fraction is 1");
  ANGIOTRIAL_EXPECT(alpha > 0.0 && alpha < 0.5, "a level below one half");
}

inline std::vector<double> mirror(std::span<const double> upper) {
  std::vector<double> lower(upper.begin(), upper.end());
  for (double& z : lower) z = -z;
  return lower;
}

inline std::vector<double> none(std::size_t stages) {
  return std::vector<double>(stages, -infinity);
}

inline double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Reach of a recursion whose looks may spend very little.
inline double spending_reach(const Spending& spending, std::span<const double> t, double alpha) {
  double before = 0.0;
  double reach = usual_reach;
  for (const double next : t) {
    const double now = spending.spent(next, alpha);
    if (now - before > 1.0e-300) {
      reach = std::max(reach, reach_for(quadrature::upper_quantile(now - before)));
    }
    before = now;
  }
  return reach;
}

}  // namespace angiotrial::analysis::bounds
