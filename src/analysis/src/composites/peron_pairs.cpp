// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "composites/peron_state.hpp"

namespace angiotrial::analysis::peron {
namespace {

/// Chances of one row against all columns on one side; no branch, so that columns go in parallel.
void score_side(const Side& side, std::size_t i, std::size_t columns, double* __restrict out) {
  const double key = side.row.key[i];
  const double factor = side.row.factor[i];
  const double tail = side.row.tail[i];
  const double* __restrict keys = side.column.key.data();
  const double* __restrict factors = side.column.factor.data();
  const double* __restrict tails = side.column.tail.data();
  for (std::size_t j = 0; j < columns; ++j) {
    const double before = 1.0 - factor * factors[j];
    const double after = tail * tails[j];
    const double chance = keys[j] < key ? before : after;
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

void close_pairs(const double* __restrict wins, const double* __restrict losses,
                 const double* __restrict open, std::size_t columns, double* __restrict still) {
  for (std::size_t j = 0; j < columns; ++j) {
    const double left = 1.0 - wins[j] - losses[j];
    still[j] = open[j] * (left > 0.0 ? left : 0.0);
  }
}

void add_products(const double* __restrict a, const double* __restrict b, std::size_t columns,
                  double* __restrict out) {
  for (std::size_t j = 0; j < columns; ++j) out[j] += a[j] * b[j];
}

}  // namespace

void RowChances::resize(std::size_t tiers, std::size_t n) {
  columns = n;
  for (auto* values : {&win, &loss, &share_win, &share_loss}) values->resize(tiers * n);
  open.resize((tiers + 1) * n);
}

void RowChances::score(std::span<const TierState> tiers, std::size_t i) {
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
                open.data() + at + columns);
  }
}

void score_pairs(std::span<const TierState> tiers, std::size_t rows, std::size_t columns,
                 std::span<const double> row_weights, std::span<const double> column_weights,
                 RowChances& chances, ColumnSums& sums) {
  chances.resize(tiers.size(), columns);
  sums.wins.assign(tiers.size() * columns, 0.0);
  sums.losses.assign(tiers.size() * columns, 0.0);
  for (std::size_t i = 0; i < rows; ++i) {
    const double weight = row_weights.empty() ? 1.0 : row_weights[i];
    for (std::size_t j = 0; j < columns; ++j) {
      chances.open[j] = weight * (column_weights.empty() ? 1.0 : column_weights[j]);
    }
    chances.score(tiers, i);
    for (std::size_t k = 0; k < tiers.size(); ++k) {
      const std::size_t at = k * columns;
      const double* open = chances.open.data() + at;
      add_products(open, chances.share_win.data() + at, columns, sums.wins.data() + at);
      add_products(open, chances.share_loss.data() + at, columns, sums.losses.data() + at);
    }
  }
}

}  // namespace angiotrial::analysis::peron
