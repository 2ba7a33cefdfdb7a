// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_scale.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "ordinal/cumulative_scale_likelihood.hpp"

/// Cumulative link models with scale effects.
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// 200 rows of four categories, x and s numbers, z two groups, w 1 to 3.
struct Rows {
  std::vector<int> y;
  std::vector<double> x, z, s, w;
  double shift = 0.0;

  explicit Rows(double shift_of_x = 0.0) : shift(shift_of_x) {
    random::Stream draw = random::Streams(3, 1, 0).at(random::Purpose::diary);
    for (int i = 0; i < 200; ++i) {
      const double a = 2.0 * draw.uniform() - 1.0, g = i % 2, u = draw.uniform();
      const double latent = 0.8 * a + 0.5 * g + std::exp(0.4 * g - 0.3 * a) * std::log(u / (1 - u));
      y.push_back(latent < -1.0 ? 0 : (latent < 0.3 ? 1 : (latent < 1.5 ? 2 : 3)));
      x.push_back(shift + a);
      z.push_back(g);
      s.insert(s.end(), {g, a});
      w.push_back(1.0 + i % 3);
    }
  }
  [[nodiscard]] CumulativeScaleModel model(CumulativeLink link, bool with_z) const {
    CumulativeScaleModel out;
    out.location.response = y;
    out.location.categories = 4;
    out.location.proportional = x;
    out.location.proportional_columns = 1;
    if (with_z) {
      out.location.nominal = z;
      out.location.nominal_columns = 1;
    }
    out.location.weights = w;
    out.location.link = link;
    out.scale = s;
    out.scale_columns = 2;
    return out;
  }
};

TEST(CumulativeScale, DerivativesAreThoseOfFiniteDifferences) {
  const Rows rows;
  for (const CumulativeLink link : {CumulativeLink::logit, CumulativeLink::probit,
                                    CumulativeLink::cloglog, CumulativeLink::cauchit}) {
    const CumulativeScaleModel model = rows.model(link, true);
    VectorXd at(9);
    at << -1.1, 0.2, 1.4, 0.1, -0.1, 0.15, 0.5, 0.2, -0.3;
    const ScaleLikelihood own = scale_likelihood(model, at);
    for (Index i = 0; i < at.size(); ++i) {
      const double step = 1e-5;
      VectorXd up = at, down = at;
      up[i] += step;
      down[i] -= step;
      const ScaleLikelihood a = scale_likelihood(model, up), b = scale_likelihood(model, down);
      EXPECT_NEAR(own.gradient[i], (a.value - b.value) / (2.0 * step), 1e-5);
      const VectorXd column = (a.gradient - b.gradient) / (2.0 * step);
      EXPECT_LT((own.hessian.col(i) - column).norm(), 1e-6 * own.hessian.norm());
    }
    EXPECT_LT((own.hessian - own.hessian.transpose()).norm(), 1e-10);
  }
}

/// Two groups of three categories leave nothing to fit: with l_gj the logit of the share of group g
/// up to j,
///   theta_j = l_0j,  sigma = (l_01 - l_00) / (l_11 - l_10),  beta = l_00 - sigma l_10,
/// and errors by the delta method from cov(p_gj, p_gk) = p_gj (1 - p_gk) / n_g, j <= k.
TEST(CumulativeScale, TwoGroupsOfThreeCategoriesHaveAClosedForm) {
  const std::array<std::array<double, 3>, 2> count{{{30, 45, 25}, {22, 20, 38}}};
  std::vector<int> y;
  std::vector<double> group, weight;
  for (std::size_t g = 0; g < 2; ++g) {
    for (std::size_t k = 0; k < 3; ++k) {
      y.push_back(static_cast<int>(k));
      group.push_back(static_cast<double>(g));
      weight.push_back(count[g][k]);
    }
  }
  CumulativeScaleModel model;
  model.location.response = y;
  model.location.categories = 3;
  model.location.proportional = group;
  model.location.proportional_columns = 1;
  model.location.weights = weight;
  model.scale = group;
  model.scale_columns = 1;
  const CumulativeFit fit = fit_cumulative_scale(model);
  ASSERT_EQ(fit.status, OrdinalStatus::fitted);
  const auto parameters = [](const VectorXd& share) {
    const VectorXd l = (share.array() / (1.0 - share.array())).log();
    const double sigma = (l[1] - l[0]) / (l[3] - l[2]);
    return VectorXd{{l[0], l[1], l[0] - sigma * l[2], std::log(sigma)}};
  };
  VectorXd share(4);
  MatrixXd spread = MatrixXd::Zero(4, 4);
  double likelihood = 0.0;
  for (std::size_t g = 0; g < 2; ++g) {
    const double n = count[g][0] + count[g][1] + count[g][2];
    const auto at = static_cast<Index>(2 * g);
    share[at] = count[g][0] / n;
    share[at + 1] = (count[g][0] + count[g][1]) / n;
    for (Index j = 0; j < 2; ++j) {
      for (Index k = j; k < 2; ++k) {
        spread(at + j, at + k) = spread(at + k, at + j) = share[at + j] * (1.0 - share[at + k]) / n;
      }
    }
    for (const double c : count[g]) likelihood += c * std::log(c / n);
  }
  MatrixXd slope(4, 4);
  for (Index i = 0; i < 4; ++i) {
    VectorXd up = share, down = share;
    up[i] += 1e-6;
    down[i] -= 1e-6;
    slope.col(i) = (parameters(up) - parameters(down)) / 2e-6;
  }
  const VectorXd expected = parameters(share);
  const MatrixXd covariance = slope * spread * slope.transpose();
  EXPECT_NEAR(fit.log_likelihood, likelihood, 1e-9);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto at = static_cast<Index>(i);
    EXPECT_NEAR(fit.coefficients[i], expected[at], 1e-9);
    EXPECT_NEAR(fit.se[i], std::sqrt(covariance(at, at)), 1e-7);
  }
}

/// The other sign turns thresholds and what goes with them, and neither beta nor zeta.
TEST(CumulativeScale, TheOtherSignTurnsThresholds) {
  const Rows rows;
  CumulativeScaleModel model = rows.model(CumulativeLink::logit, true);
  const CumulativeFit one = fit_cumulative_scale(model);
  model.location.sign = ThresholdSign::at_least;
  const CumulativeFit two = fit_cumulative_scale(model);
  ASSERT_EQ(one.status, OrdinalStatus::fitted);
  ASSERT_EQ(one.coefficients.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_NEAR(two.coefficients[i], (i < 6 ? -1.0 : 1.0) * one.coefficients[i], 1e-12);
    EXPECT_NEAR(two.se[i], one.se[i], 1e-12);
    EXPECT_NEAR(two.covariance[i * 9 + 8], (i < 6 ? -1.0 : 1.0) * one.covariance[i * 9 + 8], 1e-12);
  }
  EXPECT_LT(one.largest_gradient, 1e-6);
  const CumulativeFit plain = fit_cumulative_model(model.location);
  EXPECT_GT(one.log_likelihood, plain.log_likelihood + 1.0);
}

/// Thresholds take up a shift of x and nothing else moves; zeta goes by the unit of s.
TEST(CumulativeScale, ShiftsOfXAndUnitsOfSMoveWhatTheyShould) {
  const Rows near_by, far_off(1e6);
  CumulativeScaleModel model = far_off.model(CumulativeLink::logit, false);
  std::vector<double> scaled = far_off.s;
  for (double& value : scaled) value *= 100.0;
  model.scale = scaled;
  const CumulativeFit one = fit_cumulative_scale(near_by.model(CumulativeLink::logit, false));
  const CumulativeFit two = fit_cumulative_scale(model);
  ASSERT_EQ(two.status, OrdinalStatus::fitted);
  EXPECT_NEAR(two.log_likelihood, one.log_likelihood, 1e-7);
  EXPECT_NEAR(two.coefficients[3], one.coefficients[3], 1e-7);
  for (std::size_t i = 4; i < 6; ++i) {
    EXPECT_NEAR(100.0 * two.coefficients[i], one.coefficients[i], 1e-7);
    EXPECT_NEAR(100.0 * two.se[i], one.se[i], 1e-7);
  }
}

TEST(CumulativeScale, SaysWhyItRefuses) {
  Rows rows;
  for (std::size_t i = 0; i < rows.s.size(); i += 2) rows.s[i] = 3.0;
  const CumulativeFit constant = fit_cumulative_scale(rows.model(CumulativeLink::logit, true));
  EXPECT_EQ(constant.status, OrdinalStatus::collinear);
  EXPECT_EQ(constant.aliased, std::vector<std::size_t>{2});
  rows.s[0] = std::nan("");
  EXPECT_EQ(fit_cumulative_scale(rows.model(CumulativeLink::logit, true)).status,
            OrdinalStatus::invalid_input);
  // A group in the two outer categories alone: the wider its spread, the better.
  Rows wide;
  for (std::size_t i = 0; i < wide.y.size(); ++i) {
    if (i % 2 == 1) wide.y[i] = i % 4 == 1 ? 0 : 3;
  }
  EXPECT_EQ(fit_cumulative_scale(wide.model(CumulativeLink::logit, false)).status,
            OrdinalStatus::separated);
}

}  // namespace
}  // namespace angiotrial::analysis
