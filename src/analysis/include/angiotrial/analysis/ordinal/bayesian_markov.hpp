// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/bayes/no_u_turn_sampler.hpp>
#include <angiotrial/analysis/bayes/posterior_diagnostics.hpp>
#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>

#include <span>
#include <string_view>
#include <vector>

/// The posterior of a first-order Markov model for ordered states (markov_ordinal.hpp), sampled
/// with the No-U-Turn sampler on an analytic gradient.
///
/// Equal transitions are merged first, so without patient effects and continuous covariates the
/// cost does not grow with the number of patients. A patient's random intercept is integrated out
/// inside the log posterior by adaptive quadrature: the sampler sees its standard deviation only.
namespace angiotrial::analysis {

struct MarkovPriors {
  double threshold_sd = 5.0;  ///< theta_j ~ N(0, sd^2), in order
  /// Of the parameters after the thresholds, in their order: N(0, sd^2); empty: 5 for each.
  std::span<const double> coefficient_sd;
  double intercept_scale = 1.0;  ///< sigma ~ half-normal of this scale
};

[[nodiscard]] constexpr NoUTurnSettings markov_sampler_settings() {
  NoUTurnSettings settings;
  settings.warmup = 200;  // the chains start about the mode, with its covariance as inverse mass
  settings.draws = 500;
  settings.mass = MassMatrix::dense;
  return settings;
}

struct BayesianMarkovModel {
  MarkovTransitions transitions;
  std::span<const int> patient;  ///< a label a transition: random intercepts; empty: none
  MarkovPriors priors;
  int nodes = 5;  ///< of the quadrature over a patient's intercept, 1 to 101
  NoUTurnSettings sampler = markov_sampler_settings();
};

enum class PosteriorStatus {
  sampled = 0,
  invalid_input = 1,
  no_mode = 2,     ///< the log posterior has no maximum that could be found
  not_sampled = 3  ///< `sample.status` says why
};
[[nodiscard]] std::string_view name_of(PosteriorStatus status);

struct MarkovPosterior {
  PosteriorStatus status = PosteriorStatus::invalid_input;
  /// Columns in the order of CumulativeFit, then sigma where there are patients.
  NoUTurnSample sample;
  std::vector<PosteriorSummary> summary;  ///< by column
  double worst_r_hat = 0.0;
  double smallest_size = 0.0;  ///< the smallest effective size, bulk or tail, of any column
  bool with_intercepts = false;
  ThresholdSign sign = ThresholdSign::at_most;
};

/// A refusal is a status; only mismatched sizes violate the contract. An empty category is no
/// refusal here: the prior holds its thresholds.
[[nodiscard]] MarkovPosterior sample_markov_posterior(const BayesianMarkovModel& model,
                                                      SamplerSeed seed);

/// Odds of a higher state, per unit of a proportional covariate's column.
struct OddsRatio {
  double median = 1.0;
  double lower = 1.0;
  double upper = 1.0;
  double below_one = 0.5;  ///< Pr(OR < 1): benefit where low states are good
};
[[nodiscard]] OddsRatio posterior_odds_ratio(const MarkovPosterior& posterior, std::size_t column,
                                             double level = 0.95);

/// Totals over states and times (occupancy_total) in one arm for each of several lists of scores
/// (lists x K), averaged over the courses and over the distribution of the random intercept: a
/// vector of draws a list, chain after chain. `thin`: every thin-th draw of each chain is used;
/// `intercept_nodes`: of the quadrature over the random intercept.
[[nodiscard]] std::vector<std::vector<double>> posterior_total_draws(
    const BayesianMarkovModel& model, const MarkovPosterior& posterior,
    const MarkovCourses& courses, std::span<const double> scores, std::size_t thin = 1,
    int intercept_nodes = 11);

/// The same totals in two arms and their difference, draw by draw.
struct PosteriorTotals {
  PosteriorSummary first;
  PosteriorSummary second;
  PosteriorSummary difference;  ///< first less second; `above_zero` is Pr(first > second)
};
[[nodiscard]] PosteriorTotals posterior_totals(const BayesianMarkovModel& model,
                                               const MarkovPosterior& posterior,
                                               const MarkovCourses& first,
                                               const MarkovCourses& second,
                                               std::span<const double> scores, std::size_t thin = 1,
                                               int intercept_nodes = 11, double level = 0.95);

}  // namespace angiotrial::analysis
