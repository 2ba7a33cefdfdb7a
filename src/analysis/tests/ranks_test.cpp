// SPDX-License-Identifier: Apache-2.0
// Rank analysis of covariance, two-by-two tables, and order statistics of differences.
#include <angiotrial/analysis/ranks/rank_ancova.hpp>
#include <angiotrial/analysis/ranks/two_by_two.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

// --- reference cases -----------------------------------------------------------------------------

void expect_quade(const std::string& name, bool three_arms) {
  SCOPED_TRACE(name);
  const Data d("c10_ancova_anorexia/data.csv");
  std::vector<double> y, x;
  std::vector<int> arm;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const std::string& treat = d.text(i, "Treat");
    if (!three_arms && treat == "FT") continue;
    y.push_back(d.number(i, "Postwt"));
    x.push_back(d.number(i, "Prewt"));
    arm.push_back(treat == "Cont" ? 0 : treat == "CBT" ? 1 : 2);
  }
  const RankAncovaResult r = rank_ancova({y, x, 1, arm, three_arms ? 3 : 2, {}});
  ASSERT_EQ(r.status, RankStatus::fitted);
  const Block block("c10_ancova_anorexia/expected.json", name);
  block.expect({"quade_F"}, r.quade->f);
  block.expect({"quade_p"}, r.quade->p_value);
  block.expect({"mean_score_chisq"}, r.chi_square);
  block.expect({"mean_score_p"}, r.p_value);
  block.expect({"df"}, r.df);
}

TEST(RanksReference, c10_rank_analyses_of_covariance_agree) {
  expect_quade("rank_ancova_2arm", false);
  expect_quade("rank_ancova_3arm", true);
}

TEST(RanksReference, c11_proportions_and_mantel_haenszel_agree) {
  const Data d("c11_gcomp_respiratory/data.csv");
  std::vector<int> active, outcome, centre;
  TwoProportions table;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    active.push_back(d.text(i, "treat") == "1_active" ? 1 : 0);
    outcome.push_back(static_cast<int>(d.number(i, "y")));
    centre.push_back(static_cast<int>(d.number(i, "center")) - 1);
    (active.back() == 1 ? table.active_patients : table.control_patients) += 1.0;
    (active.back() == 1 ? table.active_events : table.control_events) += outcome.back();
  }
  const std::string file = "c11_gcomp_respiratory/expected.json";
  const ProportionDifference plain = proportion_difference(table);
  const Block unadjusted(file, "unadjusted");
  unadjusted.expect({"p_control"}, plain.control);
  unadjusted.expect({"p_active"}, plain.active);
  unadjusted.expect({"rd"}, plain.difference);
  unadjusted.expect({"se_wald"}, plain.se);
  unadjusted.expect({"newcombe"}, {plain.newcombe_lower, plain.newcombe_upper});
  const MantelHaenszel r = mantel_haenszel({active, outcome, centre, 2});
  const Block cmh(file, "cmh");
  cmh.expect({"chisq"}, r.chi_square);
  cmh.expect({"p"}, r.p_value);
  cmh.expect({"common_or"}, r.common_odds_ratio);
  cmh.expect({"ci"}, {r.lower, r.upper});
}

// --- laws ----------------------------------------------------------------------------------------

struct Sample {
  std::vector<double> y, x;
  std::vector<int> arm, stratum;

  explicit Sample(std::uint64_t seed, int arms = 2, std::uint32_t patients = 60) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
      const double shared = draw.normal();
      y.push_back(std::round(4.0 * (shared + draw.normal())) / 4.0);
      x.insert(x.end(), {shared + draw.normal(), std::round(draw.normal())});
      arm.push_back(static_cast<int>(draw.uniform() * arms));
      stratum.push_back(static_cast<int>(draw.uniform() * 3.0));
    }
  }
  [[nodiscard]] RankAncovaModel model(int arms = 2) const {
    return {y, x, 2, arm, arms, stratum, 3};
  }
};

bool near(double a, double b, double tolerance = 1.0e-10) {
  return std::fabs(a - b) <= tolerance * (1.0 + std::fabs(b));
}

RC_GTEST_PROP(RankAncova, without_covariates_is_kruskal_wallis_or_van_elteren, ()) {
  const Sample s(*rc::gen::inRange<std::uint64_t>(1, 100000), 3);
  const RankAncovaResult plain = rank_ancova({s.y, {}, 0, s.arm, 3, {}});
  const ChiSquareResult kruskal = kruskal_wallis(s.y, s.arm, 3);
  RC_ASSERT(near(plain.chi_square, kruskal.chi_square));
  RC_ASSERT(near(plain.p_value, kruskal.p_value));
  std::vector<int> two = s.arm;
  for (int& a : two) a = std::min(a, 1);
  for (const auto& [scores, weights] :
       {std::pair{RankScores::modified_ridit, StratumWeights::van_elteren},
        {RankScores::ranks, StratumWeights::equal}}) {
    const auto stratified = rank_ancova({s.y, {}, 0, two, 2, s.stratum, 3, scores});
    const auto elteren = stratified_wilcoxon(s.y, two, s.stratum, 3, weights);
    RC_ASSERT(near(stratified.chi_square, elteren.z * elteren.z));
    RC_ASSERT(stratified.strata_used == elteren.strata_used);
  }
}

RC_GTEST_PROP(RankAncova, monotone_maps_order_labels_and_repeated_covariates_do_not_matter, ()) {
  const Sample s(*rc::gen::inRange<std::uint64_t>(1, 100000), 3);
  const RankAncovaResult before = rank_ancova(s.model(3));
  Sample t = s;
  std::vector<double> three;
  for (std::size_t i = 0; i < s.y.size(); ++i) {
    const std::size_t from = (7 * i + 3) % s.y.size();
    t.y[i] = std::exp(s.y[from]);
    const double first = std::atan(s.x[2 * from]);
    const double second = 5.0 * s.x[2 * from + 1] - 100.0;
    three.insert(three.end(), {second, first, second});
    t.arm[i] = (s.arm[from] + 1) % 3;
    t.stratum[i] = 2 - s.stratum[from];
  }
  const RankAncovaResult after = rank_ancova({t.y, three, 3, t.arm, 3, t.stratum, 3});
  RC_ASSERT(near(after.chi_square, before.chi_square, 1.0e-8));
  RC_ASSERT(after.df == before.df);
}

TEST(RankAncova, refuses_what_cannot_be_tested) {
  Sample s(4);
  EXPECT_EQ(rank_ancova(s.model()).status, RankStatus::fitted);
  EXPECT_FALSE(rank_ancova(s.model()).quade.has_value());
  s.x[3] = std::nan("");
  EXPECT_EQ(rank_ancova(s.model()).status, RankStatus::invalid_input);
  s.x[3] = 0.0;
  std::vector<int> one(s.arm.size(), 1);
  EXPECT_EQ(rank_ancova({s.y, s.x, 2, one, 2, {}}).status, RankStatus::no_variation);
  EXPECT_EQ(rank_ancova({s.y, s.x, 2, s.arm, 1, {}}).status, RankStatus::invalid_input);
  EXPECT_EQ(rank_ancova({{}, {}, 2, {}, 2, {}}).status, RankStatus::empty_sample);
  // The covariate tells the response: nothing is left to compare.
  EXPECT_EQ(rank_ancova({s.y, s.y, 1, s.arm, 2, {}}).status, RankStatus::no_variation);
}

RC_GTEST_PROP(Wilcoxon, order_statistics_are_those_of_all_differences, ()) {
  const std::uint64_t seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  const auto patients = *rc::gen::inRange<std::uint32_t>(2, 120);
  const double step = *rc::gen::element(1.0e-9, 0.5, 2.0);
  std::vector<double> x, y, all;
  for (std::uint32_t i = 0; i < patients; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    (i == 0 || (i > 1 && draw.bernoulli(0.6)) ? x : y)
        .push_back(step * std::round(draw.normal() / step));
  }
  WilcoxonWorkspace workspace;
  const WilcoxonResult r = wilcoxon(x, y, {0.9, 60}, workspace);
  for (const double a : x) {
    for (const double b : y) all.push_back(a - b);
  }
  std::sort(all.begin(), all.end());
  const std::size_t n = all.size();
  const double median = n % 2 == 1 ? all[n / 2] : 0.5 * (all[n / 2 - 1] + all[n / 2]);
  RC_ASSERT(r.hodges_lehmann == median);
  for (const auto& interval : {r.exact_interval, r.asymptotic_interval}) {
    if (!interval) continue;
    RC_ASSERT(interval->lower == all[interval->rank - 1]);
    RC_ASSERT(interval->upper == all[n - interval->rank]);
  }
}

RC_GTEST_PROP(Wilcoxon, walsh_averages_and_their_interval_are_those_of_all_pairs, ()) {
  const auto whole =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-30, 60)));
  std::vector<double> d, all;
  for (const int w : whole) {
    if (w != 0) d.push_back(0.1 * w);
  }
  RC_PRE(!d.empty());
  const SignedRankResult r = signed_rank(d);
  for (std::size_t i = 0; i < d.size(); ++i) {
    for (std::size_t j = i; j < d.size(); ++j) all.push_back(0.5 * (d[i] + d[j]));
  }
  std::sort(all.begin(), all.end());
  const std::size_t n = all.size();
  RC_ASSERT(r.pseudomedian == (n % 2 == 1 ? all[n / 2] : 0.5 * (all[n / 2 - 1] + all[n / 2])));
  if (!r.exact_interval) return;
  RC_ASSERT(r.exact_interval->lower == all[r.exact_interval->rank - 1]);
  RC_ASSERT(r.exact_interval->upper == all[n - r.exact_interval->rank]);
}

TEST(Wilcoxon, a_workspace_used_for_other_sizes_changes_nothing) {
  WilcoxonWorkspace workspace;
  for (const std::uint32_t patients : {40U, 30U, 50U, 40U}) {
    const Sample s(patients, 2, patients);
    std::vector<double> x, y;
    for (std::size_t i = 0; i < patients; ++i) (s.arm[i] == 0 ? x : y).push_back(s.x[2 * i]);
    const WilcoxonResult a = wilcoxon(x, y, {}, workspace);
    const WilcoxonResult b = wilcoxon(x, y);
    EXPECT_EQ(a.p_exact, b.p_exact);
    EXPECT_EQ(a.exact_interval->lower, b.exact_interval->lower);
    EXPECT_EQ(a.asymptotic_interval->upper, b.asymptotic_interval->upper);
  }
}

RC_GTEST_PROP(Wilcoxon, exact_p_value_with_ties_counts_all_choices_of_a_sample, ()) {
  const std::uint64_t seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  const auto m = *rc::gen::inRange<std::size_t>(1, 9);
  std::vector<double> v;
  for (std::uint32_t i = 0; i < 10; ++i) {
    v.push_back(std::round(2.0 * random::Streams(seed, 0, i).at(random::Purpose::diary).normal()));
  }
  const auto distance = [&](const std::vector<int>& chosen) {
    double sum = 0.0;
    for (std::size_t i = 0; i < 10; ++i) {
      for (std::size_t j = 0; j < 10; ++j) {
        const double sign = v[i] > v[j] ? 0.5 : v[i] < v[j] ? -0.5 : 0.0;
        sum += chosen[i] == 1 ? sign : 0.0;
      }
    }
    return std::fabs(sum);
  };
  std::vector<int> chosen(10, 0);
  std::fill(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(m), 1);
  const double observed = distance(chosen);
  const WilcoxonResult r = wilcoxon(std::span(v).first(m), std::span(v).subspan(m));
  RC_PRE(r.ties && r.status == RankStatus::fitted);
  std::sort(chosen.begin(), chosen.end());
  double all = 0.0;
  double extreme = 0.0;
  do {
    all += 1.0;
    if (distance(chosen) >= observed) extreme += 1.0;
  } while (std::next_permutation(chosen.begin(), chosen.end()));
  RC_ASSERT(near(r.p_exact.value(), extreme / all, 1.0e-12));
  RC_ASSERT(!wilcoxon(std::span(v).first(m), std::span(v).subspan(m), {0.95, 400, 9}).p_exact);
}

RC_GTEST_PROP(MantelHaenszel, exchanged_arms_invert_the_odds_ratio_and_ranks_give_the_test, ()) {
  const Sample s(*rc::gen::inRange<std::uint64_t>(1, 100000));
  std::vector<int> outcome, other;
  std::vector<double> values;
  for (std::size_t i = 0; i < s.y.size(); ++i) {
    outcome.push_back(s.y[i] > 0.0 ? 1 : 0);
    values.push_back(outcome.back());
    other.push_back(1 - s.arm[i]);
  }
  const MantelHaenszel a = mantel_haenszel({s.arm, outcome, s.stratum, 3});
  const MantelHaenszel b = mantel_haenszel({other, outcome, s.stratum, 3});
  RC_PRE(a.se_log_odds_ratio > 0.0);
  RC_ASSERT(near(a.common_odds_ratio, 1.0 / b.common_odds_ratio));
  RC_ASSERT(near(a.lower, 1.0 / b.upper));
  RC_ASSERT(near(a.chi_square, b.chi_square));
  const double z = stratified_wilcoxon(values, s.arm, s.stratum, 3, StratumWeights::overall).z;
  RC_ASSERT(near(a.chi_square, z * z));
  RC_ASSERT(mantel_haenszel({s.arm, outcome, s.stratum, 3}, true).chi_square <= a.chi_square);
}

TEST(MantelHaenszel, refuses_and_bounds_what_the_data_cannot_tell) {
  const std::vector<int> active{1, 1, 0, 0}, all(4, 1), stratum(4, 0), events{1, 1, 0, 0};
  EXPECT_EQ(mantel_haenszel({active, all, stratum, 1}).status, TableStatus::no_variation);
  EXPECT_EQ(mantel_haenszel({all, events, stratum, 1}).status, TableStatus::empty_arm);
  EXPECT_EQ(mantel_haenszel({active, events, stratum, 0}).status, TableStatus::invalid_input);
  const MantelHaenszel r = mantel_haenszel({active, events, stratum, 1});
  EXPECT_TRUE(std::isinf(r.common_odds_ratio) && std::isinf(r.upper));
  EXPECT_EQ(r.lower, 0.0);
  EXPECT_EQ(name_of(r.status), "fitted");
  EXPECT_EQ(proportion_difference({3.0, 2.0, 0.0, 2.0}).status, TableStatus::invalid_input);
  EXPECT_EQ(proportion_difference({0.0, 0.0, 0.0, 2.0}).status, TableStatus::empty_arm);
  // Wilson's intervals keep the difference within -1 and 1 where Wald's has no width.
  const ProportionDifference d = proportion_difference({5.0, 5.0, 0.0, 6.0});
  EXPECT_EQ(d.se, 0.0);
  EXPECT_LT(d.newcombe_lower, 0.7);
  EXPECT_NEAR(d.newcombe_upper, 1.0, 1.0e-12);
}

}  // namespace
}  // namespace angiotrial::analysis
