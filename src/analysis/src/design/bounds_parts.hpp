// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/contract.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

/// What the files on bounds share.
namespace angiotrial::analysis::bounds {

constexpr double infinity = std::numeric_limits<double>::infinity();

inline void check(std::span<const double> information, double alpha) {
  ANGIOTRIAL_EXPECT(!information.empty(), "a stage");
  double before = 0.0;
  for (const double t : information) {
    ANGIOTRIAL_EXPECT(t > before, "information fractions rise from 0");
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

}  // namespace angiotrial::analysis::bounds
