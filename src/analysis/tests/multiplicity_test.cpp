// SPDX-License-Identifier: Apache-2.0
// Gatekeeping, weighted tests and comparisons of all pairs.
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/multiplicity/all_pairs.hpp>
#include <angiotrial/analysis/multiplicity/arm_contrasts.hpp>
#include <angiotrial/analysis/multiplicity/gatekeeping.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/distributions/fisher_f.hpp>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

// --- c10 -----------------------------------------------------------------------------------------

struct Anorexia {
  std::vector<double> y, means, sizes, design, covariate_only;
  double sigma = 0.0;

  Anorexia() : means(3, 0.0), sizes(3, 0.0) {
    const Data d("c10_ancova_anorexia/data.csv");
    std::vector<std::size_t> arm;
    for (std::size_t i = 0; i < d.rows(); ++i) {
      y.push_back(d.number(i, "Postwt"));
      arm.push_back(d.text(i, "Treat") == "Cont" ? 0 : d.text(i, "Treat") == "CBT" ? 1 : 2);
      sizes[arm[i]] += 1.0;
      means[arm[i]] += y[i];
      const double x = d.number(i, "Prewt");
      design.insert(design.end(), {1.0, arm[i] == 1 ? 1.0 : 0.0, arm[i] == 2 ? 1.0 : 0.0, x});
      covariate_only.insert(covariate_only.end(), {1.0, x});
    }
    for (std::size_t a = 0; a < 3; ++a) means[a] /= sizes[a];
    double within = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      within += (y[i] - means[arm[i]]) * (y[i] - means[arm[i]]);
    }
    sigma = std::sqrt(within / static_cast<double>(y.size() - 3));
  }
  [[nodiscard]] ArmMeans one_way() const { return {means, sizes, sigma, 69.0}; }
};

TEST(MultiplicityReference, c10_one_way_dunnett_and_tukey_agree) {
  const Anorexia trial;
  const std::string file = "c10_ancova_anorexia/expected.json";
  const Block block(file, "dunnett_oneway");
  const ManyToOne two = dunnett(trial.one_way(), Sides::two);
  const ManyToOne one = dunnett(trial.one_way(), Sides::one);
  const auto& c = two.comparisons;
  const auto& g = one.comparisons;
  block.expect({"t"}, {c[0].t, c[1].t});
  block.expect({"p_adjusted"}, {c[0].p_adjusted, c[1].p_adjusted});
  block.expect({"critical_95"}, two.critical_value);
  block.expect({"p_adjusted_one_sided_greater"}, {g[0].p_adjusted, g[1].p_adjusted});
  block.expect({"critical_95_one_sided"}, one.critical_value);
  const AllPairs all = tukey(trial.one_way());
  std::vector<double> p;
  for (const Comparison& pair : all.comparisons) p.push_back(pair.p_adjusted);
  const Block pairs(file, "tukey");
  pairs.expect({"p"}, p);
  pairs.expect({"qtukey95"}, all.critical_value);
}

TEST(MultiplicityReference, c10_adjusted_comparisons_agree) {
  const Anorexia trial;
  LinearModel model;
  model.response = trial.y;
  model.design = trial.design;
  model.columns = 4;
  const LinearFit fit = fit_linear_model(model);
  const auto v = coefficient_covariance(model, fit, LinearVariance::model);
  const double correlation = v[6] / std::sqrt(v[5] * v[10]);
  const double t1 = fit.coefficients[1] / std::sqrt(v[5]);
  const double t2 = fit.coefficients[2] / std::sqrt(v[10]);
  const std::vector<double> r{1.0, correlation, correlation, 1.0};
  const CorrelationMatrix matrix{r, 2};
  const auto p = [&](double t) {
    return 1.0 - max_t_probability(std::fabs(t), matrix, 68.0, Sides::two).value;
  };
  const std::string file = "c10_ancova_anorexia/expected.json";
  const Block adjusted(file, "dunnett_adjusted");
  adjusted.expect({"t"}, {t1, t2});
  adjusted.expect({"correlation"}, correlation);
  adjusted.expect({"p_adjusted"}, {p(t1), p(t2)});
  adjusted.expect({"critical_95"}, max_t_quantile(0.95, matrix, 68.0, Sides::two));

  // The rest of the block `ancova`: tests of the coefficients, and the F test of the arms.
  std::vector<double> t, p_values;
  for (std::size_t c = 0; c < 4; ++c) {
    std::vector<double> one(4, 0.0);
    one[c] = 1.0;
    const LinearContrast contrast = estimate_contrast(model, fit, one);
    t.push_back(contrast.estimate / contrast.se);
    p_values.push_back(contrast.p_value);
  }
  const Block ancova(file, "ancova");
  ancova.expect({"t"}, t);
  ancova.expect({"p"}, p_values);
  LinearModel without = model;
  without.design = trial.covariate_only;
  without.columns = 2;
  const LinearFit less = fit_linear_model(without);
  const double full = 68.0 * fit.sigma * fit.sigma;
  const double f = (70.0 * less.sigma * less.sigma - full) / 2.0 / (full / 68.0);
  double total = 0.0;
  double mean = 0.0;
  for (const double y : trial.y) mean += y / static_cast<double>(trial.y.size());
  for (const double y : trial.y) total += (y - mean) * (y - mean);
  ancova.expect({"F_treat"}, f);
  const boost::math::fisher_f_distribution<double> distribution(2.0, 68.0);
  ancova.expect({"p_F_treat"}, cdf(complement(distribution, f)));
  ancova.expect({"r_squared"}, 1.0 - full / total);
}

TEST(Tukey, two_arms_are_the_t_test_and_more_arms_cost_more) {
  const std::vector<double> means{1.0, 1.4, 0.7, 1.1}, sizes{20.0, 25.0, 18.0, 30.0};
  for (const double df : {12.0, std::numeric_limits<double>::infinity()}) {
    const AllPairs two = tukey({std::span(means).first(2), std::span(sizes).first(2), 0.7, df});
    EXPECT_NEAR(two.comparisons[0].p_adjusted, two.comparisons[0].p_unadjusted, 1.0e-12);
    const AllPairs four = tukey({means, sizes, 0.7, df});
    ASSERT_EQ(four.comparisons.size(), 6U);
    for (const Comparison& c : four.comparisons) {
      EXPECT_GT(c.p_adjusted, c.p_unadjusted);
      EXPECT_LT(c.p_adjusted, 6.0 * c.p_unadjusted);
      EXPECT_EQ(c.lower > 0.0 || c.upper < 0.0, c.p_adjusted < 0.05);
    }
  }
  // Equal sizes: the range of three arms is the largest of three |t| with correlations one half.
  const std::vector<double> r{1.0, 0.5, -0.5, 0.5, 1.0, 0.5, -0.5, 0.5, 1.0};
  EXPECT_NEAR(studentized_range_probability(3.1, 3, 40.0),
              max_t_probability(3.1 / std::sqrt(2.0), {r, 3}, 40.0, Sides::two).value, 1.0e-9);
}

// --- far tails -----------------------------------------------------------------------------------

/// From where 1 - P has all its digits to where it has none: an adjusted p-value lies between the
/// unadjusted one and Bonferroni's, and falls with the difference.
TEST(FarTails, adjusted_p_values_stay_between_the_unadjusted_and_bonferronis) {
  const std::vector<double> sizes{20.0, 22.0, 18.0}, contrasts{-1.0, 1.0, 0.0, -1.0, 0.5, 0.5};
  const std::vector<double> covariance{0.05, 0.01, 0.0, 0.01, 0.05, 0.0, 0.0, 0.0, 0.06};
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double df : {6.0, 57.0, infinity}) {
    for (const Sides sides : {Sides::one, Sides::two}) {
      double before = 1.0;
      for (const double shift : {0.1, 1.0, 2.0, 5.0, 10.0}) {
        const std::vector<double> means{0.0, shift, 0.9 * shift};
        const ArmMeans arms{means, sizes, 1.0, df};
        const ArmEstimates joint{means, covariance, 1.0, df};
        const auto between = [&](const std::vector<Comparison>& all, double most) {
          for (const Comparison& c : all) {
            EXPECT_GE(c.p_adjusted, c.p_unadjusted) << shift << " " << df;
            EXPECT_LE(c.p_adjusted, most * c.p_unadjusted * (1.0 + 1e-9)) << shift << " " << df;
          }
        };
        const ManyToOne one = dunnett(arms, sides);
        between(one.comparisons, 2.0);
        between(dunnett(joint, sides).comparisons, 2.0);
        between(contrast_test(arms, contrasts, sides).comparisons, 2.0);
        if (sides == Sides::two) between(tukey(arms).comparisons, 3.0);
        EXPECT_LT(one.comparisons[0].p_adjusted, before);
        before = one.comparisons[0].p_adjusted;
        const std::size_t last = one.step_down[0] < one.step_down[1] ? 1 : 0;
        EXPECT_GE(one.step_down[last], one.comparisons[last].p_unadjusted);
        EXPECT_LE(one.step_down[0], one.comparisons[0].p_adjusted);
      }
    }
  }
}

TEST(FarTails, one_comparison_keeps_its_own_p_value) {
  const std::vector<double> means{0.0, 9.0}, sizes{30.0, 30.0}, correlation{1.0};
  const ManyToOne one = dunnett(ArmMeans{means, sizes, 1.0, 58.0}, Sides::two);
  ASSERT_GT(one.comparisons[0].p_unadjusted, 0.0);
  ASSERT_LT(one.comparisons[0].p_unadjusted, 1.0e-30);
  EXPECT_EQ(one.comparisons[0].p_adjusted, one.comparisons[0].p_unadjusted);
  EXPECT_EQ(one.step_down[0], one.comparisons[0].p_unadjusted);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  // 2 Phi(-12), by the complementary error function.
  const Probability p = max_t_p_value(12.0, {correlation, 1}, infinity, Sides::two);
  EXPECT_NEAR(p.value / std::erfc(12.0 / std::sqrt(2.0)), 1.0, 1.0e-12);
}

// --- gatekeeping ---------------------------------------------------------------------------------

std::vector<double> probabilities(std::size_t m) {
  const auto whole = *rc::gen::container<std::vector<int>>(m, rc::gen::inRange(1, 400));
  std::vector<double> p;
  for (const int w : whole) p.push_back(w / 4000.0);
  return p;
}

double any_truncation() { return *rc::gen::element(0.0, 0.25, 0.5, 0.9, 1.0); }

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::fabs(a[i] - b[i]) > 1.0e-11) return false;
  }
  return a.size() == b.size();
}

/// The closed test by enumeration. An intersection with I_k hypotheses of family k gives each of
/// them a share of the level that comes to the family, g / |I_k| + (1 - g) / n, and passes the rest
/// on; the last family shares by its number.
std::vector<double> closed(const std::vector<HypothesisFamily>& families,
                           const std::vector<double>& p) {
  std::vector<double> out(p.size(), 0.0);
  for (unsigned set = 1; set < 1U << p.size(); ++set) {
    double left = 1.0;
    double least = std::numeric_limits<double>::infinity();
    for (const HypothesisFamily& f : families) {
      const auto inside =
          static_cast<double>(std::count_if(f.hypotheses.begin(), f.hypotheses.end(),
                                            [&](std::size_t h) { return (set >> h & 1U) != 0; }));
      if (inside == 0.0) continue;
      const double share =
          f.truncation / inside + (1.0 - f.truncation) / static_cast<double>(f.hypotheses.size());
      for (const std::size_t h : f.hypotheses) {
        if ((set >> h & 1U) != 0) least = std::min(least, p[h] / (left * share));
      }
      left *= 1.0 - inside * share;
    }
    for (std::size_t h = 0; h < p.size(); ++h) {
      if ((set >> h & 1U) != 0) out[h] = std::max(out[h], std::min(1.0, least));
    }
  }
  return out;
}

RC_GTEST_PROP(Gatekeeping, truncated_holm_is_its_closed_test, ()) {
  const auto p = probabilities(7);
  const double g = any_truncation();
  const double h = any_truncation();
  const std::vector<HypothesisFamily> families{{{4, 0, 2}, FamilyTest::holm, g},
                                               {{1, 6}, FamilyTest::holm, h},
                                               {{3, 5}, FamilyTest::holm, 1.0}};
  const GatekeepingResult r = gatekeeping(families, p, 0.05);
  RC_ASSERT(same(r.adjusted, closed(families, p)));
  for (std::size_t i = 0; i < p.size(); ++i) {
    RC_ASSERT(r.rejected[i] == (r.adjusted[i] <= 0.05 * (1.0 + 1.0e-12)));
  }
  RC_ASSERT(r.family_level[0] == 0.05);
  RC_ASSERT(r.family_level[1] <= 0.05 && r.family_level[2] <= r.family_level[1]);
}

RC_GTEST_PROP(Gatekeeping, graphs_decide_alike_where_there_is_one, ()) {
  const auto p = probabilities(7);
  const double g = *rc::gen::element(0.0, 0.3, 0.8);
  const std::vector<HypothesisFamily> pair{{{4, 0}, FamilyTest::holm, g},
                                           {{2, 1, 6}, FamilyTest::holm, 0.0},
                                           {{3, 5}, FamilyTest::holm, 1.0}};
  const auto graph = gatekeeping_graph(pair);
  RC_ASSERT(graph.has_value());
  RC_ASSERT(same(gatekeeping(pair, p, 0.05).adjusted, test_graph(*graph, p, 0.05).adjusted));
  const std::vector<HypothesisFamily> chain{{{0}}, {{1}, FamilyTest::holm, 0.4}, {{2, 3, 4, 5, 6}}};
  const auto serial = gatekeeping_graph(chain);
  RC_ASSERT(serial.has_value());
  RC_ASSERT(same(gatekeeping(chain, p, 0.05).adjusted, test_graph(*serial, p, 0.05).adjusted));
}

TEST(Gatekeeping, has_no_graph_for_hochberg_a_serial_pair_or_a_truncated_three) {
  const auto none = [](const std::vector<HypothesisFamily>& f) {
    return !gatekeeping_graph(f).has_value();
  };
  EXPECT_TRUE(none({{{0, 1}, FamilyTest::hochberg, 0.5}, {{2}}}));
  EXPECT_TRUE(none({{{0, 1}, FamilyTest::holm, 1.0}, {{2}}}));
  EXPECT_TRUE(none({{{0, 1, 2}, FamilyTest::holm, 0.5}, {{3}}}));
  EXPECT_TRUE(none({{{0}}, {{1, 2}, FamilyTest::holm, 0.5}}));
}

RC_GTEST_PROP(Gatekeeping, one_family_is_the_ordinary_test_and_serial_gates_open_last, ()) {
  const auto p = probabilities(5);
  const std::vector<std::size_t> all{0, 1, 2, 3, 4};
  const std::vector<std::pair<FamilyTest, Adjustment>> tests{
      {FamilyTest::holm, Adjustment::holm}, {FamilyTest::hochberg, Adjustment::hochberg}};
  for (const auto& [test, adjustment] : tests) {
    const std::vector<HypothesisFamily> one{{all, test, 1.0}};
    RC_ASSERT(same(gatekeeping(one, p, 0.05).adjusted, adjust(p, adjustment)));
    const std::vector<HypothesisFamily> bonferroni{{all, test, 0.0}};
    RC_ASSERT(same(gatekeeping(bonferroni, p, 0.05).adjusted, adjust(p, Adjustment::bonferroni)));
    // Serial: the adjusted p-value is at least the largest of the families before.
    const std::vector<HypothesisFamily> serial{{{0, 1}, test, 1.0}, {{2, 3, 4}, test, 1.0}};
    const auto r = gatekeeping(serial, p, 0.05).adjusted;
    const auto first = adjust(std::vector<double>{p[0], p[1]}, adjustment);
    const auto second = adjust(std::vector<double>{p[2], p[3], p[4]}, adjustment);
    const double gate = std::max(first[0], first[1]);
    RC_ASSERT(same(r, {first[0], first[1], std::max(gate, second[0]), std::max(gate, second[1]),
                       std::max(gate, second[2])}));
  }
}

RC_GTEST_PROP(Gatekeeping, hochberg_gains_on_holm_and_order_within_a_family_is_nothing, ()) {
  const auto p = probabilities(6);
  const double g = any_truncation();
  std::vector<HypothesisFamily> families{{{0, 1, 2}, FamilyTest::holm, g},
                                         {{3, 4, 5}, FamilyTest::holm, 1.0}};
  const auto holm = gatekeeping(families, p, 0.05).adjusted;
  std::reverse(families[0].hypotheses.begin(), families[0].hypotheses.end());
  RC_ASSERT(gatekeeping(families, p, 0.05).adjusted == holm);
  for (HypothesisFamily& f : families) f.test = FamilyTest::hochberg;
  const auto hochberg = gatekeeping(families, p, 0.05).adjusted;
  for (std::size_t i = 0; i < 6; ++i) RC_ASSERT(hochberg[i] <= holm[i] + 1.0e-12);
}

RC_GTEST_PROP(WeightedTests, follow_their_definitions, ()) {
  const auto p = probabilities(4);
  const std::vector<double> w{0.5, 0.2, 0.0, 0.3};
  const auto bonferroni = adjust_weighted(p, w, WeightedAdjustment::bonferroni);
  const auto holm = adjust_weighted(p, w, WeightedAdjustment::holm);
  for (std::size_t i = 0; i < 4; ++i) {
    const double plain = w[i] > 0.0 ? std::min(1.0, p[i] / w[i]) : 1.0;
    RC_ASSERT(std::fabs(bonferroni[i] - plain) < 1.0e-12);
    RC_ASSERT(holm[i] <= bonferroni[i] + 1.0e-12);
  }
  const std::vector<double> equal(4, 0.25), first{1.0, 0.0, 0.0, 0.0};
  RC_ASSERT(same(adjust_weighted(p, equal, WeightedAdjustment::holm), adjust(p, Adjustment::holm)));
  RC_ASSERT(same(adjust_weighted(p, first, WeightedAdjustment::fall_back),
                 adjust(p, Adjustment::fixed_sequence)));
  // Fall-back at 0.05, by hand.
  const auto fall_back = adjust_weighted(p, w, WeightedAdjustment::fall_back);
  double level = 0.0;
  for (std::size_t i = 0; i < 4; ++i) {
    level += 0.05 * w[i];
    const bool rejected = p[i] <= level * (1.0 + 1.0e-12) && level > 0.0;
    RC_ASSERT(rejected == (fall_back[i] <= 0.05 * (1.0 + 1.0e-10)));
    if (!rejected) level = 0.0;
  }
}

TEST(Gatekeeping, broken_families_violate_the_contract) {
  const std::vector<double> p{0.01, 0.02};
  const auto broken = [&](const std::vector<HypothesisFamily>& f) {
    EXPECT_THROW(static_cast<void>(gatekeeping(f, p, 0.05)), diagnostics::ContractViolation);
  };
  broken({{{0}}});
  broken({{{0, 1}}, {{1}}});
  broken({{{0, 1}, FamilyTest::holm, 1.5}});
  broken({{{0, 2}}});
  broken({{}, {{0, 1}}});
}

}  // namespace
}  // namespace angiotrial::analysis
