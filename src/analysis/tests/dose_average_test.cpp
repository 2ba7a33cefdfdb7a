// SPDX-License-Identifier: Apache-2.0
// Bayesian averaging over shapes, and order-restricted tests.
#include <angiotrial/analysis/dose/bayesian_model_average.hpp>
#include <angiotrial/analysis/dose/order_restricted.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <Eigen/LU>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double fraction(int low, int high) { return 0.001 * *rc::gen::inRange(low, high + 1); }

std::vector<double> diagonal(const std::vector<double>& d) {
  std::vector<double> s(d.size() * d.size(), 0.0);
  for (std::size_t i = 0; i < d.size(); ++i) s[i * (d.size() + 1)] = d[i];
  return s;
}

DoseEstimates means_of(const std::vector<double>& doses, const std::vector<double>& m,
                       double variance) {
  return given_estimates(doses, m, diagonal(std::vector<double>(doses.size(), variance)));
}

const std::vector<double> four{0.0, 1.0, 5.0, 10.0};
const ShapeConstants wide{1.0, 12.0};
const AveragePrior usual{0.0, 3.0, 1.0, 0.0};

AverageQuestions about(double effect, double fall) {
  AverageQuestions q;
  q.effect = effect;
  q.fall = fall;
  return q;
}

// --- Bayesian averaging --------------------------------------------------------------------------

TEST(DoseAverage, one_line_has_the_conjugate_posterior) {
  const DoseEstimates data = means_of(four, {0.1, 0.2, 0.5, 0.9}, 0.04);
  const std::vector<AveragedShape> line{{"linear", Shape::linear, 1.0, {}, {}}};
  const DoseAverage r = average_dose_response(data, line, usual, about(0.3, 0.0), wide);
  ASSERT_EQ(r.status, AverageStatus::averaged);
  EXPECT_NEAR(r.shapes[0].probability, 1.0, 1.0e-15);
  Eigen::Matrix<double, 4, 2> x;
  Eigen::Vector4d y;
  for (Eigen::Index i = 0; i < 4; ++i) {
    x(i, 0) = 1.0;
    x(i, 1) = four[static_cast<std::size_t>(i)] / 10.0;
    y[i] = data.estimates[static_cast<std::size_t>(i)];
  }
  const Eigen::Matrix2d d = Eigen::Vector2d(9.0, 1.0).asDiagonal();
  const Eigen::Matrix2d v = (x.transpose() * x / 0.04 + Eigen::Matrix2d(d.inverse())).inverse();
  const Eigen::Vector2d e = v * (x.transpose() * y / 0.04);
  const AveragedPoint& top = r.curve.back();
  EXPECT_NEAR(top.mean, e.sum(), 1.0e-12);
  EXPECT_NEAR(top.sd, std::sqrt(v.sum()), 1.0e-12);
  EXPECT_NEAR(top.upper, e.sum() + 1.959963984540054 * std::sqrt(v.sum()), 1.0e-7);
  EXPECT_NEAR(top.effect_lower, e[1] - 1.959963984540054 * std::sqrt(v(1, 1)), 1.0e-7);
  const auto above = [&](double a) {
    return 0.5 * std::erfc((a - e[1]) / std::sqrt(2.0 * v(1, 1)));
  };
  EXPECT_NEAR(r.relevant.back(), above(0.3), 1.0e-12);
  EXPECT_NEAR(r.best.back(), above(0.0), 1.0e-12);
  EXPECT_NEAR(r.falls, 1.0 - above(0.0), 1.0e-12);
  EXPECT_EQ(r.non_monotone, 0.0);
  EXPECT_NEAR(r.target.median, 10.0 * 0.3 / e[1], 1.0e-6);  // the median of 1 / e_1
  // ln p(m) of the marginal normal distribution of the means.
  const Eigen::Matrix4d marginal = 0.04 * Eigen::Matrix4d::Identity() + x * d * x.transpose();
  const double expected = -0.5 * (4.0 * std::log(2.0 * std::numbers::pi) +
                                  std::log(marginal.determinant()) + y.dot(marginal.inverse() * y));
  EXPECT_NEAR(r.shapes[0].log_evidence, expected, 1.0e-10);
}

TEST(DoseAverage, evidence_is_the_integral_of_the_marginal_density) {
  const DoseEstimates data = means_of(four, {0.1, 0.6, 0.5, 0.9}, 0.04);
  const std::vector<AveragedShape> set{{"emax", Shape::emax, 1.0, {}, {}},
                                       {"sigmoid", Shape::sig_emax, 1.0, {}, {}}};
  const DoseAverage r = average_dose_response(data, set, usual, {}, wide);
  Eigen::Vector4d y;
  for (Eigen::Index i = 0; i < 4; ++i) y[i] = data.estimates[static_cast<std::size_t>(i)];
  const auto density = [&](Shape shape, const ShapeParameters& theta) {
    Eigen::Matrix<double, 4, 2> x;
    for (Eigen::Index i = 0; i < 4; ++i) {
      x(i, 0) = 1.0;
      x(i, 1) = shape_value(shape, theta, four[static_cast<std::size_t>(i)], wide) /
                shape_value(shape, theta, 10.0, wide);
    }
    const Eigen::Matrix4d v = 0.04 * Eigen::Matrix4d::Identity() +
                              x * Eigen::Vector2d(9.0, 1.0).asDiagonal() * x.transpose();
    return std::exp(-0.5 * y.dot(v.inverse() * y)) /
           (4.0 * std::numbers::pi * std::numbers::pi * std::sqrt(v.determinant()));
  };
  // The midpoint rule, plain and fine.
  const auto at = [](double low, double high, int i, int n) {
    return low * std::pow(high / low, (i + 0.5) / n);
  };
  double emax = 0.0;
  for (int i = 0; i < 2000; ++i) emax += density(Shape::emax, {at(0.2, 15.0, i, 2000), 0.0}) / 2000;
  EXPECT_NEAR(r.shapes[0].log_evidence, std::log(emax), 1.0e-6);
  double sigmoid = 0.0;
  constexpr int n = 120;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      sigmoid += density(Shape::sig_emax, {at(0.2, 15.0, i, n), at(0.5, 10.0, j, n)}) / (n * n);
    }
  }
  EXPECT_NEAR(r.shapes[1].log_evidence, std::log(sigmoid), 2.0e-4);
  EXPECT_NEAR(r.shapes[0].probability, emax / (emax + sigmoid), 1.0e-4);
}

RC_GTEST_PROP(DoseAverage, probabilities_sum_to_one_and_units_change_none, ()) {
  std::vector<double> m, scaled, doses;
  const double per_dose = fraction(1, 9000);
  const double per_response = fraction(10, 9000);
  for (const double d : four) {
    m.push_back(fraction(-1500, 1500));
    scaled.push_back(per_response * (m.back() + 2.0));
    doses.push_back(per_dose * d);
  }
  std::vector<AveragedShape> set{{"emax", Shape::emax, 1.0, {}, {}},
                                 {"quadratic", Shape::quadratic, 2.0, {}, {}}};
  const DoseAverage a = average_dose_response(means_of(four, m, 0.05), set, {0.0, 3.0, 1.0, 0.5},
                                              about(0.3, 0.1), wide);
  const DoseAverage b =
      average_dose_response(means_of(doses, scaled, 0.05 * per_response * per_response), set,
                            {2.0 * per_response, 3.0 * per_response, per_response, 0.5},
                            about(0.3 * per_response, 0.1 * per_response), {1.0, 12.0 * per_dose});
  RC_ASSERT(a.status == AverageStatus::averaged && b.status == AverageStatus::averaged);
  RC_ASSERT(std::fabs(std::accumulate(a.best.begin(), a.best.end(), 0.0) - 1.0) < 1.0e-12);
  RC_ASSERT(std::fabs(a.shapes[0].probability + a.shapes[1].probability + a.flat_probability -
                      1.0) < 1.0e-12);
  for (std::size_t i = 0; i < 2; ++i) {
    RC_ASSERT(std::fabs(a.shapes[i].probability - b.shapes[i].probability) < 1.0e-9);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    RC_ASSERT(std::fabs(a.best[i] - b.best[i]) < 1.0e-9);
    RC_ASSERT(std::fabs(a.relevant[i] - b.relevant[i]) < 1.0e-9);
  }
  RC_ASSERT(std::fabs(a.non_monotone - b.non_monotone) < 1.0e-9);
  RC_ASSERT(a.non_monotone <= a.falls + 1.0e-12);
  RC_ASSERT(a.target.lower <= a.target.median && a.target.median <= a.target.upper);
}

RC_GTEST_PROP(DoseAverage, negated_means_with_the_other_direction_answer_alike, ()) {
  std::vector<double> m, negated;
  for (std::size_t i = 0; i < 4; ++i) {
    m.push_back(fraction(-1500, 1500));
    negated.push_back(-m.back());
  }
  const std::vector<AveragedShape> set{{"emax", Shape::emax, 1.0, {}, {}},
                                       {"quadratic", Shape::quadratic, 1.0, {}, {}}};
  AverageQuestions down = about(0.2, 0.1);
  down.direction = -1.0;
  const DoseAverage a =
      average_dose_response(means_of(four, m, 0.05), set, usual, about(0.2, 0.1), wide);
  const DoseAverage b =
      average_dose_response(means_of(four, negated, 0.05), set, usual, down, wide);
  for (std::size_t i = 0; i < 4; ++i) RC_ASSERT(std::fabs(a.best[i] - b.best[i]) < 1.0e-12);
  RC_ASSERT(std::fabs(a.falls - b.falls) < 1.0e-12);
  RC_ASSERT(std::fabs(a.target.reached - b.target.reached) < 1.0e-12);
}

TEST(DoseAverage, a_rise_and_fall_is_recognised_and_a_plain_rise_is_not) {
  const auto set = default_averaged_shapes();
  const DoseAverage umbrella = average_dose_response(means_of(four, {0.0, 1.0, 0.9, 0.1}, 0.01),
                                                     set, usual, about(0.5, 0.2), wide);
  EXPECT_GT(umbrella.non_monotone, 0.99);
  EXPECT_GT(umbrella.best[1] + umbrella.best[2], 0.99);
  EXPECT_GT(umbrella.relevant[1], 0.95);
  EXPECT_LT(umbrella.relevant[3], 0.05);
  EXPECT_LT(umbrella.target.upper, 2.0);
  const DoseAverage rise = average_dose_response(means_of(four, {0.0, 0.1, 0.5, 1.0}, 0.01), set,
                                                 usual, about(0.5, 0.2), wide);
  EXPECT_LT(rise.non_monotone, 0.02);
  EXPECT_GT(rise.best[3], 0.97);
  for (const ShapePosterior& s : rise.shapes) EXPECT_LT(s.error, 1.0e-5) << s.name;
}

TEST(DoseAverage, little_information_leaves_the_prior_and_a_flat_curve_is_found) {
  std::vector<AveragedShape> set{{"linear", Shape::linear, 1.0, {}, {}},
                                 {"emax", Shape::emax, 3.0, {}, {}}};
  AveragePrior prior = usual;
  prior.flat = 4.0;
  const DoseAverage vague =
      average_dose_response(means_of(four, {0.0, 0.1, 0.5, 1.0}, 1.0e8), set, prior, {}, wide);
  EXPECT_NEAR(vague.shapes[0].probability, 0.125, 1.0e-6);
  EXPECT_NEAR(vague.flat_probability, 0.5, 1.0e-6);
  const DoseAverage flat =
      average_dose_response(means_of(four, {0.3, 0.3, 0.3, 0.3}, 0.0004), set, prior, {}, wide);
  EXPECT_GT(flat.flat_probability, 0.97);
}

TEST(DoseAverage, refusals_say_why) {
  const auto set = default_averaged_shapes();
  const DoseAverage two =
      average_dose_response(means_of({0.0, 1.0, 5.0}, {0.0, 0.5, 0.6}, 0.01), set, usual, {}, wide);
  EXPECT_EQ(two.status, AverageStatus::too_few_doses);
  EXPECT_FALSE(reason_of(two.status).empty());
  EXPECT_TRUE(two.curve.empty());
  const DoseEstimates broken = means_of(four, {0.0, std::nan(""), 0.1, 0.2}, 0.01);
  EXPECT_EQ(average_dose_response(broken, set, usual, {}, wide).status,
            AverageStatus::not_estimable);
  const DoseEstimates far = means_of(four, {1.0e200, 0.0, 0.0, 0.0}, 1.0e-9);
  EXPECT_EQ(average_dose_response(far, set, usual, {}, wide).status, AverageStatus::no_evidence);
}

// --- order-restricted tests ----------------------------------------------------------------------

TEST(OrderRestricted, level_probabilities_of_equal_doses_are_stirling_numbers) {
  // |s(k, l)| / k!; Barlow, Bartholomew, Bremner and Brunk 1972.
  const std::vector<std::vector<double>> stirling{
      {1, 1}, {2, 3, 1}, {6, 11, 6, 1}, {24, 50, 35, 10, 1}, {120, 274, 225, 85, 15, 1}};
  double factorial = 1.0;
  for (std::size_t p = 1; p <= 5; ++p) {
    factorial *= static_cast<double>(p + 1);
    std::vector<double> v(p * p, 0.0);
    for (std::size_t i = 0; i < p; ++i) {
      v[i * p + i] = 2.0;
      if (i > 0) v[i * p + i - 1] = v[(i - 1) * p + i] = -1.0;
    }
    const auto w = level_probabilities(v, p);
    ASSERT_EQ(w.size(), p + 1);
    for (std::size_t j = 0; j <= p; ++j) {
      EXPECT_NEAR(w[j], stirling[p - 1][j] / factorial, 1.0e-11) << p << " " << j;
    }
  }
}

TEST(OrderRestricted, chi_bar_square_has_the_published_five_percent_points) {
  // Bartholomew's table for equal sample sizes: 3.820, 4.528 and 5.049 for three to five groups.
  const std::vector<double> points{3.820, 4.528, 5.049};
  for (std::size_t k = 3; k <= 5; ++k) {
    std::vector<double> doses(k), m(k, 0.0);
    std::iota(doses.begin(), doses.end(), 0.0);
    // One step at the top: Q_flat = (k - 1) / k d^2, none of it against the order.
    const double size = static_cast<double>(k);
    m.back() = std::sqrt(points[k - 3] * size / (size - 1.0));
    const auto r = order_restricted_test(means_of(doses, m, 1.0), k - 1);
    EXPECT_NEAR(r.flat_statistic, points[k - 3], 1.0e-12);
    EXPECT_NEAR(r.p_flat, 0.05, 1.0e-4);
    EXPECT_NEAR(r.p_order, 1.0, 1.0e-12);
  }
}

RC_GTEST_PROP(OrderRestricted, restricted_means_are_those_of_pooling_adjacent_violators, ()) {
  std::vector<double> m, variance, weights;
  for (std::size_t i = 0; i < 6; ++i) {
    m.push_back(fraction(-1000, 1000));
    variance.push_back(fraction(100, 1000));
    weights.push_back(1.0 / variance.back());
  }
  const std::vector<double> doses{0.0, 1.0, 2.0, 3.0, 4.0, 5.0};
  const auto r = order_restricted_test(given_estimates(doses, m, diagonal(variance)), 5);
  const auto pooled = isotonic_regression(m, weights);
  for (std::size_t i = 0; i < 6; ++i) RC_ASSERT(std::fabs(r.means[i] - pooled[i]) < 1.0e-9);
  double sum = 0.0;
  for (std::size_t j = 0; j < r.level_probabilities.size(); ++j) {
    sum += r.level_probabilities[j];
    RC_ASSERT(r.level_probabilities[j] >= 0.0);
  }
  RC_ASSERT(std::fabs(sum - 1.0) < 1.0e-12);
}

RC_GTEST_PROP(OrderRestricted, an_umbrella_read_backwards_has_its_peak_from_the_other_end, ()) {
  const std::vector<double> doses{0.0, 1.0, 2.0, 3.0, 4.0};
  std::vector<double> m, variance;
  for (std::size_t i = 0; i < 5; ++i) {
    m.push_back(fraction(-1000, 1000));
    variance.push_back(fraction(100, 1000));
  }
  const auto peak = static_cast<std::size_t>(*rc::gen::inRange(0, 5));
  const auto a = order_restricted_test(given_estimates(doses, m, diagonal(variance)), peak);
  std::reverse(m.begin(), m.end());
  std::reverse(variance.begin(), variance.end());
  const auto b = order_restricted_test(given_estimates(doses, m, diagonal(variance)), 4 - peak);
  RC_ASSERT(std::fabs(a.p_flat - b.p_flat) < 1.0e-8);
  RC_ASSERT(std::fabs(a.p_order - b.p_order) < 1.0e-8);
  // In either part of the fit the order holds.
  for (std::size_t i = 0; i < 4; ++i) {
    const double step = a.means[i + 1] - a.means[i];
    RC_ASSERT((i < peak ? step : -step) > -1.0e-9);
  }
}

TEST(OrderRestricted, two_doses_give_the_one_sided_t_test_and_many_patients_the_known_variance) {
  DoseEstimates data = means_of({0.0, 1.0}, {0.0, 0.5}, 0.05);
  data.df = 20.0;
  const boost::math::students_t_distribution<double> t20(20.0);
  EXPECT_NEAR(order_restricted_test(data, 1).p_flat, cdf(complement(t20, 0.5 / std::sqrt(0.1))),
              1.0e-12);
  DoseEstimates four_doses = means_of(four, {0.0, 0.3, 0.2, 0.6}, 0.05);
  const auto known = order_restricted_test(four_doses, 3);
  four_doses.df = 1.0e7;
  const auto estimated = order_restricted_test(four_doses, 3);
  EXPECT_NEAR(known.p_flat, estimated.p_flat, 1.0e-6);
  EXPECT_NEAR(known.p_order, estimated.p_order, 1.0e-6);
}

TEST(OrderRestricted, contrasts_of_a_rise_are_those_of_abelson_and_tukey) {
  // c_i = sqrt((i - 1)(1 - (i - 1) / k)) - sqrt(i (1 - i / k))
  const std::vector<double> doses{0.0, 1.0, 2.0, 3.0, 4.0};
  const auto r = umbrella_test(means_of(doses, {0.0, 0.1, 0.2, 0.3, 0.4}, 0.01));
  ASSERT_EQ(r.peaks.size(), 4U);
  std::vector<double> c;
  double norm = 0.0;
  for (double i = 1.0; i <= 5.0; i += 1.0) {
    c.push_back(std::sqrt((i - 1.0) * (1.0 - (i - 1.0) / 5.0)) - std::sqrt(i * (1.0 - i / 5.0)));
    norm += c.back() * c.back();
  }
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(r.peaks[3].contrast[i], c[i] / std::sqrt(norm), 1.0e-12);
  }
  EXPECT_EQ(r.estimated_peak, 4U);
}

TEST(OrderRestricted, an_umbrella_is_found_at_its_peak_and_leaves_the_rising_order) {
  const DoseEstimates data = means_of(four, {0.0, 0.8, 0.7, 0.0}, 0.03);
  const auto r = umbrella_test(data, true);
  EXPECT_EQ(r.peaks.size(), 4U);
  EXPECT_LT(r.p, 0.005);
  EXPECT_TRUE(r.estimated_peak == 1 || r.estimated_peak == 2);
  EXPECT_LT(order_restricted_test(data, 1).p_flat, 0.005);
  EXPECT_GT(order_restricted_test(data, 1).p_order, 0.9);
  EXPECT_LT(order_restricted_test(data, 3).p_order, 0.01);
}

TEST(OrderRestricted, refusals_are_statuses) {
  const std::vector<double> seven{0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
  EXPECT_EQ(order_restricted_test(means_of(seven, seven, 1.0), 6).status,
            OrderStatus::too_many_doses);
  EXPECT_EQ(order_restricted_test(means_of(four, {0.0, std::nan(""), 1.0, 1.0}, 1.0), 1).status,
            OrderStatus::not_estimable);
  EXPECT_EQ(order_restricted_test(means_of({0.0}, {1.0}, 1.0), 0).status,
            OrderStatus::too_few_doses);
  DoseEstimates broken = means_of(four, {0.0, 0.1, 1.0, 1.0}, 1.0);
  broken.covariance[5] = 0.0;
  EXPECT_EQ(order_restricted_test(broken, 1).status, OrderStatus::not_estimable);
  EXPECT_EQ(umbrella_test(broken).status, OrderStatus::not_estimable);
  EXPECT_TRUE(level_probabilities(std::vector{1.0, 2.0, 2.0, 1.0}, 2).empty());
}

}  // namespace
}  // namespace angiotrial::analysis
