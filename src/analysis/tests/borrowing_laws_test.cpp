// SPDX-License-Identifier: Apache-2.0
// Laws of mixtures, historical priors and Bayesian decisions.
#include <angiotrial/analysis/borrowing/commensurate.hpp>
#include <angiotrial/analysis/borrowing/mixture_prior.hpp>
#include <angiotrial/analysis/borrowing/power_prior.hpp>
#include <angiotrial/analysis/borrowing/robust_map.hpp>
#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <utility>

#include "borrowing/binary_table.hpp"
#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

double fraction(int low, int high) { return *rc::gen::inRange(low, high) / 1000.0; }

Mixture beta(double a, double b) { return {MixtureFamily::beta, {{1.0, a, b}}, 1.0}; }

RC_GTEST_PROP(Mixtures, one_component_is_the_conjugate_update_and_splitting_it_changes_nothing,
              ()) {
  const double a = fraction(600, 9000);
  const double b = fraction(600, 9000);
  const auto n = *rc::gen::inRange(1, 60);
  const auto r = *rc::gen::inRange(0, n + 1);
  const ArmData data{static_cast<double>(r), static_cast<double>(n)};
  const Mixture one = update(beta(a, b), data).posterior;
  RC_ASSERT(one.components[0].weight == 1.0);
  RC_ASSERT(std::fabs(one.components[0].a - a - r) < 1.0e-12);
  const Mixture twice{MixtureFamily::beta, {{0.3, a, b}, {0.7, a, b}}, 1.0};
  const MixtureUpdate split = update(twice, data);
  RC_ASSERT(std::fabs(split.posterior.components[0].weight - 0.3) < 1.0e-12);
  RC_ASSERT(std::fabs(mean(split.posterior) - mean(one)) < 1.0e-12);
  // Predictive masses are a distribution.
  double sum = 0.0;
  for (int k = 0; k <= n; ++k) sum += predictive_mass(twice, n, k);
  RC_ASSERT(std::fabs(sum - 1.0) < 1.0e-10);
}

RC_GTEST_PROP(Mixtures, distribution_functions_quantiles_and_differences_fit_together, ()) {
  const auto family =
      *rc::gen::element(MixtureFamily::beta, MixtureFamily::normal, MixtureFamily::gamma);
  const Mixture m{family,
                  {{0.35, fraction(700, 9000), fraction(700, 9000)},
                   {0.65, fraction(700, 9000), fraction(700, 9000)}},
                  2.0};
  const double p = fraction(1, 999);
  const double q = quantile(m, p);
  RC_ASSERT(std::fabs(cdf(m, q) - p) < 1.0e-12);
  RC_ASSERT(std::fabs(cdf(m, q) + probability_above(m, q) - 1.0) < 1.0e-12);
  RC_ASSERT(density(m, mode(m)) >= density(m, q) * (1.0 - 1.0e-12));
  // Two draws of one distribution: either may be the larger.
  RC_ASSERT(std::fabs(probability_of_difference(m, m, 0.0) - 0.5) < 1.0e-9);
  const double d = 0.1 * q;
  const double above = probability_of_difference(m, m, d);
  const double below = probability_of_difference(m, m, -d);
  RC_ASSERT(std::fabs(above + below - 1.0) < 1.0e-8);
}

TEST(Mixtures, effective_sizes_of_one_component_are_its_own_size) {
  for (const auto method : {EffectiveSize::moment, EffectiveSize::elir}) {
    EXPECT_NEAR(effective_size(beta(4.0, 9.0), method).size, 13.0, 1.0e-8);
    const Mixture normal{MixtureFamily::normal, {{1.0, 3.0, 2.0}}, 20.0};
    EXPECT_NEAR(effective_size(normal, method).size, 100.0, 1.0e-7);
    const Mixture gamma{MixtureFamily::gamma, {{1.0, 20.0, 4.0}}, 1.0};
    EXPECT_NEAR(effective_size(gamma, method).size, 4.0, 1.0e-8);
  }
  EXPECT_EQ(effective_size(beta(0.5, 0.5), EffectiveSize::elir).status, MixtureStatus::divergent);
}

TEST(Mixtures, robust_prior_gives_way_where_data_disagree) {
  const Mixture map{MixtureFamily::beta, {{1.0, 30.0, 70.0}}, 1.0};
  const Mixture robust = robustify(map, {0.1, 0.5, 1.0}).mixture;
  const auto vague = [&](double events) {
    return update(robust, {events, 40.0}).posterior.components[1].weight;
  };
  EXPECT_LT(vague(12.0), 0.1);
  EXPECT_GT(vague(34.0), 0.95);
}

TEST(Mixtures, what_is_no_mixture_is_refused) {
  EXPECT_EQ(check({MixtureFamily::beta, {}, 1.0}), MixtureStatus::no_component);
  EXPECT_EQ(check({MixtureFamily::beta, {{0.5, 1, 1}}, 1.0}), MixtureStatus::invalid_weight);
  EXPECT_EQ(check(beta(-1.0, 1.0)), MixtureStatus::invalid_parameter);
  EXPECT_EQ(update(beta(1, 1), {5.0, 3.0}).status, MixtureStatus::invalid_data);
  EXPECT_EQ(robustify(beta(1, 1), {1.5, 0.5, 1.0}).status, MixtureStatus::invalid_weight);
  const Mixture normal{MixtureFamily::normal, {{1.0, 0.0, 1.0}}, 1.0};
  const DecisionBoundary mixed({beta(1, 1), normal, 9.0, 9.0, {{0.9, 0.0}}, false});
  EXPECT_EQ(mixed.status(), MixtureStatus::different_families);
  EXPECT_NE(name_of(mixed.status()), name_of(MixtureStatus::valid));
}

// --- decisions -----------------------------------------------------------------------------------

TEST(Decisions, boundary_of_the_tables_is_that_of_single_posteriors) {
  const Mixture map{MixtureFamily::beta, {{0.5, 8.0, 22.0}, {0.3, 2.2, 5.6}, {0.2, 1, 1}}, 1.0};
  for (const bool smaller : {false, true}) {
    const DecisionBoundary rule({beta(0.5, 0.5), map, 20.0, 10.0, {{0.9, -0.05}}, smaller});
    for (int y = 0; y <= 10; ++y) {
      const Mixture controls = update(map, {static_cast<double>(y), 10.0}).posterior;
      int first = smaller ? -1 : 0;
      for (int t = 0; t <= 20; ++t) {
        const Mixture treated = update(beta(0.5, 0.5), {static_cast<double>(t), 20.0}).posterior;
        const double above = probability_of_difference(treated, controls, -0.05);
        if (smaller && 1.0 - above > 0.9) first = t;
        if (!smaller && !(above > 0.9)) first = t + 1;
      }
      EXPECT_EQ(rule.critical_events()[static_cast<std::size_t>(y)], first) << y;
    }
  }
}

TEST(Decisions, tables_hold_the_probabilities_of_single_posteriors) {
  const Mixture map{MixtureFamily::beta, {{0.6, 8.0, 22.0}, {0.2, 0.4, 60.0}, {0.2, 1, 1}}, 1.0};
  const Mixture sharp{MixtureFamily::beta, {{0.5, 300.0, 700.0}, {0.5, 1.5, 1.5}}, 1.0};
  for (const auto& [treated, controls] : {std::pair{map, sharp}, {sharp, map}, {map, map}}) {
    const TwoSampleRule rule{treated, controls, 24.0, 12.0, {{0.9, 0.0}, {0.5, 0.15}, {0.8, -0.3}},
                             false};
    const BinaryTable table(rule);
    for (const int t : {0, 1, 7, 23, 24}) {
      const Mixture after = update(treated, {static_cast<double>(t), 24.0}).posterior;
      for (const int c : {0, 4, 12}) {
        const Mixture with = update(controls, {static_cast<double>(c), 12.0}).posterior;
        for (std::size_t i = 0; i < rule.criteria.size(); ++i) {
          EXPECT_NEAR(table.above(i, t, c),
                      probability_of_difference(after, with, rule.criteria[i].difference), 1.0e-10)
              << t << " " << c << " " << i;
        }
      }
    }
  }
}

TEST(Decisions, flat_normal_priors_give_the_z_test) {
  const Mixture vague{MixtureFamily::normal, {{1.0, 0.0, 1.0e6}}, 3.0};
  const DecisionBoundary rule({vague, vague, 40.0, 40.0, {{0.975, 0.0}}, false});
  EXPECT_NEAR(rule.success(0.0, 0.0), 0.025, 1.0e-7);
  const double drift = 1.5 / (3.0 * std::sqrt(2.0 / 40.0));
  EXPECT_NEAR(rule.success(1.5, 0.0), 0.5 * std::erfc((1.959963984540054 - drift) / std::sqrt(2.0)),
              1.0e-7);
}

TEST(Decisions, counts_rise_with_the_true_rate) {
  const Mixture prior{MixtureFamily::gamma, {{1.0, 2.0, 1.0}}, 1.0};
  const DecisionBoundary rule({prior, prior, 12.0, 12.0, {{0.9, 0.0}}, true});
  ASSERT_EQ(rule.status(), MixtureStatus::valid);
  EXPECT_GT(rule.success(1.0, 2.5), rule.success(1.8, 2.5));
  EXPECT_NEAR(rule.success(2.0, 2.0), 0.1, 0.03);
}

// --- historical priors ---------------------------------------------------------------------------

TEST(MapPriors, one_exact_study_and_no_heterogeneity_are_limits) {
  // tau near 0: the studies pool.
  const std::vector<HistoricalMean> studies{{1.0, 0.5}, {2.0, 1.0}};
  const MapPrior pooled = map_prior(studies, {1.0e-6, 0.0, 1.0e5}, 1.0);
  ASSERT_EQ(pooled.status, MapStatus::derived);
  EXPECT_NEAR(mean(pooled.theta), (4.0 * 1.0 + 1.0 * 2.0) / 5.0, 1.0e-6);
  EXPECT_NEAR(standard_deviation(pooled.theta), std::sqrt(0.2), 1.0e-6);
  // More heterogeneity allowed, wider prior.
  EXPECT_GT(standard_deviation(map_prior(studies, {1.0, 0.0, 1.0e5}, 1.0).theta),
            standard_deviation(pooled.theta));
  EXPECT_EQ(map_prior(std::span<const HistoricalMean>{}, {}, 1.0).status, MapStatus::no_study);
  const std::vector<HistoricalRate> broken{{5.0, 3.0}};
  EXPECT_EQ(map_prior(broken, {}).status, MapStatus::invalid_data);
}

TEST(MapPriors, exact_likelihoods_of_large_studies_meet_the_normal_ones) {
  const std::vector<HistoricalRate> rates{{3000, 10000}, {3300, 10000}, {2800, 10000}};
  std::vector<HistoricalMean> means;
  for (const auto& r : rates) {
    const double p = r.events / r.size;
    means.push_back({std::log(p / (1.0 - p)), 1.0 / std::sqrt(r.size * p * (1.0 - p))});
  }
  const MapHyperprior hyperprior{0.5, 0.0, 2.0};
  const MapPrior exact = map_prior(rates, hyperprior);
  const MapPrior normal = map_prior(means, hyperprior, 1.0);
  EXPECT_NEAR(mean(exact.theta), mean(normal.theta), 2.0e-3);
  EXPECT_NEAR(exact.tau_mean, normal.tau_mean, 2.0e-3);
  EXPECT_NEAR(standard_deviation(exact.theta), standard_deviation(normal.theta), 5.0e-3);
}

TEST(MapPriors, ankylosing_spondylitis_controls_give_a_plausible_prior_that_betas_fit) {
  const reference::Data d("c90_bayes_map_borrowing/data.snapshot.csv");
  std::vector<HistoricalRate> studies;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    studies.push_back({d.number(i, "r"), d.number(i, "n")});
  }
  const MapPrior map = map_prior(studies, {1.0, 0.0, 2.0});
  ASSERT_EQ(map.status, MapStatus::derived);
  const MixtureFit fit = fit_mixture(map.theta, MixtureFamily::beta, 3);
  ASSERT_EQ(fit.status, MapStatus::derived);
  EXPECT_LT(fit.divergence, 2.0e-3);
  EXPECT_GE(fit.divergence, -1.0e-6);
  // Published analyses of these data by sampling: mean 0.26, sd 0.09, tau about 0.4.
  EXPECT_NEAR(mean(fit.mixture), 0.258, 0.006);
  EXPECT_NEAR(standard_deviation(fit.mixture), 0.086, 0.01);
  EXPECT_NEAR(map.tau_mean, 0.38, 0.05);
  // Study order is nothing.
  std::reverse(studies.begin(), studies.end());
  EXPECT_NEAR(map_prior(studies, {1.0, 0.0, 2.0}).mu_mean, map.mu_mean, 1.0e-10);
}

TEST(PowerPriors, no_weight_borrows_nothing_and_full_weight_pools) {
  const ArmData historical{12.0, 40.0};
  const Mixture none = power_prior(beta(1, 1), historical, 0.0).posterior;
  EXPECT_EQ(none.components[0].a, 1.0);
  const Mixture all = power_prior(beta(1, 1), historical, 1.0).posterior;
  EXPECT_EQ(all.components[0].a, 13.0);
  EXPECT_EQ(power_prior(beta(1, 1), historical, 1.5).status, MixtureStatus::invalid_weight);
  const auto random_weight = normalised_power_prior(beta(1, 1), historical, 1.0, 1.0);
  ASSERT_EQ(random_weight.status, MixtureStatus::valid);
  EXPECT_NEAR(mean_delta(random_weight, random_weight.prior), 0.5, 1.0e-9);
  // Agreeing data raise the weight, disagreeing data lower it.
  const auto after = [&](double events) {
    return mean_delta(random_weight, update(random_weight.prior, {events, 40.0}).posterior);
  };
  EXPECT_GT(after(12.0), 0.5);
  EXPECT_LT(after(34.0), 0.3);
}

TEST(CommensuratePriors, spread_runs_from_pooling_to_none) {
  const HistoricalEstimate h{2.0, 0.3};
  EXPECT_EQ(commensurate_prior(h, 0.0, 1.0).mixture.components[0].b, 0.3);
  EXPECT_NEAR(standard_deviation(commensurate_prior(h, 0.4, 1.0).mixture), 0.5, 1.0e-12);
  // E gamma^2 of a half-normal is its scale squared.
  const auto soft = commensurate_prior_half_normal(h, 0.4, 1.0);
  EXPECT_NEAR(standard_deviation(soft.mixture), 0.5, 1.0e-9);
  const auto slab = commensurate_prior(h, SpikeAndSlab{0.7, 0.0, 1.0, 2.0}, 1.0);
  EXPECT_NEAR(slab.mixture.components[0].weight, 0.7, 1.0e-12);
  const Mixture agree = update(slab.mixture, {2.1, 25.0}).posterior;
  const Mixture differ = update(slab.mixture, {4.5, 25.0}).posterior;
  EXPECT_GT(agree.components[0].weight, 0.7);
  EXPECT_LT(differ.components[0].weight, 0.01);
  EXPECT_EQ(commensurate_prior(h, -1.0, 1.0).status, MixtureStatus::invalid_parameter);
}

}  // namespace
}  // namespace angiotrial::analysis
