// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <cstddef>
#include <vector>

/// Comparisons of all pairs of arms.
namespace angiotrial::analysis {

/// P(Q <= q) of the studentized range Q = (max Z - min Z) / S of k independent normals, k >= 2 and
/// nu S^2 ~ chi-square(nu), nu = df > 0 or infinite. About ten digits; 1 - P to about 1e-13.
[[nodiscard]] double studentized_range_probability(double q, int k, double df);
/// q with P(Q <= q) = p, 0 < p < 1.
[[nodiscard]] double studentized_range_quantile(double p, int k, double df);

struct ArmPair {
  std::size_t first = 0;
  std::size_t second = 0;
};

struct AllPairs {
  std::vector<ArmPair> pairs;           ///< (0, 1), (0, 2), .. (1, 2), ..
  std::vector<Comparison> comparisons;  ///< second less first; two-sided
  double critical_value = 0.0;          ///< of the studentized range: sqrt(2) times that of |t|
};

/// Tukey 1953; with unequal sizes Kramer 1956, which is conservative (Hayter 1984).
[[nodiscard]] AllPairs tukey(const ArmMeans& arms, double level = 0.95);

}  // namespace angiotrial::analysis
