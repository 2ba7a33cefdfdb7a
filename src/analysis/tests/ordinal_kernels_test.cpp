// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "ordinal/cumulative_likelihood.hpp"
#include "ordinal/gauss_rule.hpp"
#include "ordinal/intercept_kernel.hpp"
#include "ordinal/random_intercept_likelihood.hpp"
#include "ordinal/threshold_terms.hpp"

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Rows with treatment, previous state and a day in months; `days` distinct days.
struct Rows {
  std::vector<int> response, group;
  std::vector<double> x, z;

  Rows(std::uint32_t seed, int groups, int days, int categories) {
    for (int g = 0; g < groups; ++g) {
      random::Stream draw =
          random::Streams(seed, 0, static_cast<std::uint32_t>(g)).at(random::Purpose::diary);
      double previous = 0.0;
      for (int day = 0; day < days; ++day) {
        x.insert(x.end(), {g % 2 == 0 ? 1.0 : 0.0, previous, day / 28.0});
        z.push_back(day % 7 < 2 ? 1.0 : 0.0);
        response.push_back(static_cast<int>(draw.uniform() * categories));
        group.push_back(7 - g);
        previous = response.back() > 1 ? 1.0 : 0.0;
      }
    }
  }
  [[nodiscard]] CumulativeModel model(int categories, bool nominal) const {
    CumulativeModel m;
    m.response = response;
    m.categories = categories;
    m.proportional = x;
    m.proportional_columns = 3;
    if (nominal) {
      m.nominal = z;
      m.nominal_columns = 1;
    }
    return m;
  }
};

TEST(GaussRule, of_a_discrete_measure_has_its_moments) {
  DiscreteMeasure measure;
  for (int i = 0; i < 168; ++i) {
    measure.point.push_back(i / 28.0);
    measure.weight.push_back(1.0 + i % 5);
  }
  const DiscreteMeasure rule = gauss_rule(measure, 12);
  ASSERT_EQ(rule.point.size(), 12U);
  const auto moment = [](const DiscreteMeasure& m, int power) {
    double sum = 0.0;
    for (std::size_t i = 0; i < m.point.size(); ++i) {
      sum += m.weight[i] * std::pow(m.point[i] / 3.0 - 1.0, power);
    }
    return sum;
  };
  const double mass = moment(measure, 0);
  for (int power = 0; power < 24; ++power) {
    EXPECT_NEAR(moment(rule, power), moment(measure, power), 1e-13 * mass) << power;
  }
  EXPECT_GT(std::fabs(moment(rule, 24) - moment(measure, 24)), 1e-13 * mass);
  for (const double w : rule.weight) EXPECT_GT(w, 0.0);
}

TEST(GaussRule, stops_where_all_weight_sits_on_fewer_points) {
  const DiscreteMeasure rule = gauss_rule({{0.0, 1.0, 2.0, 3.0}, {1.0, 1e-40, 1e-40, 2.0}}, 3);
  double mass = 0.0, first = 0.0;
  for (std::size_t i = 0; i < rule.point.size(); ++i) {
    mass += rule.weight[i];
    first += rule.weight[i] * rule.point[i];
  }
  EXPECT_NEAR(mass, 3.0, 1e-14);
  EXPECT_NEAR(first, 6.0, 1e-14);
}

TEST(ThresholdTerms, agree_with_the_sum_over_rows_to_rounding) {
  for (const int categories : {2, 3, 5}) {
    const Rows rows(1, 20, 168, categories);
    const CumulativeModel model = rows.model(categories, false);
    ThresholdTerms terms(model);
    EXPECT_LE(terms.size(), static_cast<std::size_t>((categories - 1) * 4 * 12));
    CumulativeRows plain;
    plain.read(model);
    const auto d = static_cast<Index>(plain.parameters());
    VectorXd at(d), expected(d), gradient(d);
    MatrixXd unused;
    for (const double slope : {0.0, -0.05, 0.2, 0.5}) {
      for (Index j = 0; j + 3 < d; ++j) at[j] = 1.3 * static_cast<double>(j) - 1.0;
      at.tail(3) << -0.4, 0.9, slope;
      const double value = cumulative_likelihood(plain, at, Order::gradient, expected, unused);
      const auto found = terms.evaluate(at, gradient);
      ASSERT_TRUE(found);
      EXPECT_NEAR(*found, value, 1e-13 * std::fabs(value)) << slope;
      EXPECT_LT((gradient - expected).cwiseAbs().maxCoeff(), 1e-12 * std::fabs(value)) << slope;
    }
    at[d - 1] = 0.51;  // 168 days span 5.96 months
    EXPECT_FALSE(terms.evaluate(at, gradient));
    at[d - 1] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(terms.evaluate(at, gradient));
    if (categories == 2) continue;
    at[d - 1] = 0.0;
    at[1] = at[0];
    EXPECT_EQ(terms.evaluate(at, gradient), -std::numeric_limits<double>::infinity());
  }
}

TEST(ThresholdTerms, take_weights_and_models_without_columns) {
  const std::array response{0, 1, 2, 2, 1};
  const std::array weights{1.5, 2.0, 0.0, 3.0, 1.0};
  CumulativeModel model;
  model.response = response;
  model.categories = 3;
  model.weights = weights;
  ThresholdTerms terms(model);
  EXPECT_EQ(terms.size(), 2U);
  VectorXd at(2), gradient(2);
  at << -0.5, 0.25;
  const auto f = [](double t) { return 1.0 / (1.0 + std::exp(-t)); };
  const double expected =
      1.5 * std::log(f(-0.5)) + 3.0 * std::log(f(0.25) - f(-0.5)) + 3.0 * std::log(1.0 - f(0.25));
  EXPECT_NEAR(terms.evaluate(at, gradient).value(), expected, 1e-14);
}

/// The integral over each intercept on an even grid, whose error falls exponentially.
double plain_likelihood(const CumulativeModel& model, const std::vector<int>& group,
                        const VectorXd& at) {
  const Index t = model.categories - 1;
  const auto q = static_cast<Index>(model.nominal_columns);
  const double sigma = std::exp(at[at.size() - 1]);
  const auto cumulative = [&](std::size_t r, Index j, double u) {
    if (j < 0) return 0.0;
    if (j == t) return 1.0;
    double sum = at[j] - sigma * u;
    for (Index c = 0; c < q; ++c) {
      sum += at[(1 + c) * t + j] *
             model.nominal[r * model.nominal_columns + static_cast<std::size_t>(c)];
    }
    for (std::size_t c = 0; c < 3; ++c) {
      sum -= at[t * (1 + q) + static_cast<Index>(c)] * model.proportional[3 * r + c];
    }
    return 1.0 / (1.0 + std::exp(-sum));
  };
  double value = 0.0;
  constexpr double step = 0.02;
  for (int label = *std::min_element(group.begin(), group.end()); label <= 7; ++label) {
    double integral = 0.0;
    for (int i = -400; i <= 400; ++i) {
      const double u = step * i;
      double log_joint = -0.5 * u * u;
      for (std::size_t r = 0; r < group.size(); ++r) {
        if (group[r] != label) continue;
        const double w = model.weights.empty() ? 1.0 : model.weights[r];
        const Index y = model.response[r];
        log_joint += w * std::log(cumulative(r, y, u) - cumulative(r, y - 1, u));
      }
      integral += step * std::exp(log_joint);
    }
    value += std::log(integral) - 0.5 * std::log(2.0 * std::numbers::pi);
  }
  return value;
}

TEST(RandomInterceptLikelihood, agrees_with_a_plain_integral_with_any_rows_and_weights) {
  for (const bool nominal : {false, true}) {
    for (const bool weighted : {false, true}) {
      const Rows rows(3, 5, 19, 4);
      CumulativeModel model = rows.model(4, nominal);
      std::vector<double> weights;
      for (std::size_t r = 0; r < rows.response.size(); ++r) {
        weights.push_back(0.5 * static_cast<double>(r % 4));
      }
      if (weighted) model.weights = weights;
      RandomInterceptLikelihood likelihood(model, rows.group, 41);
      VectorXd at = VectorXd::Constant(likelihood.parameters(), 0.2), gradient;
      for (Index j = 0; j < 3; ++j) at[j] = 0.9 * static_cast<double>(j) - 0.5;
      EXPECT_NEAR(likelihood.evaluate(at, gradient), plain_likelihood(model, rows.group, at), 1e-9);
    }
  }
}

TEST(RandomInterceptLikelihood, that_follows_the_modes_stays_with_the_integral) {
  const Rows rows(4, 6, 40, 4);
  const CumulativeModel model = rows.model(4, false);
  RandomInterceptLikelihood exact(model, rows.group, 41), following(model, rows.group, 5);
  const Index d = exact.parameters();
  VectorXd about = VectorXd::Constant(d, 0.1), expected, gradient;
  for (Index j = 0; j < 3; ++j) about[j] = 0.9 * static_cast<double>(j) - 0.5;
  (void)following.evaluate(about, gradient);
  following.keep_modes();
  const double h = 0.1;
  MatrixXd moves(6, d);
  for (Index i = 0; i < d; ++i) {
    VectorXd at = about;
    at[i] += h;
    (void)following.evaluate(at, gradient);
    for (Index g = 0; g < 6; ++g) moves(g, i) = following.modes()[static_cast<std::size_t>(g)];
    at[i] -= 2.0 * h;
    (void)following.evaluate(at, gradient);
    for (Index g = 0; g < 6; ++g) moves(g, i) -= following.modes()[static_cast<std::size_t>(g)];
  }
  following.follow(about, 2.0 * h * MatrixXd::Identity(d, d), moves);
  for (const double far : {0.0, 0.1, -0.4}) {
    const VectorXd at = about + VectorXd::Constant(d, far);
    const double value = exact.evaluate(at, expected);
    // Five nodes against forty-one; the second is the order of the gradient's own error.
    EXPECT_NEAR(following.evaluate(at, gradient), value, 2e-4) << far;
    EXPECT_LT((gradient - expected).cwiseAbs().maxCoeff(), 2e-3) << far;
    VectorXd again;
    EXPECT_EQ(following.evaluate(at, again), following.evaluate(at, gradient));
  }
}

TEST(InterceptKernel, one_logarithm_for_many_rows_is_their_sum) {
  for (const double largest : {1.5, 40.0, 1e40, 1e250}) {
    std::vector<double> product;
    double sum = 0.0;
    for (int i = 0; i < 168; ++i) {
      product.push_back(1.0 + (largest - 1.0) * (i % 7) / 6.0);
      sum += std::log(product.back());
    }
    EXPECT_NEAR(sum_of_logarithms(product.data(), 168, std::log(largest)), sum, 1e-13 * sum)
        << largest;
  }
  const std::array<double, 8> huge{1.0, 1e300, 1e300, 1.0, 1.0, 1.0, 1.0, 1.0};
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_NEAR(sum_of_logarithms(huge.data(), 8, infinite), 600.0 * std::log(10.0), 1e-11);
  const std::array<double, 8> ones{1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
  EXPECT_EQ(sum_of_logarithms(ones.data(), 8, 0.0), 0.0);
}

}  // namespace
}  // namespace angiotrial::analysis
