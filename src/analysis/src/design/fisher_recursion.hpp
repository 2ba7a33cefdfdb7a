// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

/// Rejection probabilities of Fisher's combination test with early stopping.
namespace angiotrial::analysis {

struct FisherBounds {
  std::span<const double> critical;  ///< products c_k, above 0
  std::span<const double> powers;    ///< v_k
  std::span<const double> futility;  ///< p-values above stop; empty: none. One an interim look
};

/// P(reject at stage k or later | product of the stages before), uniform p-values.
[[nodiscard]] double fisher_rejection(const FisherBounds& bounds, std::size_t k, double product);

/// The same where z_j = Phi^-1(1 - p_j) has mean shift_j; one a stage, counted from stage 0.
[[nodiscard]] double fisher_power(const FisherBounds& bounds, std::size_t k, double product,
                                  std::span<const double> shift);

/// Products c_k that hold the level, for the shares named by `full` (FisherLevels).
[[nodiscard]] std::vector<double> fisher_critical(std::span<const double> powers,
                                                  std::span<const double> futility, double alpha,
                                                  bool full);

/// The level of a design whose every stage rejects products of the level `share` on its own.
[[nodiscard]] double fisher_level_of_share(std::span<const double> powers,
                                           std::span<const double> futility, double share);

/// P(prod_j p_j^(v_j) <= c), no stopping.
[[nodiscard]] double fisher_product_level(std::span<const double> powers, double c);

}  // namespace angiotrial::analysis
