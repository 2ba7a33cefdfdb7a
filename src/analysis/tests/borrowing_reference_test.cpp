// SPDX-License-Identifier: Apache-2.0
// Reference case of historical borrowing (c90); see tests/data/stat_reference.
#include <angiotrial/analysis/borrowing/mixture_prior.hpp>
#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

const std::string c90 = "c90_bayes_map_borrowing/expected.json";

Mixture map_mixture() { return {MixtureFamily::beta, {{0.6, 8.0, 22.0}, {0.4, 2.2, 5.6}}, 1.0}; }
Mixture robust() { return robustify(map_mixture(), {0.2, 0.5, 1.0}).mixture; }

/// Weights, then a, then b, as the reference lays its matrix out.
void expect_mixture(const Deep& block, std::initializer_list<std::string> path, const Mixture& m) {
  std::vector<double> rows;
  for (const auto& c : m.components) rows.push_back(c.weight);
  for (const auto& c : m.components) rows.push_back(c.a);
  for (const auto& c : m.components) rows.push_back(c.b);
  block.expect(path, rows);
}

TEST(BorrowingReference, c90_robust_mixture_and_its_updates_agree) {
  const Deep block(c90, "map_mixture");
  expect_mixture(block, {"map", "values"}, map_mixture());
  expect_mixture(block, {"robust", "values"}, robust());
  block.expect({"mean_sd"}, {mean(robust()), standard_deviation(robust())});
  // The reference finds quantiles to 3e-5 only; ours give their probability back.
  const auto wanted = block.numbers({"quantiles"});
  const std::vector<double> at{0.025, 0.5, 0.975};
  for (std::size_t i = 0; i < 3; ++i) {
    const double q = quantile(robust(), at[i]);
    EXPECT_NEAR(q, wanted[i], 3.0e-5);
    EXPECT_NEAR(cdf(robust(), q), at[i], 1.0e-14);
  }
  for (const int events : {1, 6, 12}) {
    const Deep update_block(c90, "posterior_r" + std::to_string(events) + "_n24");
    const MixtureUpdate u = update(robust(), {static_cast<double>(events), 24.0});
    ASSERT_EQ(u.status, MixtureStatus::valid);
    expect_mixture(update_block, {"posterior", "values"}, u.posterior);
    update_block.expect({"mean_sd"}, {mean(u.posterior), standard_deviation(u.posterior)});
    update_block.expect({"prob_gt_0.3"}, probability_above(u.posterior, 0.3));
  }
}

TEST(BorrowingReference, c90_effective_sample_sizes_agree) {
  const Deep block(c90, "ess");
  block.expect({"elir"}, effective_size(robust(), EffectiveSize::elir).size);
  block.expect({"moment"}, effective_size(robust(), EffectiveSize::moment).size);
  block.expect({"morita"}, effective_size(robust(), EffectiveSize::morita).size);
}

TEST(BorrowingReference, c90_decisions_and_differences_agree) {
  const Mixture flat{MixtureFamily::beta, {{1.0, 1.0, 1.0}}, 1.0};
  const DecisionBoundary rule({flat, robust(), 24.0, 12.0, {{0.95, 0.0}, {0.5, 0.1}}, false});
  ASSERT_EQ(rule.status(), MixtureStatus::valid);
  std::vector<double> error, power;
  for (const double p : {0.15, 0.25, 0.35}) {
    error.push_back(rule.success(p, p));
    power.push_back(rule.success(p + 0.3, p));
  }
  const Deep block(c90, "oc2S");
  block.expect({"type1"}, error);
  block.expect({"power"}, power);

  const Mixture treated = update(flat, {15.0, 24.0}).posterior;
  const Mixture controls = update(robust(), {4.0, 12.0}).posterior;
  const Deep difference(c90, "pmixdiff");
  difference.expect({"gt0"}, probability_of_difference(treated, controls, 0.0));
  difference.expect({"gt10"}, probability_of_difference(treated, controls, 0.1));
}

TEST(BorrowingReference, c90_normal_and_gamma_mixtures_agree) {
  const Mixture normal{MixtureFamily::normal, {{0.7, -50.0, 6.0}, {0.3, -45.0, 30.0}}, 88.0};
  const Deep block(c90, "normal_mixture");
  const Mixture posterior = update(normal, {-60.0, 30.0}).posterior;
  expect_mixture(block, {"posterior", "values"}, posterior);
  block.expect({"ess_elir"}, effective_size(normal, EffectiveSize::elir).size);
  block.expect({"p_lt_m55"}, cdf(posterior, -55.0));

  const Mixture gamma{MixtureFamily::gamma, {{0.7, 20.0, 4.0}, {0.3, 2.0, 0.5}}, 1.0};
  const Deep counts(c90, "gamma_poisson");
  const Mixture rate = update(gamma, {40.0 * 4.2, 40.0}).posterior;
  expect_mixture(counts, {"posterior", "values"}, rate);
  counts.expect({"mean_sd"}, {mean(rate), standard_deviation(rate)});
  counts.expect({"ess_elir"}, effective_size(gamma, EffectiveSize::elir).size);
}

}  // namespace
}  // namespace angiotrial::analysis
