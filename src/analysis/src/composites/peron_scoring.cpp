// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/peron_scoring.hpp>
#include <angiotrial/random/stream.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "composites/peron_state.hpp"
#include "composites/win_state.hpp"

namespace angiotrial::analysis {
namespace {

using peron::Stratum;
using peron::TierState;
using wins::Moments;

template <class Value>
bool equal_values(std::span<const Value> a, std::span<const Value> b) {
  return std::ranges::equal(a, b, [](Value x, Value y) { return x == y || (x != x && y != y); });
}

bool same_outcome(const WinTier& a, const WinTier& b) {
  return a.kind == b.kind && a.better == b.better && equal_values(a.values, b.values) &&
         equal_values(a.event, b.event);
}

/// The last tier before k that asks the same times; -1 for none. Values leave no part of a pair
/// open, so asking them again needs no care.
int earlier_tier(std::span<const WinTier> tiers, std::size_t k) {
  if (tiers[k].kind == TierKind::value) return -1;
  for (std::size_t p = k; p-- > 0;) {
    if (same_outcome(tiers[p], tiers[k])) return static_cast<int>(p);
  }
  return -1;
}

void choose(const WinTrial& trial, int h, Stratum& stratum) {
  for (auto& arm : stratum.patients) arm.clear();
  for (std::size_t i = 0; i < trial.treated.size(); ++i) {
    if (!trial.stratum.empty() && trial.stratum[i] != h) continue;
    stratum.patients[trial.treated[i] == 1 ? 0 : 1].push_back(static_cast<std::int32_t>(i));
  }
}

void order_tiers(const WinTrial& trial, PeronWorkspace::State& state, Stratum& stratum) {
  stratum.tiers.resize(trial.tiers.size());
  for (std::size_t k = 0; k < trial.tiers.size(); ++k) {
    const WinTier& tier = trial.tiers[k];
    TierState& to = stratum.tiers[k];
    to.outliving_wins = tier.better == WinDirection::higher;
    to.earlier = earlier_tier(trial.tiers, k);
    to.censored = false;
    for (std::size_t arm = 0; arm < 2; ++arm) {
      peron::fill_order(tier, stratum.patients[arm], state.sorted, to.order[arm]);
      to.censored =
          to.censored || std::ranges::find(to.order[arm].event, 0) != to.order[arm].event.end();
    }
    for (std::size_t arm = 0; arm < 2; ++arm) {
      peron::match_orders(tier, to.order[arm], to.order[1 - arm]);
      peron::fill_curve(to.order[arm], {}, to.curve[arm]);
    }
  }
}

/// Curves with weights, where they matter, and what every member brings to its pairs.
void fill_sides(const std::array<std::vector<double>, 2>& weights,
                const std::array<std::vector<std::int32_t>, 2>& members, TierState& tier) {
  for (std::size_t arm = 0; tier.censored && arm < 2; ++arm) {
    peron::fill_curve(tier.order[arm], weights[arm], tier.curve[arm]);
  }
  tier.comparison(0).fill(members[0], members[1], 1.0, tier.integral[0], tier.side[0].row,
                          tier.side[0].column);
  tier.comparison(1).fill(members[1], members[0], -1.0, tier.integral[1], tier.side[1].column,
                          tier.side[1].row);
}

double total(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Wins, losses and what is open, of all tiers up to k, of the pairs just scored.
PairChances counts_of(const peron::ColumnSums& sums, std::size_t k, std::size_t columns,
                      double pairs) {
  PairChances out;
  out.wins = total(std::span(sums.wins).first((k + 1) * columns));
  out.losses = total(std::span(sums.losses).first((k + 1) * columns));
  out.ties = std::max(pairs - out.wins - out.losses, 0.0);
  return out;
}

void add(const PairChances& from, PairChances& to) {
  to.wins += from.wins;
  to.losses += from.losses;
  to.ties += from.ties;
}

bool has_pairs(const Stratum& stratum) {
  return !stratum.patients[0].empty() && !stratum.patients[1].empty();
}

void add_stratum(const Stratum& stratum, const WinOptions& options, PeronWorkspace::State& state) {
  const std::size_t m = stratum.patients[0].size();
  const std::size_t n = stratum.patients[1].size();
  const auto pairs = static_cast<double>(m) * static_cast<double>(n);
  const double weight = wins::stratum_weight(options.weights, m, n);
  PeronStatistics& out = state.result;
  out.treated += m;
  out.control += n;
  state.errors.fill(stratum, state.chances, state.sums);
  using Sums = std::span<const double>;
  PairChances before;
  for (std::size_t k = 0; k < state.moments.size(); ++k) {
    const PairChances now = counts_of(state.sums, k, n, pairs);
    add({now.wins - before.wins, now.losses - before.losses, now.ties}, out.tiers[k]);
    const peron::Errors& e = state.errors;
    const wins::Projections<double> projections{Sums(e.row_wins).subspan(k * m, m),
                                                Sums(e.row_losses).subspan(k * m, m),
                                                Sums(e.column_wins).subspan(k * n, n),
                                                Sums(e.column_losses).subspan(k * n, n),
                                                now.wins,
                                                now.losses};
    wins::add_moments(projections, options.variance, weight, state.moments[k]);
    before = now;
  }
  out.strata.push_back(before);
  add(before, out.counts);
}

/// Orders of all strata; no stratum with both arms is `empty_arm`.
WinStatus prepare(const WinTrial& trial, const WinOptions& options, PeronWorkspace::State& state) {
  if (!wins::valid(trial, options) || options.variance == WinVariance::null) {
    return WinStatus::invalid_input;
  }
  WinStatus status = WinStatus::empty_arm;
  state.strata.resize(static_cast<std::size_t>(trial.stratum.empty() ? 1 : trial.strata));
  for (std::size_t h = 0; h < state.strata.size(); ++h) {
    choose(trial, static_cast<int>(h), state.strata[h]);
    if (!has_pairs(state.strata[h])) continue;
    order_tiers(trial, state, state.strata[h]);
    status = WinStatus::compared;
  }
  return status;
}

/// How often each patient of an arm is drawn, and who is drawn at all.
void draw_again(std::size_t patients, random::Stream draw, std::vector<double>& weights,
                std::vector<std::int32_t>& members, std::vector<double>& kept) {
  weights.assign(patients, 0.0);
  const auto count = static_cast<double>(patients);
  for (std::size_t i = 0; i < patients; ++i) {
    weights[static_cast<std::size_t>(draw.uniform() * count)] += 1.0;
  }
  members.clear();
  kept.clear();
  for (std::size_t i = 0; i < patients; ++i) {
    if (weights[i] == 0.0) continue;
    members.push_back(static_cast<std::int32_t>(i));
    kept.push_back(weights[i]);
  }
}

Moments replicate_of(const WinOptions& options, std::uint64_t seed, std::uint32_t replicate,
                     PeronWorkspace::State& state) {
  Moments sums;
  for (std::size_t h = 0; h < state.strata.size(); ++h) {
    Stratum& stratum = state.strata[h];
    if (!has_pairs(stratum)) continue;
    const std::size_t m = stratum.patients[0].size();
    const std::size_t n = stratum.patients[1].size();
    const random::Streams streams(seed, replicate, static_cast<std::uint32_t>(h));
    for (std::uint32_t arm = 0; arm < 2; ++arm) {
      draw_again(stratum.patients[arm].size(), streams.at(random::Purpose::bootstrap, arm),
                 state.weights[arm], state.everyone[arm], state.kept_weights[arm]);
    }
    for (TierState& tier : stratum.tiers) fill_sides(state.weights, state.everyone, tier);
    peron::score_pairs(stratum.tiers, state.kept_weights[0], state.kept_weights[1], state.chances,
                       state.sums);
    const double weight = wins::stratum_weight(options.weights, m, n);
    sums.wins += weight * total(state.sums.wins);
    sums.losses += weight * total(state.sums.losses);
    sums.pairs += weight * static_cast<double>(m) * static_cast<double>(n);
  }
  sums.has_variance = false;
  return sums;
}

}  // namespace

PeronWorkspace::PeronWorkspace() : state_(std::make_unique<State>()) {}
PeronWorkspace::~PeronWorkspace() = default;
PeronWorkspace::PeronWorkspace(PeronWorkspace&&) noexcept = default;
PeronWorkspace& PeronWorkspace::operator=(PeronWorkspace&&) noexcept = default;

const PeronStatistics& peron_statistics(const WinTrial& trial, const WinOptions& options,
                                        PeronWorkspace& workspace) {
  PeronWorkspace::State& state = workspace.state();
  wins::clear(trial.tiers.size(), state.result, state.moments);
  PeronStatistics& out = state.result;
  out.status = prepare(trial, options, state);
  if (out.status != WinStatus::compared) return out;
  for (auto& weights : state.weights) weights.clear();
  for (Stratum& stratum : state.strata) {
    if (!has_pairs(stratum)) {
      out.strata.push_back({});
      continue;
    }
    for (std::size_t arm = 0; arm < 2; ++arm) {
      state.everyone[arm].resize(stratum.patients[arm].size());
      std::iota(state.everyone[arm].begin(), state.everyone[arm].end(), 0);
    }
    for (TierState& tier : stratum.tiers) fill_sides(state.weights, state.everyone, tier);
    add_stratum(stratum, options, state);
  }
  for (const Moments& m : state.moments) out.cumulative.push_back(wins::summarise(m, options));
  static_cast<WinSummary&>(out) = out.cumulative.back();
  return out;
}

PeronBootstrap peron_bootstrap(const WinTrial& trial, const WinOptions& options, std::uint64_t seed,
                               std::uint32_t replicates, PeronWorkspace& workspace) {
  PeronWorkspace::State& state = workspace.state();
  PeronBootstrap out;
  out.status = prepare(trial, options, state);
  if (out.status != WinStatus::compared) return out;
  for (std::uint32_t r = 0; r < replicates; ++r) {
    const WinSummary s = wins::summarise(replicate_of(options, seed, r, state), options);
    out.net_benefit.push_back(s.net_benefit.estimate);
    out.win_ratio.push_back(s.win_ratio ? s.win_ratio->estimate
                                        : std::numeric_limits<double>::quiet_NaN());
    out.win_odds.push_back(s.win_odds.estimate);
  }
  return out;
}

}  // namespace angiotrial::analysis
