// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/random_intercept_counts.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

#include "count_cases.hpp"
#include "counts/random_intercept_likelihood.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

/// c04: 1, Base, progabide, Age, V4, Base x progabide.
CountCase epil_by_patient() {
  const Data d("c04_nb_glmm_epil/data.csv");
  CountCase out;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const double active = d.is(i, "trt", "progabide");
    const double base = d.number(i, "Base");
    out.add({1.0, base, active, d.number(i, "Age"), d.number(i, "V4"), base * active},
            d.number(i, "y"), 0.0, static_cast<int>(d.number(i, "subject")));
  }
  return out;
}

InterceptModel as_model(const CountCase& data, CountFamily family, int points) {
  return {data.model(), data.subject, family, points};
}

const std::string file = "c04_nb_glmm_epil/expected.json";

void expect_block(const std::string& name, CountFamily family, int points) {
  SCOPED_TRACE(name);
  const CountCase data = epil_by_patient();
  const InterceptFit fit = fit_random_intercept(as_model(data, family, points));
  ASSERT_EQ(fit.status, InterceptStatus::fitted) << name_of(fit.status);
  const Block block(file, name);
  block.expect({"coef"}, fit.coefficients);
  block.expect({"se_observed_info"}, fit.se);
  block.expect({"sd_subject"}, fit.sigma);
  block.expect({"logLik"}, fit.log_likelihood);
  if (family == CountFamily::quadratic_nb) block.expect({"theta_nb"}, fit.theta());
  if (family == CountFamily::linear_nb) block.expect({"theta_nb"}, fit.dispersion);
}

TEST(RandomInterceptReference, c04_laplace_agrees_with_glmmtmb) {
  expect_block("poisson_ri_laplace", CountFamily::poisson, 1);
  expect_block("nbinom2_ri_laplace", CountFamily::quadratic_nb, 1);
  expect_block("nbinom1_ri_laplace", CountFamily::linear_nb, 1);
}

TEST(RandomInterceptReference, c04_quadrature_of_51_points_agrees) {
  expect_block("poisson_ri_agq51", CountFamily::poisson, 51);
  expect_block("nbinom2_ri_agq51", CountFamily::quadratic_nb, 51);
  const CountCase data = epil_by_patient();
  const InterceptFit fit = fit_random_intercept(as_model(data, CountFamily::poisson, 25));
  const Block glmer(file, "poisson_ri_glmer25");
  glmer.expect({"coef"}, fit.coefficients);
  glmer.expect({"sd_subject"}, fit.sigma);
  glmer.expect({"se"}, fit.se);
}

// Laplace is not enough for counts: 0.13 in the log-likelihood, 0.3 % in sigma.
TEST(RandomInterceptReference, c04_laplace_and_quadrature_differ_as_published) {
  const CountCase data = epil_by_patient();
  const InterceptFit laplace = fit_random_intercept(as_model(data, CountFamily::quadratic_nb, 1));
  const InterceptFit few = fit_random_intercept(as_model(data, CountFamily::quadratic_nb, 7));
  const InterceptFit fit = fit_random_intercept(as_model(data, CountFamily::quadratic_nb, 51));
  EXPECT_NEAR(fit.log_likelihood - laplace.log_likelihood, 0.13, 0.005);
  EXPECT_NEAR(fit.sigma / laplace.sigma - 1.0, 0.003, 0.0005);
  EXPECT_NEAR(few.log_likelihood, fit.log_likelihood, 1e-4);
  EXPECT_LT(fit.variance_p_value, 1e-10);
}

/// Patients of six rows with an offset; sigma and phi as given, phi 0 is Poisson.
CountCase sample(std::uint64_t seed, double sigma, double phi, std::uint32_t patients = 30) {
  CountCase out;
  for (std::uint32_t i = 0; i < patients; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    const double shared = sigma * draw.normal();
    const double x = 0.5 * draw.normal();
    const double arm = i % 2;
    for (int row = 0; row < 6; ++row) {
      const double weeks = 0.5 + draw.uniform();
      const double mean = 4.0 * weeks * std::exp(x - 0.3 * arm + shared);
      out.add({1.0, arm, x}, random::negative_binomial_quantile(draw.uniform(), mean, phi),
              std::log(weeks), static_cast<int>(i));
    }
  }
  return out;
}

constexpr std::array families{CountFamily::poisson, CountFamily::quadratic_nb,
                              CountFamily::linear_nb};

TEST(RandomIntercept, gradient_agrees_with_finite_differences_for_every_family_and_rule) {
  const CountCase data = sample(3, 0.5, 0.3);
  for (const CountFamily family : families) {
    for (const int points : {1, 2, 5, 20}) {
      const InterceptModel model = as_model(data, family, points);
      const std::vector<double> at{1.2, -0.2, 0.8, std::log(0.6), std::log(0.25)};
      const auto value = [&](const std::vector<double>& psi) {
        return random_intercept_likelihood(model, std::span(psi).first(3), psi[3], psi[4]);
      };
      const InterceptGradient here = value(at);
      for (std::size_t c = 0; c < 5; ++c) {
        constexpr double h = 1e-4;
        auto above = at;
        auto below = at;
        above[c] += h;
        below[c] -= h;
        const double slope =
            (value(above).log_likelihood - value(below).log_likelihood) / (2.0 * h);
        // Truncation of order h^2 times a third derivative of some hundreds.
        EXPECT_NEAR(here.gradient[c], slope, 1e-5 * (1.0 + std::fabs(slope))) << c << " " << points;
      }
    }
  }
}

// Louis's identity is of the exact integrals, differences are of the sums over nodes: they meet
// where the nodes are many, and few nodes are said to be too few.
TEST(RandomIntercept, information_by_the_identity_is_that_of_differences) {
  const CountCase data = sample(3, 0.5, 0.3);
  Eigen::VectorXd at(5);
  at << 1.2, -0.2, 0.8, std::log(0.6), std::log(0.25);
  for (const CountFamily family : families) {
    InterceptLikelihood fine(as_model(data, family, 25));
    InterceptLikelihood coarse(as_model(data, family, 2));
    Eigen::VectorXd gradient, below;
    Eigen::MatrixXd information;
    const auto value = fine.evaluate(at, family, gradient, information);
    ASSERT_EQ(value.has_value(), family != CountFamily::linear_nb);
    if (!value) continue;
    EXPECT_LT(fine.coarseness(), 1e-7);
    Eigen::VectorXd plain;
    coarse.evaluate(at, family, plain);
    EXPECT_GT(coarse.coarseness(), 1e-4);
    // Modes start where the evaluation before left them.
    EXPECT_NEAR(fine.evaluate(at, family, plain), *value, 1e-9);
    EXPECT_LT((plain - gradient).norm(), 1e-9);
    for (Eigen::Index c = 0; c < 5; ++c) {
      constexpr double h = 1e-4;
      Eigen::VectorXd psi = at;
      psi[c] += h;
      fine.evaluate(psi, family, plain);
      psi[c] -= 2.0 * h;
      fine.evaluate(psi, family, below);
      const Eigen::VectorXd column = (below - plain) / (2.0 * h);
      EXPECT_LT((column - information.col(c)).norm(), 1e-6 * (1.0 + column.norm())) << c;
    }
  }
}

TEST(RandomIntercept, newton_from_the_laplace_fit_and_the_plain_climb_meet) {
  const CountCase data = sample(11, 0.7, 0.4, 60);
  const InterceptFit some = fit_random_intercept(as_model(data, CountFamily::quadratic_nb, 15));
  const InterceptFit many = fit_random_intercept(as_model(data, CountFamily::quadratic_nb, 41));
  ASSERT_EQ(some.status, InterceptStatus::fitted);
  // Five nodes are too few for the identity: differences of the gradient.
  const InterceptFit few = fit_random_intercept(as_model(data, CountFamily::quadratic_nb, 5));
  EXPECT_LT(some.evaluations, few.evaluations);
  EXPECT_NEAR(some.log_likelihood, many.log_likelihood, 1e-7);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(some.coefficients[c], many.coefficients[c], 1e-7);
    EXPECT_NEAR(some.se[c] / many.se[c], 1.0, 1e-6);
    EXPECT_NEAR(some.se[c] / few.se[c], 1.0, 1e-3);
  }
  EXPECT_NEAR(some.se_log_sigma / many.se_log_sigma, 1.0, 1e-6);
}

// One point is Laplace: mode and curvature found here by golden section and differences.
TEST(RandomIntercept, one_point_is_the_laplace_approximation) {
  const CountCase data = sample(4, 0.5, 0.3, 2);
  const double sigma = 0.7;
  const double phi = 0.4;
  const std::vector<double> beta{1.1, -0.1, 0.5};
  double expected = 0.0;
  for (int g = 0; g < 2; ++g) {
    const auto log_joint = [&](double u) {
      double sum = -0.5 * u * u;
      for (std::size_t i = 0; i < data.y.size(); ++i) {
        if (data.subject[i] != g) continue;
        double eta = data.offset[i] + sigma * u;
        for (std::size_t c = 0; c < 3; ++c) eta += beta[c] * data.design[3 * i + c];
        const double y = data.y[i];
        const double theta = 1.0 / phi;
        sum += std::lgamma(y + theta) - std::lgamma(theta) - std::lgamma(y + 1.0) + y * eta -
               y * std::log(theta) - (y + theta) * std::log1p(std::exp(eta) / theta);
      }
      return sum;
    };
    double low = -5.0;
    double high = 5.0;
    for (int step = 0; step < 200; ++step) {
      const double a = low + (high - low) / 3.0;
      const double b = high - (high - low) / 3.0;
      (log_joint(a) < log_joint(b) ? low : high) = log_joint(a) < log_joint(b) ? a : b;
    }
    const double m = 0.5 * (low + high);
    constexpr double h = 1e-3;
    const double curvature = (log_joint(m + h) - 2.0 * log_joint(m) + log_joint(m - h)) / (h * h);
    expected += log_joint(m) - 0.5 * std::log(-curvature);
  }
  const auto found = random_intercept_likelihood(as_model(data, CountFamily::quadratic_nb, 1), beta,
                                                 std::log(sigma), std::log(phi));
  EXPECT_NEAR(found.log_likelihood, expected, 1e-5);  // h^2 of the differences
}

RC_GTEST_PROP(RandomIntercept, tends_to_the_plain_likelihood_and_ignores_order_and_labels, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  const CountCase data = sample(seed, 0.4, 0.4, 12);
  CountCase mirrored;
  for (std::size_t i = data.y.size(); i-- > 0;) {
    mirrored.add({1.0, data.design[3 * i + 1], data.design[3 * i + 2]}, data.y[i], data.offset[i],
                 99 - 2 * data.subject[i]);
  }
  const InterceptModel model = as_model(data, CountFamily::quadratic_nb, 5);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& plain = fit_negative_binomial(data.model(), workspace);
  RC_PRE(plain.status == FitStatus::fitted);
  const auto at_zero = random_intercept_likelihood(model, plain.coefficients, std::log(1e-6),
                                                   std::log(plain.dispersion));
  RC_ASSERT(std::fabs(at_zero.log_likelihood - plain.log_likelihood) < 1e-8);
  RC_ASSERT(std::fabs(at_zero.gradient[1]) < 1e-5);
  const InterceptModel other = as_model(mirrored, CountFamily::quadratic_nb, 5);
  const auto a = random_intercept_likelihood(model, plain.coefficients, -0.7, -0.5);
  const auto b = random_intercept_likelihood(other, plain.coefficients, -0.7, -0.5);
  RC_ASSERT(std::fabs(a.log_likelihood - b.log_likelihood) < 1e-9);
  RC_ASSERT(std::fabs(a.gradient[3] - b.gradient[3]) < 1e-9);
}

TEST(RandomIntercept, finds_the_truth_of_a_large_sample_and_shifts_with_exposure) {
  CountCase data = sample(9, 0.6, 0.3, 400);
  const InterceptFit fit = fit_random_intercept(as_model(data, CountFamily::quadratic_nb, 9));
  ASSERT_EQ(fit.status, InterceptStatus::fitted);
  EXPECT_NEAR(fit.coefficients[0], std::log(4.0), 4.0 * fit.se[0]);
  EXPECT_NEAR(fit.coefficients[1], -0.3, 4.0 * fit.se[1]);
  EXPECT_NEAR(fit.coefficients[2], 1.0, 4.0 * fit.se[2]);
  EXPECT_NEAR(std::log(fit.sigma / 0.6), 0.0, 4.0 * fit.se_log_sigma);
  EXPECT_NEAR(std::log(fit.dispersion / 0.3), 0.0, 4.0 * fit.se_log_dispersion);
  EXPECT_EQ(fit.effects.size(), 400U);
  for (double& o : data.offset) o += std::log(7.0);
  const InterceptFit scaled = fit_random_intercept(as_model(data, CountFamily::quadratic_nb, 9));
  EXPECT_NEAR(scaled.coefficients[0], fit.coefficients[0] - std::log(7.0), 1e-7);
  EXPECT_NEAR(scaled.coefficients[1], fit.coefficients[1], 1e-7);
  EXPECT_NEAR(scaled.sigma, fit.sigma, 1e-7);
}

TEST(RandomIntercept, says_when_a_variance_is_zero) {
  int no_variance = 0;
  int no_dispersion = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const CountCase flat = sample(seed, 0.0, 0.3, 20);
    const InterceptFit fit = fit_random_intercept(as_model(flat, CountFamily::quadratic_nb, 5));
    ASSERT_TRUE(usable(fit.status)) << seed << name_of(fit.status);
    if (fit.status == InterceptStatus::no_patient_variance) {
      ++no_variance;
      EXPECT_EQ(fit.sigma, 0.0);
      EXPECT_EQ(fit.variance_p_value, 1.0);
      NegativeBinomialWorkspace workspace;
      const NegativeBinomialFit& plain = fit_negative_binomial(flat.model(), workspace);
      EXPECT_NEAR(fit.log_likelihood, plain.log_likelihood, 1e-7);
      EXPECT_NEAR(fit.coefficients[1], plain.coefficients[1], 1e-6);
      EXPECT_NEAR(fit.se[1], plain.se_observed[1], 1e-6);
    }
    const CountCase poisson = sample(seed, 0.5, 0.0, 20);
    const InterceptFit even = fit_random_intercept(as_model(poisson, CountFamily::quadratic_nb, 5));
    ASSERT_TRUE(usable(even.status)) << seed << name_of(even.status);
    if (even.status == InterceptStatus::poisson_boundary) {
      ++no_dispersion;
      EXPECT_EQ(even.dispersion, 0.0);
      const InterceptFit same = fit_random_intercept(as_model(poisson, CountFamily::poisson, 5));
      EXPECT_NEAR(even.log_likelihood, same.log_likelihood, 1e-9);
    }
  }
  // Each happens about half of the time.
  EXPECT_GE(no_variance, 2);
  EXPECT_GE(no_dispersion, 2);
}

TEST(RandomIntercept, does_not_depend_on_what_a_workspace_was_used_for) {
  InterceptWorkspace workspace;
  const CountCase cases[] = {epil_by_patient(), sample(1, 0.0, 0.3, 20), sample(4, 0.5, 0.0, 20),
                             sample(5, 0.6, 0.4, 11)};
  for (const int points : {5, 1, 7}) {
    for (const CountFamily family : families) {
      for (const CountCase& data : cases) {
        const InterceptModel model = as_model(data, family, points);
        const InterceptFit alone = fit_random_intercept(model);
        const InterceptFit& again = fit_random_intercept(model, workspace);
        EXPECT_EQ(again.status, alone.status);
        EXPECT_EQ(again.evaluations, alone.evaluations);
        EXPECT_EQ(again.patients, alone.patients);
        EXPECT_EQ(again.log_likelihood, alone.log_likelihood);
        EXPECT_EQ(again.sigma, alone.sigma);
        EXPECT_EQ(again.dispersion, alone.dispersion);
        EXPECT_EQ(again.coefficients, alone.coefficients);
        EXPECT_EQ(again.covariance, alone.covariance);
        EXPECT_EQ(again.effects, alone.effects);
        EXPECT_EQ(again.variance_p_value, alone.variance_p_value);
      }
    }
  }
}

TEST(RandomIntercept, says_why_it_refuses) {
  CountCase data = sample(2, 0.5, 0.3, 6);
  const auto status = [](const CountCase& rows) {
    return fit_random_intercept(as_model(rows, CountFamily::quadratic_nb, 3)).status;
  };
  CountCase one = data;
  for (int& label : one.subject) label = 1;
  EXPECT_EQ(status(one), InterceptStatus::too_few_rows);
  CountCase none = data;
  for (std::size_t i = 0; i < none.y.size(); ++i) none.y[i] = 0;
  EXPECT_EQ(status(none), InterceptStatus::separated);
  CountCase nan = data;
  nan.offset[0] = std::nan("");
  EXPECT_EQ(status(nan), InterceptStatus::invalid_input);
  CountCase same = data;
  for (std::size_t i = 0; i < same.y.size(); ++i) same.design[3 * i + 2] = same.design[3 * i];
  EXPECT_EQ(status(same), InterceptStatus::collinear);
  EXPECT_EQ(status(CountCase{{}, {}, {}, {}, 1}), InterceptStatus::too_few_rows);
}

}  // namespace
}  // namespace angiotrial::analysis
