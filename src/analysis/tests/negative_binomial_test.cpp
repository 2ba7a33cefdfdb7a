// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "count_cases.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

void expect_block(const Block& block, const CountCase& data) {
  const CountModel model = data.model();
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(model, workspace);
  ASSERT_EQ(fit.status, FitStatus::fitted);
  block.expect({"coef"}, fit.coefficients);
  block.expect({"theta"}, fit.theta());
  block.expect({"logLik"}, fit.log_likelihood);
  block.expect({"se_log_theta_observed_joint"}, fit.se_log_theta);
  for (const auto& [key, variance] :
       {std::pair{"se_expected_info_R_summary", CountVariance::expected},
        {"se_observed_joint_info", CountVariance::observed},
        {"se_HC0", CountVariance::hc0},
        {"se_HC1", CountVariance::hc1},
        {"se_HC3", CountVariance::hc3}}) {
    block.expect({key}, diagonal_roots(count_covariance(model, fit, variance), model.columns));
  }
  const CountSummary summary = summarise_counts(model, fit, workspace);
  block.expect({"AIC"}, summary.aic);
  block.expect({"deviance"}, summary.deviance);
  block.expect({"pearson_chi2"}, summary.pearson);
  block.expect({"se_theta_R"}, summary.se_theta);
}

const std::string epil_file = "c01_nb_epil/expected.json";

TEST(CountReference, c01_rows_and_totals_agree_with_glm_nb_and_sandwich) {
  expect_block(Block(epil_file, "nb2_rows"), epil());
  const Data d("c01_nb_epil/data_totals.csv");
  CountCase totals;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    totals.add({1.0, d.is(i, "trt", "progabide"), d.number(i, "lb")}, d.number(i, "y"),
               std::log(d.number(i, "weeks")));
  }
  expect_block(Block(epil_file, "nb2_totals_offset"), totals);
}

// Four errors of one coefficient, 0.0997 to 0.1548: each is the one its name says.
TEST(CountReference, c01_errors_by_information_robust_and_cluster_are_told_apart) {
  const CountCase data = epil();
  const CountModel model = data.model();
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(model, workspace);
  const Block cluster(epil_file, "nb2_rows_cluster_robust");
  const auto by = [&](CountVariance variance) {
    return diagonal_roots(count_covariance(model, fit, variance, data.subject), 5);
  };
  cluster.expect({"se_CR0"}, by(CountVariance::cr0));
  cluster.expect({"se_CR1_G_over_Gm1"}, by(CountVariance::cr1));
  const std::set<int> clusters(data.subject.begin(), data.subject.end());
  cluster.expect({"clusters"}, static_cast<double>(clusters.size()));
  EXPECT_NEAR(by(CountVariance::expected)[1], 0.0997, 5e-5);
  EXPECT_NEAR(by(CountVariance::observed)[1], 0.1009, 5e-5);
  EXPECT_NEAR(by(CountVariance::hc0)[1], 0.1043, 5e-5);
  EXPECT_NEAR(by(CountVariance::cr0)[1], 0.1548, 5e-5);
  EXPECT_EQ(name_of(CountVariance::observed), "observed joint information");
  const Block r(epil_file, "nb2_rows_R_default");
  r.expect({"coef"}, fit.coefficients);
  r.expect({"theta"}, fit.theta());
  r.expect({"twologlik"}, 2.0 * fit.log_likelihood);
}

TEST(CountReference, c01_wald_likelihood_ratio_and_profile_of_treatment_agree) {
  const CountCase data = epil();
  const CountModel model = data.model();
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(model, workspace);
  const Block block(epil_file, "nb2_rows_treatment");
  const std::array weights{0.0, 1.0, 0.0, 0.0, 0.0};
  const CountContrast wald = count_contrast(model, fit, weights, CountVariance::expected);
  block.expect({"rate_ratio"}, std::exp(wald.estimate));
  block.expect({"wald_ci"}, std::vector<double>{std::exp(wald.lower), std::exp(wald.upper)});
  block.expect({"wald_p"}, wald.p_value);
  const std::array<std::size_t, 1> treatment{1};
  const CountLikelihoodRatio ratio = count_likelihood_ratio(model, fit, treatment, workspace);
  ASSERT_EQ(ratio.status, FitStatus::fitted);
  EXPECT_EQ(ratio.df, 1);
  block.expect({"LR_chisq"}, ratio.statistic);
  block.expect({"LR_p"}, ratio.p_value);
  const LikelihoodInterval profile = count_profile_interval(model, fit, 1, workspace);
  ASSERT_EQ(profile.status, FitStatus::fitted);
  const Block ci(epil_file, "nb2_rows_profile_ci");
  ci.expect({"log_rate_ratio_ci"}, std::vector<double>{profile.lower, profile.upper});
  ci.expect({"rate_ratio_ci"},
            std::vector<double>{std::exp(profile.lower), std::exp(profile.upper)});
}

TEST(CountReference, c01_poisson_with_every_sandwich_agrees_with_glm) {
  const CountCase data = epil();
  const std::vector<double> y(data.y.begin(), data.y.end());
  LinearModel model;
  model.response = y;
  model.design = data.design;
  model.columns = 5;
  model.family = Family::poisson;
  model.cluster = data.subject;
  const LinearFit fit = fit_linear_model(model);
  ASSERT_EQ(fit.status, LinearStatus::fitted);
  const Block block(epil_file, "poisson_rows");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"logLik"}, fit.log_likelihood);
  for (const auto& [key, variance] : {std::pair{"se_model", LinearVariance::model},
                                      {"se_HC0", LinearVariance::hc0},
                                      {"se_HC1", LinearVariance::hc1},
                                      {"se_HC2", LinearVariance::hc2},
                                      {"se_HC3", LinearVariance::hc3},
                                      {"se_cluster_CR0", LinearVariance::cr0}}) {
    block.expect({key}, diagonal_roots(coefficient_covariance(model, fit, variance), 5));
  }
  const auto cr0 = coefficient_covariance(model, fit, LinearVariance::cr0);
  const auto cr1 = coefficient_covariance(model, fit, LinearVariance::cr1);
  for (std::size_t i = 0; i < 25; ++i) EXPECT_NEAR(cr1[i], cr0[i] * 59.0 / 58.0, 1e-14);
  double pearson = 0.0;
  double deviance = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    pearson += (y[i] - fit.fitted[i]) * (y[i] - fit.fitted[i]) / fit.fitted[i];
    deviance +=
        2.0 * ((y[i] > 0.0 ? y[i] * std::log(y[i] / fit.fitted[i]) : 0.0) - y[i] + fit.fitted[i]);
  }
  block.expect({"pearson_chi2"}, pearson);
  block.expect({"deviance"}, deviance);
  const double dispersion = pearson / fit.degrees_of_freedom;
  block.expect({"quasi_dispersion"}, dispersion);
  auto quasi = diagonal_roots(coefficient_covariance(model, fit, LinearVariance::model), 5);
  for (double& se : quasi) se *= std::sqrt(dispersion);
  block.expect({"se_quasi"}, quasi);
}

/// Sex / (Age + Eth * Lrn) in R's order of terms; no column depends on earlier ones.
CountCase quine_nested() {
  const Data d("c02_nb_quine/data.csv");
  CountCase out;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const double male = d.is(i, "Sex", "M");
    std::vector<double> row{1.0, male};
    const double eth = d.is(i, "Eth", "N");
    const double slow = d.is(i, "Lrn", "SL");
    for (const double effect : {d.is(i, "Age", "F1"), d.is(i, "Age", "F2"), d.is(i, "Age", "F3"),
                                eth, slow, eth * slow}) {
      row.insert(row.end(), {(1.0 - male) * effect, male * effect});
    }
    out.add(row, d.number(i, "Days"));
  }
  return out;
}

TEST(CountReference, c02_main_and_nested_effects_agree_with_glm_nb) {
  const Data d("c02_nb_quine/data.csv");
  CountCase main;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    main.add({1.0, d.is(i, "Sex", "M"), d.is(i, "Age", "F1"), d.is(i, "Age", "F2"),
              d.is(i, "Age", "F3"), d.is(i, "Eth", "N"), d.is(i, "Lrn", "SL")},
             d.number(i, "Days"));
  }
  expect_block(Block("c02_nb_quine/expected.json", "nb2_main"), main);
  const Block nested("c02_nb_quine/expected.json", "nb2_nested");
  expect_block(nested, quine_nested());
  EXPECT_TRUE(nested.texts({"aliased"}).empty());
  NegativeBinomialWorkspace workspace;
  const CountCase data = quine_nested();
  const auto& dropped = fit_negative_binomial(data.model(Aliased::drop), workspace).dropped;
  EXPECT_EQ(std::count(dropped.begin(), dropped.end(), true), 0);
}

// glm.nb lets theta run away here; the likelihood has its maximum at dispersion 0.
TEST(CountReference, c02_underdispersed_counts_give_a_dispersion_interval_from_zero) {
  const Data d("c02_nb_quine/data_underdispersed.csv");
  CountCase data;
  for (std::size_t i = 0; i < d.rows(); ++i) data.add({1.0, d.number(i, "x")}, d.number(i, "y"));
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(data.model(), workspace);
  ASSERT_EQ(fit.status, FitStatus::poisson_boundary);
  const DispersionInference phi = count_dispersion(data.model(), fit, workspace);
  ASSERT_EQ(phi.status, FitStatus::fitted);
  EXPECT_EQ(phi.lower, 0.0);
  EXPECT_GT(phi.upper, 0.0);
  EXPECT_LT(phi.upper, 0.2);
  EXPECT_EQ(phi.poisson_statistic, 0.0);
  EXPECT_EQ(phi.poisson_p_value, 1.0);
  const Block block("c02_nb_quine/expected.json", "nb2_underdispersed");
  for (const CountVariance variance : {CountVariance::expected, CountVariance::observed}) {
    block.expect({"se_model"}, diagonal_roots(count_covariance(data.model(), fit, variance), 2));
  }
}

TEST(CountReference, c03_rates_per_year_agree_and_keep_exposures_apart) {
  expect_block(Block("c03_nb_cgd_offset/expected.json", "nb2_unadjusted"), infections(false));
  const CountCase data = infections(true);
  expect_block(Block("c03_nb_cgd_offset/expected.json", "nb2_adjusted"), data);
  std::vector<double> designs;
  for (const double active : {0.0, 1.0}) {
    for (std::size_t i = 0; i < data.design.size(); ++i) {
      designs.push_back(i % 5 == 1 ? active : data.design[i]);
    }
  }
  const CountModel model = data.model();
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(model, workspace);
  const MarginalMeans rates = marginal_rates(model, fit, designs, 2, 1.0);
  const Block block("c03_nb_cgd_offset/expected.json", "nb2_gcomp_rate_per_year");
  block.expect({"rate_placebo"}, rates.mean[0]);
  block.expect({"rate_active"}, rates.mean[1]);
  block.expect({"se_placebo"}, std::sqrt(rates.covariance[0]));
  block.expect({"se_active"}, std::sqrt(rates.covariance[3]));
  const MarginalEffect ratio = marginal_effect(rates, 1, 0, EffectScale::log_ratio);
  block.expect({"log_marginal_rate_ratio"}, ratio.estimate);
  block.expect({"se_log_ratio"}, ratio.se);
  block.expect({"marginal_rate_ratio"}, std::exp(ratio.estimate));
  block.expect({"ci95"}, std::vector<double>{std::exp(ratio.lower), std::exp(ratio.upper)});
  // Twice the exposure doubles the means; the ratio stays.
  const MarginalMeans two = marginal_rates(model, fit, designs, 2, 2.0);
  EXPECT_NEAR(two.mean[0], 2.0 * rates.mean[0], 1e-12);
  EXPECT_NEAR(marginal_effect(two, 1, 0, EffectScale::log_ratio).se, ratio.se, 1e-12);
  // Counts are compared with predictions at the patient's own exposure: in his own arm, the fit.
  const std::vector<double> own = predict_counts(model, fit, designs, 2);
  for (std::size_t i = 0; i < data.y.size(); ++i) {
    const std::size_t arm = data.design[5 * i + 1] > 0.5 ? 1 : 0;
    double eta = data.offset[i];
    for (std::size_t c = 0; c < 5; ++c) eta += data.design[5 * i + c] * fit.coefficients[c];
    EXPECT_NEAR(own[2 * i + arm], std::exp(eta), 1e-12 * std::exp(eta));
  }
}

/// Two arms and a covariate; four rows a cluster.
CountCase sample(std::uint64_t seed, double dispersion, std::uint32_t rows = 80) {
  CountCase out;
  for (std::uint32_t i = 0; i < rows; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    const double x = 0.5 * draw.normal();
    const double arm = i / 4 % 2;
    const double weeks = 2.0 + draw.uniform();
    const double mean = 3.0 * weeks * std::exp(x - 0.3 * arm);
    out.add({1.0, arm, x}, random::negative_binomial_quantile(draw.uniform(), mean, dispersion),
            std::log(weeks), static_cast<int>(i / 4));
  }
  return out;
}

constexpr std::array all_variances{
    CountVariance::expected, CountVariance::observed, CountVariance::hc0, CountVariance::hc1,
    CountVariance::hc2,      CountVariance::hc3,      CountVariance::cr0, CountVariance::cr1,
    CountVariance::cr2,      CountVariance::cr3};

RC_GTEST_PROP(CountInference, does_not_depend_on_the_order_of_patients_or_labels_of_clusters, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  const CountCase data = sample(seed, 0.5);
  CountCase mirrored;
  for (std::size_t i = data.y.size(); i-- > 0;) {
    mirrored.add({1.0, data.design[3 * i + 1], data.design[3 * i + 2]}, data.y[i], data.offset[i],
                 1000 - 7 * data.subject[i]);
  }
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
  const NegativeBinomialFit other = fit_negative_binomial(mirrored.model(), workspace);
  RC_PRE(fit.status == FitStatus::fitted);
  for (const CountVariance variance : all_variances) {
    const auto a = count_covariance(data.model(), fit, variance, data.subject);
    const auto b = count_covariance(mirrored.model(), other, variance, mirrored.subject);
    for (std::size_t i = 0; i < 9; ++i) RC_ASSERT(std::fabs(a[i] - b[i]) < 1e-8 * (1.0 + a[0]));
  }
}

TEST(CountInference, clusters_of_one_give_the_heteroscedastic_forms) {
  const CountCase data = sample(3, 0.5);
  std::vector<int> alone;
  for (int i = 0; i < 80; ++i) alone.push_back(i);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(data.model(), workspace);
  for (const auto& [cluster, row] : {std::pair{CountVariance::cr0, CountVariance::hc0},
                                     {CountVariance::cr2, CountVariance::hc2},
                                     {CountVariance::cr3, CountVariance::hc3}}) {
    const auto a = count_covariance(data.model(), fit, cluster, alone);
    const auto b = count_covariance(data.model(), fit, row);
    for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(a[i], b[i], 1e-12);
  }
}

// An interval from the likelihood holds the values whose likelihood-ratio test does not reject.
TEST(CountInference, ends_of_intervals_have_the_likelihood_that_they_say) {
  CountCase data = sample(5, 0.5);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
  const LikelihoodInterval interval = count_profile_interval(data.model(), fit, 1, workspace, 0.9);
  for (const double end : {interval.lower, interval.upper}) {
    CountCase shifted = data;
    for (std::size_t i = 0; i < data.y.size(); ++i)
      shifted.offset[i] += end * data.design[3 * i + 1];
    NegativeBinomialWorkspace second;
    const NegativeBinomialFit& moved = fit_negative_binomial(shifted.model(), second);
    const std::array<std::size_t, 1> arm{1};
    EXPECT_NEAR(count_likelihood_ratio(shifted.model(), moved, arm, second).p_value, 0.1, 1e-9);
  }
  const DispersionInference phi = count_dispersion(data.model(), fit, workspace);
  EXPECT_LT(phi.lower, fit.dispersion);
  EXPECT_GT(phi.lower, 0.0);
  EXPECT_GT(phi.upper, fit.dispersion);
  EXPECT_LT(phi.poisson_p_value, 0.001);
}

TEST(CountInference, holds_every_column_and_a_single_one) {
  CountCase data;
  for (const int y : {3, 0, 5, 2, 9, 1, 4, 0, 2, 12}) data.add({1.0}, y);
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit fit = fit_negative_binomial(data.model(), workspace);
  ASSERT_EQ(fit.status, FitStatus::fitted);
  const std::array<std::size_t, 1> all{0};
  EXPECT_GT(count_likelihood_ratio(data.model(), fit, all, workspace).statistic, 3.84);
  const LikelihoodInterval interval = count_profile_interval(data.model(), fit, 0, workspace);
  EXPECT_LT(interval.lower, std::log(3.8));
  EXPECT_GT(interval.upper, std::log(3.8));
}

TEST(CountInference, a_dropped_column_has_no_interval_and_no_variance) {
  CountCase data;
  const CountCase base = sample(8, 0.5);
  for (std::size_t i = 0; i < base.y.size(); ++i) {
    const double x = base.design[3 * i + 1];
    data.add({1.0, x, 2.0 - x}, base.y[i], base.offset[i]);
  }
  NegativeBinomialWorkspace workspace;
  const CountModel model = data.model(Aliased::drop);
  const NegativeBinomialFit fit = fit_negative_binomial(model, workspace);
  ASSERT_EQ(fit.status, FitStatus::fitted);
  EXPECT_EQ(count_profile_interval(model, fit, 2, workspace).status, FitStatus::collinear);
  const std::array<std::size_t, 2> both{1, 2};
  EXPECT_EQ(count_likelihood_ratio(model, fit, both, workspace).df, 1);
  EXPECT_EQ(count_covariance(model, fit, CountVariance::hc3)[8], 0.0);
  EXPECT_GT(count_covariance(model, fit, CountVariance::hc3)[4], 0.0);
}

TEST(CountInference, one_cluster_has_no_variance_by_cluster) {
  const CountCase data = sample(8, 0.5);
  NegativeBinomialWorkspace workspace;
  const CountModel model = data.model();
  const NegativeBinomialFit fit = fit_negative_binomial(model, workspace);
  const std::vector<int> one(data.y.size(), 7);
  for (const auto variance : {CountVariance::cr0, CountVariance::cr1, CountVariance::cr2}) {
    EXPECT_THROW(static_cast<void>(count_covariance(model, fit, variance, one)),
                 diagnostics::ContractViolation);
  }
}

}  // namespace
}  // namespace angiotrial::analysis
