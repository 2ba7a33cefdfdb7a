// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/finkelstein_schoenfeld.hpp>
#include <angiotrial/analysis/composites/win_statistics.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Data;

// --- c70 -----------------------------------------------------------------------------------------

struct Colon {
  std::vector<double> death_time, recurrence_time, nodes;
  std::vector<int> treated, death, recurrence, node4;

  explicit Colon(const std::string& name) {
    const Data d("c70_win_ratio_colon/" + name);
    const bool third = name != "data.csv";
    for (std::size_t i = 0; i < d.rows(); ++i) {
      if (third && d.text(i, "nodes") == "NA") continue;
      death_time.push_back(d.number(i, "death_time"));
      recurrence_time.push_back(d.number(i, "rec_time"));
      treated.push_back(static_cast<int>(d.number(i, "treated")));
      death.push_back(static_cast<int>(d.number(i, "death")));
      recurrence.push_back(static_cast<int>(d.number(i, "rec")));
      node4.push_back(static_cast<int>(d.number(i, "node4")));
      if (third) nodes.push_back(d.number(i, "nodes"));
    }
  }
  [[nodiscard]] std::vector<WinTier> tiers() const {
    std::vector<WinTier> out{{TierKind::event_time, death_time, death},
                             {TierKind::event_time, recurrence_time, recurrence}};
    if (!nodes.empty()) {
      out.push_back({TierKind::value, nodes, {}, WinDirection::lower, 1.0});
    }
    return out;
  }
};

WinStatistics compare(const WinTrial& trial, const WinOptions& options = {}) {
  WinWorkspace workspace;
  return win_statistics(trial, options, workspace);
}

std::vector<double> bounds(const WinEstimate& e) {
  return {e.inference->lower, e.inference->upper};
}

void expect_own(const std::string& name, const WinTrial& trial, WinOptions options) {
  SCOPED_TRACE(name);
  const Deep block("c70_win_ratio_colon/expected.json", name);
  const auto count = [](auto n) { return static_cast<double>(n); };
  for (const auto& [key, variance] : {std::pair{"unbiased_variance", WinVariance::unbiased},
                                      {"plug_in_variance", WinVariance::plug_in}}) {
    options.variance = variance;
    const WinStatistics r = compare(trial, options);
    ASSERT_EQ(r.status, WinStatus::compared);
    block.expect({"n_treated"}, count(r.treated));
    block.expect({"n_control"}, count(r.control));
    block.expect({"wins"}, count(r.counts.wins));
    block.expect({"losses"}, count(r.counts.losses));
    block.expect({"ties"}, count(r.counts.ties));
    block.expect({"win_ratio"}, r.win_ratio->estimate);
    block.expect({"net_benefit"}, r.net_benefit.estimate);
    block.expect({"win_odds"}, r.win_odds.estimate);
    block.expect({key, "se_log_win_ratio"}, r.win_ratio->inference->se);
    block.expect({key, "win_ratio_ci"}, bounds(*r.win_ratio));
    block.expect({key, "z_win_ratio"}, r.win_ratio->inference->z);
    block.expect({key, "p_win_ratio"}, r.win_ratio->inference->p_value);
    block.expect({key, "se_net_benefit"}, r.net_benefit.inference->se);
    block.expect({key, "net_benefit_ci"}, bounds(r.net_benefit));
    block.expect({key, "se_log_win_odds"}, r.win_odds.inference->se);
    block.expect({key, "win_odds_ci"}, bounds(r.win_odds));
    if (name == "tie_convention_censored_after_event") continue;
    std::vector<double> tiers;
    for (const WinCounts& t : r.tiers) {
      tiers.push_back(count(t.wins));
      tiers.push_back(count(t.losses));
    }
    block.expect({"per_tier"}, tiers);
  }
}

TEST(WinStatisticsReference, c70_win_ratio_net_benefit_and_win_odds_agree_in_both_variances) {
  const Colon two("data.csv");
  const auto tiers = two.tiers();
  const WinTrial trial{two.treated, tiers, {}};
  expect_own("unmatched_win_statistics", trial, {});
  WinOptions outlives;
  outlives.censored_at_event = CensoredAtEvent::survives;
  expect_own("tie_convention_censored_after_event", trial, outlives);
  const Colon three("data_three_tier.csv");
  const auto with_nodes = three.tiers();
  expect_own("three_tier_with_margin", {three.treated, with_nodes, {}}, {});
}

TEST(WinStatisticsReference, c70_intervals_of_the_packages_agree) {
  const Colon data("data.csv");
  const auto tiers = data.tiers();
  const WinTrial trial{data.treated, tiers, {}};
  WinOptions options;
  options.variance = WinVariance::null;
  const WinStatistics r = compare(trial, options);
  const Deep wins("c70_win_ratio_colon/expected.json", "WINS_package");
  const auto expect = [&](const std::string& key, const WinEstimate& e) {
    wins.expect({key}, {e.estimate, e.inference->lower, e.inference->upper});
  };
  expect("Win_Ratio", *r.win_ratio);
  expect("Net_Benefit", r.net_benefit);
  expect("Win_Odds", r.win_odds);

  options = {0.95, WinVariance::plug_in, CensoredAtEvent::survives};
  const WinStatistics s = compare(trial, options);
  const Deep buyse("c70_win_ratio_colon/expected.json", "BuyseTest_gehan");
  std::vector<double> benefit, benefit_se, ratio, ratio_se;
  for (const WinSummary& cut : s.cumulative) {
    benefit.push_back(cut.net_benefit.estimate);
    benefit_se.push_back(cut.net_benefit.inference->se);
    ratio.push_back(cut.win_ratio->estimate);
    ratio_se.push_back(cut.win_ratio->inference->se * cut.win_ratio->estimate);
  }
  buyse.expect({"net_benefit"}, benefit);
  buyse.expect({"net_benefit_se"}, benefit_se);
  buyse.expect({"win_ratio"}, ratio);
  buyse.expect({"win_ratio_se"}, ratio_se);
}

TEST(WinStatisticsReference, c70_finkelstein_schoenfeld_and_strata_agree) {
  const Colon data("data.csv");
  const auto tiers = data.tiers();
  WinWorkspace workspace;
  const auto fs = finkelstein_schoenfeld({data.treated, tiers, {}}, {}, workspace);
  const Deep score("c70_win_ratio_colon/expected.json", "finkelstein_schoenfeld");
  score.expect({"T"}, fs.statistic);
  score.expect({"variance"}, fs.variance);
  score.expect({"z"}, fs.z);
  score.expect({"p"}, fs.p_value);
  const WinStatistics r = win_statistics({data.treated, tiers, data.node4, 2}, {}, workspace);
  const Deep strata("c70_win_ratio_colon/expected.json", "stratified_win_ratio");
  strata.expect({"win_ratio"}, r.win_ratio->estimate);
  std::vector<double> rows;
  for (int h = 0; h < 2; ++h) {
    const WinCounts& c = r.strata[static_cast<std::size_t>(h)];
    rows.push_back(static_cast<double>(c.wins));
    rows.push_back(static_cast<double>(c.losses));
    rows.push_back(static_cast<double>(std::count(data.node4.begin(), data.node4.end(), h)));
  }
  strata.expect({"per_stratum", "values"}, rows);
}

// --- laws ----------------------------------------------------------------------------------------

/// A small trial with ties, censoring, strata and a margin.
struct Small {
  std::vector<double> time, score;
  std::vector<int> treated, event, stratum;

  explicit Small(std::uint64_t seed, std::uint32_t patients = 40) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
      treated.push_back(draw.bernoulli(0.5) ? 1 : 0);
      time.push_back(std::floor(12.0 * draw.uniform()));
      event.push_back(draw.bernoulli(0.6) ? 1 : 0);
      score.push_back(std::floor(8.0 * draw.uniform()) / 2.0);
      stratum.push_back(draw.bernoulli(0.4) ? 1 : 0);
    }
  }
  [[nodiscard]] std::vector<WinTier> tiers(double margin = 0.5) const {
    return {{TierKind::event_time, time, event},
            {TierKind::value, score, {}, WinDirection::higher, margin}};
  }
};

WinOptions any_options() {
  WinOptions out;
  out.variance = *rc::gen::element(WinVariance::unbiased, WinVariance::plug_in, WinVariance::null);
  out.censored_at_event = *rc::gen::element(CensoredAtEvent::tie, CensoredAtEvent::survives);
  out.weights =
      *rc::gen::element(WinWeights::mantel_haenszel, WinWeights::pairs, WinWeights::strata);
  return out;
}

bool near(double a, double b) { return std::fabs(a - b) <= 1.0e-11 * (1.0 + std::fabs(b)); }

/// Outcome of one pair, from the definition.
int duel(const Small& s, std::size_t i, std::size_t j, const WinOptions& options, double margin,
         bool at_margin) {
  const bool outlives = options.censored_at_event == CensoredAtEvent::survives;
  const bool same = s.time[i] == s.time[j];
  if (s.event[j] == 1 && (s.time[i] > s.time[j] || (outlives && same && s.event[i] == 0))) return 1;
  if (s.event[i] == 1 && (s.time[j] > s.time[i] || (outlives && same && s.event[j] == 0))) {
    return -1;
  }
  const double d = s.score[i] - s.score[j];
  const bool apart = at_margin && margin > 0.0 ? std::fabs(d) >= margin : std::fabs(d) > margin;
  return !apart ? 0 : d > 0.0 ? 1 : -1;
}

RC_GTEST_PROP(WinStatistics, counts_are_those_of_the_definition, ()) {
  const Small s(*rc::gen::inRange<std::uint64_t>(1, 100000));
  const WinOptions options = any_options();
  const double margin = *rc::gen::element(0.0, 0.5, 1.0);
  auto tiers = s.tiers(margin);
  tiers[1].at_margin = *rc::gen::arbitrary<bool>();
  std::int64_t wins = 0;
  std::int64_t losses = 0;
  for (std::size_t i = 0; i < s.time.size(); ++i) {
    for (std::size_t j = 0; j < s.time.size(); ++j) {
      if (s.treated[i] == 0 || s.treated[j] == 1) continue;
      const int d = duel(s, i, j, options, margin, tiers[1].at_margin);
      wins += d > 0 ? 1 : 0;
      losses += d < 0 ? 1 : 0;
    }
  }
  const WinStatistics r = compare({s.treated, tiers, {}}, options);
  RC_PRE(r.status == WinStatus::compared);
  RC_ASSERT(r.counts.wins == wins);
  RC_ASSERT(r.counts.losses == losses);
}

RC_GTEST_PROP(WinStatistics, exchanged_arms_invert_the_win_ratio, ()) {
  Small s(*rc::gen::inRange<std::uint64_t>(1, 100000));
  const WinOptions options = any_options();
  const auto tiers = s.tiers();
  const WinStatistics a = compare({s.treated, tiers, s.stratum, 2}, options);
  RC_PRE(a.win_ratio && a.win_ratio->inference);
  for (int& t : s.treated) t = 1 - t;
  const WinStatistics b = compare({s.treated, tiers, s.stratum, 2}, options);
  RC_ASSERT(near(b.win_ratio->estimate, 1.0 / a.win_ratio->estimate));
  RC_ASSERT(near(b.net_benefit.estimate, -a.net_benefit.estimate));
  RC_ASSERT(near(b.win_ratio->inference->lower, 1.0 / a.win_ratio->inference->upper));
  RC_ASSERT(near(b.win_odds.inference->se, a.win_odds.inference->se));
  const double nb = a.net_benefit.estimate;
  RC_ASSERT(near(a.win_odds.estimate, (1.0 + nb) / (1.0 - nb)));
}

RC_GTEST_PROP(WinStatistics, order_of_patients_and_labels_of_strata_do_not_matter, ()) {
  const Small s(*rc::gen::inRange<std::uint64_t>(1, 100000));
  const WinOptions options = any_options();
  Small p = s;
  for (std::size_t i = 0; i < 40; ++i) {
    const std::size_t from = (7 * i + 3) % 40;
    p.time[i] = s.time[from];
    p.score[i] = s.score[from];
    p.treated[i] = s.treated[from];
    p.event[i] = s.event[from];
    p.stratum[i] = 1 - s.stratum[from];
  }
  const auto s_tiers = s.tiers();
  const auto p_tiers = p.tiers();
  const WinStatistics a = compare({s.treated, s_tiers, s.stratum, 2}, options);
  const WinStatistics b = compare({p.treated, p_tiers, p.stratum, 2}, options);
  RC_PRE(a.net_benefit.inference.has_value());
  RC_ASSERT(a.counts.wins == b.counts.wins && a.counts.losses == b.counts.losses);
  RC_ASSERT(near(b.net_benefit.estimate, a.net_benefit.estimate));
  RC_ASSERT(near(b.net_benefit.inference->se, a.net_benefit.inference->se));
  WinWorkspace workspace;
  const auto f = finkelstein_schoenfeld({s.treated, s_tiers, s.stratum, 2}, options, workspace);
  const auto g = finkelstein_schoenfeld({p.treated, p_tiers, p.stratum, 2}, options, workspace);
  RC_ASSERT(near(f.z, g.z));
}

RC_GTEST_PROP(WinStatistics, one_value_tier_is_mann_whitney_whatever_the_scale, ()) {
  Small s(*rc::gen::inRange<std::uint64_t>(1, 100000));
  std::vector<double> x, y;
  for (std::size_t i = 0; i < 40; ++i) (s.treated[i] == 1 ? x : y).push_back(s.score[i]);
  RC_PRE(!x.empty() && !y.empty());
  const WilcoxonResult u = wilcoxon(x, y, {0.95, 0});
  for (double& v : s.score) v = std::exp(v);
  const std::vector<WinTier> tiers{{TierKind::value, s.score}};
  const WinStatistics r = compare({s.treated, tiers, {}});
  const double pairs = static_cast<double>(x.size() * y.size());
  RC_ASSERT(near(r.win_odds.estimate, u.u / (pairs - u.u)));
  // Scores of one tier are linear in ranks, so both permutation tests are the same.
  WinWorkspace workspace;
  RC_ASSERT(near(finkelstein_schoenfeld({s.treated, tiers, {}}, {}, workspace).z, u.z));
}

TEST(WinStatistics, an_early_good_event_mirrors_a_late_bad_one) {
  const Small s(11);
  auto tiers = s.tiers();
  tiers.resize(1);
  for (const CensoredAtEvent tie : {CensoredAtEvent::tie, CensoredAtEvent::survives}) {
    WinOptions options;
    options.censored_at_event = tie;
    for (const double margin : {0.0, 2.0}) {
      tiers[0].margin = margin;
      tiers[0].better = WinDirection::higher;
      const WinStatistics bad = compare({s.treated, tiers, {}}, options);
      tiers[0].better = WinDirection::lower;
      const WinStatistics good = compare({s.treated, tiers, {}}, options);
      EXPECT_EQ(good.counts.wins, bad.counts.losses);
      EXPECT_EQ(good.counts.losses, bad.counts.wins);
    }
  }
}

TEST(WinStatistics, many_patients_in_wide_codes_agree_with_the_same_patients_in_narrow_ones) {
  // 24 copies of 720 patients are more than narrow codes hold; each pair counts 24^2 times.
  Small s(5, 720);
  for (std::size_t i = 0; i < 720; ++i) s.treated[i] = i % 40 == 0 ? 1 : 0;
  Small many = s;
  for (int copy = 1; copy < 24; ++copy) {
    many.time.insert(many.time.end(), s.time.begin(), s.time.end());
    many.score.insert(many.score.end(), s.score.begin(), s.score.end());
    many.treated.insert(many.treated.end(), s.treated.begin(), s.treated.end());
    many.event.insert(many.event.end(), s.event.begin(), s.event.end());
  }
  const auto small_tiers = s.tiers();
  const auto many_tiers = many.tiers();
  const WinStatistics a = compare({s.treated, small_tiers, {}});
  const WinStatistics b = compare({many.treated, many_tiers, {}});
  EXPECT_EQ(b.counts.wins, 576 * a.counts.wins);
  EXPECT_EQ(b.counts.losses, 576 * a.counts.losses);
}

TEST(WinStatistics, says_why_it_refuses_and_what_it_cannot_infer) {
  Small s(3);
  const auto tiers = s.tiers();
  const WinTrial trial{s.treated, tiers, {}};
  const auto status = [&](const WinOptions& o = {}) { return compare(trial, o).status; };
  EXPECT_EQ(status(), WinStatus::compared);
  s.score[4] = std::nan("");
  EXPECT_EQ(status(), WinStatus::invalid_input);
  EXPECT_EQ(status({.missing = WinMissing::tie}), WinStatus::compared);
  s.score[4] = 1.0;
  s.event[2] = 2;
  EXPECT_EQ(status(), WinStatus::invalid_input);
  s.event[2] = 1;
  const auto negative = s.tiers(-1.0);
  EXPECT_EQ(compare({s.treated, negative, {}}).status, WinStatus::invalid_input);
  std::fill(s.treated.begin(), s.treated.end(), 1);
  EXPECT_EQ(status(), WinStatus::empty_arm);
  EXPECT_EQ(name_of(status()), "empty arm");

  const std::vector<int> treated{1, 1, 0, 0};
  std::vector<double> apart{3.0, 4.0, 1.0, 2.0};
  const std::vector<WinTier> one{{TierKind::value, apart}};
  const WinStatistics all = compare({treated, one, {}});
  EXPECT_EQ(all.counts.wins, 4);
  EXPECT_TRUE(std::isinf(all.win_ratio->estimate));
  EXPECT_FALSE(all.win_ratio->inference || all.net_benefit.inference);
  std::fill(apart.begin(), apart.end(), 1.0);
  const WinStatistics none = compare({treated, one, {}});
  EXPECT_FALSE(none.win_ratio.has_value());
  EXPECT_EQ(none.win_odds.estimate, 1.0);
  EXPECT_EQ(none.counts.ties, 4);
  WinWorkspace workspace;
  EXPECT_EQ(finkelstein_schoenfeld({treated, one, {}}, {}, workspace).status,
            WinStatus::no_variance);
}

TEST(WinStatistics, a_net_benefit_stays_a_difference_of_shares) {
  const std::vector<int> treated{0, 0, 0, 0, 1, 1, 1, 1};
  const std::vector<double> score{0.1, 0.2, 0.3, 0.3, 0.3, 0.4, 0.35, 0.31};
  const std::vector<WinTier> one{{TierKind::value, score}};
  const WinStatistics w = compare({treated, one, {}});
  ASSERT_TRUE(w.net_benefit.inference.has_value());
  EXPECT_EQ(w.net_benefit.inference->upper, 1.0);
}

}  // namespace
}  // namespace angiotrial::analysis
