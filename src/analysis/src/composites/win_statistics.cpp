// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <cmath>
#include <limits>

#include "composites/win_moments.hpp"
#include "composites/win_state.hpp"

namespace angiotrial::analysis {
namespace {

using wins::Moments;
using Sums = std::span<const std::int32_t>;

std::int64_t total(Sums sums) {
  std::int64_t out = 0;
  for (const std::int32_t s : sums) out += s;
  return out;
}

void add_stratum(const WinOptions& options, WinWorkspace::State& state) {
  const std::size_t m = state.rows.size();
  const std::size_t n = state.columns.size();
  WinStatistics& out = state.result;
  out.treated += m;
  out.control += n;
  const auto pairs = static_cast<std::int64_t>(m) * static_cast<std::int64_t>(n);
  const double weight = wins::stratum_weight(options.weights, m, n);
  wins::cumulate(state.row_wins, m);
  wins::cumulate(state.row_losses, m);
  wins::cumulate(state.column_wins, n);
  wins::cumulate(state.column_losses, n);
  WinCounts before{0, 0, pairs};
  for (std::size_t k = 0; k < state.moments.size(); ++k) {
    wins::Projections<std::int32_t> sums{
        Sums(state.row_wins).subspan(k * m, m), Sums(state.row_losses).subspan(k * m, m),
        Sums(state.column_wins).subspan(k * n, n), Sums(state.column_losses).subspan(k * n, n)};
    WinCounts now{total(sums.row_wins), total(sums.row_losses), 0};
    now.ties = pairs - now.wins - now.losses;
    out.tiers[k].wins += now.wins - before.wins;
    out.tiers[k].losses += now.losses - before.losses;
    out.tiers[k].ties += now.ties;
    sums.wins = static_cast<double>(now.wins);
    sums.losses = static_cast<double>(now.losses);
    wins::add_moments(sums, options.variance, weight, state.moments[k]);
    before = now;
  }
  out.strata.push_back(before);
  out.counts.wins += before.wins;
  out.counts.losses += before.losses;
  out.counts.ties += before.ties;
}

}  // namespace

std::string_view name_of(WinStatus status) {
  switch (status) {
    case WinStatus::compared:
      return "compared";
    case WinStatus::invalid_input:
      return "invalid input";
    case WinStatus::empty_arm:
      return "empty arm";
    case WinStatus::no_variance:
      return "no variance";
  }
  return "unknown";
}

WinWorkspace::WinWorkspace() : state_(std::make_unique<State>()) {}
WinWorkspace::~WinWorkspace() = default;
WinWorkspace::WinWorkspace(WinWorkspace&&) noexcept = default;
WinWorkspace& WinWorkspace::operator=(WinWorkspace&&) noexcept = default;

const WinStatistics& win_statistics(const WinTrial& trial, const WinOptions& options,
                                    WinWorkspace& workspace) {
  WinWorkspace::State& state = workspace.state();
  wins::clear(trial.tiers.size(), state.result, state.moments);
  WinStatistics& out = state.result;
  if (!wins::valid(trial, options)) return out;
  out.status = WinStatus::empty_arm;
  wins::prepare(trial, options, state);
  const int strata = trial.stratum.empty() ? 1 : trial.strata;
  for (int h = 0; h < strata; ++h) {
    wins::choose(trial, h, false, state);
    if (state.rows.empty() || state.columns.empty()) {
      out.strata.push_back({});
      continue;
    }
    out.status = WinStatus::compared;
    wins::compare(trial, true, state);
    add_stratum(options, state);
  }
  if (out.status != WinStatus::compared) return out;
  for (const Moments& m : state.moments) out.cumulative.push_back(wins::summarise(m, options));
  static_cast<WinSummary&>(out) = out.cumulative.back();
  return out;
}

}  // namespace angiotrial::analysis
