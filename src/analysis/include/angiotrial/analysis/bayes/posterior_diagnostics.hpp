// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Convergence and precision of Markov chains: Vehtari, Gelman, Simpson, Carpenter and Buerkner
/// 2021 (Bayesian Analysis 16:667, doi 10.1214/20-BA1221). `values` holds chains x draws; four
/// draws or more a chain. Constant or not finite values give NaN.
namespace angiotrial::analysis {

/// The larger of split R-hat of ranks (as normal scores) and of the ranks of |x - median|.
[[nodiscard]] double rank_r_hat(std::span<const double> values, std::size_t chains);
/// Effective sample size of the normal scores of ranks.
[[nodiscard]] double bulk_effective_size(std::span<const double> values, std::size_t chains);
/// The smaller effective sample size of the indicators of the 5 % and 95 % quantiles.
[[nodiscard]] double tail_effective_size(std::span<const double> values, std::size_t chains);
/// Effective sample size of the mean itself.
[[nodiscard]] double mean_effective_size(std::span<const double> values, std::size_t chains);

/// Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan 1996).
[[nodiscard]] double sample_quantile(std::span<const double> values, double probability);

struct PosteriorSummary {
  double mean = 0.0;
  double sd = 0.0;
  double median = 0.0;
  double lower = 0.0;  ///< central interval
  double upper = 0.0;
  double above_zero = 0.0;     ///< share of draws above 0
  double error_of_mean = 0.0;  ///< Monte Carlo standard error
  double r_hat = 0.0;
  double bulk_size = 0.0;
  double tail_size = 0.0;
};
[[nodiscard]] PosteriorSummary summarise_draws(std::span<const double> values, std::size_t chains,
                                               double level = 0.95);

}  // namespace angiotrial::analysis
