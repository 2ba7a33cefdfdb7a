// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

/// Summaries of one sample, and the normal distribution.
namespace angiotrial::analysis {

struct Summary {
  int n = 0;
  std::optional<double> mean;    ///< empty for an empty sample
  std::optional<double> sd;      ///< divisor n - 1; empty below two values
  std::optional<double> se;      ///< sd / sqrt(n)
  std::optional<double> median;  ///< empty for an empty sample
};

/// Reorders `values` (the median is found by selection); the sums run in the given order before.
[[nodiscard]] Summary summarise(std::span<double> values);

/// Quantile of type 7 (Hyndman and Fan 1996, doi 10.2307/2684934): linear between the order
/// statistics at 1 + (n - 1) p. `sorted` rises and is not empty, p in [0, 1].
[[nodiscard]] double quantile(std::span<const double> sorted, double p);

/// Two-sided standard normal tail beyond |z|.
[[nodiscard]] double normal_p_value(double z);

/// z such that the standard normal holds `level` between -z and z; level in (0, 1).
[[nodiscard]] double normal_half_width(double level);

}  // namespace angiotrial::analysis
