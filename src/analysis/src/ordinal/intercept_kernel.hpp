// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace angiotrial::analysis {

/// Rows of a group at s = 0, padded with weight 0 to a multiple of `lanes`: A = e^a, B = e^b.
struct InterceptGroup {
  static constexpr std::size_t lanes = 8;
  const double* upper = nullptr;
  const double* lower = nullptr;
  const double* weight = nullptr;
  std::size_t rows = 0;
};

/// At s, with v = e^-s, by row: F(a - s) = vA / (1 + vA), F(b - s) and (1 + vA)(1 + vB). The sum of
/// w (F(a - s) + F(b - s)).
double intercept_means(const InterceptGroup& group, double v, double* mean_a, double* mean_b,
                       double* product);

/// sum w f and sum w f', f = F (1 - F) the density, over both thresholds.
struct DensitySums {
  double density = 0.0;
  double slope = 0.0;
};
DensitySums intercept_densities(const InterceptGroup& group, const double* mean_a,
                                const double* mean_b);

/// sum log(product), rows of weight 1 only: one logarithm for as many rows as stay below the
/// largest double, given a bound of each logarithm.
double sum_of_logarithms(const double* product, std::size_t rows, double bound);

}  // namespace angiotrial::analysis
