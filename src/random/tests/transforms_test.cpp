// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/batch.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/negative_binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/poisson.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace angiotrial::random {
namespace {

TEST(NormalQuantile, AgreesWithBoost) {
  const boost::math::normal standard;
  for (const double u : {1e-300, 1e-16, 1e-9, 1e-3, 0.075, 0.0749, 0.3, 0.5, 0.7, 0.925, 0.9999}) {
    const double expected = boost::math::quantile(standard, u);
    EXPECT_NEAR(normal_quantile(u), expected, 4e-15 * std::max(1.0, std::abs(expected))) << u;
  }
  EXPECT_NEAR(normal_quantile(1.0 - 0x1.0p-53), 8.2095361516013856, 1e-12);
}

TEST(Quantiles, KnownValues) {
  EXPECT_NEAR(lognormal_quantile(0.975, 1.0, 0.5), std::exp(1.0 + 0.5 * 1.959963984540054), 1e-12);
  EXPECT_NEAR(logit_normal_quantile(0.5, -0.2006706954621511, 0.6), 0.45, 1e-14);
  EXPECT_NEAR(exponential_quantile(0.5, 2.0), 0.34657359027997264, 1e-15);
  EXPECT_NEAR(gamma_quantile(0.5, 1.0, 3.0), 3.0 * 0.69314718055994531, 1e-13);
  EXPECT_NEAR(beta_quantile(0.5, 1.0, 1.0), 0.5, 1e-14);
}

TEST(Quantiles, RefuseArgumentsOutsideTheirRange) {
  EXPECT_THROW((void)normal_quantile(0.0), diagnostics::ContractViolation);
  EXPECT_THROW((void)normal_quantile(1.0), diagnostics::ContractViolation);
  EXPECT_THROW((void)normal_quantile(std::nan("")), diagnostics::ContractViolation);
  EXPECT_THROW((void)lognormal_quantile(0.5, 0.0, -1.0), diagnostics::ContractViolation);
  EXPECT_THROW((void)exponential_quantile(0.5, 0.0), diagnostics::ContractViolation);
  EXPECT_THROW((void)gamma_quantile(0.5, 0.0, 1.0), diagnostics::ContractViolation);
  EXPECT_THROW((void)poisson_quantile(0.5, -1.0), diagnostics::ContractViolation);
  EXPECT_THROW((void)negative_binomial_quantile(0.5, 1.0, -1.0), diagnostics::ContractViolation);
  EXPECT_THROW((void)binomial_quantile(0.5, 3, 1.5), diagnostics::ContractViolation);
}

using boost::math::policies::discrete_quantile;
using boost::math::policies::integer_round_up;
using RoundUp = boost::math::policies::policy<discrete_quantile<integer_round_up>>;

TEST(Counts, AgreeWithBoostQuantiles) {
  for (const double mean : {0.01, 0.7, 5.0, 21.0, 300.0, 2000.0}) {
    const boost::math::poisson_distribution<double, RoundUp> poisson(mean);
    for (const double dispersion : {0.3, 2.0}) {
      const double r = 1.0 / dispersion;
      const boost::math::negative_binomial_distribution<double, RoundUp> nb(r, r / (r + mean));
      for (const double u : {0.0013, 0.0317, 0.2503, 0.5011, 0.7507, 0.9709, 0.9993}) {
        EXPECT_EQ(poisson_quantile(u, mean), static_cast<int>(boost::math::quantile(poisson, u)));
        EXPECT_EQ(negative_binomial_quantile(u, mean, dispersion),
                  static_cast<int>(boost::math::quantile(nb, u)))
            << mean << ' ' << dispersion << ' ' << u;
      }
    }
  }
}

RC_GTEST_PROP(Counts, RiseWithTheUniform, ()) {
  const double mean = *rc::gen::inRange(0, 80000) / 1000.0;
  const double dispersion = *rc::gen::inRange(0, 3000) / 1000.0;
  const double a = (*rc::gen::inRange(1, 1000000)) / 1000001.0;
  const double b = (*rc::gen::inRange(1, 1000000)) / 1000001.0;
  RC_ASSERT(negative_binomial_quantile(std::min(a, b), mean, dispersion) <=
            negative_binomial_quantile(std::max(a, b), mean, dispersion));
}

/// Pearson's statistic of draws against 20 cells of equal probability, as a p-value.
double goodness_of_fit(const std::function<double(double)>& cdf, std::vector<double> draws) {
  constexpr int cells = 20;
  std::vector<double> counts(cells, 0.0);
  for (const double x : draws) {
    counts[static_cast<std::size_t>(std::min(cells - 1.0, std::floor(cdf(x) * cells)))] += 1.0;
  }
  const double expected = static_cast<double>(draws.size()) / cells;
  double chi2 = 0.0;
  for (const double count : counts) chi2 += (count - expected) * (count - expected) / expected;
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(cells - 1), chi2));
}

TEST(GoodnessOfFit, NormalsOfManyStreams) {
  std::vector<double> draws;
  for (std::uint32_t patient = 0; patient < 20000; ++patient) {
    const Streams streams(20260101, 0, patient);
    draws.push_back(streams.at(Purpose::traits).normal());
    draws.push_back(streams.at(Purpose::diary, 3).normal());
  }
  EXPECT_GT(goodness_of_fit(normal_cdf, draws), 1e-4);
}

TEST(GoodnessOfFit, NeighbouringStreamsAreUncorrelated) {
  double sum = 0.0;
  constexpr std::uint32_t n = 50000;
  for (std::uint32_t patient = 0; patient < n; ++patient) {
    sum += Streams(1, 0, patient).at(Purpose::traits).normal() *
           Streams(1, 0, patient + 1).at(Purpose::traits).normal();
  }
  EXPECT_LT(std::abs(sum / n), 4.5 / std::sqrt(n));  // 4.5 standard errors
}

TEST(GoodnessOfFit, NegativeBinomialMeanAndVariance) {
  constexpr int n = 40000;
  constexpr double mean = 8.0, dispersion = 0.3;
  double sum = 0.0, squares = 0.0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const double x =
        negative_binomial_quantile(Streams(5, 0, i).at(Purpose::diary).uniform(), mean, dispersion);
    sum += x;
    squares += x * x;
  }
  const double m = sum / n, v = squares / n - m * m;
  const double variance = mean + dispersion * mean * mean;
  EXPECT_NEAR(m, mean, 4.5 * std::sqrt(variance / n));
  EXPECT_NEAR(v / variance, 1.0, 0.06);
}

}  // namespace
}  // namespace angiotrial::random
