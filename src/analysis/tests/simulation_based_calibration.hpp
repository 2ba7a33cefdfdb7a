// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/bayesian_markov.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace angiotrial::analysis {

/// Simulation-based calibration (Talts et al. 2018, arXiv 1804.06788) of the ordinal Markov model:
/// parameters from the prior, data from the parameters, the rank of each parameter among thinned
/// posterior draws. Ranks are uniform if and only if the posterior is right.
struct Calibration {
  static constexpr std::size_t bins = 10;
  static constexpr std::size_t kept = 99;  ///< draws a rank is taken among
  std::vector<std::array<double, bins>> counts;

  Calibration(std::uint32_t fits, int patients, int days, bool with_intercepts) {
    counts.assign(with_intercepts ? 5 : 4, {});
    for (std::uint32_t f = 0; f < fits; ++f) add(f, patients, days, with_intercepts);
  }
  /// Chi-squared with 9 degrees of freedom.
  [[nodiscard]] double statistic(std::size_t parameter) const {
    double fits = 0.0, sum = 0.0;
    for (const double n : counts[parameter]) fits += n;
    const double expected = fits / static_cast<double>(bins);
    for (const double n : counts[parameter]) sum += (n - expected) * (n - expected) / expected;
    return sum;
  }

 private:
  static constexpr double prior_sd = 1.5;

  void add(std::uint32_t fit, int patients, int days, bool with_intercepts) {
    random::Stream draw = random::Streams(77, fit, 0).at(random::Purpose::bootstrap);
    // Ordered independent normals are what the prior of the thresholds says.
    double low = prior_sd * draw.normal(), high = prior_sd * draw.normal();
    if (low > high) std::swap(low, high);
    std::vector<double> truth{low, high, prior_sd * draw.normal(), prior_sd * draw.normal()};
    if (with_intercepts) truth.push_back(std::fabs(draw.normal()));
    std::vector<int> previous, current, patient;
    std::vector<double> treatment;
    for (int i = 0; i < patients; ++i) {
      const double shift = with_intercepts ? truth[4] * draw.normal() : 0.0;
      int state = i % 2;
      for (int day = 0; day < days; ++day) {
        const double eta = truth[2] * (state > 0 ? 1.0 : 0.0) + truth[3] * (i % 4 / 2) + shift;
        const double u = draw.uniform();
        const auto above = [&](double theta) { return u > 1.0 / (1.0 + std::exp(eta - theta)); };
        previous.push_back(state);
        current.push_back((above(low) ? 1 : 0) + (above(high) ? 1 : 0));
        patient.push_back(i);
        treatment.push_back(i % 4 / 2);
        state = current.back() > 0 ? 1 : 0;
      }
    }
    rank(fit, truth, previous, current, treatment, with_intercepts ? patient : std::vector<int>{});
  }

  void rank(std::uint32_t fit, const std::vector<double>& truth, const std::vector<int>& previous,
            const std::vector<int>& current, const std::vector<double>& treatment,
            const std::vector<int>& patient) {
    constexpr int thin = 4;
    BayesianMarkovModel model;
    model.transitions.previous = previous;
    model.transitions.current = current;
    model.transitions.states = 3;
    model.transitions.covariates = treatment;
    model.transitions.columns = 1;
    // The state before is 0 or 1: the third is never left.
    const std::array absorbing{2};
    model.transitions.absorbing = absorbing;
    const std::array sds{prior_sd, prior_sd};
    model.priors = {prior_sd, sds, 1.0};
    model.patient = patient;
    model.sampler.chains = 1;
    model.sampler.warmup = 150;
    model.sampler.draws = thin * static_cast<int>(kept);
    const MarkovPosterior posterior = sample_markov_posterior(model, {99, fit});
    ASSERT_EQ(posterior.status, PosteriorStatus::sampled)
        << fit << " " << name_of(posterior.sample.status);
    for (std::size_t p = 0; p < truth.size(); ++p) {
      const auto draws = posterior.sample.coordinate(p);
      std::size_t below = 0;
      for (std::size_t i = 0; i < draws.size(); i += thin) below += draws[i] < truth[p] ? 1 : 0;
      counts[p][below * bins / (kept + 1)] += 1.0;
    }
  }
};

/// The 0.1 % point of chi-squared with 9 degrees of freedom.
constexpr double calibration_bound = 27.88;

}  // namespace angiotrial::analysis
