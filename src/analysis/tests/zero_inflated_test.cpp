// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/zero_inflated.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlopt.hpp>

#include <algorithm>
#include <array>
#include <numeric>

#include "count_cases.hpp"

namespace angiotrial::analysis {
namespace {

/// Counts with a zero design of the first `zero_columns` columns.
struct ZeroCase {
  CountCase counts;
  std::vector<double> zero;
  std::size_t zero_columns;

  ZeroCase(CountCase data, std::size_t columns) : counts(std::move(data)), zero_columns(columns) {
    for (std::size_t i = 0; i < counts.y.size(); ++i) {
      for (std::size_t c = 0; c < columns; ++c) {
        zero.push_back(counts.design[i * counts.columns + c]);
      }
    }
  }
  [[nodiscard]] ZeroCountModel model(ZeroPart part, bool negative_binomial) const {
    return {counts.model(), zero, zero_columns, part, negative_binomial};
  }
};

/// Two arms, a covariate and an offset; `share` of structural zeros.
CountCase sample(std::uint64_t seed, double phi, double share, std::uint32_t rows = 150) {
  CountCase out;
  for (std::uint32_t i = 0; i < rows; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    const double x = 0.5 * draw.normal();
    const double arm = i % 2;
    const double weeks = 1.0 + draw.uniform();
    const bool structural = draw.uniform() < share;
    const int y = random::negative_binomial_quantile(draw.uniform(),
                                                     2.0 * weeks * std::exp(x - 0.3 * arm), phi);
    out.add({1.0, arm, x}, structural ? 0 : y, std::log(weeks));
  }
  return out;
}

constexpr std::array parts{ZeroPart::inflated, ZeroPart::hurdle};

TEST(ZeroCounts, gradient_and_hessian_agree_with_finite_differences) {
  const ZeroCase data(sample(1, 0.5, 0.3), 2);
  for (const ZeroPart part : parts) {
    for (const bool negative_binomial : {true, false}) {
      const ZeroCountModel model = data.model(part, negative_binomial);
      std::vector<double> at{0.6, -0.2, 0.9, -0.4, 0.3, -0.5};
      if (!negative_binomial) at.pop_back();
      const ZeroCountDerivatives here = zero_count_likelihood(model, at);
      for (std::size_t c = 0; c < at.size(); ++c) {
        constexpr double h = 1e-5;
        auto above = at;
        auto below = at;
        above[c] += h;
        below[c] -= h;
        const auto up = zero_count_likelihood(model, above);
        const auto down = zero_count_likelihood(model, below);
        // Truncation h^2 times derivatives of some hundreds; rounding 1e-13 / h.
        EXPECT_NEAR(here.gradient[c], (up.log_likelihood - down.log_likelihood) / (2.0 * h), 2e-6);
        for (std::size_t k = 0; k < at.size(); ++k) {
          EXPECT_NEAR(here.hessian[c * at.size() + k],
                      (up.gradient[k] - down.gradient[k]) / (2.0 * h), 2e-6);
        }
      }
    }
  }
}

/// The likelihood written out with the gamma function, no other code shared.
double written_out(const ZeroCountModel& model, const std::vector<double>& psi) {
  const std::size_t p = model.counts.columns;
  const std::size_t q = model.zero_columns;
  const double theta = std::exp(-psi[p + q]);
  double sum = 0.0;
  for (std::size_t i = 0; i < model.counts.counts.size(); ++i) {
    double eta = model.counts.offset[i];
    double logit = 0.0;
    for (std::size_t c = 0; c < p; ++c) eta += model.counts.design[i * p + c] * psi[c];
    for (std::size_t c = 0; c < q; ++c) logit += model.zero_design[i * q + c] * psi[p + c];
    const double y = model.counts.counts[i];
    const double mu = std::exp(eta);
    const double share = 1.0 / (1.0 + std::exp(-logit));
    const double none = std::pow(theta / (theta + mu), theta);
    const double l = std::lgamma(y + theta) - std::lgamma(theta) - std::lgamma(y + 1.0) +
                     theta * std::log(theta / (theta + mu)) + y * std::log(mu / (theta + mu));
    if (model.part == ZeroPart::inflated) {
      sum += y > 0.0 ? std::log(1.0 - share) + l : std::log(share + (1.0 - share) * none);
    } else {
      sum += y > 0.0 ? std::log(share) + l - std::log(1.0 - none) : std::log(1.0 - share);
    }
  }
  return std::isfinite(sum) ? sum : -1e10;
}

double negative_written_out(const std::vector<double>& psi, std::vector<double>& /*gradient*/,
                            void* model) {
  return -written_out(*static_cast<const ZeroCountModel*>(model), psi);
}

/// The highest of searches without derivatives from several starts.
double brute_force(ZeroCountModel model) {
  const auto k = static_cast<unsigned>(model.counts.columns + model.zero_columns + 1);
  double highest = -1e300;
  for (const double first : {0.0, 1.5}) {
    for (const double logit : {-1.0, 0.5}) {
      std::vector<double> psi(k, 0.0);
      psi[0] = first;
      psi[model.counts.columns] = logit;
      double value = 0.0;
      nlopt::opt search(nlopt::LN_SBPLX, k);
      search.set_min_objective(&negative_written_out, &model);
      search.set_lower_bounds(-12.0);
      search.set_upper_bounds(12.0);
      search.set_ftol_rel(1e-13);
      search.set_maxeval(3000);
      search.optimize(psi, value);
      highest = std::max(highest, -value);
    }
  }
  return highest;
}

CountCase without_age_and_steroids(const CountCase& from) {
  CountCase out;
  for (std::size_t i = 0; i < from.y.size(); ++i) {
    out.add({1.0, from.design[5 * i + 1], from.design[5 * i + 2]}, from.y[i], from.offset[i]);
  }
  return out;
}

// No search may find a higher likelihood than the fit, which reaches the highest found.
TEST(ZeroCounts, reach_the_highest_likelihood_that_a_search_without_derivatives_finds) {
  const ZeroCase simulated(sample(2, 0.4, 0.3, 100), 2);
  const ZeroCase seizures(without_age_and_steroids(epil()), 1);
  for (const ZeroCase* data : {&simulated, &seizures}) {
    for (const ZeroPart part : parts) {
      const ZeroCountModel model = data->model(part, true);
      const ZeroCountFit fit = fit_zero_counts(model);
      ASSERT_TRUE(fit.status == ZeroStatus::fitted) << name_of(fit.status);
      std::vector<double> psi = fit.coefficients;
      psi.insert(psi.end(), fit.zero_coefficients.begin(), fit.zero_coefficients.end());
      psi.push_back(std::log(fit.dispersion));
      EXPECT_NEAR(written_out(model, psi), fit.log_likelihood, 1e-9);
      const double found = brute_force(model);
      EXPECT_GE(fit.log_likelihood, found - 1e-9);
      EXPECT_NEAR(fit.log_likelihood, found, 1e-5);
      for (const double slope : zero_count_likelihood(model, psi).gradient) {
        EXPECT_NEAR(slope, 0.0, 1e-6);
      }
    }
  }
}

// With intercepts alone the two models are one another in other letters; the mean is the sample's.
TEST(ZeroCounts, inflated_and_hurdle_with_intercepts_alone_are_the_same_model) {
  CountCase data;
  const CountCase from = sample(3, 0.4, 0.35);
  for (const int y : from.y) data.add({1.0}, y);
  const ZeroCase zero(data, 1);
  for (const bool negative_binomial : {true, false}) {
    const ZeroCountFit inflated =
        fit_zero_counts(zero.model(ZeroPart::inflated, negative_binomial));
    const ZeroCountFit hurdle = fit_zero_counts(zero.model(ZeroPart::hurdle, negative_binomial));
    ASSERT_EQ(inflated.status, ZeroStatus::fitted);
    ASSERT_EQ(hurdle.status, ZeroStatus::fitted);
    EXPECT_NEAR(inflated.log_likelihood, hurdle.log_likelihood, 1e-9);
    EXPECT_NEAR(inflated.coefficients[0], hurdle.coefficients[0], 1e-6);
    EXPECT_NEAR(inflated.dispersion, hurdle.dispersion, 1e-6);
    const double sum = std::accumulate(data.y.begin(), data.y.end(), 0.0);
    if (!negative_binomial) {
      EXPECT_NEAR(inflated.mean[0] * static_cast<double>(data.y.size()), sum, 1e-6);
    }
    EXPECT_NEAR(inflated.mean[0], hurdle.mean[0], 1e-7);
  }
}

// With an arm of its own in both parts the two models are one another in other letters, and so are
// means and their errors, which do not depend on the letters; the means of the rows average to
// them.
TEST(ZeroCounts, means_of_arms_and_their_errors_are_those_of_either_model) {
  CountCase data;
  const CountCase from = sample(3, 0.4, 0.35);
  for (std::size_t i = 0; i < from.y.size(); ++i)
    data.add({1.0, from.design[3 * i + 1]}, from.y[i]);
  const ZeroCase zero(data, 2);
  std::vector<double> both;
  for (const double arm : {0.0, 1.0}) {
    for (std::size_t i = 0; i < data.y.size(); ++i) both.insert(both.end(), {1.0, arm});
  }
  for (const bool negative_binomial : {true, false}) {
    std::array<MarginalMeans, 2> means;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const ZeroCountModel model = zero.model(parts[k], negative_binomial);
      const ZeroCountFit fit = fit_zero_counts(model);
      ASSERT_EQ(fit.status, ZeroStatus::fitted);
      means[k] = zero_count_means(model, fit, both, both, 2);
      EXPECT_NEAR(means[k].mean[0], fit.mean[0], 1e-10);
      EXPECT_NEAR(means[k].mean[1], fit.mean[1], 1e-10);
    }
    for (std::size_t a = 0; a < 2; ++a) EXPECT_NEAR(means[0].mean[a], means[1].mean[a], 1e-6);
    for (std::size_t c = 0; c < 4; ++c) {
      EXPECT_NEAR(means[0].covariance[c], means[1].covariance[c], 1e-6);
    }
    EXPECT_GT(means[0].covariance[0], 1e-3);
  }
}

TEST(ZeroCounts, without_a_zero_part_are_the_negative_binomial_and_say_so) {
  const ZeroCase data(sample(4, 0.5, 0.0), 1);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& plain = fit_negative_binomial(data.counts.model(), workspace);
  std::vector<double> psi = plain.coefficients;
  psi.insert(psi.end(), {-40.0, std::log(plain.dispersion)});
  const auto at = zero_count_likelihood(data.model(ZeroPart::inflated, true), psi);
  EXPECT_NEAR(at.log_likelihood, plain.log_likelihood, 1e-9);
  int none = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const ZeroCase even(sample(seed, 0.3, 0.0, 80), 1);
    const ZeroCountFit fit = fit_zero_counts(even.model(ZeroPart::inflated, true));
    ASSERT_TRUE(usable(fit.status)) << seed << " " << name_of(fit.status);
    if (fit.status != ZeroStatus::no_excess_zeros) continue;
    ++none;
    const NegativeBinomialFit& same = fit_negative_binomial(even.counts.model(), workspace);
    EXPECT_EQ(fit.log_likelihood, same.log_likelihood);
    EXPECT_EQ(fit.coefficients, same.coefficients);
    EXPECT_TRUE(std::isinf(fit.zero_coefficients[0]));
  }
  EXPECT_GE(none, 3);
}

TEST(ZeroCounts, find_the_truth_of_a_large_sample) {
  const ZeroCase data(sample(6, 0.4, 0.3, 6000), 1);
  const ZeroCountFit fit = fit_zero_counts(data.model(ZeroPart::inflated, true));
  ASSERT_EQ(fit.status, ZeroStatus::fitted);
  EXPECT_NEAR(fit.coefficients[0], std::log(2.0), 4.0 * fit.se[0]);
  EXPECT_NEAR(fit.coefficients[1], -0.3, 4.0 * fit.se[1]);
  EXPECT_NEAR(fit.coefficients[2], 1.0, 4.0 * fit.se[2]);
  EXPECT_NEAR(fit.zero_coefficients[0], std::log(0.3 / 0.7), 4.0 * fit.zero_se[0]);
  EXPECT_NEAR(std::log(fit.dispersion / 0.4), 0.0, 4.0 * fit.se_log_theta);
  const ZeroCase even(sample(7, 0.0, 0.3, 400), 1);
  const ZeroCountFit poisson = fit_zero_counts(even.model(ZeroPart::inflated, false));
  const ZeroCountFit boundary = fit_zero_counts(even.model(ZeroPart::inflated, true));
  ASSERT_EQ(poisson.status, ZeroStatus::fitted);
  ASSERT_TRUE(usable(boundary.status));
  EXPECT_GE(boundary.log_likelihood, poisson.log_likelihood - 1e-7);
}

RC_GTEST_PROP(ZeroCounts, ignore_the_order_of_rows_and_shift_with_exposure, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 10000);
  const auto part = *rc::gen::element(ZeroPart::inflated, ZeroPart::hurdle);
  const CountCase data = sample(seed, 0.3, 0.3, 80);
  CountCase mirrored;
  for (std::size_t i = data.y.size(); i-- > 0;) {
    mirrored.add({1.0, data.design[3 * i + 1], data.design[3 * i + 2]}, data.y[i],
                 data.offset[i] + std::log(3.0));
  }
  const ZeroCase a(data, 2);
  const ZeroCase b(mirrored, 2);
  const ZeroCountFit fit = fit_zero_counts(a.model(part, true));
  const ZeroCountFit other = fit_zero_counts(b.model(part, true));
  RC_ASSERT(fit.status == other.status);
  if (fit.status != ZeroStatus::fitted) return;
  RC_ASSERT(std::fabs(fit.log_likelihood - other.log_likelihood) < 1e-7);
  RC_ASSERT(std::fabs(fit.coefficients[0] - other.coefficients[0] - std::log(3.0)) < 1e-4);
  RC_ASSERT(std::fabs(fit.coefficients[1] - other.coefficients[1]) < 1e-4);
}

TEST(ZeroCounts, say_why_they_refuse) {
  const auto status = [](const ZeroCase& data, ZeroPart part = ZeroPart::inflated) {
    return fit_zero_counts(data.model(part, true)).status;
  };
  CountCase full = sample(8, 0.3, 0.0);
  for (int& y : full.y) y += 1;
  EXPECT_EQ(status(ZeroCase(full, 1)), ZeroStatus::no_zeros);
  CountCase none = full;
  for (int& y : none.y) y = 0;
  EXPECT_EQ(status(ZeroCase(none, 1)), ZeroStatus::separated);
  CountCase few = sample(8, 0.3, 0.0);
  for (std::size_t i = 3; i < few.y.size(); ++i) few.y[i] = 0;
  EXPECT_EQ(status(ZeroCase(few, 1), ZeroPart::hurdle), ZeroStatus::too_few_rows);
  ZeroCase twice(sample(8, 0.3, 0.2), 2);
  for (std::size_t i = 0; i < twice.zero.size(); i += 2) twice.zero[i + 1] = twice.zero[i];
  EXPECT_EQ(status(twice), ZeroStatus::collinear);
  twice.zero[0] = std::nan("");
  EXPECT_EQ(status(twice), ZeroStatus::invalid_input);
  // Positive counts of 1 alone: the truncated mean runs to 0.
  CountCase ones = sample(8, 0.3, 0.2);
  for (int& y : ones.y) y = std::min(y, 1);
  EXPECT_FALSE(usable(status(ZeroCase(ones, 1), ZeroPart::hurdle)));
  // One arm without zeros in a zero part by arm.
  CountCase arm = sample(8, 0.3, 0.2);
  for (std::size_t i = 0; i < arm.y.size(); i += 2) arm.y[i] += 1;
  EXPECT_EQ(status(ZeroCase(arm, 2)), ZeroStatus::separated);
}

}  // namespace
}  // namespace angiotrial::analysis
