// SPDX-License-Identifier: Apache-2.0
// Laws of the design and multiplicity methods that hold for any data.
#include <angiotrial/analysis/design/group_sequential.hpp>
#include <angiotrial/analysis/design/sample_size.hpp>
#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double fraction(int low, int high) { return *rc::gen::inRange(low, high) / 1000.0; }

std::vector<double> probabilities() {
  const auto whole = *rc::gen::resize(
      8, rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1001))));
  std::vector<double> p;
  for (const int w : whole) p.push_back(w / 1000.0);
  return p;
}

std::vector<double> small_sample() {
  const auto whole = *rc::gen::resize(
      9, rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-20, 21))));
  std::vector<double> out;
  for (const int w : whole) out.push_back(0.5 * w);
  return out;
}

std::vector<double> exchangeable(std::size_t d, double rho) {
  std::vector<double> r(d * d, rho);
  for (std::size_t i = 0; i < d; ++i) r[i * (d + 1)] = 1.0;
  return r;
}

// --- multivariate t ------------------------------------------------------------------------------

RC_GTEST_PROP(MultivariateT, product_rule_and_flag_sum_agree, ()) {
  const auto d = *rc::gen::inRange<std::size_t>(1, 4);
  const double rho = fraction(10, 950);
  const double c = fraction(-1000, 3500);
  const double df = *rc::gen::element(3.0, 8.0, 37.0, 164.0, infinity);
  const auto r = exchangeable(d, rho);
  const std::vector<double> lambda(d, std::sqrt(rho));
  const double flags = max_t_probability(c, {r, d}, df, Sides::one).value;
  // Two independent routes. Above a correlation of 0.8 the integrands bend so sharply that the
  // rules differ in the ninth digit.
  const double tolerance = rho > 0.8 ? 1.0e-8 : 1.0e-9;
  RC_ASSERT(std::fabs(flags - product_max_t_probability(c, lambda, df, Sides::one)) < tolerance);
}

TEST(MultivariateT, independent_normals_multiply) {
  const auto r = exchangeable(4, 0.0);
  const double one = 0.5 * std::erfc(-1.2 / std::sqrt(2.0));
  EXPECT_NEAR(max_t_probability(1.2, {r, 4}, infinity, Sides::one).value, std::pow(one, 4.0),
              1.0e-11);
  const double two = 2.0 * one - 1.0;
  EXPECT_NEAR(max_t_probability(1.2, {r, 4}, infinity, Sides::two).value, std::pow(two, 4.0),
              1.0e-9);
}

TEST(MultivariateT, orthants_follow_the_arcsine_law) {
  for (const double rho : {-0.4, 0.0, 0.3, 0.9, 0.999999}) {
    const auto r = exchangeable(3, rho);
    const double exact = 0.125 + 3.0 * std::asin(rho) / (4.0 * std::acos(-1.0));
    EXPECT_NEAR(max_t_probability(0.0, {r, 3}, infinity, Sides::one).value, exact, 1.0e-9) << rho;
    EXPECT_NEAR(max_t_probability(0.0, {r, 3}, 7.0, Sides::one).value, exact, 1.0e-9) << rho;
  }
}

TEST(MultivariateT, repeated_and_dependent_variables_add_nothing) {
  const auto single = exchangeable(1, 1.0);
  const auto twice = exchangeable(2, 1.0);
  EXPECT_NEAR(max_t_probability(1.7, {single, 1}, 12.0, Sides::one).value,
              max_t_probability(1.7, {twice, 2}, 12.0, Sides::one).value, 1.0e-12);
  // Z_3 = (Z_1 + Z_2) / sqrt 2 never decides at a common bound of sqrt 2 times theirs.
  const double h = std::sqrt(0.5);
  const std::vector<double> r{1.0, 0.0, h, 0.0, 1.0, h, h, h, 1.0};
  const std::vector<double> upper{1.0, 1.0, std::sqrt(2.0) + 1.0e-6};
  const auto pair = exchangeable(2, 0.0);
  EXPECT_NEAR(box_probability(upper, {r, 3}, infinity).value,
              max_t_probability(1.0, {pair, 2}, infinity, Sides::one).value, 1.0e-9);
}

TEST(MultivariateT, lattice_beyond_rank_four_says_its_error) {
  const auto r = exchangeable(6, 0.5);
  const std::vector<double> lambda(6, std::sqrt(0.5));
  const Probability p = max_t_probability(2.5, {r, 6}, 30.0, Sides::two);
  EXPECT_NEAR(p.value, product_max_t_probability(2.5, lambda, 30.0, Sides::two),
              std::max(p.error, 2.0e-5));
  EXPECT_GT(p.error, 0.0);
  EXPECT_LT(p.error, 1.0e-3);
}

// --- multiplicity --------------------------------------------------------------------------------

RC_GTEST_PROP(Multiplicity, stronger_procedures_have_smaller_adjusted_p_values, ()) {
  const auto p = probabilities();
  const auto bonferroni = adjust(p, Adjustment::bonferroni);
  const auto holm = adjust(p, Adjustment::holm);
  const auto hochberg = adjust(p, Adjustment::hochberg);
  const auto hommel = adjust(p, Adjustment::hommel);
  for (std::size_t i = 0; i < p.size(); ++i) {
    RC_ASSERT(p[i] <= hommel[i] + 1.0e-12);
    RC_ASSERT(hommel[i] <= hochberg[i] + 1.0e-12);
    RC_ASSERT(hochberg[i] <= holm[i] + 1.0e-12);
    RC_ASSERT(holm[i] <= bonferroni[i] + 1.0e-12);
  }
}

RC_GTEST_PROP(Multiplicity, hommel_is_the_closed_simes_test, ()) {
  auto p = probabilities();
  if (p.size() > 6) p.resize(6);
  const std::size_t m = p.size();
  const auto hommel = adjust(p, Adjustment::hommel);
  std::vector<double> closed(m, 0.0);
  for (unsigned set = 1; set < 1U << m; ++set) {
    std::vector<double> own;
    for (std::size_t i = 0; i < m; ++i) {
      if ((set >> i & 1U) != 0) own.push_back(p[i]);
    }
    std::sort(own.begin(), own.end());
    double simes = 1.0;
    for (std::size_t k = 0; k < own.size(); ++k) {
      simes =
          std::min(simes, own[k] * static_cast<double>(own.size()) / static_cast<double>(k + 1));
    }
    for (std::size_t i = 0; i < m; ++i) {
      if ((set >> i & 1U) != 0) closed[i] = std::max(closed[i], simes);
    }
  }
  for (std::size_t i = 0; i < m; ++i) RC_ASSERT(std::fabs(hommel[i] - closed[i]) < 1.0e-12);
}

RC_GTEST_PROP(Multiplicity, a_complete_graph_is_holm_and_a_chain_is_a_fixed_sequence, ()) {
  const auto p = probabilities();
  const std::size_t m = p.size();
  TestGraph complete;
  complete.weights.assign(m, 1.0 / static_cast<double>(m));
  complete.transitions.assign(m * m, m > 1 ? 1.0 / static_cast<double>(m - 1) : 0.0);
  for (std::size_t i = 0; i < m; ++i) complete.transitions[i * (m + 1)] = 0.0;
  TestGraph chain;
  chain.weights.assign(m, 0.0);
  chain.weights[0] = 1.0;
  chain.transitions.assign(m * m, 0.0);
  for (std::size_t i = 0; i + 1 < m; ++i) chain.transitions[i * m + i + 1] = 1.0;
  const auto holm = adjust(p, Adjustment::holm);
  const auto fixed = adjust(p, Adjustment::fixed_sequence);
  const auto by_graph = test_graph(complete, p, 0.025);
  const auto by_chain = test_graph(chain, p, 0.025);
  for (std::size_t i = 0; i < m; ++i) {
    RC_ASSERT(std::fabs(by_graph.adjusted[i] - holm[i]) < 1.0e-9);
    RC_ASSERT(std::fabs(by_chain.adjusted[i] - fixed[i]) < 1.0e-9);
    RC_ASSERT(by_graph.rejected[i] == (by_graph.adjusted[i] <= 0.025));
  }
}

TEST(Multiplicity, dunnett_lies_between_no_adjustment_and_bonferroni_and_step_down_gains) {
  const std::vector<double> means{0.0, 0.35, 0.52, 0.6};
  const std::vector<double> n{40.0, 42.0, 37.0, 44.0};
  const ManyToOne r = dunnett({means, n, 1.0, 159.0}, Sides::two);
  std::vector<double> raw;
  for (const Comparison& c : r.comparisons) raw.push_back(c.p_unadjusted);
  const auto bonferroni = adjust(raw, Adjustment::bonferroni);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GT(r.comparisons[i].p_adjusted, raw[i]);
    EXPECT_LT(r.comparisons[i].p_adjusted, bonferroni[i]);
    EXPECT_LE(r.step_down[i], r.comparisons[i].p_adjusted + 1.0e-12);
  }
}

TEST(Multiplicity, williams_gains_on_a_plateau_and_umbrella_on_a_rise_and_fall) {
  const std::vector<double> n(4, 40.0);
  const std::vector<double> plateau{0.0, 0.5, 0.5, 0.5};
  const std::vector<double> peak{0.0, 0.6, 0.5, 0.0};
  const auto least = [](const ManyToOne& r) {
    double p = 1.0;
    for (const Comparison& c : r.comparisons) p = std::min(p, c.p_adjusted);
    return p;
  };
  const ArmMeans on_plateau{plateau, n, 1.0, 156.0};
  const ArmMeans on_peak{peak, n, 1.0, 156.0};
  EXPECT_LT(least(williams(on_plateau)), least(dunnett(on_plateau, Sides::one)));
  EXPECT_LT(least(umbrella(on_peak)), least(williams(on_peak)));
}

// --- ranks ---------------------------------------------------------------------------------------

RC_GTEST_PROP(RankTests, order_exchange_shift_and_monotone_maps_do_what_they_should, ()) {
  const auto x = small_sample();
  const auto y = small_sample();
  const WilcoxonResult r = wilcoxon(x, y);
  auto reversed = x;
  std::reverse(reversed.begin(), reversed.end());
  RC_ASSERT(wilcoxon(reversed, y).z == r.z);
  const WilcoxonResult swapped = wilcoxon(y, x);
  RC_ASSERT(std::fabs(swapped.z + r.z) < 1.0e-12);
  RC_ASSERT(swapped.hodges_lehmann == -r.hodges_lehmann);
  RC_ASSERT(swapped.p_exact.has_value() == r.p_exact.has_value());
  if (r.p_exact) {
    RC_ASSERT(std::fabs(*swapped.p_exact - *r.p_exact) < 1.0e-9);
    RC_ASSERT(*r.p_exact > 0.0 && *r.p_exact <= 1.0);
  }
  auto moved = x;
  for (double& v : moved) v += 4.0;
  RC_ASSERT(wilcoxon(moved, y).hodges_lehmann == r.hodges_lehmann + 4.0);
  auto cubed_x = x;
  auto cubed_y = y;
  for (double& v : cubed_x) v = v * v * v;
  for (double& v : cubed_y) v = v * v * v;
  RC_ASSERT(wilcoxon(cubed_x, cubed_y).u == r.u);
}

TEST(RankTests, one_stratum_is_the_plain_test_and_strata_labels_do_not_matter) {
  const std::vector<double> v{1.0, 3.0, 2.0, 5.0, 4.0, 3.0, 8.0, 1.0};
  const std::vector<int> in_x{1, 0, 1, 0, 1, 0, 0, 1};
  const std::vector<int> all(8, 0);
  const std::vector<double> x{1.0, 2.0, 4.0, 1.0}, y{3.0, 5.0, 3.0, 8.0};
  EXPECT_NEAR(stratified_wilcoxon(v, in_x, all, 1).z, wilcoxon(x, y).z, 1.0e-12);
  const std::vector<int> a{0, 0, 0, 0, 1, 1, 1, 1}, b{1, 1, 1, 1, 0, 0, 0, 0};
  EXPECT_NEAR(stratified_wilcoxon(v, in_x, a, 2).z, stratified_wilcoxon(v, in_x, b, 2).z, 1.0e-12);
}

TEST(RankTests, data_that_cannot_be_tested_are_refused) {
  const std::vector<double> x{1.0, 1.0}, none, bad{1.0, std::nan("")};
  EXPECT_EQ(wilcoxon(x, none).status, RankStatus::empty_sample);
  EXPECT_EQ(wilcoxon(x, bad).status, RankStatus::invalid_input);
  EXPECT_EQ(wilcoxon(x, x).status, RankStatus::no_variation);
  EXPECT_FALSE(wilcoxon(x, x).exact_interval.has_value());
  EXPECT_EQ(signed_rank(std::vector<double>{0.0, 0.0}).status, RankStatus::no_variation);
}

// --- sequential designs --------------------------------------------------------------------------

RC_GTEST_PROP(GroupSequential, spending_bounds_spend_the_level_and_one_look_is_fixed, ()) {
  const double alpha = fraction(5, 100);
  const double t1 = fraction(150, 500);
  const double t2 = fraction(550, 900);
  const auto kind = *rc::gen::element(SpendingKind::obrien_fleming, SpendingKind::pocock,
                                      SpendingKind::kim_demets, SpendingKind::hwang_shih_decani);
  const Spending spending{kind, kind == SpendingKind::kim_demets ? 1.5 : -2.0};
  const std::vector<double> info{t1, t2, 1.0};
  const auto z = spending_bounds(info, alpha, spending);
  const std::vector<double> none(3, -infinity);
  RC_ASSERT(std::fabs(stage_probabilities(none, z, info, 0.0).reject() - alpha) < 1.0e-11);
  const auto fixed = spending_bounds(std::vector{1.0}, alpha, spending);
  RC_ASSERT(z[2] > fixed[0]);  // interim looks cost something
  // Power rises with the drift.
  RC_ASSERT(stage_probabilities(none, z, info, 2.0).reject() <
            stage_probabilities(none, z, info, 2.5).reject());
}

RC_GTEST_PROP(GroupSequential, stages_and_remainder_add_to_one, ()) {
  const std::vector<double> info{fraction(100, 400), fraction(450, 900), 1.0};
  const double drift = fraction(-3000, 5000);
  const std::vector<double> upper{3.2, 2.5, 2.0}, lower{-0.5, 0.4, 2.0};
  const auto p = stage_probabilities(lower, upper, info, drift);
  double total = 0.0;
  for (std::size_t k = 0; k < 3; ++k) total += p.upper[k] + p.lower[k];
  RC_ASSERT(std::fabs(total - 1.0) < 1.0e-11);
}

TEST(GroupSequential, obrien_fleming_falls_pocock_is_flat_and_futility_order_holds) {
  const std::vector<double> info{0.25, 0.5, 0.75, 1.0};
  const auto of = wang_tsiatis_bounds(info, 0.025, 0.0);
  const auto pocock = wang_tsiatis_bounds(info, 0.025, 0.5);
  for (std::size_t k = 1; k < 4; ++k) {
    EXPECT_LT(of[k], of[k - 1]);
    EXPECT_NEAR(pocock[k], pocock[0], 1.0e-12);
  }
  EXPECT_LT(of[3], pocock[3]);
  const Spending a{}, b{SpendingKind::hwang_shih_decani, -2.0};
  const auto binding = futility_design(info, 0.025, 0.2, a, b, Futility::binding);
  const auto loose = futility_design(info, 0.025, 0.2, a, b, Futility::non_binding);
  EXPECT_LT(binding.upper[3], loose.upper[3]);  // a rule that must be obeyed buys level
  EXPECT_LT(binding.inflation, loose.inflation);
  EXPECT_LT(loose.under_null.reject(), 0.025);
}

TEST(GroupSequential, characteristics_give_back_their_power_at_their_drift) {
  const std::vector<double> info{0.3, 0.6, 1.0};
  const std::vector<double> none(3, -infinity);
  for (const auto& z :
       {spending_bounds(info, 0.025, {}), std::vector<double>{infinity, 2.4, 2.0}}) {
    const auto c = characterise(z, {}, info, 0.025, 0.9);
    EXPECT_NEAR(stage_probabilities(none, z, info, std::sqrt(c.shift)).reject(), 0.9, 1.0e-11);
  }
}

TEST(SampleSize, answers_give_back_their_power) {
  const MeansDesign means{0.4, 1.3, 1.5};
  EXPECT_NEAR(power(means, sample_size(means, {0.025, 0.85}), 0.025), 0.85, 1.0e-9);
  const CountsDesign poisson{2.0, 0.7, 0.0, 0.0, 1.5}, nearly{2.0, 0.7, 1.0e-9, 0.0, 1.5};
  EXPECT_NEAR(patients_per_arm(poisson, {}), patients_per_arm(nearly, {}), 1.0e-5);
  // No accrual time is the limit of a short one.
  EXPECT_NEAR(expected_count_information(2.0, 0.5, 1.0e-6, 1.0), count_information(2.0, 1.0, 0.5),
              1.0e-6);
  EXPECT_NEAR(inverse_normal(std::vector{0.025, 0.025}, std::vector{1.0, 1.0}),
              1.959963984540054 * std::sqrt(2.0), 1.0e-9);
  EXPECT_NEAR(fisher_combination(std::vector{0.04}), 0.04, 1.0e-12);
}

// --- MCP-Mod -------------------------------------------------------------------------------------

DoseEstimates means_of(std::vector<double> doses, std::vector<double> estimates) {
  DoseEstimates data;
  const std::size_t k = doses.size();
  data.covariance.assign(k * k, 0.0);
  for (std::size_t i = 0; i < k; ++i) data.covariance[i * (k + 1)] = 1.0 / 40.0;
  data.doses = std::move(doses);
  data.estimates = std::move(estimates);
  data.df = infinity;
  return data;
}

TEST(McpMod, one_candidate_is_a_single_contrast_test) {
  const std::vector<Candidate> one{{"linear", Shape::linear, {}}};
  const DoseEstimates data = means_of({0.0, 1.0, 2.0, 4.0}, {0.0, 0.1, 0.2, 0.4});
  const auto test = plan_contrast_test({one, data.doses, data.covariance, 30.0});
  EXPECT_NEAR(test.critical_value, 2.0422724563012378, 1.0e-9);  // t(30), 0.975
}

TEST(McpMod, placebo_and_two_doses_give_contrasts_but_no_shape_and_say_why) {
  const std::vector<Candidate> set{{"linear", Shape::linear, {}}, {"emax", Shape::emax, {0.5}}};
  const DoseEstimates data = means_of({0.0, 1.0, 5.0}, {0.0, 0.7, 0.9});
  const auto test = plan_contrast_test({set, data.doses, data.covariance, infinity});
  McpModOptions options;
  options.target_effect = 0.3;
  const McpModResult r = mcp_mod(test, set, data, options);
  EXPECT_EQ(r.status, McpModStatus::cannot_select);
  EXPECT_LT(*std::min_element(r.p_adjusted.begin(), r.p_adjusted.end()), 0.025);
  EXPECT_FALSE(r.target_dose.has_value());
  EXPECT_FALSE(r.selected.has_value());
  EXPECT_NE(r.reason.find("placebo and two doses"), std::string_view::npos);
}

TEST(McpMod, a_flat_response_selects_nothing) {
  const std::vector<Candidate> set{{"linear", Shape::linear, {}}, {"emax", Shape::emax, {0.5}}};
  const DoseEstimates data = means_of({0.0, 1.0, 2.0, 5.0}, {0.0, 0.01, -0.01, 0.0});
  const auto test = plan_contrast_test({set, data.doses, data.covariance, infinity});
  const McpModResult r = mcp_mod(test, set, data, {});
  EXPECT_EQ(r.status, McpModStatus::no_signal);
  EXPECT_TRUE(r.fits.empty());
}

RC_GTEST_PROP(McpMod, fits_find_the_curve_that_made_the_means_and_scale_with_it, ()) {
  const auto shape = *rc::gen::element(Shape::emax, Shape::exponential, Shape::sig_emax,
                                       Shape::logistic, Shape::beta, Shape::quadratic);
  const ShapeConstants constants{0.1, 1.2};
  const std::vector<double> doses{0.0, 0.1, 0.25, 0.4, 0.7, 1.0};
  const double e1 = fraction(-3000, 3000) + 0.0005;
  const double first = fraction(150, 600);
  const double second = shape == Shape::sig_emax ? fraction(1000, 4000)
                        : shape == Shape::beta   ? fraction(300, 1500)
                                                 : fraction(60, 300);
  const ShapeParameters truth{shape == Shape::quadratic ? -first : first, second};
  std::vector<double> y;
  for (const double d : doses) y.push_back(0.3 + e1 * shape_value(shape, truth, d, constants));
  const DoseFit fit = fit_shape(shape, means_of(doses, y), constants);
  RC_ASSERT(usable(fit.status));
  for (const double d : {0.05, 0.33, 0.9}) {
    const double curve = 0.3 + e1 * shape_value(shape, truth, d, constants);
    RC_ASSERT(std::fabs(fit.predict(d) - curve) < 2.0e-4 * std::fabs(e1) + 1.0e-9);
  }
}

RC_GTEST_PROP(McpMod, shape_gradients_are_the_difference_quotients, ()) {
  const auto shape = *rc::gen::element(Shape::emax, Shape::exponential, Shape::sig_emax,
                                       Shape::logistic, Shape::beta);
  const ShapeConstants constants{0.1, 1.2};
  const ShapeParameters theta{fraction(200, 1500), fraction(300, 1500)};
  const double dose = fraction(0, 1000);
  const ShapeParameters exact = shape_gradient(shape, theta, dose, constants);
  constexpr double h = 1.0e-5;
  for (std::size_t p = 0; p < nonlinear_count(shape); ++p) {
    ShapeParameters up = theta;
    ShapeParameters down = theta;
    up[p] += h;
    down[p] -= h;
    const double quotient =
        (shape_value(shape, up, dose, constants) - shape_value(shape, down, dose, constants)) /
        (2.0 * h);
    RC_ASSERT(std::fabs(quotient - exact[p]) < 1.0e-6 * (1.0 + std::fabs(exact[p]) * 100.0));
  }
}

TEST(McpMod, broken_plans_violate_the_contract) {
  const std::vector<Candidate> set{{"beta", Shape::beta, {1.0, 1.0}}};
  const std::vector<double> doses{0.0, 1.0, 2.0};
  const std::vector<double> s{1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0};
  // The beta scale (0) is below the largest dose.
  EXPECT_THROW(static_cast<void>(plan_contrast_test({set, doses, s, 10.0})),
               diagnostics::ContractViolation);
  EXPECT_THROW(static_cast<void>(adjust(std::vector{1.2}, Adjustment::holm)),
               diagnostics::ContractViolation);
  EXPECT_THROW(static_cast<void>(spending_bounds(std::vector{0.6, 0.5, 1.0}, 0.025, {})),
               diagnostics::ContractViolation);
}

TEST(FutilityDesign, a_look_of_five_percent_of_the_information_has_both_its_bounds) {
  const Spending alpha{SpendingKind::obrien_fleming, 0.0};
  const Spending beta{SpendingKind::hwang_shih_decani, -2.0};
  const auto d =
      futility_design(std::vector{0.05, 0.5, 1.0}, 0.025, 0.1, alpha, beta, Futility::non_binding);
  ASSERT_EQ(d.upper.size(), 3U);
  EXPECT_NEAR(d.upper[0], 9.957, 2.0e-3);
  EXPECT_NEAR(d.under_alternative.reject(), 0.9, 1.0e-9);
}

}  // namespace
}  // namespace angiotrial::analysis
