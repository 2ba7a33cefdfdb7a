// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/survival/survival.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "stable_order.hpp"

// Routes that are taken for speed stand beside the plain ones.
namespace angiotrial::analysis {
namespace {

std::vector<std::uint32_t> plain_order(const std::vector<double>& key, bool falling) {
  std::vector<std::uint32_t> order(key.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return falling ? key[a] > key[b] : key[a] < key[b];
  });
  return order;
}

TEST(StableOrder, IsThatOfAStableSortForAnySizeAndForTiesAndNearlyEqualTimes) {
  StableOrder order;
  for (const std::size_t n : {0U, 1U, 2U, 47U, 48U, 333U, 4095U, 4096U, 9000U}) {
    for (int kind = 0; kind < 4; ++kind) {
      std::vector<double> key;
      random::Stream draw = random::Streams(3, static_cast<std::uint32_t>(n), 0)
                                .at(random::Purpose::diary, static_cast<std::uint32_t>(kind));
      for (std::size_t i = 0; i < n; ++i) {
        const double u = draw.uniform();
        key.push_back(kind == 0   ? -std::log(u)
                      : kind == 1 ? std::floor(40.0 * u)
                      // All digits that are looked at first agree, or nearly.
                      : kind == 2 ? 1000.0 + 1.0e-9 * u
                                  : std::floor(3.0 * u) - 1.0 + 1.0e-12 * draw.normal());
      }
      for (const bool falling : {false, true}) {
        order.reset(n);
        order.by(key, falling);
        EXPECT_EQ(order.positions(), plain_order(key, falling)) << n << ' ' << kind;
      }
    }
  }
}

/// Counts on a covariate whose mean is `centre`: far from 0 the columns are nearly collinear, and
/// orthogonal factors take the place of Cholesky's.
LinearFit shifted_fit(Family family, double centre) {
  std::vector<double> y, design;
  for (std::uint32_t i = 0; i < 150; ++i) {
    random::Stream draw = random::Streams(4, 0, i).at(random::Purpose::diary);
    const double x = draw.normal();
    const double arm = i % 2;
    const double mean = std::exp(0.4 + 0.3 * x - 0.4 * arm);
    y.push_back(family == Family::poisson
                    ? random::poisson_quantile(draw.uniform(), mean)
                    : (draw.uniform() < random::inverse_logit(0.5 * x - 0.4 * arm) ? 1.0 : 0.0));
    design.insert(design.end(), {1.0, arm, centre + x});
  }
  LinearModel model;
  model.response = y;
  model.design = design;
  model.columns = 3;
  model.family = family;
  return fit_linear_model(model);
}

TEST(LinearModel, ByCholeskyAgreesWithOrthogonalFactors) {
  for (const Family family : {Family::poisson, Family::binomial}) {
    const LinearFit plain = shifted_fit(family, 4096.0);
    const LinearFit fast = shifted_fit(family, 0.0);
    ASSERT_EQ(plain.status, LinearStatus::fitted);
    ASSERT_EQ(fast.status, LinearStatus::fitted);
    // The shift alone rounds x to 12 digits.
    for (const std::size_t c : {1U, 2U}) {
      EXPECT_NEAR(fast.coefficients[c], plain.coefficients[c], 1.0e-10);
      EXPECT_NEAR(fast.bread[4 * c] / plain.bread[4 * c], 1.0, 1.0e-9);
    }
    EXPECT_NEAR(fast.log_likelihood, plain.log_likelihood, 1.0e-9);
    EXPECT_NEAR(fast.coefficients[0], plain.coefficients[0] + 4096.0 * plain.coefficients[2],
                1.0e-7);
  }
}

}  // namespace
}  // namespace angiotrial::analysis
