// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/composites/peron_scoring.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "composites/peron_curves.hpp"
#include "composites/win_moments.hpp"

namespace angiotrial::analysis {
namespace peron {

/// One side of the comparison of rows with columns: the row's win, or its loss.
struct Side {
  Half row, column;
};

/// A tier of one stratum. Arm 0 are the rows (treated), arm 1 the columns (control).
struct TierState {
  std::array<Order, 2> order;
  std::array<Curve, 2> curve;
  std::array<std::vector<double>, 2> integral;
  std::array<Side, 2> side;  ///< rows outlive columns, columns outlive rows
  bool outliving_wins = true;
  bool censored = false;  ///< some chance may be neither 0 nor 1
  int earlier = -1;       ///< the last tier before that asks the same outcome

  [[nodiscard]] const Side& win() const { return side[outliving_wins ? 0 : 1]; }
  [[nodiscard]] const Side& loss() const { return side[outliving_wins ? 1 : 0]; }
  [[nodiscard]] Comparison comparison(std::size_t own) const {
    return {order[own], order[1 - own], curve[own], curve[1 - own]};
  }
};

struct Stratum {
  std::array<std::vector<std::int32_t>, 2> patients;
  std::vector<TierState> tiers;
};

/// Sums over rows, tier by tier and column by column.
struct ColumnSums {
  std::vector<double> wins, losses;

  void clear(std::size_t size) {
    wins.assign(size, 0.0);
    losses.assign(size, 0.0);
  }
};

/// What one row makes of all columns, tier by tier.
struct RowChances {
  std::size_t columns = 0;
  std::vector<double> win, loss;              ///< chances as of the tier alone, where it asks again
  std::vector<double> share_win, share_loss;  ///< of what the tier finds open
  std::vector<double> open;  ///< weight before tier k; after all of them at the end

  void resize(std::size_t tiers, std::size_t n);
  /// Scores row i and adds it to the sums. `open` of the first tier holds the weights of the pairs.
  void score(std::span<const TierState> tiers, std::size_t i, ColumnSums& sums);

  // Chances of tier k alone, which are its shares unless it asks an outcome again.
  [[nodiscard]] const double* alone_win(const TierState& tier, std::size_t k) const {
    return (tier.earlier >= 0 ? win : share_win).data() + k * columns;
  }
  [[nodiscard]] const double* alone_loss(const TierState& tier, std::size_t k) const {
    return (tier.earlier >= 0 ? loss : share_loss).data() + k * columns;
  }
};

/// Adds up all pairs with the weights of their patients.
void score_pairs(std::span<const TierState> tiers, std::span<const double> row_weights,
                 std::span<const double> column_weights, RowChances& chances, ColumnSums& sums);

/// Derivatives of one sum with respect to what a side is made of.
struct SideSlopes {
  Half row, column;
};

/// Sums by patient of the wins and losses of each cut of the hierarchy: direct, and through curves.
struct Errors {
  std::vector<double> row_wins, row_losses, column_wins, column_losses;  ///< cut by cut

  /// Also adds up all pairs.
  void fill(const Stratum& stratum, RowChances& chances, ColumnSums& sums);

 private:
  void clear(std::size_t tiers, std::size_t rows, std::size_t columns);
  void add_row(const Stratum& stratum, const RowChances& chances, std::size_t cut, std::size_t i);
  void split_repeat(const Stratum& stratum, std::size_t k, const RowChances& chances);
  void pass_through_curves(const Stratum& stratum, std::size_t cut);
  [[nodiscard]] SideSlopes& slopes(std::size_t cut, std::size_t tier, std::size_t side,
                                   std::size_t sum) {
    return slopes_[((cut * tiers_ + tier) * 2 + side) * 2 + sum];
  }

  std::size_t tiers_ = 0;
  std::vector<SideSlopes> slopes_;
  /// Of the row's pairs, tier by tier: derivatives of the sums (wins, losses) in turn with respect
  /// to the chance of a win and of a loss.
  std::array<std::array<std::vector<double>, 2>, 2> by_chance_;
  /// The same with respect to the shares of a tier that asks again.
  std::array<std::array<std::vector<double>, 2>, 2> by_share_;
  std::vector<double> wins_to_come_, losses_to_come_;
  std::array<std::vector<double>, 2> by_survival_;
  std::vector<double> by_integral_, path_;
};

}  // namespace peron

struct PeronWorkspace::State {
  std::vector<peron::Timed> sorted;
  std::vector<peron::Stratum> strata;
  std::array<std::vector<std::int32_t>, 2> everyone;
  std::array<std::vector<double>, 2> weights, kept_weights;
  peron::RowChances chances;
  peron::ColumnSums sums;
  peron::Errors errors;
  std::vector<wins::Moments> moments;  ///< of the hierarchy cut after each tier
  PeronStatistics result;
};

}  // namespace angiotrial::analysis
