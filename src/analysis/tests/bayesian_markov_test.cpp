// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/bayesian_markov.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "deep_block.hpp"
#include "edema_transitions.hpp"

namespace angiotrial::analysis {
namespace {

const std::string bayes_file = "c44_bayes_markov_pbcseq/expected.json";
constexpr std::array slope_sds{5.0, 5.0, 1.5, 5.0, 5.0, 5.0};

BayesianMarkovModel edema_model(const EdemaTransitions& edema) {
  BayesianMarkovModel model;
  model.transitions = edema.transitions();
  model.priors.coefficient_sd = slope_sds;
  return model;
}

TEST(BayesianMarkovReference, c44_short_chains_agree_with_rstan_within_four_combined_errors) {
  const EdemaTransitions edema;
  const BayesianMarkovModel model = edema_model(edema);
  const MarkovPosterior posterior = sample_markov_posterior(model, {20});
  ASSERT_EQ(posterior.status, PosteriorStatus::sampled);
  EXPECT_LT(posterior.worst_r_hat, 1.01);
  EXPECT_GT(posterior.smallest_size, 400.0);
  EXPECT_EQ(posterior.sample.divergences, 0);
  EXPECT_EQ(posterior.sample.saturated, 0);
  const Deep block(bayes_file, "posterior");
  const auto mean = block.numbers({"mean"}), sd = block.numbers({"sd"});
  const auto their_error = block.numbers({"mcse_mean"});
  const auto low = block.numbers({"q2.5"}), high = block.numbers({"q97.5"});
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const PosteriorSummary& s = posterior.summary[i];
    EXPECT_NEAR(s.mean, mean[i], 4.0 * std::hypot(s.error_of_mean, their_error[i])) << i;
    EXPECT_NEAR(s.sd, sd[i], 4.0 * sd[i] / std::sqrt(2.0 * s.tail_size)) << i;
    // The error of a 2.5 % quantile of a normal is 2.7 sd / sqrt(n).
    EXPECT_NEAR(s.lower, low[i], 4.0 * 2.7 * sd[i] / std::sqrt(s.tail_size)) << i;
    EXPECT_NEAR(s.upper, high[i], 4.0 * 2.7 * sd[i] / std::sqrt(s.tail_size)) << i;
  }
  const double benefit = block.numbers({"prob_dpca_beta_negative"})[0];
  const OddsRatio odds = posterior_odds_ratio(posterior, 5);
  EXPECT_NEAR(odds.below_one, benefit,
              4.0 * std::sqrt(0.78 * 0.22 / posterior.summary[5].bulk_size));
  EXPECT_LT(odds.lower, odds.median);
}

TEST(BayesianMarkovReference, c44_time_without_oedema_agrees_with_rstan) {
  const EdemaTransitions edema;
  const BayesianMarkovModel model = edema_model(edema);
  const MarkovPosterior posterior = sample_markov_posterior(model, {21});
  ASSERT_EQ(posterior.status, PosteriorStatus::sampled);
  const EightYears treated(1.0), control(0.0);
  const std::array free{1.0, 0.0, 0.0, 0.0};
  const PosteriorTotals totals =
      posterior_totals(model, posterior, treated.courses(), control.courses(), free);
  const Deep block(bayes_file, "posterior_time_in_state1");
  const auto mean = block.numbers({"mean"}), sd = block.numbers({"sd"});
  const std::array ours{totals.first, totals.second, totals.difference};
  for (std::size_t i = 0; i < 3; ++i) {
    // Theirs are 4000 thinned draws.
    const double error = std::hypot(ours[i].error_of_mean, sd[i] / std::sqrt(4000.0));
    EXPECT_NEAR(ours[i].mean, mean[i], 4.0 * error);
    EXPECT_NEAR(ours[i].sd, sd[i], 4.0 * sd[i] / std::sqrt(2.0 * ours[i].tail_size));
  }
  EXPECT_NEAR(totals.difference.above_zero, block.numbers({"prob_dpca_better"})[0], 0.05);
}

}  // namespace
}  // namespace angiotrial::analysis
