// SPDX-License-Identifier: Apache-2.0
// Routes that share work between evaluations, against the plain ones.
#include <gtest/gtest.h>

#include <boost/math/distributions/non_central_t.hpp>

#include <cmath>
#include <limits>

#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>

#include "design/crossing_family.hpp"
#include "design/looks.hpp"
#include "design/sequential_recursion.hpp"
#include "design/stage_bounds.hpp"
#include "multiplicity/scale_rule.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(ScaleRule, few_points_give_the_integrals_of_the_panels) {
  for (const double df : {30.0, 49.0, 50.0, 79.0, 80.0, 149.0, 150.0, 164.0, 1.0e3, 1.0e5}) {
    for (const double c : {1.0, 2.2, 3.5, 5.0}) {
      for (const double d : {-1.0, 0.0, 0.6 * c, c, 1.4 * c}) {
        const auto at = [&](double s) { return quadrature::normal_cdf(c * s - d); };
        double few = 0.0;
        double panels = 0.0;
        quadrature::for_each_scale_node(df, [&](double s, double w) { few += w * at(s); });
        quadrature::for_each_scale(df, [&](double s, double w) { panels += w * at(s); });
        // The panels' density loses digits to its log gamma as the degrees of freedom grow.
        EXPECT_NEAR(few, panels, 3.0e-12 + 1.0e-15 * df) << df << " " << c << " " << d;
      }
    }
  }
}

TEST(ScaleRule, moments_are_those_of_chi_square) {
  for (const double df : {31.0, 60.0, 164.0, 2.0e4}) {
    const quadrature::ScaleRule rule = quadrature::scale_rule(df);
    double one = 0.0, second = 0.0, fourth = 0.0;
    for (std::size_t i = 0; i < rule.node.size(); ++i) {
      const double square = rule.node[i] * rule.node[i];
      one += rule.weight[i];
      second += rule.weight[i] * square;
      fourth += rule.weight[i] * square * square;
    }
    EXPECT_NEAR(one, 1.0, 1.0e-14);
    EXPECT_NEAR(second, 1.0, 1.0e-13);
    EXPECT_NEAR(fourth, (df + 2.0) / df, 1.0e-13);
  }
}

TEST(ScaleRule, one_contrast_has_the_power_of_the_noncentral_t) {
  const std::vector<double> r{1.0};
  for (const double df : {12.0, 35.0, 90.0, 164.0}) {
    for (const double delta : {0.0, 1.3, 3.1}) {
      const std::vector<double> mean{delta};
      const boost::math::non_central_t_distribution<double> t(df, delta);
      EXPECT_NEAR(max_t_probability(2.0, {r, 1}, df, Sides::one, mean).value, cdf(t, 2.0), 1.0e-11)
          << df << " " << delta;
    }
  }
}

TEST(CrossingFamily, one_recursion_gives_the_probabilities_of_every_drift) {
  const std::vector<double> times{0.3, 0.55, 0.8, 1.0};
  const std::vector<double> upper{3.6, 2.7, 2.25, 2.0};
  const std::vector<std::vector<double>> futility{{}, {-0.3, 0.4, 1.1}, {-1.0, -infinity, 0.2}};
  for (const auto& lower : futility) {
    const CrossingFamily family(times, lower, upper, {0.0, 6.0});
    for (const double drift : {0.0, 0.7, 2.9, 3.3, 6.0}) {
      std::vector<double> mean;
      for (const double t : times) mean.push_back(drift * std::sqrt(t));
      const StageProbabilities plain = crossing(times, lower, upper, mean);
      const StageProbabilities shared = family.at(drift);
      for (std::size_t k = 0; k < times.size(); ++k) {
        EXPECT_NEAR(shared.upper[k], plain.upper[k], 2.0e-13) << drift << " " << k;
        EXPECT_NEAR(shared.lower[k], plain.lower[k], 2.0e-13) << drift << " " << k;
      }
    }
  }
}

TEST(CrossingFamily, a_last_look_without_a_bound_takes_all_that_is_left) {
  const std::vector<double> times{0.5, 1.0};
  const std::vector<double> upper{2.5, -infinity};
  const StageProbabilities p = CrossingFamily(times, {}, upper, {0.0, 3.0}).at(2.0);
  EXPECT_NEAR(p.upper[0] + p.upper[1], 1.0, 1.0e-13);
}

TEST(SequentialRecursion, bounds_give_back_the_probabilities_they_were_solved_for) {
  for (const double drift : {0.0, 2.0}) {
    SequentialRecursion recursion(drift, 0.25);
    recursion.advance(-0.5, 2.4, 0.6);
    for (const double p : {1.0e-12, 1.0e-5, 0.01, 0.2, 0.6}) {
      const double whole = recursion.above(-infinity);
      if (p >= whole) continue;
      EXPECT_NEAR(recursion.above(recursion.solve_above(p)) / p, 1.0, 1.0e-10) << p;
      EXPECT_NEAR(recursion.below(recursion.solve_below(p)) / p, 1.0, 1.0e-10) << p;
    }
  }
}

TEST(Looks, a_design_that_needs_far_more_information_is_still_solved) {
  // Binding bounds so high that most trials stop in vain: beyond twice the drift of one look.
  AdaptivePlan plan;
  plan.information = {0.2, 1.0};
  plan.futility = {1.9};
  plan.binding = true;
  const AdaptiveDesign design = plan_adaptive(plan);
  ASSERT_EQ(design.status, DesignStatus::planned);
  const Looks looks = looks_of({0.025, 0.9}, &design);
  ASSERT_EQ(looks.status, SizeStatus::planned);
  EXPECT_GT(looks.inflation, 1.5);
  const double fixed = quadrature::upper_quantile(0.025) + quadrature::normal_quantile(0.9);
  EXPECT_NEAR(looks.crossing(fixed * std::sqrt(looks.inflation)).reject(), 0.9, 1.0e-10);
}

TEST(AdaptiveDesign, shaped_bounds_hold_levels_far_below_the_usual) {
  const std::vector<double> t{0.25, 0.5, 0.75, 1.0};
  for (const double alpha : {1.0e-13, 1.0e-9, 0.4999999}) {
    for (const double delta : {0.0, 0.25, 0.5}) {
      const auto z = wang_tsiatis_bounds(t, alpha, delta);
      const auto p = stage_probabilities(std::vector(4, -1.0e300), z, t, 0.0);
      EXPECT_NEAR(p.reject() / alpha, 1.0, 1.0e-6) << alpha << " " << delta;
    }
  }
}

/// c + integral over the p-values that go on, the last one in closed form, of Fisher's rule.
double fisher_by_integration(const AdaptiveDesign& d) {
  const double v2 = d.weights[1];
  const double v3 = d.weights[2];
  const auto after_first = [&](double q) {
    const double most = d.plan.futility[1];
    const double a = std::min(1.0, std::pow(d.critical[1] / q, 1.0 / v2));
    if (a >= most) return a;
    const double sure = std::clamp(std::pow(d.critical[2] / q, 1.0 / v2), a, most);
    const double power = 1.0 - v2 / v3;
    return a + (sure - a) +
           std::pow(d.critical[2] / q, 1.0 / v3) * (std::pow(most, power) - std::pow(sure, power)) /
               power;
  };
  double sum = d.critical[0];
  quadrature::for_each_panel_node<16>(
      -std::log(d.plan.futility[0]), -std::log(d.critical[0]), 1.0e-3,
      [&](double u, double w) { sum += w * std::exp(-u) * after_first(std::exp(-u)); });
  return sum;
}

TEST(AdaptiveDesign, fisher_of_unequal_stages_with_futility_meets_plain_integration) {
  AdaptivePlan plan;
  plan.rule = StageRule::fisher;
  plan.information = {0.3, 0.5, 1.0};
  plan.futility = {0.4, 0.6};
  plan.binding = true;
  const AdaptiveDesign d = plan_adaptive(plan);
  EXPECT_NEAR(fisher_by_integration(d), 0.025, 1.0e-9);
  // The level of a stage's product is the p-value at which every stage has that level.
  const double c = 0.7 * d.critical[1];
  plan.alpha = *repeated_p_value(d, 1, c);
  EXPECT_NEAR(plan_adaptive(plan).critical[1] / c, 1.0, 1.0e-9);
}

}  // namespace
}  // namespace angiotrial::analysis
