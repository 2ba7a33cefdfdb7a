// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/peron_scoring.hpp>
#include <angiotrial/analysis/survival/survival.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

PeronStatistics score(const WinTrial& trial, const WinOptions& options = {}) {
  PeronWorkspace workspace;
  return peron_statistics(trial, options, workspace);
}

/// A small trial with ties, censoring, missing values and strata.
struct Small {
  std::vector<double> time, second, value;
  std::vector<int> treated, event, second_event, stratum;

  explicit Small(std::uint64_t seed, std::uint32_t patients = 24, double events = 0.55,
                 double grid = 12.0) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
      treated.push_back(i % 2 == 0 ? 1 : 0);
      time.push_back(std::floor(grid * draw.uniform()));
      event.push_back(draw.bernoulli(events) ? 1 : 0);
      second.push_back(std::floor(grid * draw.uniform()));
      second_event.push_back(draw.bernoulli(events) ? 1 : 0);
      value.push_back(std::floor(6.0 * draw.uniform()));
      stratum.push_back(draw.bernoulli(0.4) ? 1 : 0);
    }
  }
  [[nodiscard]] std::vector<WinTier> tiers() const {
    return {{TierKind::event_time, time, event},
            {TierKind::event_time, second, second_event},
            {TierKind::value, value, {}, WinDirection::lower, 1.0}};
  }
  /// The first time asked again with a smaller margin after another outcome.
  [[nodiscard]] std::vector<WinTier> repeated() const {
    return {{TierKind::event_time, time, event, WinDirection::higher, 4.0},
            {TierKind::event_time, second, second_event, WinDirection::lower, 1.0, true},
            {TierKind::event_time, time, event, WinDirection::higher, 1.0},
            {TierKind::value, value},
            {TierKind::event_time, time, event}};
  }
};

bool near(double a, double b, double digits = 1.0e-10) {
  return std::fabs(a - b) <= digits * (1.0 + std::fabs(b));
}

// --- the definition, pair by pair ---------------------------------------------------------------

/// Where a patient's time may lie: known atoms, and what is left beyond the last time of the arm.
struct Whereabouts {
  std::vector<std::pair<double, double>> atoms;  ///< time, chance
  double beyond = 0.0;
  double last = 0.0;
  bool event = false;
};

Whereabouts whereabouts(const WinTier& tier, const std::vector<int>& treated, std::size_t i) {
  std::vector<Observation> arm;
  Whereabouts out;
  for (std::size_t p = 0; p < treated.size(); ++p) {
    if (treated[p] != treated[i] || std::isnan(tier.values[p])) continue;
    const bool event = tier.kind == TierKind::value || tier.event[p] == 1;
    arm.push_back({tier.values[p], event});
    out.last = std::max(out.last, tier.values[p]);
  }
  out.event = tier.kind == TierKind::value || tier.event[i] == 1;
  if (out.event) {
    out.atoms.emplace_back(tier.values[i], 1.0);
    return out;
  }
  double before = 1.0;
  double here = 1.0;
  for (const SurvivalPoint& point : kaplan_meier(arm)) {
    if (point.time > tier.values[i]) {
      out.atoms.emplace_back(point.time, before - point.survival);
    } else {
      here = point.survival;
    }
    before = point.survival;
  }
  for (auto& atom : out.atoms) atom.second /= here;
  out.beyond = before / here;
  return out;
}

/// The chance that a surely outlives b by the margin.
double outlives(const Whereabouts& a, const Whereabouts& b, const WinTier& tier) {
  double out = 0.0;
  const bool inclusive = tier.at_margin && tier.margin > 0.0 && a.event;
  for (const auto& [y, q] : b.atoms) {
    for (const auto& [x, p] : a.atoms) {
      const bool apart = inclusive ? x - y >= tier.margin : x - y > tier.margin;
      if (apart) out += p * q;
    }
    if (a.last - y >= tier.margin) out += a.beyond * q;
  }
  return out;
}

/// Sums of wins and losses by tier, each pair worked out by itself.
std::vector<PairChances> by_definition(const std::vector<int>& treated,
                                       const std::vector<WinTier>& tiers) {
  std::vector<PairChances> out(tiers.size());
  for (std::size_t i = 0; i < treated.size(); ++i) {
    for (std::size_t j = 0; j < treated.size(); ++j) {
      if (treated[i] == 0 || treated[j] == 1) continue;
      std::vector<const double*> asked;            // outcomes met so far
      std::vector<std::array<double, 2>> settled;  // of each, the chances of a win and a loss
      for (std::size_t k = 0; k < tiers.size(); ++k) {
        const WinTier& tier = tiers[k];
        std::array<double, 2> now{};
        if (!std::isnan(tier.values[i]) && !std::isnan(tier.values[j])) {
          const Whereabouts a = whereabouts(tier, treated, i);
          const Whereabouts b = whereabouts(tier, treated, j);
          now = {outlives(a, b, tier), outlives(b, a, tier)};
          if (tier.better == WinDirection::lower) std::swap(now[0], now[1]);
        }
        double open = 1.0;
        std::size_t own = asked.size();
        for (std::size_t o = 0; o < asked.size(); ++o) {
          if (asked[o] == tier.values.data()) {
            own = o;
          } else {
            open *= 1.0 - settled[o][0] - settled[o][1];
          }
        }
        if (own == asked.size()) {
          asked.push_back(tier.values.data());
          settled.push_back({0.0, 0.0});
        }
        out[k].wins += open * (now[0] - settled[own][0]);
        out[k].losses += open * (now[1] - settled[own][1]);
        settled[own] = now;
      }
    }
  }
  return out;
}

RC_GTEST_PROP(PeronScoring, sums_are_those_of_the_definition, ()) {
  Small s(*rc::gen::inRange<std::uint64_t>(1, 100000));
  auto tiers = *rc::gen::arbitrary<bool>() ? s.repeated() : s.tiers();
  tiers[0].margin = *rc::gen::element(0.0, 4.0, 5.5);
  tiers[1].better = *rc::gen::element(WinDirection::higher, WinDirection::lower);
  if (tiers.size() == 5 && tiers[0].margin == 0.0) tiers[0].margin = 2.0;
  s.second[5] = s.value[8] = std::nan("");
  const PeronStatistics r = score({s.treated, tiers, {}}, {.missing = WinMissing::tie});
  RC_ASSERT(r.status == WinStatus::compared);
  const auto expected = by_definition(s.treated, tiers);
  double decided = 0.0;
  for (std::size_t k = 0; k < tiers.size(); ++k) {
    RC_ASSERT(near(r.tiers[k].wins, expected[k].wins, 1.0e-11));
    RC_ASSERT(near(r.tiers[k].losses, expected[k].losses, 1.0e-11));
    decided += expected[k].wins + expected[k].losses;
    RC_ASSERT(std::fabs(r.tiers[k].ties - (144.0 - decided)) < 1.0e-9);
  }
}

// --- values worked out elsewhere ----------------------------------------------------------------

// Treated: event 2, censored 3, event 5, censored 7; controls: event 1, censored 4, event 6. The
// second treated patient has the event at 5 or lives beyond 7, half each; the second control has it
// at 6. So W = 1 + (1 + 1/2 + 1/2) + 1 + 3 and L = 2 + (1/2 + 1/2) + 2.
TEST(PeronScoring, an_example_by_hand) {
  const std::vector<int> treated{1, 1, 1, 1, 0, 0, 0};
  const std::vector<double> time{2, 3, 5, 7, 1, 4, 6};
  const std::vector<int> event{1, 0, 1, 0, 1, 0, 1};
  const std::vector<WinTier> none{{TierKind::event_time, time, event}};
  const PeronStatistics r = score({treated, none, {}});
  EXPECT_DOUBLE_EQ(r.counts.wins, 7.0);
  EXPECT_DOUBLE_EQ(r.counts.losses, 5.0);
  EXPECT_NEAR(r.counts.ties, 0.0, 1e-14);
  EXPECT_DOUBLE_EQ(r.net_benefit.estimate, 2.0 / 12.0);
  EXPECT_DOUBLE_EQ(r.win_ratio->estimate, 1.4);
  EXPECT_DOUBLE_EQ(r.win_odds.estimate, 1.4);
  // With a margin of 2 the patients who live beyond 7 no longer surely beat an event at 6.
  const std::vector<WinTier> twice{{TierKind::event_time, time, event, WinDirection::higher, 2.0},
                                   {TierKind::event_time, time, event, WinDirection::higher, 0.0}};
  const PeronStatistics again = score({treated, twice, {}});
  EXPECT_DOUBLE_EQ(again.tiers[0].wins, 3.0);
  EXPECT_DOUBLE_EQ(again.tiers[0].losses, 2.0);
  EXPECT_DOUBLE_EQ(again.tiers[0].ties, 7.0);
  EXPECT_DOUBLE_EQ(again.counts.wins, 7.0);
  EXPECT_DOUBLE_EQ(again.counts.losses, 5.0);
}

// Printed in the overview of R package BuyseTest (vignettes/overview.org of bozenne/BuyseTest):
// trt ~ tte(time, threshold = 20) of the veterans' lung cancer trial, then with Karnofsky's score
// and strata of cell type.
TEST(PeronScoring, veterans_agree_with_what_buysetest_prints) {
  const reference::Data d("c31_survival_veteran_maxcombo/data.csv");
  std::vector<double> time, karnofsky;
  std::vector<int> treated, status, cell;
  const std::vector<std::string> cells{"squamous", "smallcell", "adeno", "large"};
  for (std::size_t i = 0; i < d.rows(); ++i) {
    time.push_back(d.number(i, "time"));
    karnofsky.push_back(d.number(i, "karno"));
    treated.push_back(d.number(i, "trt") == 2.0 ? 1 : 0);
    status.push_back(static_cast<int>(d.number(i, "status")));
    const auto found = std::ranges::find(cells, d.text(i, "celltype"));
    cell.push_back(static_cast<int>(found - cells.begin()));
  }
  const std::vector<WinTier> tiers{
      {TierKind::event_time, time, status, WinDirection::higher, 20.0, true},
      {TierKind::value, karnofsky}};
  const PeronStatistics one = score({treated, std::span(tiers).first(1), {}});
  EXPECT_NEAR(one.counts.wins, 1772.59, 0.005);
  EXPECT_NEAR(one.counts.losses, 2183.89, 0.005);
  EXPECT_NEAR(one.counts.ties, 735.52, 0.005);
  EXPECT_NEAR(one.net_benefit.estimate, -0.0877, 5e-5);
  EXPECT_NEAR(one.win_ratio->estimate, 0.8117, 5e-5);
  WinOptions pairs;
  pairs.weights = WinWeights::pairs;
  const PeronStatistics two = score({treated, tiers, cell, 4}, pairs);
  const auto all = two.counts.wins + two.counts.losses + two.counts.ties;
  EXPECT_NEAR(100.0 * two.tiers[0].wins / all, 36.06, 0.005);
  EXPECT_NEAR(100.0 * two.tiers[0].losses / all, 45.77, 0.005);
  EXPECT_NEAR(100.0 * two.tiers[1].wins / all, 6.72, 0.005);
  EXPECT_NEAR(100.0 * two.tiers[1].losses / all, 8.07, 0.005);
  EXPECT_NEAR(two.cumulative[0].net_benefit.estimate, -0.0971, 5e-5);
  EXPECT_NEAR(two.net_benefit.estimate, -0.1106, 5e-5);
}

// --- laws ---------------------------------------------------------------------------------------

RC_GTEST_PROP(PeronScoring, without_censoring_it_is_gehans_scoring, ()) {
  const Small s(*rc::gen::inRange<std::uint64_t>(1, 100000), 30, 1.1);
  const auto tiers = s.repeated();
  WinOptions options;
  options.variance = *rc::gen::element(WinVariance::unbiased, WinVariance::plug_in);
  const PeronStatistics r = score({s.treated, tiers, s.stratum, 2}, options);
  WinWorkspace workspace;
  const WinStatistics& g = win_statistics({s.treated, tiers, s.stratum, 2}, options, workspace);
  RC_ASSERT(r.counts.wins == static_cast<double>(g.counts.wins));
  RC_ASSERT(r.counts.losses == static_cast<double>(g.counts.losses));
  for (std::size_t k = 0; k < tiers.size(); ++k) {
    RC_ASSERT(near(r.cumulative[k].win_odds.estimate, g.cumulative[k].win_odds.estimate));
    const auto& mine = r.cumulative[k].net_benefit.inference;
    const auto& theirs = g.cumulative[k].net_benefit.inference;
    RC_ASSERT(mine.has_value() == theirs.has_value());
    RC_ASSERT(!mine || near(mine->se, theirs->se));
  }
}

RC_GTEST_PROP(PeronScoring, exchanged_arms_invert_the_win_ratio, ()) {
  Small s(*rc::gen::inRange<std::uint64_t>(1, 100000));
  const auto tiers = s.repeated();
  const PeronStatistics a = score({s.treated, tiers, s.stratum, 2});
  for (int& t : s.treated) t = 1 - t;
  const PeronStatistics b = score({s.treated, tiers, s.stratum, 2});
  RC_PRE(a.win_ratio && a.win_ratio->inference && b.win_ratio->inference);
  RC_ASSERT(near(b.net_benefit.estimate, -a.net_benefit.estimate));
  RC_ASSERT(near(b.net_benefit.inference->se, a.net_benefit.inference->se));
  RC_ASSERT(near(b.win_ratio->inference->lower, 1.0 / a.win_ratio->inference->upper));
}

RC_GTEST_PROP(PeronScoring, the_scale_of_time_and_the_order_of_patients_do_not_matter, ()) {
  const Small s(*rc::gen::inRange<std::uint64_t>(1, 100000));
  const PeronStatistics a = score({s.treated, s.tiers(), {}});
  Small p = s;
  for (std::size_t i = 0; i < 24; ++i) {
    const std::size_t from = (7 * i + 3) % 24;
    p.time[i] = std::exp(0.5 * s.time[from]);
    p.second[i] = std::sqrt(s.second[from]) - 1.0;
    p.value[i] = s.value[from];
    p.treated[i] = s.treated[from];
    p.event[i] = s.event[from];
    p.second_event[i] = s.second_event[from];
  }
  const PeronStatistics b = score({p.treated, p.tiers(), {}});
  RC_PRE(a.net_benefit.inference && a.win_ratio);
  RC_ASSERT(near(b.counts.wins, a.counts.wins));
  RC_ASSERT(near(b.counts.losses, a.counts.losses));
  RC_ASSERT(near(b.net_benefit.inference->se, a.net_benefit.inference->se));
}

// --- errors -------------------------------------------------------------------------------------

/// Net benefit and log win ratio where patient p counts `extra` times more than the `copies` of
/// everybody.
std::array<double, 2> reweighted(const Small& s, std::size_t copies, std::size_t p, bool more) {
  Small many = s;
  const auto repeat = [&](auto& values, const auto& from) {
    values.clear();
    for (std::size_t i = 0; i < from.size(); ++i) {
      std::size_t count = copies;
      if (i == p) count = more ? copies + 1 : copies - 1;
      values.insert(values.end(), count, from[i]);
    }
  };
  repeat(many.time, s.time);
  repeat(many.second, s.second);
  repeat(many.value, s.value);
  repeat(many.treated, s.treated);
  repeat(many.event, s.event);
  repeat(many.second_event, s.second_event);
  const auto tiers = many.repeated();
  const PeronStatistics r = score({many.treated, tiers, {}});
  return {r.net_benefit.estimate, std::log(r.win_ratio->estimate)};
}

// Central differences of steps 1 / 16 and 1 / 8 in the weight of each patient, extrapolated: what
// is left is of the fourth order.
TEST(PeronScoring, errors_are_those_of_the_infinitesimal_jackknife) {
  const Small s(77, 14);
  const auto tiers = s.repeated();
  const PeronStatistics r = score({s.treated, tiers, {}}, {.variance = WinVariance::plug_in});
  const auto slope = [&](std::size_t copies, std::size_t p, std::size_t k) {
    return 0.5 * static_cast<double>(copies) *
           (reweighted(s, copies, p, true)[k] - reweighted(s, copies, p, false)[k]);
  };
  for (const std::size_t k : {0U, 1U}) {
    double squares = 0.0;
    for (std::size_t p = 0; p < s.time.size(); ++p) {
      squares += std::pow((4.0 * slope(16, p, k) - slope(8, p, k)) / 3.0, 2);
    }
    const WinEstimate& e = k == 0 ? r.net_benefit : *r.win_ratio;
    EXPECT_NEAR(std::sqrt(squares) / e.inference->se, 1.0, 1e-4);
  }
}

/// Exponential times with hazard ratio 1/2, exponentially censored: half of the controls are seen
/// to have the event, a third of the treated.
struct Censored {
  std::vector<double> time;
  std::vector<int> treated, event;

  Censored(std::uint32_t replicate, std::uint32_t patients) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(2018, replicate, i).at(random::Purpose::events);
      treated.push_back(i % 2 == 0 ? 1 : 0);
      const double at = -std::log(draw.uniform()) * (i % 2 == 0 ? 2.0 : 1.0);
      const double end = -std::log(draw.uniform());
      time.push_back(std::min(at, end));
      event.push_back(at <= end ? 1 : 0);
    }
  }
  [[nodiscard]] std::vector<WinTier> tiers() const { return {{TierKind::event_time, time, event}}; }
};

// P(X > Y) - P(X < Y) = 1/3 without censoring. Gehan's scoring of the undecided as ties loses more
// than half of it here. What is left of Peron's bias is what lies beyond the last times.
TEST(PeronScoring, heavy_censoring_biases_gehans_scoring_and_hardly_this_one) {
  constexpr std::uint32_t replicates = 150;
  double peron = 0.0, gehan = 0.0, squares = 0.0, variance = 0.0;
  PeronWorkspace peron_space;
  WinWorkspace gehan_space;
  for (std::uint32_t r = 0; r < replicates; ++r) {
    const Censored t(r, 300);
    const auto tiers = t.tiers();
    const auto& p = peron_statistics({t.treated, tiers, {}}, {}, peron_space);
    peron += p.net_benefit.estimate / replicates;
    squares += p.net_benefit.estimate * p.net_benefit.estimate / replicates;
    variance += std::pow(p.net_benefit.inference->se, 2) / replicates;
    gehan +=
        win_statistics({t.treated, tiers, {}}, {}, gehan_space).net_benefit.estimate / replicates;
  }
  EXPECT_LT(std::fabs(peron - 1.0 / 3.0), 0.03);
  EXPECT_GT(1.0 / 3.0 - gehan, 0.15);
  // 150 replicates: the standard deviation over them is known to 6 %.
  EXPECT_NEAR(std::sqrt(variance / (squares - peron * peron)), 1.0, 0.18);
}

TEST(PeronScoring, the_bootstrap_agrees_with_the_error_and_repeats_itself) {
  const Censored t(3, 160);
  const auto tiers = t.tiers();
  PeronWorkspace workspace;
  const WinTrial trial{t.treated, tiers, {}};
  const double se = peron_statistics(trial, {}, workspace).net_benefit.inference->se;
  const double estimate = peron_statistics(trial, {}, workspace).net_benefit.estimate;
  const PeronBootstrap b = peron_bootstrap(trial, {}, 11, 800, workspace);
  ASSERT_EQ(b.net_benefit.size(), 800U);
  const double mean = std::accumulate(b.net_benefit.begin(), b.net_benefit.end(), 0.0) / 800.0;
  double squares = 0.0;
  for (const double nb : b.net_benefit) squares += (nb - mean) * (nb - mean) / 799.0;
  EXPECT_NEAR(mean, estimate, 0.25 * se);
  EXPECT_NEAR(std::sqrt(squares) / se, 1.0, 0.1);
  EXPECT_EQ(peron_bootstrap(trial, {}, 11, 800, workspace).win_ratio, b.win_ratio);
  EXPECT_NE(peron_bootstrap(trial, {}, 12, 800, workspace).win_ratio, b.win_ratio);
}

TEST(PeronScoring, says_why_it_refuses_and_what_it_cannot_infer) {
  Small s(3);
  const auto tiers = s.tiers();
  const WinTrial trial{s.treated, tiers, {}};
  const auto status = [&](const WinOptions& o = {}) { return score(trial, o).status; };
  EXPECT_EQ(status(), WinStatus::compared);
  EXPECT_EQ(status({.variance = WinVariance::null}), WinStatus::invalid_input);
  s.time[4] = std::nan("");
  EXPECT_EQ(status(), WinStatus::invalid_input);
  EXPECT_EQ(status({.missing = WinMissing::tie}), WinStatus::compared);
  s.time[4] = 1.0;
  s.event[2] = 2;
  EXPECT_EQ(status(), WinStatus::invalid_input);
  s.event[2] = 1;
  std::fill(s.treated.begin(), s.treated.end(), 1);
  EXPECT_EQ(status(), WinStatus::empty_arm);
  PeronWorkspace workspace;
  EXPECT_EQ(peron_bootstrap(trial, {}, 1, 9, workspace).status, WinStatus::empty_arm);

  // All censored: nothing is known of any pair.
  const std::vector<int> treated{1, 1, 0, 0};
  const std::vector<double> time{3.0, 4.0, 1.0, 2.0};
  const std::vector<int> event{0, 0, 0, 0};
  const std::vector<WinTier> one{{TierKind::event_time, time, event}};
  const PeronStatistics none = score({treated, one, {}});
  EXPECT_EQ(none.status, WinStatus::compared);
  EXPECT_FALSE(none.win_ratio.has_value());
  EXPECT_EQ(none.net_benefit.estimate, 0.0);
  EXPECT_FALSE(none.net_benefit.inference.has_value());
  EXPECT_EQ(none.counts.ties, 4.0);
}

}  // namespace
}  // namespace angiotrial::analysis
