// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/bayes/no_u_turn_sampler.hpp>
#include <angiotrial/analysis/bayes/posterior_diagnostics.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

/// x1 ~ N(1, 1), x2 | x1 ~ N(2 x1, 0.5^2), x3 ~ N(-3, 10^2): standard deviations from 1 to 10,
/// correlation of x1 and x2 0.97.
double correlated_normal(std::span<const double> x, std::span<double> gradient) {
  const double a = x[0] - 1.0;
  const double b = (x[1] - 2.0 * x[0]) / 0.25;
  const double c = (x[2] + 3.0) / 100.0;
  gradient[0] = -a + 2.0 * b;
  gradient[1] = -b;
  gradient[2] = -c;
  return -0.5 * (a * a + 0.25 * b * b + 100.0 * c * c);
}

/// Neal 2003: v ~ N(0, 3^2), x_i | v ~ N(0, e^v).
double funnel(std::span<const double> x, std::span<double> gradient) {
  const double v = x[0];
  const double precision = std::exp(-v);
  double value = -v * v / 18.0;
  gradient[0] = -v / 9.0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    value -= 0.5 * (v + x[i] * x[i] * precision);
    gradient[0] -= 0.5 * (1.0 - x[i] * x[i] * precision);
    gradient[i] = -x[i] * precision;
  }
  return value;
}

constexpr std::array<double, 12> zeros{};

NoUTurnSettings two_chains(MassMatrix mass) {
  NoUTurnSettings settings;
  settings.chains = 2;
  settings.warmup = 500;
  settings.draws = 2000;
  settings.mass = mass;
  return settings;
}

TEST(NoUTurnSampler, finds_the_moments_of_a_normal_with_either_mass_matrix) {
  for (const MassMatrix mass : {MassMatrix::diagonal, MassMatrix::dense}) {
    const auto sample = sample_no_u_turn(correlated_normal, 3, {std::span(zeros).first(6), {}},
                                         two_chains(mass), {11});
    ASSERT_EQ(sample.status, SamplerStatus::sampled);
    EXPECT_EQ(sample.divergences, 0);
    EXPECT_NEAR(sample.acceptance, 0.85, 0.12);
    const std::array mean{1.0, 2.0, -3.0};
    const std::array sd{1.0, std::sqrt(4.25), 10.0};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto draws = sample.coordinate(i);
      const auto s = summarise_draws(draws, 2);
      EXPECT_LT(s.r_hat, 1.01);
      EXPECT_GT(s.bulk_size, 600.0);
      // Four Monte Carlo standard errors; that of a standard deviation is sd / sqrt(2 n).
      EXPECT_NEAR(s.mean, mean[i], 4.0 * s.error_of_mean);
      EXPECT_NEAR(s.sd, sd[i], 4.0 * sd[i] / std::sqrt(2.0 * s.tail_size));
      EXPECT_NEAR(s.upper, mean[i] + 1.96 * sd[i], 0.25 * sd[i]);
    }
    const auto first = sample.coordinate(0), second = sample.coordinate(1);
    double product = 0.0;
    for (std::size_t i = 0; i < first.size(); ++i) product += (first[i] - 1.0) * (second[i] - 2.0);
    EXPECT_NEAR(product / static_cast<double>(first.size()), 2.0, 0.3);
  }
}

TEST(NoUTurnSampler, gives_the_same_bytes_for_a_seed_and_others_for_another) {
  NoUTurnSettings settings = two_chains(MassMatrix::dense);
  settings.warmup = settings.draws = 60;
  const NoUTurnStart start{std::span(zeros).first(6), {}};
  const auto run = [&](SamplerSeed seed) {
    return sample_no_u_turn(correlated_normal, 3, start, settings, seed).values;
  };
  EXPECT_EQ(run({5, 1}), run({5, 1}));
  EXPECT_NE(run({5, 1}), run({5, 2}));
  EXPECT_NE(run({5, 1}), run({6, 1}));
  const auto one = run({5, 1});
  EXPECT_NE(std::vector(one.begin(), one.begin() + 180), std::vector(one.begin() + 180, one.end()));
}

TEST(NoUTurnSampler, reports_the_divergences_of_a_funnel) {
  const auto sample =
      sample_no_u_turn(funnel, 6, {std::span(zeros), {}}, two_chains(MassMatrix::diagonal), {3});
  ASSERT_EQ(sample.status, SamplerStatus::sampled);
  EXPECT_GT(sample.divergences, 0);
}

TEST(NoUTurnSampler, reports_trees_that_are_cut_at_the_greatest_depth) {
  NoUTurnSettings settings = two_chains(MassMatrix::diagonal);
  settings.draws = 100;
  settings.maximum_depth = 1;
  const auto sample =
      sample_no_u_turn(correlated_normal, 3, {std::span(zeros).first(6), {}}, settings, {3});
  EXPECT_EQ(sample.deepest, 1);
  EXPECT_GT(sample.saturated, 100);
}

TEST(NoUTurnSampler, refuses_what_it_cannot_sample) {
  NoUTurnSettings settings = two_chains(MassMatrix::dense);
  const NoUTurnStart start{std::span(zeros).first(2), {}};
  const auto nowhere = [](std::span<const double>, std::span<double> gradient) {
    gradient[0] = 0.0;
    return -std::numeric_limits<double>::infinity();
  };
  EXPECT_EQ(sample_no_u_turn(nowhere, 1, start, settings, {1}).status, SamplerStatus::no_start);
  const auto flat = [](std::span<const double>, std::span<double> gradient) {
    gradient[0] = 0.0;
    return 0.0;
  };
  EXPECT_EQ(sample_no_u_turn(flat, 1, start, settings, {1}).status, SamplerStatus::no_step_size);
  settings.draws = 65000;
  settings.warmup = 1000;
  EXPECT_EQ(sample_no_u_turn(flat, 1, start, settings, {1}).status, SamplerStatus::invalid_input);
}

/// First-order autoregression, whose effective size is n (1 - r) / (1 + r).
std::vector<double> autoregression(double r, std::size_t chains, std::size_t draws) {
  std::vector<double> out;
  for (std::uint32_t c = 0; c < chains; ++c) {
    random::Stream stream = random::Streams(17, 0, c).at(random::Purpose::posterior_sampling);
    double x = stream.normal();
    for (std::size_t i = 0; i < draws; ++i) {
      out.push_back(x);
      x = r * x + std::sqrt(1.0 - r * r) * stream.normal();
    }
  }
  return out;
}

TEST(PosteriorDiagnostics, effective_size_of_an_autoregression_is_the_known_one) {
  for (const double r : {-0.3, 0.0, 0.5, 0.9}) {
    const auto x = autoregression(r, 4, 5000);
    const double expected = 20000.0 * (1.0 - r) / (1.0 + r);
    // The estimate itself varies by some 6 % at r = 0.9.
    EXPECT_NEAR(mean_effective_size(x, 4), expected, 0.25 * expected);
    EXPECT_NEAR(bulk_effective_size(x, 4), expected, 0.25 * expected);
    EXPECT_LT(rank_r_hat(x, 4), 1.01);
  }
}

TEST(PosteriorDiagnostics, r_hat_sees_a_shifted_chain_a_wider_one_and_a_drift) {
  auto shifted = autoregression(0.0, 4, 500), wider = shifted, drifting = shifted;
  for (std::size_t i = 0; i < 500; ++i) {
    shifted[i] += 1.0;
    wider[i] *= 4.0;
    for (std::size_t c = 0; c < 4; ++c) drifting[c * 500 + i] += 0.004 * static_cast<double>(i);
  }
  EXPECT_GT(rank_r_hat(shifted, 4), 1.05);
  EXPECT_GT(rank_r_hat(wider, 4), 1.05);
  EXPECT_GT(rank_r_hat(drifting, 4), 1.05);
  EXPECT_TRUE(std::isnan(rank_r_hat(std::vector<double>(100, 2.0), 2)));
}

TEST(PosteriorDiagnostics, ranks_make_monotone_maps_irrelevant) {
  const auto x = autoregression(0.5, 2, 400);
  std::vector<double> y;
  for (const double v : x) y.push_back(std::exp(3.0 * v));
  EXPECT_DOUBLE_EQ(bulk_effective_size(x, 2), bulk_effective_size(y, 2));
  EXPECT_NEAR(tail_effective_size(x, 2), tail_effective_size(y, 2), 1e-9);
}

TEST(PosteriorDiagnostics, quantiles_interpolate_between_order_statistics) {
  const std::array v{4.0, 1.0, 3.0, 2.0};
  EXPECT_DOUBLE_EQ(sample_quantile(v, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(sample_quantile(v, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(sample_quantile(v, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(sample_quantile(v, 1.0), 4.0);
}

}  // namespace
}  // namespace angiotrial::analysis
