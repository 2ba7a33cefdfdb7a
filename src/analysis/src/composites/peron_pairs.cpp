// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "composites/peron_state.hpp"

namespace angiotrial::analysis::peron {
namespace {

/// Chances of one row against all columns on one side. The choice is a product with 0 or 1, which
/// is exact, so that columns go in parallel.
void score_side(const Side& side, std::size_t i, std::size_t columns, double* __restrict out) {
  const double key = side.row.key[i];
  const double factor = side.row.factor[i];
  const double tail = side.row.tail[i];
  const double* __restrict keys = side.column.key.data();
  const double* __restrict factors = side.column.factor.data();
  const double* __restrict tails = side.column.tail.data();
  for (std::size_t j = 0; j < columns; ++j) {
    const double first = keys[j] < key ? 1.0 : 0.0;
    const double chance = first * (1.0 - factor * factors[j]) + (1.0 - first) * (tail * tails[j]);
    out[j] = chance > 0.0 ? chance : 0.0;  // rounding may leave -1e-17
  }
}

/// What is new in a tier that asks an outcome again, of what its last asking left open.
void share_repeat(const double* __restrict chance, const double* __restrict before,
                  const double* __restrict wins, const double* __restrict losses,
                  std::size_t columns, double* __restrict out) {
  constexpr double nothing = 1.0e-12;
  for (std::size_t j = 0; j < columns; ++j) {
    const double left = 1.0 - wins[j] - losses[j];
    const double gained = chance[j] - before[j];
    out[j] = left > nothing && gained > 0.0 ? std::min(gained / left, 1.0) : 0.0;
  }
}

/// Adds what a tier decides of the open pairs, and leaves the rest open.
void close_pairs(const double* __restrict wins, const double* __restrict losses,
                 const double* __restrict open, std::size_t columns, double* __restrict still,
                 double* __restrict won, double* __restrict lost) {
  for (std::size_t j = 0; j < columns; ++j) {
    const double left = 1.0 - wins[j] - losses[j];
    won[j] += open[j] * wins[j];
    lost[j] += open[j] * losses[j];
    still[j] = open[j] * (left > 0.0 ? left : 0.0);
  }
}

}  // namespace

void RowChances::resize(std::size_t tiers, std::size_t n) {
  columns = n;
  for (auto* values : {&win, &loss, &share_win, &share_loss}) values->resize(tiers * n);
  open.resize((tiers + 1) * n);
}

void RowChances::score(std::span<const TierState> tiers, std::size_t i, ColumnSums& sums) {
  for (std::size_t k = 0; k < tiers.size(); ++k) {
    const std::size_t at = k * columns;
    const bool repeat = tiers[k].earlier >= 0;
    double* wins = (repeat ? win : share_win).data() + at;
    double* losses = (repeat ? loss : share_loss).data() + at;
    score_side(tiers[k].win(), i, columns, wins);
    score_side(tiers[k].loss(), i, columns, losses);
    if (repeat) {
      const auto p = static_cast<std::size_t>(tiers[k].earlier);
      const double* old_wins = alone_win(tiers[p], p);
      const double* old_losses = alone_loss(tiers[p], p);
      share_repeat(wins, old_wins, old_wins, old_losses, columns, share_win.data() + at);
      share_repeat(losses, old_losses, old_wins, old_losses, columns, share_loss.data() + at);
    }
    close_pairs(share_win.data() + at, share_loss.data() + at, open.data() + at, columns,
                open.data() + at + columns, sums.wins.data() + at, sums.losses.data() + at);
  }
}

void score_pairs(std::span<const TierState> tiers, std::span<const double> row_weights,
                 std::span<const double> column_weights, RowChances& chances, ColumnSums& sums) {
  const std::size_t columns = column_weights.size();
  chances.resize(tiers.size(), columns);
  sums.clear(tiers.size() * columns);
  for (std::size_t i = 0; i < row_weights.size(); ++i) {
    for (std::size_t j = 0; j < columns; ++j) chances.open[j] = row_weights[i] * column_weights[j];
    chances.score(tiers, i, sums);
  }
}

}  // namespace angiotrial::analysis::peron
