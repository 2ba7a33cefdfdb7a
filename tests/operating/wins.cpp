// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Net benefit and win odds with ties, and the win ratio over strata.
namespace angiotrial::operating {
namespace {

using namespace analysis;

enum class Measure { net_benefit, win_odds };

/// Five ordered categories, higher is better.
using Chances = std::array<double, 5>;
constexpr Chances control{0.1, 0.2, 0.4, 0.2, 0.1};
constexpr Chances better{0.05, 0.12, 0.33, 0.27, 0.23};

double draw_category(random::Stream& draw, const Chances& chances) {
  double u = draw.uniform();
  std::size_t c = 0;
  while (c + 1 < chances.size() && u > chances[c]) u -= chances[c++];
  return static_cast<double>(c);
}

/// Of one pair: sum over i > j, i < j and i = j of q_i p_j, q treated and p control.
double truth_of(Measure measure, const Chances& q) {
  double win = 0.0, loss = 0.0, tie = 0.0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    for (std::size_t j = 0; j < q.size(); ++j) {
      (i > j ? win : i < j ? loss : tie) += q[i] * control[j];
    }
  }
  return measure == Measure::net_benefit ? win - loss : (win + 0.5 * tie) / (loss + 0.5 * tie);
}

Procedure with_ties(std::string name, Measure measure, WinVariance variance) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "five ordered categories, some 28 % of pairs tied";
  p.slack = 0.005;
  p.run = [measure, variance](random::Stream& draw, const Setting& s) {
    const Chances& chances = s.null ? control : better;
    std::vector<int> treated;
    std::vector<double> values;
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      treated.push_back(i % 2);
      values.push_back(draw_category(draw, i % 2 == 1 ? chances : control));
    }
    const std::array tiers{WinTier{TierKind::value, values, {}}};
    WinOptions options;
    options.variance = variance;
    thread_local WinWorkspace workspace;
    const WinStatistics& w = win_statistics({treated, tiers, {}, 1}, options, workspace);
    const WinEstimate& e = measure == Measure::net_benefit ? w.net_benefit : w.win_odds;
    if (!e.inference) return Verdict{true};
    return verdict_of(*e.inference, truth_of(measure, chances));
  };
  return p;
}

/// Three strata whose hazards double from one to the next, each with death before a second event;
/// the win ratio is 1 / hazard ratio in each, and so over all of them whatever their weights.
struct StratifiedHierarchy {
  std::vector<int> treated, stratum;
  std::array<std::vector<double>, 2> times;
  std::array<std::vector<int>, 2> events;

  StratifiedHierarchy(random::Stream& draw, const Setting& s, double hazard_ratio) {
    std::array<int, 3> seen{};
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const auto h = static_cast<std::size_t>(3.0 * draw.uniform());
      stratum.push_back(static_cast<int>(h));
      treated.push_back(seen[h]++ % 2);
      const double factor = std::ldexp(0.5, static_cast<int>(h));
      for (std::size_t tier = 0; tier < 2; ++tier) {
        const double ratio = treated.back() == 1 ? hazard_ratio : 1.0;
        const double rate = (tier == 0 ? 0.3 : 0.8) * factor * ratio;
        const double time = -std::log(draw.uniform()) / rate;
        times[tier].push_back(std::min(time, 1.5));
        events[tier].push_back(time < 1.5 ? 1 : 0);
      }
    }
  }
};

Procedure stratified(std::string name, WinWeights weights) {
  Procedure p;
  p.name = std::move(name);
  p.trial = "two exponential event times in three strata, hazard ratio 0.5";
  p.slack = 0.005;
  p.run = [weights](random::Stream& draw, const Setting& s) {
    const double ratio = s.null ? 1.0 : 0.5;
    const StratifiedHierarchy t(draw, s, ratio);
    std::vector<WinTier> tiers;
    for (std::size_t k = 0; k < 2; ++k) {
      tiers.push_back({TierKind::event_time, t.times[k], t.events[k]});
    }
    WinOptions options;
    options.weights = weights;
    thread_local WinWorkspace workspace;
    const WinStatistics& w = win_statistics({t.treated, tiers, t.stratum, 3}, options, workspace);
    if (!w.win_ratio || !w.win_ratio->inference) return Verdict{true};
    return verdict_of(*w.win_ratio->inference, 1.0 / ratio);
  };
  return p;
}

}  // namespace

std::vector<Procedure> win_procedures() {
  return {with_ties("net benefit with ties, U-statistic variance", Measure::net_benefit,
                    WinVariance::unbiased),
          with_ties("win odds with ties, U-statistic variance", Measure::win_odds,
                    WinVariance::unbiased),
          with_ties("win odds with ties, variance at equal chances (WINS)", Measure::win_odds,
                    WinVariance::null),
          stratified("stratified win ratio, Mantel-Haenszel weights", WinWeights::mantel_haenszel)};
}

}  // namespace angiotrial::operating
