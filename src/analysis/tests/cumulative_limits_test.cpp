// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_inference.hpp>
#include <angiotrial/analysis/ordinal/cumulative_mixed.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

/// Ordered categories with columns far from 0, weights of any size, and intercepts that rows cannot
/// tell.
namespace angiotrial::analysis {
namespace {

/// Arm, a covariate of sd about 1, and a column for each threshold; numbers of 30 bits, so that
/// 1e6 may be added without rounding.
struct Trial {
  std::vector<int> y, subject;
  std::vector<double> x, z, weight;

  explicit Trial(int rows = 120, double shift = 0.0) {
    std::uint32_t state = 12345;
    const auto draw = [&] {
      state = state * 1664525U + 1013904223U;
      return static_cast<double>(state >> 8U) / 16777216.0;
    };
    for (int i = 0; i < rows; ++i) {
      const double arm = i % 2;
      const double age = 3.5 * draw();
      const double score = 0.6 * arm + 0.5 * age + std::log(1.0 / (0.02 + 0.96 * draw()) - 1.0);
      y.push_back(score < 0.2 ? 0 : score < 1.5 ? 1 : 2);
      x.insert(x.end(), {arm, age + shift});
      z.push_back(3.0 * draw() - shift);
      subject.push_back(i / 3);
    }
  }
  [[nodiscard]] CumulativeModel model(bool with_z = false) const {
    CumulativeModel m;
    m.response = y;
    m.categories = 3;
    m.proportional = x;
    m.proportional_columns = 2;
    if (with_z) m.nominal = z;
    m.nominal_columns = with_z ? 1 : 0;
    m.weights = weight;
    return m;
  }
};

void expect_near(double a, double b, double tolerance, const char* what) {
  EXPECT_NEAR(a, b, tolerance * (1.0 + std::fabs(b))) << what;
}

TEST(CumulativeLimits, a_shift_of_covariates_moves_thresholds_alone) {
  for (const auto& [shift, tolerance] : {std::pair{1e6, 1e-8}, {1e8, 1e-6}}) {
    const Trial near_by, far_off(120, shift);
    for (const bool with_z : {false, true}) {
      const CumulativeModel a = near_by.model(with_z), b = far_off.model(with_z);
      const CumulativeFit one = fit_cumulative_model(a), two = fit_cumulative_model(b);
      ASSERT_EQ(one.status, OrdinalStatus::fitted);
      ASSERT_EQ(two.status, OrdinalStatus::fitted) << name_of(two.status);
      expect_near(two.log_likelihood, one.log_likelihood, tolerance, "log-likelihood");
      const auto s = cluster_covariance(a, one, near_by.subject);
      const auto t = cluster_covariance(b, two, far_off.subject);
      const std::size_t size = one.coefficients.size();
      for (std::size_t i = 2; i < size; ++i) {
        expect_near(two.coefficients[i], one.coefficients[i], tolerance, "coefficient");
        expect_near(two.se[i], one.se[i], tolerance, "se");
        expect_near(t[i * size + i], s[i * size + i], tolerance, "sandwich");
      }
      // theta + beta shift, and gamma shift where z stands at -shift.
      for (std::size_t j = 0; j < 2; ++j) {
        const double moved =
            shift * (two.coefficients[size - 1] + (with_z ? two.coefficients[2 + j] : 0.0));
        EXPECT_NEAR((two.coefficients[j] - moved) / shift, one.coefficients[j] / shift, 1e-12);
        const std::size_t beta = size - 1, gamma = 2 + j;
        const auto v = [&](std::size_t k, std::size_t l) { return one.covariance[k * size + l]; };
        const double variance =
            v(beta, beta) + (with_z ? v(gamma, gamma) + 2.0 * v(beta, gamma) : 0.0);
        EXPECT_NEAR(two.se[j] / shift, std::sqrt(variance), 1e-5);
      }
    }
  }
}

TEST(CumulativeLimits, a_shift_leaves_a_random_intercept_where_it_is) {
  const Trial near_by(240), far_off(240, 1e6);
  const RandomInterceptFit one = fit_random_intercept({near_by.model(), near_by.subject, 10});
  const RandomInterceptFit two = fit_random_intercept({far_off.model(), far_off.subject, 10});
  ASSERT_EQ(one.status, two.status);
  expect_near(two.log_likelihood, one.log_likelihood, 1e-8, "log-likelihood");
  expect_near(two.coefficients[3], one.coefficients[3], 1e-6, "coefficient");
  expect_near(two.se[3], one.se[3], 1e-6, "se");
}

TEST(CumulativeLimits, a_factor_of_all_weights_changes_errors_alone) {
  Trial trial;
  for (std::size_t i = 0; i < trial.y.size(); ++i) {
    trial.weight.push_back(1.0 + static_cast<double>(i % 4));
  }
  const CumulativeFit one = fit_cumulative_model(trial.model(true));
  for (const double factor : {1e-12, 1e-8, 1e8, 1e12}) {
    Trial scaled = trial;
    for (double& w : scaled.weight) w *= factor;
    const CumulativeFit two = fit_cumulative_model(scaled.model(true));
    ASSERT_EQ(two.status, OrdinalStatus::fitted) << factor;
    expect_near(two.weight / factor, one.weight, 1e-13, "weight");
    expect_near(two.log_likelihood / factor, one.log_likelihood, 1e-12, "log-likelihood");
    expect_near(two.null_log_likelihood / factor, one.null_log_likelihood, 1e-12, "null");
    for (std::size_t i = 0; i < one.se.size(); ++i) {
      expect_near(two.coefficients[i], one.coefficients[i], 1e-11, "coefficient");
      expect_near(two.se[i] * std::sqrt(factor), one.se[i], 1e-11, "se");
    }
  }
}

TEST(CumulativeLimits, intercepts_of_single_rows_are_refused) {
  const Trial trial(60);
  std::vector<int> own(60);
  for (int i = 0; i < 60; ++i) own[static_cast<std::size_t>(i)] = i;
  for (const int nodes : {1, 10, 101}) {
    EXPECT_EQ(fit_random_intercept({trial.model(), own, nodes}).status, OrdinalStatus::single_rows);
  }
}

/// One subject with two rows: the sum over few nodes rises with sigma where the integral does not.
TEST(CumulativeLimits, a_maximum_that_is_the_quadratures_is_refused) {
  int refused = 0;
  for (int shift = 0; shift < 8; ++shift) {
    Trial trial(60);
    std::vector<int> own(60);
    for (int i = 0; i < 60; ++i) own[static_cast<std::size_t>(i)] = i;
    own[static_cast<std::size_t>(shift * 7)] = own[static_cast<std::size_t>(shift * 7 + 2)];
    const CumulativeFit fixed = fit_cumulative_model(trial.model());
    const RandomInterceptFit fit = fit_random_intercept({trial.model(), own, 10});
    refused += fit.status == OrdinalStatus::coarse_quadrature ? 1 : 0;
    if (fit.status != OrdinalStatus::fitted) continue;
    EXPECT_GT(fit.log_likelihood, fixed.log_likelihood - 1e-8);
    EXPECT_LT(fit.sd, 5.0);
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace angiotrial::analysis
