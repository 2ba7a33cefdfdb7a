// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "composites/peron_state.hpp"

/// Derivatives of the sums of wins and losses with respect to the weight of each patient, by going
/// back through the pairs, the sides and the curves. With V_k the wins to come of a pair that is
/// open after tier k (V = 0 after the last), f and u its shares on tier k, and R its weight:
///
///   V_{k-1} = f + (1 - f - u) V_k       dW / df = R (1 - V_k)       dW / du = -R V_k
namespace angiotrial::analysis::peron {
namespace {

constexpr std::size_t of_wins = 0;
constexpr std::size_t of_losses = 1;

/// A tier of one row on the way back: adds the derivatives, and takes V to before the tier.
void step_back(const double* __restrict good, const double* __restrict bad,
               const double* __restrict open, std::size_t columns, double* __restrict to_come,
               double* __restrict by_good, double* __restrict by_bad) {
  for (std::size_t j = 0; j < columns; ++j) {
    const double next = to_come[j];
    by_good[j] += open[j] * (1.0 - next);
    by_bad[j] -= open[j] * next;
    to_come[j] = good[j] + (1.0 - good[j] - bad[j]) * next;
  }
}

/// From derivatives with respect to the chances of row i to those of a side.
void add_side(const Side& side, std::size_t i, const double* __restrict by_chance,
              std::size_t columns, SideSlopes& to) {
  const double key = side.row.key[i];
  const double factor = side.row.factor[i];
  const double tail = side.row.tail[i];
  double row_factor = 0.0;
  double row_tail = 0.0;
  double* __restrict column_factor = to.column.factor.data();
  double* __restrict column_tail = to.column.tail.data();
  for (std::size_t j = 0; j < columns; ++j) {
    const bool before = side.column.key[j] < key;
    const double first = before ? by_chance[j] : 0.0;
    const double second = by_chance[j] - first;
    row_factor -= first * side.column.factor[j];
    row_tail += second * side.column.tail[j];
    column_factor[j] -= first * factor;
    column_tail[j] += second * tail;
  }
  to.row.factor[i] += row_factor;
  to.row.tail[i] += row_tail;
}

/// share = (f - f_before) / (1 - f_before - u_before): hands derivatives with respect to the share
/// on to the tier's own chance and to those of its last asking.
void split_share(const double* __restrict share, const double* __restrict by_share,
                 const double* __restrict own_before, const double* __restrict other_before,
                 std::size_t columns, double* __restrict by_chance,
                 double* __restrict by_own_before, double* __restrict by_other_before) {
  for (std::size_t j = 0; j < columns; ++j) {
    if (!(share[j] > 0.0)) continue;
    const double slope = by_share[j] / (1.0 - own_before[j] - other_before[j]);
    by_chance[j] += slope;
    by_own_before[j] += slope * (share[j] - 1.0);
    by_other_before[j] += slope * share[j];
  }
}

void zero(Half& half, std::size_t n) {
  half.factor.assign(n, 0.0);
  half.tail.assign(n, 0.0);
}

}  // namespace

void Errors::clear(std::size_t tiers, std::size_t rows, std::size_t columns) {
  tiers_ = tiers;
  for (auto* sums : {&row_wins, &row_losses}) sums->assign(tiers * rows, 0.0);
  for (auto* sums : {&column_wins, &column_losses}) sums->assign(tiers * columns, 0.0);
  slopes_.resize(tiers * tiers * 4);
  for (SideSlopes& s : slopes_) {
    zero(s.row, rows);
    zero(s.column, columns);
  }
  for (auto& sum : by_chance_) {
    for (auto& chance : sum) chance.resize(tiers * columns);
  }
  for (auto& sum : by_share_) {
    for (auto& share : sum) share.resize(columns);
  }
  wins_to_come_.resize(columns);
  losses_to_come_.resize(columns);
}

void Errors::split_repeat(const Stratum& stratum, std::size_t k, const RowChances& chances) {
  const std::size_t n = chances.columns;
  const auto p = static_cast<std::size_t>(stratum.tiers[k].earlier);
  const double* wins = chances.alone_win(stratum.tiers[p], p);
  const double* losses = chances.alone_loss(stratum.tiers[p], p);
  for (std::size_t sum = 0; sum < 2; ++sum) {
    double* by_win = by_chance_[sum][0].data();
    double* by_loss = by_chance_[sum][1].data();
    split_share(chances.share_win.data() + k * n, by_share_[sum][0].data(), wins, losses, n,
                by_win + k * n, by_win + p * n, by_loss + p * n);
    split_share(chances.share_loss.data() + k * n, by_share_[sum][1].data(), losses, wins, n,
                by_loss + k * n, by_loss + p * n, by_win + p * n);
  }
}

void Errors::add_row(const Stratum& stratum, const RowChances& chances, std::size_t cut,
                     std::size_t i) {
  const std::size_t n = chances.columns;
  std::fill(wins_to_come_.begin(), wins_to_come_.end(), 0.0);
  std::fill(losses_to_come_.begin(), losses_to_come_.end(), 0.0);
  for (auto& sum : by_chance_) {
    for (auto& chance : sum) std::fill(chance.begin(), chance.end(), 0.0);
  }
  for (std::size_t k = cut + 1; k-- > 0;) {
    const std::size_t at = k * n;
    const TierState& tier = stratum.tiers[k];
    const double* wins = chances.share_win.data() + at;
    const double* losses = chances.share_loss.data() + at;
    const double* open = chances.open.data() + at;
    const bool repeat = tier.earlier >= 0;
    const auto slopes_of = [&](std::size_t sum, std::size_t chance) {
      return repeat ? by_share_[sum][chance].data() : by_chance_[sum][chance].data() + at;
    };
    for (auto& sum : by_share_) {
      for (auto& share : sum) std::fill(share.begin(), share.end(), 0.0);
    }
    step_back(wins, losses, open, n, wins_to_come_.data(), slopes_of(of_wins, 0),
              slopes_of(of_wins, 1));
    step_back(losses, wins, open, n, losses_to_come_.data(), slopes_of(of_losses, 1),
              slopes_of(of_losses, 0));
    if (repeat) split_repeat(stratum, k, chances);
    if (!tier.censored) continue;
    for (const std::size_t sum : {of_wins, of_losses}) {
      add_side(tier.win(), i, by_chance_[sum][0].data() + at, n, slopes(cut, k, 0, sum));
      add_side(tier.loss(), i, by_chance_[sum][1].data() + at, n, slopes(cut, k, 1, sum));
    }
  }
  const std::size_t rows = stratum.patients[0].size();
  for (std::size_t j = 0; j < n; ++j) {
    row_wins[cut * rows + i] += wins_to_come_[j];
    row_losses[cut * rows + i] += losses_to_come_[j];
    column_wins[cut * n + j] += wins_to_come_[j];
    column_losses[cut * n + j] += losses_to_come_[j];
  }
}

void Errors::pass_through_curves(const Stratum& stratum, std::size_t cut) {
  const std::size_t rows = stratum.patients[0].size();
  const std::size_t columns = stratum.patients[1].size();
  for (std::size_t k = 0; k <= cut; ++k) {
    const TierState& tier = stratum.tiers[k];
    if (!tier.censored) continue;
    for (const std::size_t sum : {of_wins, of_losses}) {
      for (std::size_t arm = 0; arm < 2; ++arm) {
        by_survival_[arm].assign(tier.order[arm].times.size() + 1, 0.0);
      }
      const SideSlopes& up = slopes(cut, k, tier.outliving_wins ? 0 : 1, sum);
      const SideSlopes& down = slopes(cut, k, tier.outliving_wins ? 1 : 0, sum);
      tier.comparison(0).spread(tier.integral[0], up.row, up.column, by_integral_, by_survival_[0],
                                by_survival_[1]);
      tier.comparison(1).spread(tier.integral[1], down.column, down.row, by_integral_,
                                by_survival_[1], by_survival_[0]);
      auto& row_sums = sum == of_wins ? row_wins : row_losses;
      auto& column_sums = sum == of_wins ? column_wins : column_losses;
      add_influence(tier.order[0], tier.curve[0], by_survival_[0], path_,
                    std::span(row_sums).subspan(cut * rows, rows));
      add_influence(tier.order[1], tier.curve[1], by_survival_[1], path_,
                    std::span(column_sums).subspan(cut * columns, columns));
    }
  }
}

void Errors::fill(const Stratum& stratum, RowChances& chances, ColumnSums& sums) {
  const std::size_t rows = stratum.patients[0].size();
  const std::size_t columns = stratum.patients[1].size();
  clear(stratum.tiers.size(), rows, columns);
  chances.resize(tiers_, columns);
  sums.clear(tiers_ * columns);
  for (std::size_t i = 0; i < rows; ++i) {
    std::fill_n(chances.open.begin(), columns, 1.0);
    chances.score(stratum.tiers, i, sums);
    for (std::size_t cut = 0; cut < tiers_; ++cut) add_row(stratum, chances, cut, i);
  }
  for (std::size_t cut = 0; cut < tiers_; ++cut) pass_through_curves(stratum, cut);
}

}  // namespace angiotrial::analysis::peron
