// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/cox_diagnostics.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "stable_order.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace angiotrial::analysis {
namespace {

/// Sums by rank of risk, of ranks below any (binary indexed tree).
class RankSums {
 public:
  explicit RankSums(std::size_t ranks) : tree_(ranks + 1, 0.0) {}
  void add(std::size_t rank, double weight) {
    for (std::size_t i = rank + 1; i < tree_.size(); i += i & (~i + 1)) tree_[i] += weight;
    total_ += weight;
  }
  /// Weight of lower, equal and higher rank.
  [[nodiscard]] std::array<double, 3> split(std::size_t rank) const {
    const double lower = below(rank);
    const double through = below(rank + 1);
    return {lower, through - lower, total_ - through};
  }

 private:
  [[nodiscard]] double below(std::size_t rank) const {
    double sum = 0.0;
    for (std::size_t i = rank; i > 0; i -= i & (~i + 1)) sum += tree_[i];
    return sum;
  }
  std::vector<double> tree_;
  double total_ = 0.0;
};

/// One stratum: who meets whom, by two passes over time.
class Pairs {
 public:
  Pairs(const CoxData& data, std::span<const std::uint32_t> rows, std::span<const double> risk)
      : data_(data), rows_(rows.begin(), rows.end()), rank_(rows.size()) {
    std::vector<double> values;
    for (const std::uint32_t row : rows_) values.push_back(risk[row]);
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rank_[i] = static_cast<std::size_t>(
          std::lower_bound(values.begin(), values.end(), risk[rows_[i]]) - values.begin());
    }
    ranks_ = values.size();
  }

  /// Adds, for every row, the weight of its partners in concordant, discordant and tied pairs.
  void count(std::vector<std::array<double, 3>>& met) {
    sort();
    meet_risk_sets(met);
    meet_events(met);
  }

 private:
  [[nodiscard]] double weight(std::size_t i) const {
    return data_.weight.empty() ? 1.0 : data_.weight[rows_[i]];
  }
  [[nodiscard]] double stop(std::size_t i) const { return data_.stop[rows_[i]]; }
  [[nodiscard]] double start(std::size_t i) const { return data_.start[rows_[i]]; }
  [[nodiscard]] bool event(std::size_t i) const { return data_.event[rows_[i]] != 0; }

  /// Falling time; at a time the censored come first: they are at risk at the events there.
  void sort() {
    by_stop_.resize(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) by_stop_[i] = i;
    by_start_ = by_stop_;
    std::sort(by_stop_.begin(), by_stop_.end(), [&](std::size_t a, std::size_t b) {
      if (stop(a) != stop(b)) return stop(a) > stop(b);
      return event(a) != event(b) ? event(b) : a < b;
    });
    if (data_.start.empty()) return;
    std::sort(by_start_.begin(), by_start_.end(), [&](std::size_t a, std::size_t b) {
      return start(a) != start(b) ? start(a) > start(b) : a < b;
    });
  }

  void meet_risk_sets(std::vector<std::array<double, 3>>& met) {
    RankSums at_risk(ranks_);
    std::size_t left = 0;
    for (std::size_t i = 0; i < by_stop_.size();) {
      const double time = stop(by_stop_[i]);
      for (; i < by_stop_.size() && stop(by_stop_[i]) == time && !event(by_stop_[i]); ++i) {
        at_risk.add(rank_[by_stop_[i]], weight(by_stop_[i]));
      }
      while (!data_.start.empty() && left < rows_.size() && start(by_start_[left]) >= time) {
        at_risk.add(rank_[by_start_[left]], -weight(by_start_[left]));
        ++left;
      }
      std::size_t j = i;
      for (; j < by_stop_.size() && stop(by_stop_[j]) == time; ++j) {
        const auto [lower, equal, higher] = at_risk.split(rank_[by_stop_[j]]);
        auto& own = met[rows_[by_stop_[j]]];
        own[0] += lower;
        own[1] += higher;
        own[2] += equal;
      }
      for (; i < j; ++i) at_risk.add(rank_[by_stop_[i]], weight(by_stop_[i]));
    }
  }

  /// Events seen by a row: those in (start, stop), and at stop where it is censored.
  void meet_events(std::vector<std::array<double, 3>>& met) {
    RankSums events(ranks_);
    std::size_t next = rows_.size();
    const auto take = [&](double time, bool through) {
      while (next > 0) {
        const std::size_t i = by_stop_[next - 1];
        if (!(stop(i) < time || (through && stop(i) == time))) break;
        if (event(i)) events.add(rank_[i], weight(i));
        --next;
      }
    };
    const auto see = [&](std::size_t i, double sign) {
      const auto [lower, equal, higher] = events.split(rank_[i]);
      auto& own = met[rows_[i]];
      own[0] += sign * higher;
      own[1] += sign * lower;
      own[2] += sign * equal;
    };
    std::size_t entering = data_.start.empty() ? 0 : rows_.size();
    for (std::size_t k = rows_.size(); k > 0;) {
      const double time = stop(by_stop_[k - 1]);
      for (; entering > 0 && start(by_start_[entering - 1]) < time; --entering) {
        take(start(by_start_[entering - 1]), true);
        see(by_start_[entering - 1], -1.0);
      }
      take(time, false);
      std::size_t j = k;
      for (; j > 0 && stop(by_stop_[j - 1]) == time && event(by_stop_[j - 1]); --j) {
        see(by_stop_[j - 1], 1.0);
      }
      take(time, true);
      for (; j > 0 && stop(by_stop_[j - 1]) == time; --j) see(by_stop_[j - 1], 1.0);
      k = j;
    }
  }

  const CoxData& data_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::size_t> rank_, by_stop_, by_start_;
  std::size_t ranks_ = 0;
};

}  // namespace

/// C = N / P, N = concordant + tied / 2, P all pairs; dC / dw_i = (N_i - C P_i) / P.
Concordance concordance(const CoxData& data, std::span<const double> risk) {
  const std::size_t n = data.stop.size();
  ANGIOTRIAL_EXPECT(risk.size() == n && data.event.size() == n, "a risk and an outcome a row");
  StableOrder order;
  order.reset(n);
  if (!data.stratum.empty()) order.by(data.stratum);
  const std::span<const std::uint32_t> rows(order.positions());
  std::vector<std::array<double, 3>> met(n, {0.0, 0.0, 0.0});
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = data.stratum.empty() ? n : begin + 1;
    while (end < n && data.stratum[rows[end]] == data.stratum[rows[begin]]) ++end;
    Pairs(data, rows.subspan(begin, end - begin), risk).count(met);
    begin = end;
  }
  Concordance out;
  const auto weight = [&](std::size_t i) { return data.weight.empty() ? 1.0 : data.weight[i]; };
  for (std::size_t i = 0; i < n; ++i) {  // every pair is met from both sides
    out.concordant += 0.5 * weight(i) * met[i][0];
    out.discordant += 0.5 * weight(i) * met[i][1];
    out.tied += 0.5 * weight(i) * met[i][2];
  }
  const double pairs = out.concordant + out.discordant + out.tied;
  if (!(pairs > 0.0)) return out;
  out.value = (out.concordant + 0.5 * out.tied) / pairs;
  order.reset(n);
  if (!data.cluster.empty()) order.by(data.cluster);
  double variance = 0.0;
  for (std::size_t k = 0; k < n;) {
    double influence = 0.0;
    const std::size_t first = order.positions()[k];
    do {
      const std::size_t i = order.positions()[k++];
      const double share = met[i][0] + 0.5 * met[i][2];
      influence += weight(i) * (share - out.value * (met[i][0] + met[i][1] + met[i][2])) / pairs;
    } while (!data.cluster.empty() && k < n &&
             data.cluster[order.positions()[k]] == data.cluster[first]);
    variance += influence * influence;
  }
  out.se = std::sqrt(variance);
  return out;
}

}  // namespace angiotrial::analysis
