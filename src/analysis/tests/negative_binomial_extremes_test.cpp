// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "count_cases.hpp"

/// Negative binomial fits of data that strain them: several tops, rows that fit themselves, large
/// counts, columns far from 0.
namespace angiotrial::analysis {
namespace {

double log_density(double y, double mu, double phi) {
  const double theta = 1.0 / phi;
  return std::lgamma(y + theta) - std::lgamma(theta) - std::lgamma(y + 1.0) +
         y * std::log(mu / (mu + theta)) - theta * std::log1p(mu / theta);
}

/// `rows` counts of mean `mean` and one, in a group of its own, of `lone`.
CountCase with_lone_row(std::uint64_t seed, double dispersion, double mean, int lone,
                        std::uint32_t rows = 40) {
  CountCase out;
  for (std::uint32_t i = 0; i < rows; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    out.add({1.0, 0.0}, random::negative_binomial_quantile(draw.uniform(), mean, dispersion));
  }
  out.add({1.0, 1.0}, lone);
  return out;
}

/// The highest log-likelihood over a fine grid of phi. Means of groups are fitted by their averages
/// whatever phi is.
double highest_on_grid(const CountCase& data) {
  const double rest = static_cast<double>(data.y.size()) - 1.0;
  double mean = 0.0;
  for (std::size_t i = 0; i + 1 < data.y.size(); ++i) mean += data.y[i] / rest;
  double highest = -std::numeric_limits<double>::infinity();
  for (double psi = std::log(1e-6); psi < std::log(200.0); psi += 0.05) {
    double sum = 0.0;
    for (const int y : data.y) {
      sum += log_density(y, y == data.y.back() ? y : mean, std::exp(psi));
    }
    highest = std::max(highest, sum);
  }
  return highest;
}

// Forty overdispersed patients and one who is alone in a site: the site's mean is his count, and
// its square speaks for dispersion 0 in the score there.
TEST(CountExtremes, the_higher_of_two_tops_in_the_dispersion_is_found) {
  const CountCase base = with_lone_row(4, 0.9, 5.0, 0);
  for (const int lone : {200, 700, 1000, 20'000, 1'000'000}) {
    CountCase data = base;
    data.y.back() = lone;
    NegativeBinomialWorkspace workspace;
    const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
    EXPECT_EQ(fit.status, FitStatus::fitted) << lone;
    EXPECT_GT(fit.dispersion, 0.3) << lone;
    EXPECT_LT(fit.dispersion, 2.0) << lone;
    // lgamma of large arguments has 1e-9 or so of rounding.
    EXPECT_GE(fit.log_likelihood, highest_on_grid(data) - 1e-7) << lone;
  }
}

RC_GTEST_PROP(CountExtremes, no_dispersion_has_a_higher_likelihood_than_the_fit, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  const double dispersion = *rc::gen::elementOf(std::vector<double>{0.0, 0.01, 0.1, 0.5, 2.0, 8.0});
  const double mean = *rc::gen::elementOf(std::vector<double>{0.3, 2.0, 20.0, 300.0});
  const int lone = *rc::gen::elementOf(std::vector<int>{5, 50, 500, 5000, 50'000});
  const auto rows = *rc::gen::elementOf(std::vector<std::uint32_t>{8, 25, 80});
  const CountCase data = with_lone_row(seed, dispersion, mean, lone, rows);
  RC_PRE(std::count(data.y.begin(), data.y.end(), lone) == 1);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
  RC_PRE(fit.status != FitStatus::separated);
  RC_ASSERT(usable(fit.status));
  RC_ASSERT(fit.log_likelihood >= highest_on_grid(data) - 1e-6);
}

// With the arm held at 0 the same two tops are there.
TEST(CountExtremes, likelihood_ratio_and_profile_hold_to_the_higher_top) {
  CountCase data;
  const CountCase base = with_lone_row(4, 0.9, 5.0, 5000);
  for (std::size_t i = 0; i < base.y.size(); ++i) {
    data.add({1.0, i % 2 == 0 ? 1.0 : 0.0, base.design[2 * i + 1]}, base.y[i]);
  }
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
  const NegativeBinomialFit without = fit_negative_binomial(base.model(), workspace);
  ASSERT_EQ(fit.status, FitStatus::fitted);
  const std::array<std::size_t, 1> arm{1};
  const auto test = count_likelihood_ratio(data.model(), fit, arm, workspace);
  EXPECT_NEAR(test.statistic, 2.0 * (fit.log_likelihood - without.log_likelihood), 1e-8);
  const auto interval = count_profile_interval(data.model(), fit, 1, workspace);
  ASSERT_EQ(interval.status, FitStatus::fitted);
  // Near the Wald interval, not that of Poisson, whose error is less than half.
  const double half = 0.5 * (interval.upper - interval.lower) / 1.96;
  EXPECT_NEAR(half, fit.se_observed[1], 0.1 * fit.se_observed[1]);
}

/// Two arms and a covariate about counts of e^`base`.
CountCase large_counts(std::uint64_t seed, double base, double dispersion) {
  CountCase out;
  for (std::uint32_t i = 0; i < 40; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    const double x = draw.normal();
    const double arm = i % 2;
    const double mean = std::exp(base + 0.3 * arm + 0.2 * x);
    // Gamma by Wilson and Hilferty, counts by rounding: near enough at these means.
    const double cube = 1.0 - dispersion / 9.0 + std::sqrt(dispersion) / 3.0 * draw.normal();
    const double given = mean * std::max(cube * cube * cube, 0.01);
    const double count = given + std::sqrt(given) * draw.normal();
    out.add({1.0, arm, x}, std::min(std::max(std::round(count), 0.0), 1.0e6));
  }
  return out;
}

// Terms of the log-likelihood are some 1e7 here and it itself is some -400: steps near the top are
// lost in rounding.
TEST(CountExtremes, counts_of_many_thousands_are_fitted_with_all_intervals) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const auto& [base, dispersion] : {std::pair{9.0, 0.5}, {10.0, 0.2}, {10.0, 1e-4}}) {
      const CountCase data = large_counts(seed, base, dispersion);
      NegativeBinomialWorkspace workspace;
      const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
      ASSERT_TRUE(usable(fit.status)) << seed << ' ' << base;
      const auto interval = count_profile_interval(data.model(), fit, 1, workspace);
      EXPECT_EQ(interval.status, FitStatus::fitted) << seed << ' ' << base;
      const double half = 0.5 * (interval.upper - interval.lower) / 1.96;
      EXPECT_NEAR(half, fit.se_observed[1], 0.1 * fit.se_observed[1]) << seed << ' ' << base;
      const auto phi = count_dispersion(data.model(), fit, workspace);
      EXPECT_EQ(phi.status, FitStatus::fitted) << seed << ' ' << base;
      EXPECT_LT(phi.lower, fit.dispersion);
      EXPECT_GT(phi.upper, fit.dispersion);
    }
  }
}

// The upper end is far below 1e-4 where means are large.
TEST(CountExtremes, large_poisson_counts_have_a_dispersion_interval) {
  bool boundary = false;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const CountCase data = large_counts(seed, 10.0, 0.0);
    NegativeBinomialWorkspace workspace;
    const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
    ASSERT_TRUE(usable(fit.status)) << seed;
    boundary = boundary || fit.status == FitStatus::poisson_boundary;
    const auto phi = count_dispersion(data.model(), fit, workspace);
    EXPECT_EQ(phi.status, FitStatus::fitted) << seed;
    EXPECT_GT(phi.upper, fit.dispersion);
    EXPECT_LT(phi.upper, 1.0e-4);
  }
  EXPECT_TRUE(boundary);
}

constexpr std::array by_row{CountVariance::hc0, CountVariance::hc1, CountVariance::hc2,
                            CountVariance::hc3};

// An arm of one patient: his residual is 0 and says nothing of how he might have varied.
TEST(CountExtremes, a_contrast_that_rests_on_one_row_has_no_robust_error) {
  const CountCase data = with_lone_row(7, 0.5, 4.0, 9);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
  ASSERT_TRUE(usable(fit.status));
  const std::array arm{0.0, 1.0}, mean{1.0, 0.0};
  for (const CountVariance variance : by_row) {
    EXPECT_TRUE(std::isnan(count_contrast(data.model(), fit, arm, variance).se));
    EXPECT_GT(count_contrast(data.model(), fit, mean, variance).se, 0.0);
    const auto covariance = count_covariance(data.model(), fit, variance);
    EXPECT_GT(covariance[0], 0.0);
    EXPECT_TRUE(std::isnan(covariance[3]));
    EXPECT_TRUE(std::isnan(covariance[1]));
  }
  EXPECT_GT(count_contrast(data.model(), fit, arm, CountVariance::observed).se, 0.1);
  std::vector<double> designs;
  for (const double treated : {0.0, 1.0}) {
    for (std::size_t i = 0; i < data.y.size(); ++i) designs.insert(designs.end(), {1.0, treated});
  }
  EXPECT_EQ(arm_on_one_row(data.model(), fit, designs, 2, 0), 1);
}

// A patient alone in his site says nothing of the arms: their errors are those without him, at the
// same dispersion.
TEST(CountExtremes, a_row_alone_in_a_class_leaves_robust_errors_of_the_arms_as_they_are) {
  CountCase with, without;
  for (std::uint32_t i = 0; i < 60; ++i) {
    random::Stream draw = random::Streams(9, 0, i).at(random::Purpose::diary);
    const double arm = i % 2;
    const int y = random::negative_binomial_quantile(draw.uniform(), 5.0, 0.7);
    with.add({1.0, arm, 0.0}, y);
    without.add({1.0, arm}, y);
  }
  with.add({1.0, 1.0, 1.0}, 6);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit fit = fit_negative_binomial(with.model(), workspace);
  NegativeBinomialFit same = fit_negative_binomial(without.model(), workspace);
  ASSERT_EQ(fit.status, FitStatus::fitted);
  same.dispersion = fit.dispersion;
  same.covariance_expected = {fit.covariance_expected[0], fit.covariance_expected[1],
                              fit.covariance_expected[3], fit.covariance_expected[4]};
  const std::array arm{0.0, 1.0, 0.0};
  const std::array two{0.0, 1.0};
  for (const CountVariance variance :
       {CountVariance::hc0, CountVariance::hc2, CountVariance::hc3}) {
    EXPECT_NEAR(count_contrast(with.model(), fit, arm, variance).se,
                count_contrast(without.model(), same, two, variance).se, 1e-9);
  }
  std::vector<double> designs;
  for (const double treated : {0.0, 1.0}) {
    for (std::size_t i = 0; i < with.y.size(); ++i) {
      designs.insert(designs.end(), {1.0, treated, with.design[3 * i + 2]});
    }
  }
  EXPECT_EQ(arm_on_one_row(with.model(), fit, designs, 2, 0), -1);
}

}  // namespace
}  // namespace angiotrial::analysis
