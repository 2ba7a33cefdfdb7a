// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "deep_block.hpp"
#include "edema_transitions.hpp"
#include "simulation_based_calibration.hpp"

namespace angiotrial::analysis {
namespace {

TEST(BayesianMarkovLong, long_c44_posterior_agrees_with_rstan_to_its_tolerance) {
  const EdemaTransitions edema;
  BayesianMarkovModel model;
  model.transitions = edema.transitions();
  constexpr std::array slope_sds{5.0, 5.0, 1.5, 5.0, 5.0, 5.0};
  model.priors.coefficient_sd = slope_sds;
  model.sampler.warmup = 1000;
  model.sampler.draws = 20000;
  const MarkovPosterior posterior = sample_markov_posterior(model, {20});
  ASSERT_EQ(posterior.status, PosteriorStatus::sampled);
  EXPECT_EQ(posterior.sample.divergences, 0);
  EXPECT_LT(posterior.worst_r_hat, 1.001);
  const Deep block("c44_bayes_markov_pbcseq/expected.json", "posterior");
  std::vector<double> mean, sd, low, middle, high;
  for (const PosteriorSummary& s : posterior.summary) {
    mean.push_back(s.mean);
    sd.push_back(s.sd);
    low.push_back(s.lower);
    middle.push_back(s.median);
    high.push_back(s.upper);
  }
  block.expect({"mean"}, mean);
  block.expect({"sd"}, sd);
  block.expect({"q2.5"}, low);
  block.expect({"q50"}, middle);
  block.expect({"q97.5"}, high);
  block.expect({"prob_dpca_beta_negative"}, posterior_odds_ratio(posterior, 5).below_one);
  const auto theirs = block.numbers({"mean"}), error = block.numbers({"mcse_mean"});
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const double combined = std::hypot(posterior.summary[i].error_of_mean, error[i]);
    EXPECT_NEAR(mean[i], theirs[i], 4.0 * combined) << i;
  }
  const EightYears treated(1.0), control(0.0);
  const std::array free{1.0, 0.0, 0.0, 0.0};
  const auto totals =
      posterior_totals(model, posterior, treated.courses(), control.courses(), free, 20);
  const Deep time("c44_bayes_markov_pbcseq/expected.json", "posterior_time_in_state1");
  time.expect({"mean"},
              std::vector<double>{totals.first.mean, totals.second.mean, totals.difference.mean});
  time.expect({"sd"}, std::vector<double>{totals.first.sd, totals.second.sd, totals.difference.sd});
  time.expect({"prob_dpca_better"}, totals.difference.above_zero);
}

TEST(BayesianMarkovLong, long_ranks_of_the_truth_are_uniform_with_patient_intercepts) {
  const Calibration calibration(400, 12, 6, true);
  for (std::size_t p = 0; p < 5; ++p) EXPECT_LT(calibration.statistic(p), calibration_bound) << p;
}

}  // namespace
}  // namespace angiotrial::analysis
