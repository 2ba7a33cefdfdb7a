// SPDX-License-Identifier: Apache-2.0
#include "column_products.hpp"
#include "counts/negative_binomial_rows.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

/// The vector kernels of count and linear regressions against plain sums.
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// `rows` by `columns` numbers of both signs and sizes from 1e-3 to 1e3.
MatrixXd any_matrix(Index rows, Index columns) {
  MatrixXd out(rows, columns);
  for (double& value : out.reshaped()) {
    value = std::ldexp(*rc::gen::inRange(-1000, 1001) / 1000.0, *rc::gen::inRange(-10, 11));
  }
  return out;
}

std::vector<double> plain(const VectorXd& v) { return {v.data(), v.data() + v.size()}; }

RC_GTEST_PROP(ColumnProducts, are_plain_sums_for_any_shape, ()) {
  const Index n = *rc::gen::inRange<Index>(1, 40), k = *rc::gen::inRange<Index>(1, 12);
  const MatrixXd x = any_matrix(n, k);
  const VectorXd w = any_matrix(n, 1), beta = any_matrix(k, 1), offset = any_matrix(n, 1);
  MatrixXd gram;
  weighted_gram(x, values_of(w), gram);
  VectorXd sums, eta(n), bare(n);
  cross_product(x, values_of(w), sums);
  linear_predictor(x, values_of(beta), values_of(offset), values_of(eta));
  linear_predictor(x, values_of(beta), {}, values_of(bare));
  RC_ASSERT(gram.rows() == k && gram.cols() == k && sums.size() == k);
  for (Index a = 0; a < k; ++a) {
    double sum = 0.0, size = 0.0;
    for (Index i = 0; i < n; ++i) {
      sum += w[i] * x(i, a);
      size += std::fabs(w[i] * x(i, a));
    }
    RC_ASSERT(std::fabs(sums[a] - sum) <= 1e-13 * size);
    for (Index b = 0; b < k; ++b) {
      double product = 0.0, terms = 0.0;
      for (Index i = 0; i < n; ++i) {
        product += w[i] * x(i, a) * x(i, b);
        terms += std::fabs(w[i] * x(i, a) * x(i, b));
      }
      RC_ASSERT(std::fabs(gram(a, b) - product) <= 1e-13 * terms);
      RC_ASSERT(gram(a, b) == gram(b, a));
    }
  }
  for (Index i = 0; i < n; ++i) {
    const double size = x.row(i).cwiseAbs().dot(beta.cwiseAbs()) + std::fabs(offset[i]);
    RC_ASSERT(std::fabs(bare[i] - x.row(i).dot(beta)) <= 1e-13 * size);
    RC_ASSERT(std::fabs(eta[i] - bare[i] - offset[i]) <= 1e-13 * size);
  }
}

// Columns of a block of a larger matrix are further apart than their length.
TEST(ColumnProducts, take_columns_that_are_further_apart_than_their_length) {
  const MatrixXd whole = MatrixXd::Random(23, 6);
  const VectorXd w = VectorXd::Random(9);
  MatrixXd gram, alone;
  weighted_gram(whole.block(4, 1, 9, 5), values_of(w), gram);
  weighted_gram(MatrixXd(whole.block(4, 1, 9, 5)), values_of(w), alone);
  EXPECT_EQ(gram, alone);
}

TEST(ColumnProducts, rows_of_another_number_are_a_broken_contract) {
  const MatrixXd x = MatrixXd::Ones(5, 2);
  const VectorXd four = VectorXd::Ones(4);
  MatrixXd gram;
  EXPECT_THROW(weighted_gram(x, values_of(four), gram), diagnostics::ContractViolation);
}

/// What the rows of a count regression add, in long double and straight from the density.
struct PlainRow {
  long double likelihood, score, curvature, r, c, w;
};
PlainRow plain_row(long double y, long double mu, long double phi) {
  const long double x = phi * mu, one = 1.0L + x;
  PlainRow out{};
  out.r = (y - mu) / one;
  out.c = -mu * (y - mu) / (one * one);
  out.w = mu * (1.0L + phi * y) / (one * one);
  if (phi == 0.0L) {
    out.likelihood = y * std::log(mu) - mu;
    out.score = mu * mu / 2.0L - y * mu;
    out.curvature = -2.0L / 3.0L * mu * mu * mu + y * mu * mu;
    return out;
  }
  if (x < 0.01L) {
    long double bend = 0, slope = 0, power = 1;
    for (int m = 0; m < 14; ++m, power *= -x) {
      bend += power * (m + 1.0L) / (m + 2.0L);
      slope -= power * (m + 1.0L) * (m + 2.0L) / (m + 3.0L);
    }
    // (ln(1 + x)) / phi = mu / (1 + x) + mu x bend.
    out.likelihood = y * (std::log(mu) - std::log1p(x)) - mu / one - mu * x * bend;
    out.score = mu * mu * bend - y * mu / one;
    out.curvature = mu * mu * mu * slope + y * mu * mu / (one * one);
    return out;
  }
  const long double l = std::log1p(x);
  out.likelihood = y * (std::log(mu) - l) - l / phi;
  out.score = (l - x / one) / (phi * phi) - y * mu / one;
  // d/dphi of the line above.
  out.curvature = (mu / one - mu / (one * one)) / (phi * phi) -
                  2.0L * (l - x / one) / (phi * phi * phi) + y * mu * mu / (one * one);
  return out;
}

struct Rows {
  std::vector<double> y, eta, mu, bits, d, r, c, w;

  explicit Rows(std::size_t n) {
    for (auto* column : {&y, &eta, &mu, &d, &r, &c, &w}) column->resize(n);
  }
  CountRowSums take(double phi) {
    bits.clear();
    for (int bit = 1; bit <= *std::max_element(y.begin(), y.end()); bit *= 2) {
      for (const double count : y) bits.push_back((static_cast<int>(count) & bit) != 0 ? 1.0 : 0.0);
    }
    return take_rows({y.size(), y.data(), eta.data(), mu.data(), bits.data(),
                      bits.size() / y.size(), d.data(), r.data(), c.data(), w.data()},
                     phi);
  }
};

RC_GTEST_PROP(CountRows, are_the_derivatives_of_the_density_for_any_mean_and_dispersion, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 40);
  const double phi =
      *rc::gen::elementOf(std::vector<double>{0.0, 2e-8, 1e-3, 0.019, 0.3, 1.0, 7.0, 40.0});
  const int most = *rc::gen::elementOf(std::vector<int>{1, 60, 5000, 1'000'000});
  Rows rows(n);
  for (std::size_t i = 0; i < n; ++i) {
    rows.y[i] = *rc::gen::inRange(0, most + 1);
    rows.eta[i] = std::log(most) + *rc::gen::inRange(-300, 100) / 100.0;
    rows.mu[i] = std::exp(rows.eta[i]);
  }
  const CountRowSums sums = rows.take(phi);
  long double likelihood = 0, score = 0, curvature = 0, sizes[3] = {};
  for (std::size_t i = 0; i < n; ++i) {
    const PlainRow row = plain_row(rows.y[i], rows.mu[i], phi);
    likelihood += row.likelihood;
    score += row.score;
    curvature += row.curvature;
    const long double mu = rows.mu[i], y = rows.y[i];
    sizes[0] += y * std::fabs(rows.eta[i]) + std::fabs(row.likelihood) + mu;
    sizes[1] += mu * mu + y * mu;
    sizes[2] += mu * mu * mu + y * mu * mu;
    RC_ASSERT(std::fabs(rows.r[i] - row.r) <= 1e-13L * (y + mu));
    RC_ASSERT(std::fabs(rows.c[i] - row.c) <= 1e-13L * mu * (y + mu));
    RC_ASSERT(std::fabs(rows.w[i] - row.w) <= 1e-13L * row.w);
  }
  RC_ASSERT(std::fabs(sums.log_likelihood - likelihood) <= 1e-13L * sizes[0]);
  RC_ASSERT(std::fabs(sums.score_phi - score) <= 1e-11L * sizes[1]);
  RC_ASSERT(std::fabs(sums.curvature_phi - curvature) <= 1e-9L * sizes[2]);
}

// Rows alone in the last lanes give what they give among others.
TEST(CountRows, a_row_counts_the_same_wherever_it_stands) {
  for (const double phi : {0.0, 0.4}) {
    Rows all(19);
    double likelihood = 0.0, score = 0.0;
    for (std::size_t i = 0; i < 19; ++i) {
      Rows one(1);
      all.y[i] = one.y[0] = static_cast<double>(i % 7);
      all.eta[i] = one.eta[0] = 0.2 * static_cast<double>(i) - 3.0;
      all.mu[i] = one.mu[0] = std::exp(one.eta[0]);
      const CountRowSums alone = one.take(phi);
      likelihood += alone.log_likelihood;
      score += alone.score_phi;
    }
    const CountRowSums sums = all.take(phi);
    EXPECT_NEAR(sums.log_likelihood, likelihood, 1e-12) << phi;
    EXPECT_NEAR(sums.score_phi, score, 1e-12) << phi;
  }
}

// A predictor that overflows must not look like a likelihood.
TEST(CountRows, infinite_means_have_no_likelihood) {
  for (const double phi : {0.0, 0.4}) {
    Rows rows(3);
    rows.y = {1.0, 2.0, 3.0};
    rows.eta = {0.0, 800.0, 0.0};
    rows.mu = {1.0, std::numeric_limits<double>::infinity(), 1.0};
    EXPECT_FALSE(rows.take(phi).log_likelihood > -1e300) << phi;
  }
}

}  // namespace
}  // namespace angiotrial::analysis
