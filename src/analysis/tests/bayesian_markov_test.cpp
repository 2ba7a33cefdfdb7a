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
  BayesianMarkovModel model = edema_model(edema);
  model.sampler.chains = 2;
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

/// Wine ratings of nine judges: no previous state, a judge's own intercept.
struct JudgedWine {
  std::vector<int> previous, rating, judge;
  std::vector<double> covariates;

  JudgedWine() {
    const reference::Data d("c40_ordinal_wine/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      previous.push_back(0);
      rating.push_back(static_cast<int>(d.number(i, "rating")) - 1);
      judge.push_back(static_cast<int>(d.number(i, "judge")));
      covariates.push_back(d.is(i, "temp", "warm"));
      covariates.push_back(d.is(i, "contact", "yes"));
    }
  }
  [[nodiscard]] BayesianMarkovModel model() const {
    BayesianMarkovModel m;
    m.transitions.previous = previous;
    m.transitions.current = rating;
    m.transitions.states = 5;
    m.transitions.covariates = covariates;
    m.transitions.columns = 2;
    m.transitions.dependence = PreviousState::none;
    m.patient = judge;
    m.sampler.chains = 2;
    return m;
  }
};

TEST(BayesianMarkov, patient_intercepts_move_the_posterior_as_they_move_the_likelihood) {
  const JudgedWine wine;
  BayesianMarkovModel model = wine.model();
  const MarkovPosterior posterior = sample_markov_posterior(model, {4});
  ASSERT_EQ(posterior.status, PosteriorStatus::sampled);
  EXPECT_LT(posterior.worst_r_hat, 1.02);
  // Maximum likelihood of c40: 3.062, 1.833 and 1.135 with errors 0.595 and 0.512.
  EXPECT_NEAR(posterior.summary[4].mean, 3.06, 0.4);
  EXPECT_NEAR(posterior.summary[5].mean, 1.83, 0.3);
  EXPECT_NEAR(posterior.summary[4].sd, 0.595, 0.12);
  EXPECT_NEAR(posterior.summary[6].mean, 1.135, 0.4);
  // Five nodes are enough: thirty-one move the means by less than the Monte Carlo error.
  model.nodes = 31;
  const MarkovPosterior finer = sample_markov_posterior(model, {5});
  for (std::size_t i = 0; i < 7; ++i) {
    const double error =
        std::hypot(posterior.summary[i].error_of_mean, finer.summary[i].error_of_mean);
    EXPECT_NEAR(posterior.summary[i].mean, finer.summary[i].mean, 4.0 * error) << i;
  }
  const std::vector<double> cold{0.0, 0.0}, warm{1.0, 0.0};
  const std::array start{1.0, 0.0, 0.0, 0.0, 0.0}, liked{0.0, 0.0, 0.0, 1.0, 1.0};
  const PosteriorTotals totals =
      posterior_totals(model, finer, {1, warm, start, {}}, {1, cold, start, {}}, liked, 5);
  EXPECT_GT(totals.difference.lower, 0.0);
  EXPECT_GT(totals.difference.above_zero, 0.99);
}

TEST(BayesianMarkov, rows_given_as_weights_and_the_other_sign_change_no_draw) {
  const EdemaTransitions edema;
  BayesianMarkovModel model = edema_model(edema);
  model.sampler.chains = 1;
  model.sampler.draws = 40;
  const std::vector<double> twice(edema.current.size(), 2.0);
  model.transitions.weights = twice;
  const auto weighted = sample_markov_posterior(model, {9}).sample.values;
  EdemaTransitions doubled;
  for (auto* v : {&doubled.previous, &doubled.current}) v->insert(v->end(), v->begin(), v->end());
  doubled.covariates.insert(doubled.covariates.end(), edema.covariates.begin(),
                            edema.covariates.end());
  model.transitions = doubled.transitions();
  EXPECT_EQ(sample_markov_posterior(model, {9}).sample.values, weighted);
  model.transitions.sign = ThresholdSign::at_least;
  const auto turned = sample_markov_posterior(model, {9}).sample.values;
  for (std::size_t i = 0; i < turned.size(); ++i) {
    EXPECT_EQ(turned[i], (i % 9 < 3 ? -1.0 : 1.0) * weighted[i]);
  }
}

TEST(BayesianMarkov, refuses_bad_input_and_takes_an_empty_category) {
  const EdemaTransitions edema;
  BayesianMarkovModel model = edema_model(edema);
  model.priors.threshold_sd = 0.0;
  EXPECT_EQ(sample_markov_posterior(model, {1}).status, PosteriorStatus::invalid_input);
  model = edema_model(edema);
  model.sampler.draws = 0;
  EXPECT_EQ(sample_markov_posterior(model, {1}).status, PosteriorStatus::not_sampled);
  model = edema_model(edema);
  model.transitions.states = 5;
  model.priors.coefficient_sd = {};
  model.sampler.chains = 1;
  model.sampler.draws = 100;
  EXPECT_EQ(sample_markov_posterior(model, {1}).status, PosteriorStatus::sampled);
}

}  // namespace
}  // namespace angiotrial::analysis
