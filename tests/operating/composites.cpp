// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/finkelstein_schoenfeld.hpp>
#include <angiotrial/analysis/composites/peron_scoring.hpp>
#include <angiotrial/analysis/composites/win_statistics.hpp>
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Win statistics, and re-randomisation tests with few replicates.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr double alpha = 0.05;
constexpr double hazard_ratio = 0.5;

/// Two times to events, exponential, independent, with one hazard ratio and follow-up to 1.5. Of
/// two patients still in view the treated one has the next event with odds of the hazard ratio, on
/// either tier, so the win ratio is 1 / hazard ratio whatever the censoring.
struct Hierarchy {
  std::vector<int> treated;
  std::vector<double> times[2];
  std::vector<int> events[2];

  Hierarchy(random::Stream& draw, const Setting& s) {
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      treated.push_back(i % 2);
      for (int tier = 0; tier < 2; ++tier) {
        const double rate = (tier == 0 ? 0.3 : 0.8) * (s.null || i % 2 == 0 ? 1.0 : hazard_ratio);
        const double time = -std::log(draw.uniform()) / rate;
        times[tier].push_back(std::min(time, 1.5));
        events[tier].push_back(time < 1.5 ? 1 : 0);
      }
    }
  }
  [[nodiscard]] std::vector<WinTier> tiers() const {
    std::vector<WinTier> out;
    for (int tier = 0; tier < 2; ++tier) {
      out.push_back({TierKind::event_time, times[tier], events[tier]});
    }
    return out;
  }
};

constexpr const char* hierarchy_words =
    "two exponential event times, rates 0.3 and 0.8 over 1.5, hazard ratio 0.5";

Procedure win_ratio(std::string name, WinVariance variance) {
  Procedure p;
  p.name = std::move(name);
  p.trial = hierarchy_words;
  p.slack = 0.005;
  p.run = [variance](random::Stream& draw, const Setting& s) {
    const Hierarchy t(draw, s);
    const auto tiers = t.tiers();
    WinOptions options;
    options.variance = variance;
    thread_local WinWorkspace workspace;
    const WinStatistics& w = win_statistics({t.treated, tiers, {}, 1}, options, workspace);
    if (!w.win_ratio || !w.win_ratio->inference) return Verdict{true};
    const WinInference& i = *w.win_ratio->inference;
    const double truth = s.null ? 1.0 : 1.0 / hazard_ratio;
    return Verdict{false, i.p_value <= alpha, i.lower <= truth && truth <= i.upper};
  };
  return p;
}

/// One exponential time with hazard ratio 1/2, exponentially censored: the net benefit is 0 or 1/3
/// whatever the censoring, but for what lies beyond the last times.
Procedure peron_scoring() {
  Procedure p;
  p.name = "net benefit, Peron scoring";
  p.trial = "exponential event time, rate 1, hazard ratio 0.5, censored at rate 0.3";
  p.slack = 0.01;
  p.run = [](random::Stream& draw, const Setting& s) {
    std::vector<int> treated, event;
    std::vector<double> time;
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double rate = s.null || i % 2 == 0 ? 1.0 : hazard_ratio;
      const double at = -std::log(draw.uniform()) / rate;
      const double end = -std::log(draw.uniform()) / 0.3;
      treated.push_back(i % 2);
      time.push_back(std::min(at, end));
      event.push_back(at <= end ? 1 : 0);
    }
    const std::vector<WinTier> tiers{{TierKind::event_time, time, event}};
    thread_local PeronWorkspace workspace;
    const PeronStatistics& w = peron_statistics({treated, tiers, {}, 1}, {}, workspace);
    if (!w.net_benefit.inference) return Verdict{true};
    const WinInference& i = *w.net_benefit.inference;
    const double truth = s.null ? 0.0 : (1.0 - hazard_ratio) / (1.0 + hazard_ratio);
    return Verdict{false, i.p_value <= alpha, i.lower <= truth && truth <= i.upper};
  };
  return p;
}

Procedure score_test() {
  Procedure p;
  p.name = "Finkelstein-Schoenfeld";
  p.trial = hierarchy_words;
  p.slack = 0.003;
  p.coverage = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    const Hierarchy t(draw, s);
    const auto tiers = t.tiers();
    thread_local WinWorkspace workspace;
    const auto f = finkelstein_schoenfeld({t.treated, tiers, {}, 1}, {}, workspace);
    if (f.status != WinStatus::compared) return Verdict{true};
    return Verdict{false, f.p_value <= alpha, true};
  };
  return p;
}

std::uint64_t seed_from(random::Stream& draw) {
  return static_cast<std::uint64_t>(draw.uniform() * 9007199254740992.0);
}

double mean_difference(std::span<const double> y, std::span<const int> arm) {
  double sum[2] = {0.0, 0.0}, count[2] = {0.0, 0.0};
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum[arm[i]] += y[i];
    count[arm[i]] += 1.0;
  }
  return sum[1] / count[1] - sum[0] / count[0];
}

/// The trial's arms come from one seed of the scheme and the replicates from another. A strong
/// trend over time, with blocks, makes any test that forgets the blocks conservative.
Procedure blocks_over_a_trend(std::uint32_t replicates) {
  Procedure p;
  p.name = "re-randomisation in blocks of 4, mean difference and its interval, " +
           std::to_string(replicates) + " draws";
  p.trial = "exponential response with a trend over time, effect 0.6";
  p.claim = Claim::exact;
  p.run = [replicates](random::Stream& draw, const Setting& s) {
    const double effect = s.null ? 0.0 : 0.6;
    const auto patients = static_cast<std::size_t>(2 * s.per_arm);
    const BlockAllocation scheme{{1, 1}, {2}, {}};
    std::vector<int> arm(patients);
    replay(scheme, seed_from(draw))(0, arm);
    std::vector<double> y;
    for (std::size_t i = 0; i < patients; ++i) {
      const double trend = 3.0 * static_cast<double>(i) / static_cast<double>(patients);
      y.push_back(trend - std::log(draw.uniform()) + effect * arm[i]);
    }
    const Assign assign = replay(scheme, seed_from(draw));
    RerandomisationOptions options;
    options.replicates = replicates;
    const auto test = rerandomisation_test(
        arm, assign, [&](std::span<const int> drawn) { return mean_difference(y, drawn); },
        options);
    const auto shift =
        rerandomisation_shift({y, arm}, assign, ShiftStatistic::mean_difference, options);
    return Verdict{false, test.p_value <= alpha, shift.lower <= effect && effect <= shift.upper};
  };
  return p;
}

/// Efron's coin may leave arms of any size: the mean difference is then undefined where one is
/// empty, which counts as extreme.
Procedure biased_coin() {
  Procedure p;
  p.name = "re-randomisation by a biased coin, mean difference, 19 draws";
  p.trial = "exponential response with a trend over time, effect 0.6";
  p.claim = Claim::exact;
  p.coverage = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    const auto patients = static_cast<std::size_t>(2 * s.per_arm);
    std::vector<int> arm(patients);
    replay(BiasedCoinAllocation{}, seed_from(draw))(0, arm);
    std::vector<double> y;
    for (std::size_t i = 0; i < patients; ++i) {
      const double trend = 3.0 * static_cast<double>(i) / static_cast<double>(patients);
      y.push_back(trend - std::log(draw.uniform()) + (s.null ? 0.0 : 0.6) * arm[i]);
    }
    RerandomisationOptions options;
    options.replicates = 19;
    const auto test = rerandomisation_test(
        arm, replay(BiasedCoinAllocation{}, seed_from(draw)),
        [&](std::span<const int> drawn) { return mean_difference(y, drawn); }, options);
    if (test.status != RerandomisationStatus::tested) return Verdict{true};
    return Verdict{false, test.p_value <= alpha, true};
  };
  return p;
}

}  // namespace

std::vector<Procedure> composite_procedures() {
  return {win_ratio("win ratio, U-statistic variance", WinVariance::unbiased),
          win_ratio("win ratio, variance at equal chances (WINS)", WinVariance::null),
          peron_scoring(),
          score_test(),
          blocks_over_a_trend(39),
          blocks_over_a_trend(199),
          biased_coin()};
}

}  // namespace angiotrial::operating
