// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// From sums over patients to win ratio, net benefit and win odds with their errors.
namespace angiotrial::analysis::wins {

/// Weighted sums over strata of one hierarchy, and the covariances of its wins and losses.
struct Moments {
  double wins = 0.0;
  double losses = 0.0;
  double pairs = 0.0;
  double var_wins = 0.0;
  double var_losses = 0.0;
  double covariance = 0.0;
  bool has_variance = true;
};

/// Sums of one stratum, cumulated over tiers: by treated patient and by control. Whole numbers, or
/// chances with what a patient adds to the curves that they come from.
template <class Number>
struct Projections {
  std::span<const Number> row_wins, row_losses, column_wins, column_losses;
  double wins = 0.0;
  double losses = 0.0;
};

template <class Number>
void add_moments(const Projections<Number>& sums, WinVariance variance, double weight, Moments& to);

/// Makes results ready for another trial of `tiers` tiers, with their buffers.
template <class Statistics>
void clear(std::size_t tiers, Statistics& out, std::vector<Moments>& moments) {
  out.status = WinStatus::invalid_input;
  out.treated = out.control = 0;
  out.counts = {};
  out.win_ratio.reset();
  out.net_benefit = out.win_odds = {};
  out.tiers.assign(tiers, {});
  out.strata.clear();
  out.cumulative.clear();
  moments.assign(tiers, {});
}

[[nodiscard]] double stratum_weight(WinWeights weights, std::size_t rows, std::size_t columns);

/// Delta method from the covariance of W and L. The null variance is taken at W = L.
[[nodiscard]] WinSummary summarise(const Moments& s, const WinOptions& options);

}  // namespace angiotrial::analysis::wins
