// SPDX-License-Identifier: Apache-2.0
// Laws and refusals of dose-response fits, contrasts and target doses.
#include <angiotrial/analysis/dose/mcp_mod.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "dose/profile.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double fraction(int low, int high) { return 0.001 * *rc::gen::inRange(low, high + 1); }

Shape any_shape() {
  return *rc::gen::element(Shape::linear, Shape::linear_log, Shape::quadratic, Shape::emax,
                           Shape::exponential, Shape::sig_emax, Shape::logistic, Shape::beta,
                           Shape::gaussian);
}

std::vector<double> diagonal(const std::vector<double>& d) {
  std::vector<double> s(d.size() * d.size(), 0.0);
  for (std::size_t i = 0; i < d.size(); ++i) s[i * (d.size() + 1)] = d[i];
  return s;
}

const std::vector<double> six{0.0, 0.1, 0.25, 0.4, 0.7, 1.0};

std::vector<double> any_means() {
  std::vector<double> m;
  for (std::size_t i = 0; i < six.size(); ++i) m.push_back(fraction(-2000, 2000));
  return m;
}

const std::vector<Candidate> three{{"linear", Shape::linear, {}},
                                   {"emax", Shape::emax, {0.2}},
                                   {"quadratic", Shape::quadratic, {-0.6}}};

// --- fits ----------------------------------------------------------------------------------------

RC_GTEST_PROP(DoseFitLaw, units_of_dose_and_response_change_nothing_else, ()) {
  const Shape shape = any_shape();
  const double per_dose = fraction(1, 9000);
  const double per_response = fraction(10, 9000);
  const double shift = fraction(-5000, 5000);
  const auto m = any_means();
  std::vector<double> doses, scaled;
  for (const double d : six) doses.push_back(per_dose * d);
  for (const double y : m) scaled.push_back(shift + per_response * y);
  const auto s = diagonal({0.02, 0.03, 0.02, 0.04, 0.02, 0.03});
  std::vector<double> s_scaled;
  for (const double v : s) s_scaled.push_back(per_response * per_response * v);
  const DoseFit a = fit_shape(shape, given_estimates(six, m, s), {0.1, 1.2});
  const DoseFit b =
      fit_shape(shape, given_estimates(doses, scaled, s_scaled), {0.1 * per_dose, 1.2 * per_dose});
  RC_ASSERT(usable(a.status) && usable(b.status));
  RC_ASSERT(std::fabs(a.aic - b.aic) < 1.0e-7 * (1.0 + std::fabs(a.aic)));
  // A flat valley lets theta wander where curves at the doses agree: those are compared.
  for (const double d : six) {
    const double expected = shift + per_response * a.predict(d);
    RC_ASSERT(std::fabs(b.predict(per_dose * d) - expected) < 2.0e-4 * per_response);
  }
}

RC_GTEST_PROP(DoseFitLaw, patients_and_doses_may_come_in_any_order, ()) {
  const auto m = any_means();
  const auto order = *rc::gen::container<std::vector<int>>(6, rc::gen::inRange(0, 1000));
  std::vector<std::size_t> index(6);
  std::iota(index.begin(), index.end(), std::size_t{0});
  std::stable_sort(index.begin(), index.end(),
                   [&](std::size_t a, std::size_t b) { return order[a] < order[b]; });
  auto s = diagonal({0.02, 0.03, 0.02, 0.04, 0.02, 0.03});
  s[1] = s[6] = 0.01;
  std::vector<double> d, y, v;
  for (const std::size_t i : index) {
    d.push_back(six[i]);
    y.push_back(m[i]);
    for (const std::size_t j : index) v.push_back(s[i * 6 + j]);
  }
  const DoseEstimates sorted = given_estimates(six, m, s);
  const DoseEstimates mixed = given_estimates(d, y, v);
  RC_ASSERT(mixed.doses == sorted.doses && mixed.estimates == sorted.estimates &&
            mixed.covariance == sorted.covariance);
}

RC_GTEST_PROP(DoseFitLaw, a_workspace_changes_no_byte, ()) {
  DoseFitWorkspace workspace;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const Shape shape = any_shape();
    const DoseEstimates data =
        given_estimates(six, any_means(), diagonal(std::vector<double>(6, 0.02)));
    const DoseFit kept = fit_shape(shape, data, {0.1, 1.2}, std::nullopt, workspace);
    const DoseFit fresh = fit_shape(shape, data, {0.1, 1.2});
    RC_ASSERT(kept.nonlinear == fresh.nonlinear && kept.linear == fresh.linear &&
              kept.aic == fresh.aic);
  }
}

RC_GTEST_PROP(DoseFitLaw, derivatives_of_the_profile_are_difference_quotients, ()) {
  const Shape shape = *rc::gen::element(Shape::emax, Shape::exponential, Shape::sig_emax,
                                        Shape::logistic, Shape::beta, Shape::gaussian);
  const ShapeConstants constants{0.1, 1.2};
  const auto s = diagonal({0.5, 1.0, 0.7, 1.0, 0.9, 1.0});
  const auto metric = dose::metric_of(s, 6);
  const auto m = any_means();
  const dose::Vector y = Eigen::Map<const Eigen::VectorXd>(m.data(), 6);
  const dose::Profile profile(shape, six, constants, metric, y);
  const ShapeParameters phi{std::log(fraction(200, 900)), std::log(fraction(200, 900))};
  const auto at = profile.at(phi);
  constexpr double h = 1.0e-5;
  for (std::size_t p = 0; p < nonlinear_count(shape); ++p) {
    ShapeParameters up = phi;
    ShapeParameters down = phi;
    up[p] += h;
    down[p] -= h;
    const auto above = profile.at(up);
    const auto below = profile.at(down);
    const double size = 1.0 + profile.flat();
    RC_ASSERT(std::fabs((above.value - below.value) / (2.0 * h) - at.gradient[p]) < 1.0e-6 * size);
    for (std::size_t q = p; q < nonlinear_count(shape); ++q) {
      const double quotient = (above.gradient[q] - below.gradient[q]) / (2.0 * h);
      RC_ASSERT(std::fabs(quotient - at.hessian[p + q]) < 1.0e-5 * size);
    }
  }
}

RC_GTEST_PROP(DoseFitLaw, a_covariate_without_effect_on_the_balance_leaves_the_curve_alone, ()) {
  // The covariate takes +1 and -1 equally often at each dose, whatever the responses.
  std::vector<double> dose, response, covariate;
  for (const double d : six) {
    for (int i = 0; i < 4; ++i) {
      dose.push_back(d);
      response.push_back(fraction(-2000, 2000));
      covariate.push_back(i % 2 == 0 ? 1.0 : -1.0);
    }
  }
  const DoseEstimates without = summarise_doses(dose, response);
  const DoseEstimates with = summarise_doses(dose, response, covariate, 1);
  RC_PRE(with.status == DoseDataStatus::usable && without.status == DoseDataStatus::usable);
  RC_ASSERT(with.df == without.df - 1.0);
  for (std::size_t i = 0; i < 6; ++i) {
    RC_ASSERT(std::fabs(with.estimates[i] - without.estimates[i]) < 1.0e-12);
  }
  const DoseFit a = fit_shape(Shape::emax, without, {});
  const DoseFit b = fit_shape(Shape::emax, with, {});
  const double gain = without.pure_error - with.pure_error;
  RC_ASSERT(std::fabs(a.objective - gain - b.objective) < 1.0e-9 * a.objective);
}

TEST(DoseFitLaw, a_table_on_a_line_is_the_line_and_a_table_may_have_any_form) {
  const DoseEstimates data = given_estimates(six, std::vector{0.1, 0.3, 0.2, 0.6, 0.4, 0.8},
                                             diagonal(std::vector<double>(6, 0.02)));
  ShapeConstants constants;
  constants.table = shape_table(std::vector{0.0, 1.0}, std::vector{0.0, 2.0});
  const DoseFit line = fit_shape(Shape::linear, data, {});
  const DoseFit table = fit_shape(Shape::table, data, constants);
  EXPECT_NEAR(table.objective, line.objective, 1.0e-12);
  EXPECT_NEAR(table.predict(0.33), line.predict(0.33), 1.0e-12);
  // A user's shape of the means themselves leaves nothing over.
  constants.table = shape_table(data.doses, data.estimates);
  EXPECT_NEAR(fit_shape(Shape::table, data, constants).objective, 0.0, 1.0e-20);
  const Candidate own{
      "own", Shape::table, {}, shape_table(six, std::vector{1., 3., 5., 4., 2., 1.})};
  const auto mu = candidate_means(own, six, {});
  EXPECT_NEAR(mu[2], 1.0, 1.0e-15);
  EXPECT_NEAR(mu[3], 0.75, 1.0e-15);
  EXPECT_NEAR(mu[5], 0.0, 1.0e-15);
}

// --- contrasts -----------------------------------------------------------------------------------

RC_GTEST_PROP(McpModLaw, contrasts_ignore_a_constant_and_units_of_dose, ()) {
  const auto m = any_means();
  const auto s = diagonal({0.02, 0.03, 0.02, 0.04, 0.02, 0.03});
  const double per_dose = fraction(1, 9000);
  std::vector<double> doses, shifted;
  for (const double d : six) doses.push_back(per_dose * d);
  for (const double y : m) shifted.push_back(y + 7.5);
  std::vector<Candidate> scaled = three;
  scaled[1].guess[0] *= per_dose;
  scaled[2].guess[0] /= per_dose;
  const auto a = plan_contrast_test({three, six, s, infinity});
  const auto b = plan_contrast_test({scaled, doses, s, infinity});
  const auto t = contrast_statistics(a, m, s, 1.0);
  const auto u = contrast_statistics(b, shifted, s, 1.0);
  for (std::size_t i = 0; i < 3; ++i) RC_ASSERT(std::fabs(t[i] - u[i]) < 1.0e-9);
  RC_ASSERT(std::fabs(a.critical_value - b.critical_value) < 1.0e-9);
}

TEST(McpModLaw, the_default_candidates_hold_one_that_returns_to_placebo) {
  const auto set = default_candidates(10.0);
  const std::vector<double> doses{0.0, 1.0, 5.0, 10.0};
  bool returns = false;
  for (const Candidate& c : set) {
    const auto mu = candidate_means(c, doses, {});
    returns = returns || (std::fabs(mu.back()) < 1.0e-12 && mu[2] > 0.9);
  }
  EXPECT_TRUE(returns);
}

TEST(McpModLaw, one_candidate_has_the_p_value_of_its_own_t) {
  const std::vector<Candidate> one{three[1]};
  DoseEstimates data =
      given_estimates(std::vector{0.0, 0.3, 0.6, 1.0}, std::vector{0.0, 0.3, 0.3, 0.5},
                      diagonal({.03, .03, .03, .03}));
  const auto test = plan_contrast_test({one, data.doses, data.covariance, 25.0});
  const McpModResult r = mcp_mod(test, one, data, {});
  EXPECT_NEAR(r.p_adjusted[0], r.p_unadjusted[0], 1.0e-9);
  EXPECT_EQ(r.significant[0], r.p_unadjusted[0] < 0.025);
}

TEST(McpModLaw, shapes_with_too_many_parameters_are_named_as_refused) {
  const std::vector<Candidate> set{three[0], {"sigmoid", Shape::sig_emax, {0.3, 3.0}}};
  const DoseEstimates data =
      given_estimates(std::vector{0.0, 0.3, 0.6, 1.0}, std::vector{0.0, 0.5, 0.9, 1.1},
                      diagonal({.03, .03, .03, .03}));
  const auto test = plan_contrast_test({set, data.doses, data.covariance, infinity});
  const McpModResult r = mcp_mod(test, set, data, {});
  EXPECT_EQ(r.status, McpModStatus::selected);
  ASSERT_EQ(r.refused.size(), 1U);
  EXPECT_EQ(r.refused[0].shape, Shape::sig_emax);
  EXPECT_EQ(r.refused[0].status, DoseFitStatus::saturated);
}

TEST(McpModLaw, broken_data_are_refused_by_a_status) {
  const std::vector<double> doses{0.0, 0.3, 0.6, 1.0};
  const auto s = diagonal({0.1, 0.1, 0.1, 0.1});
  EXPECT_EQ(summarise_doses({}, {}).status, DoseDataStatus::no_data);
  EXPECT_EQ(summarise_doses(std::vector{1.0, 1.0}, std::vector{1.0, 2.0}).status,
            DoseDataStatus::no_data);
  EXPECT_EQ(summarise_doses(std::vector{0.0, 1.0}, std::vector{1.0, 2.0}).status,
            DoseDataStatus::too_few_patients);
  EXPECT_EQ(summarise_doses(std::vector{0.0, 0.0, 1.0}, std::vector{1.0, 1.0, 2.0}).status,
            DoseDataStatus::no_variation);
  EXPECT_EQ(summarise_doses(std::vector{0.0, 0.0, 1.0}, std::vector{1.0, nan, 2.0}).status,
            DoseDataStatus::not_finite);
  const std::vector<double> dose{0.0, 0.0, 1.0, 1.0, 1.0};
  const std::vector<double> y{0.1, 0.4, 0.2, 0.9, 0.3};
  EXPECT_EQ(summarise_doses(dose, y, dose, 1).status, DoseDataStatus::collinear);
  EXPECT_EQ(summarise_doses(dose, y, std::vector(5, 1.0), 1).status, DoseDataStatus::collinear);
  EXPECT_EQ(given_estimates(std::vector{0.0, 1.0, 1.0, 2.0}, doses, s).status,
            DoseDataStatus::doses_not_distinct);
  EXPECT_EQ(given_estimates(doses, doses, diagonal({0.1, 0.0, 0.1, 0.1})).status,
            DoseDataStatus::invalid_covariance);
  EXPECT_EQ(log_rates_by_dose(dose, std::vector{0., 0., 0., 0., 0.}, {}, ZeroCount::leave_out)
                .estimates.status,
            DoseDataStatus::no_data);
  EXPECT_EQ(log_rates_by_dose(dose, std::vector{0., -1., 0., 0., 0.}, {}, ZeroCount::add_half)
                .estimates.status,
            DoseDataStatus::not_finite);

  const auto bad = plan_contrast_test({three, doses, diagonal({.1, 0., .1, .1}), infinity});
  EXPECT_EQ(bad.status, ContrastStatus::invalid_covariance);
  EXPECT_EQ(contrast_test_power(bad, doses, s, 1.0), 0.0);
  const auto good = plan_contrast_test({three, doses, s, infinity});
  const auto lost = given_estimates(doses, std::vector{0.0, nan, 0.2, 0.3}, s);
  EXPECT_EQ(mcp_mod(good, three, lost, {}).status, McpModStatus::not_tested);
  EXPECT_FALSE(mcp_mod(good, three, lost, {}).reason.empty());
  EXPECT_EQ(fit_shape(Shape::emax, lost, {}).status, DoseFitStatus::not_estimable);
  const auto three_doses = given_estimates(std::vector{0.0, 0.5, 1.0}, std::vector{0.0, 0.4, 0.9},
                                           diagonal({0.1, 0.1, 0.1}));
  EXPECT_EQ(fit_shape(Shape::linear, three_doses, {}).status, DoseFitStatus::too_few_doses);
}

// --- target doses --------------------------------------------------------------------------------

DoseEstimates rising() {
  return given_estimates(six, std::vector{0.05, 0.3, 0.42, 0.6, 0.7, 0.74},
                         diagonal({0.004, 0.004, 0.005, 0.004, 0.006, 0.004}));
}

TEST(TargetDose, intervals_of_a_line_have_their_closed_forms) {
  const DoseEstimates data = rising();
  const DoseFit fit = fit_shape(Shape::linear, data, {});
  const auto v = parameter_covariance(fit, data);
  ASSERT_EQ(v.size(), 4U);
  const double slope = fit.linear[1];
  const double se = std::sqrt(v[3]);
  const double z = 1.959963984540054;
  const DoseInterval delta = target_dose_delta(fit, data, 0.3);
  EXPECT_NEAR(delta.estimate, 0.3 / slope, 1.0e-12);
  EXPECT_NEAR(delta.se, 0.3 * se / (slope * slope), 1.0e-8);
  // effect / slope is monotone in the slope, whose profile is its normal interval.
  const DoseInterval profile = target_dose_profile(fit, data, 0.3);
  EXPECT_NEAR(profile.lower, 0.3 / (slope + z * se), 1.0e-7);
  EXPECT_NEAR(profile.upper, 0.3 / (slope - z * se), 1.0e-7);
}

TEST(TargetDose, a_large_common_level_changes_no_limit) {
  DoseEstimates data = rising();
  const DoseFit fit = fit_shape(Shape::emax, data, {});
  const DoseInterval plain = target_dose_profile(fit, data, 0.3);
  const DoseInterval by_delta = target_dose_delta(fit, data, 0.3);
  for (double& m : data.estimates) m += 1.0e8;
  const DoseFit far = fit_shape(Shape::emax, data, {});
  const DoseInterval shifted = target_dose_profile(far, data, 0.3);
  // The estimates themselves were rounded to 1.5e-8.
  EXPECT_NEAR(shifted.lower, plain.lower, 1.0e-5);
  EXPECT_NEAR(shifted.upper, plain.upper, 1.0e-5);
  EXPECT_NEAR(target_dose_delta(far, data, 0.3).se, by_delta.se, 1.0e-5);
}

TEST(TargetDose, profile_and_delta_agree_where_the_data_are_precise) {
  for (const Shape shape : {Shape::emax, Shape::sig_emax, Shape::quadratic, Shape::beta}) {
    SCOPED_TRACE(name_of(shape));
    std::vector<double> m;
    const ShapeParameters truth{0.35, 1.4};
    for (const double d : six) {
      m.push_back(shape == Shape::quadratic ? 2.0 * d - 0.8 * d * d
                                            : shape_value(shape, truth, d, {0.1, 1.2}));
    }
    const DoseEstimates data = given_estimates(six, m, diagonal(std::vector<double>(6, 1.0e-8)));
    const DoseFit fit = fit_shape(shape, data, {0.1, 1.2});
    ASSERT_EQ(fit.status, DoseFitStatus::fitted);
    const DoseInterval delta = target_dose_delta(fit, data, 0.3);
    const DoseInterval profile = target_dose_profile(fit, data, 0.3);
    ASSERT_EQ(profile.status, DoseIntervalStatus::computed);
    const double half = 0.5 * (delta.upper - delta.lower);
    EXPECT_NEAR(profile.lower, delta.lower, 0.02 * half);
    EXPECT_NEAR(profile.upper, delta.upper, 0.02 * half);
  }
}

TEST(TargetDose, effective_doses_and_their_errors_follow_the_curve) {
  const DoseEstimates data = rising();
  const DoseFit fit = fit_shape(Shape::emax, data, {});
  const double theta = fit.nonlinear[0];
  // p / (theta + 1) = x / (theta + x)
  const auto closed = [](double t) { return 0.5 * t / (t + 1.0 - 0.5); };
  EXPECT_NEAR(effective_dose(fit, 0.5, 1.0).value(), closed(theta), 1.0e-10);
  const DoseInterval ed = effective_dose_delta(fit, data, 0.5);
  const auto v = parameter_covariance(fit, data);
  const double slope = (closed(theta + 1.0e-5) - closed(theta - 1.0e-5)) / 2.0e-5;
  EXPECT_NEAR(ed.se, slope * std::sqrt(v[8]), 1.0e-6);
  const DoseFit umbrella = fit_shape(
      Shape::quadratic,
      given_estimates(six, std::vector{0.0, 0.4, 0.7, 0.9, 0.6, 0.1}, diagonal({1, 1, 1, 1, 1, 1})),
      {});
  const double top = furthest_dose(umbrella, 1.0);
  EXPECT_LT(top, 0.7);
  EXPECT_LT(effective_dose(umbrella, 0.9, 1.0).value(), top);
  EXPECT_EQ(target_dose_delta(fit, data, 5.0).status, DoseIntervalStatus::not_reached);
  EXPECT_EQ(target_dose_profile(DoseFit{}, data, 0.3).status, DoseIntervalStatus::not_estimable);
}

TEST(TargetDose, bands_against_placebo_close_at_placebo) {
  const DoseEstimates data = rising();
  const DoseFit fit = fit_shape(Shape::emax, data, {});
  EXPECT_NEAR(curve_point(fit, data, 0.0, true).se, 0.0, 1.0e-12);
  const CurvePoint there = curve_point(fit, data, 0.5, false);
  EXPECT_NEAR(there.mean, fit.predict(0.5), 1.0e-15);
  EXPECT_GT(there.se, 0.0);
  EXPECT_LT(there.se, std::sqrt(0.004));
}

}  // namespace
}  // namespace angiotrial::analysis
