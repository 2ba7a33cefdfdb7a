// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace angiotrial::analysis {

/// Gauss-Hermite nodes x and the logarithms of w e^(x^2).
struct HermiteRule {
  std::vector<double> node;
  std::vector<double> log_weight;
  explicit HermiteRule(int nodes);
};

}  // namespace angiotrial::analysis
