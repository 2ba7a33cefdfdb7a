// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

std::vector<double> roots_of_diagonal(const std::vector<double>& covariance, std::size_t columns) {
  std::vector<double> out;
  for (std::size_t c = 0; c < columns; ++c) out.push_back(std::sqrt(covariance[c * columns + c]));
  return out;
}

struct Anorexia {
  std::vector<double> y, covariate;
  std::vector<int> arm;

  Anorexia() {
    const Data d("c10_ancova_anorexia/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      y.push_back(d.number(i, "Postwt"));
      covariate.push_back(d.number(i, "Prewt"));
      arm.push_back(d.text(i, "Treat") == "Cont" ? 0 : d.text(i, "Treat") == "CBT" ? 1 : 2);
    }
  }
  /// Treatment coding; `interaction` adds arm by centred covariate.
  [[nodiscard]] std::vector<double> row(std::size_t i, int in_arm, bool interaction) const {
    double mean = 0.0;
    for (const double x : covariate) mean += x / static_cast<double>(covariate.size());
    const double cbt = in_arm == 1 ? 1.0 : 0.0;
    const double ft = in_arm == 2 ? 1.0 : 0.0;
    if (!interaction) return {1.0, cbt, ft, covariate[i]};
    const double x = covariate[i] - mean;
    return {1.0, cbt, ft, x, cbt * x, ft * x};
  }
  /// The design of all patients: in their own arm (-1) or in a given one.
  [[nodiscard]] std::vector<double> design(int in_arm, bool interaction) const {
    std::vector<double> out;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto x = row(i, in_arm < 0 ? arm[i] : in_arm, interaction);
      out.insert(out.end(), x.begin(), x.end());
    }
    return out;
  }
};

TEST(LinearModelReference, c10_ancova_and_its_robust_errors_agree_with_lm_and_sandwich) {
  const Anorexia trial;
  const std::vector<double> design = trial.design(-1, false);
  LinearModel model;
  model.response = trial.y;
  model.design = design;
  model.columns = 4;
  const LinearFit fit = fit_linear_model(model);
  ASSERT_EQ(fit.status, LinearStatus::fitted);
  const std::string file = "c10_ancova_anorexia/expected.json";
  const Block block(file, "ancova");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"se"},
               roots_of_diagonal(coefficient_covariance(model, fit, LinearVariance::model), 4));
  block.expect({"sigma"}, fit.sigma);
  block.expect({"df"}, fit.degrees_of_freedom);
  block.expect({"logLik"}, fit.log_likelihood);
  for (const auto& [name, variance] : {std::pair{"ancova_HC0", LinearVariance::hc0},
                                       {"ancova_HC1", LinearVariance::hc1},
                                       {"ancova_HC2", LinearVariance::hc2},
                                       {"ancova_HC3", LinearVariance::hc3}}) {
    Block(file, name)
        .expect({"se"}, roots_of_diagonal(coefficient_covariance(model, fit, variance), 4));
  }
}

TEST(LinearModelReference, c10_interacted_standardisation_agrees_with_lin_and_ye) {
  const Anorexia trial;
  const std::vector<double> design = trial.design(-1, true);
  LinearModel model;
  model.response = trial.y;
  model.design = design;
  model.columns = 6;
  const LinearFit fit = fit_linear_model(model);
  ASSERT_EQ(fit.status, LinearStatus::fitted);
  const std::string file = "c10_ancova_anorexia/expected.json";
  const Block lin(file, "anhecova_HC");
  lin.expect({"diff"}, std::vector<double>{fit.coefficients[1], fit.coefficients[2]});
  for (const auto& [key, variance] :
       {std::pair{"se_HC2", LinearVariance::hc2}, {"se_HC3", LinearVariance::hc3}}) {
    const auto se = roots_of_diagonal(coefficient_covariance(model, fit, variance), 6);
    lin.expect({key}, std::vector<double>{se[1], se[2]});
  }
  std::vector<double> designs;
  for (int arm = 0; arm < 3; ++arm) {
    const auto one = trial.design(arm, true);
    designs.insert(designs.end(), one.begin(), one.end());
  }
  const auto predictions = predict_arms(model, fit, designs, 3);
  const MarginalMeans means = standardise({trial.y, trial.arm, predictions, 3, {}});
  const Block ye(file, "anhecova_vcovG");
  ye.expect({"means"}, means.mean);
  Deep(file, "anhecova_vcovG").expect({"cov_means", "values"}, means.covariance);
  std::vector<double> difference, se;
  for (int arm = 1; arm < 3; ++arm) {
    const MarginalEffect effect = marginal_effect(means, arm, 0, EffectScale::difference);
    difference.push_back(effect.estimate);
    se.push_back(effect.se);
  }
  ye.expect({"differences"}, difference);
  ye.expect({"se_differences"}, se);
}

/// c11 with the arms in either order: labels must not matter.
struct Respiratory {
  std::vector<double> y, design, designs;
  std::vector<int> arm, centre;
  int placebo = 0;
  LinearModel model;

  explicit Respiratory(bool swapped) : placebo(swapped ? 1 : 0) {
    const Data d("c11_gcomp_respiratory/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      const bool active = d.text(i, "treat") == "1_active";
      y.push_back(d.number(i, "y"));
      arm.push_back(active ? 1 - placebo : placebo);
      centre.push_back(static_cast<int>(d.number(i, "center")) - 1);
      append(design, d, i, active);
    }
    for (int a = 0; a < 2; ++a) {
      for (std::size_t i = 0; i < d.rows(); ++i) append(designs, d, i, a != placebo);
    }
    model.response = y;
    model.design = design;
    model.columns = 6;
    model.family = Family::binomial;
  }
  static void append(std::vector<double>& to, const Data& d, std::size_t i, bool active) {
    to.insert(to.end(), {1.0, active ? 1.0 : 0.0, d.is(i, "center", "2"), d.is(i, "sex", "M"),
                         d.number(i, "age"), d.number(i, "baseline")});
  }
  void expect(const std::string& file, const std::string& name, const MarginalMeans& means) const {
    const Block block(file, name);
    const auto p = static_cast<std::size_t>(placebo);
    const std::vector<double>& v = means.covariance;
    Deep(file, name).expect({"cov", "values"}, {v[3 * p], v[1 + p], v[2 - p], v[3 - 3 * p]});
    block.expect({"estimate"}, std::vector<double>{means.mean[p], means.mean[1 - p]});
    const std::array scales{
        std::pair{std::pair{"risk_difference", "se_rd"}, EffectScale::difference},
        std::pair{std::pair{"log_risk_ratio", "se_log_rr"}, EffectScale::log_ratio},
        std::pair{std::pair{"log_odds_ratio", "se_log_or"}, EffectScale::log_odds_ratio}};
    for (const auto& [keys, scale] : scales) {
      const MarginalEffect effect = marginal_effect(means, 1 - placebo, placebo, scale);
      block.expect({keys.first}, effect.estimate);
      block.expect({keys.second}, effect.se);
    }
  }
};

TEST(LinearModelReference, c11_logistic_regression_agrees_with_glm_and_sandwich) {
  const Respiratory trial(false);
  const LinearFit fit = fit_linear_model(trial.model);
  ASSERT_EQ(fit.status, LinearStatus::fitted);
  const Block block("c11_gcomp_respiratory/expected.json", "logistic");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"logLik"}, fit.log_likelihood);
  for (const auto& [key, variance] : {std::pair{"se", LinearVariance::model},
                                      {"se_HC0", LinearVariance::hc0},
                                      {"se_HC3", LinearVariance::hc3}}) {
    block.expect({key}, roots_of_diagonal(coefficient_covariance(trial.model, fit, variance), 6));
  }
}

TEST(LinearModelReference, c11_standardised_risks_agree_with_robincar_whatever_the_labels) {
  const std::string file = "c11_gcomp_respiratory/expected.json";
  for (const bool swapped : {false, true}) {
    SCOPED_TRACE(swapped);
    const Respiratory trial(swapped);
    const LinearFit fit = fit_linear_model(trial.model);
    const auto predictions = predict_arms(trial.model, fit, trial.designs, 2);
    trial.expect(file, "gcomp_vcovG_simple", standardise({trial.y, trial.arm, predictions, 2, {}}));
    trial.expect(file, "gcomp_vcovG_permuted_block",
                 standardise({trial.y, trial.arm, predictions, 2, trial.centre}));
    trial.expect(file, "gcomp_HC3",
                 standardise_by_delta(trial.model, fit, trial.designs, 2, LinearVariance::hc3));
  }
}

TEST(LinearModelReference, c03_poisson_rate_with_robust_error_agrees_with_glm) {
  const Data d("c03_nb_cgd_offset/data.csv");
  std::vector<double> y, design, offset;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    y.push_back(d.number(i, "y"));
    design.insert(design.end(), {1.0, d.is(i, "treat", "rIFN-g")});
    offset.push_back(std::log(d.number(i, "days") / 365.25));
  }
  LinearModel model;
  model.response = y;
  model.design = design;
  model.columns = 2;
  model.family = Family::poisson;
  model.offset = offset;
  const LinearFit fit = fit_linear_model(model);
  ASSERT_EQ(fit.status, LinearStatus::fitted);
  const Block block("c03_nb_cgd_offset/expected.json", "poisson_robust");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"se_model"},
               roots_of_diagonal(coefficient_covariance(model, fit, LinearVariance::model), 2));
  block.expect({"se_HC0"},
               roots_of_diagonal(coefficient_covariance(model, fit, LinearVariance::hc0), 2));
}

/// Two arms of 20, a covariate, errors that grow with it; clusters of four.
struct Sample {
  std::vector<double> y, design, weights;
  std::vector<int> cluster;

  explicit Sample(std::uint64_t seed) {
    for (std::uint32_t i = 0; i < 40; ++i) {
      random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
      const double x = draw.normal();
      design.insert(design.end(), {1.0, i < 20 ? 0.0 : 1.0, x});
      y.push_back(5.0 + 0.7 * x + std::exp(0.3 * x) * draw.normal());
      weights.push_back(0.5 + draw.uniform());
      cluster.push_back(static_cast<int>(i / 4));
    }
  }
  [[nodiscard]] LinearModel model() const {
    LinearModel out;
    out.response = y;
    out.design = design;
    out.columns = 3;
    out.weights = weights;
    out.cluster = cluster;
    return out;
  }
};

constexpr std::array all_variances{LinearVariance::model, LinearVariance::hc0, LinearVariance::hc1,
                                   LinearVariance::hc2,   LinearVariance::hc3, LinearVariance::cr0,
                                   LinearVariance::cr2};
const std::vector<double> arm_effect{0.0, 1.0, 0.0};

RC_GTEST_PROP(LinearModel, rescales_with_the_outcome_and_ignores_the_order_of_patients, ()) {
  const Sample sample(*rc::gen::inRange<std::uint64_t>(1, 100000));
  const double factor = *rc::gen::element(-1000.0, 1.0e-6, 3.0);
  Sample other = sample;
  for (std::size_t i = 0; i < 40; ++i) {
    const std::size_t from = (7 * i + 3) % 40;
    other.y[i] = factor * sample.y[from];
    other.weights[i] = 10.0 * sample.weights[from];
    other.cluster[i] = 100 - sample.cluster[from];
    for (std::size_t c = 0; c < 3; ++c) other.design[3 * i + c] = sample.design[3 * from + c];
  }
  const LinearFit before = fit_linear_model(sample.model());
  const LinearFit after = fit_linear_model(other.model());
  for (const LinearVariance variance : all_variances) {
    const auto a = estimate_contrast(sample.model(), before, arm_effect, variance);
    const auto b = estimate_contrast(other.model(), after, arm_effect, variance);
    // Rounding of 40 rows, condition near 10.
    RC_ASSERT(std::fabs(b.estimate - factor * a.estimate) < 1e-11 * std::fabs(factor) * a.se);
    RC_ASSERT(std::fabs(b.se - std::fabs(factor) * a.se) < 1e-11 * std::fabs(factor) * a.se);
    RC_ASSERT(std::fabs(b.df - a.df) < 1e-9 * a.df);
  }
}

TEST(LinearModel, clusters_of_one_give_the_heteroscedastic_forms) {
  Sample sample(5);
  for (std::size_t i = 0; i < 40; ++i) sample.cluster[i] = static_cast<int>(i);
  const LinearFit fit = fit_linear_model(sample.model());
  for (const auto& [by_cluster, by_row] : {std::pair{LinearVariance::cr0, LinearVariance::hc0},
                                           {LinearVariance::cr2, LinearVariance::hc2}}) {
    EXPECT_NEAR(estimate_contrast(sample.model(), fit, arm_effect, by_cluster).se,
                estimate_contrast(sample.model(), fit, arm_effect, by_row).se, 1e-13);
  }
}

// The only patient of a third arm fits himself: he has no error, and the others have theirs as if
// he were not there.
TEST(LinearModel, a_row_of_leverage_one_has_no_error_and_takes_none_from_the_others) {
  Sample sample(5);
  const LinearModel without = sample.model();
  const LinearFit alone = fit_linear_model(without);
  std::vector<double> design, y = sample.y, weights = sample.weights;
  for (std::size_t i = 0; i < 41; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      design.push_back(i < 40 ? sample.design[3 * i + c] : c == 0);
    design.push_back(i == 40 ? 1.0 : 0.0);
  }
  y.push_back(7.0);
  weights.push_back(1.0);
  LinearModel model = without;
  model.response = y;
  model.design = design;
  model.weights = weights;
  model.columns = 4;
  model.cluster = {};
  const LinearFit fit = fit_linear_model(model);
  ASSERT_EQ(fit.status, LinearStatus::fitted);
  for (const auto variance : {LinearVariance::hc0, LinearVariance::hc2, LinearVariance::hc3}) {
    const auto arm = estimate_contrast(model, fit, std::vector{0.0, 1.0, 0.0, 0.0}, variance);
    EXPECT_NEAR(arm.se, estimate_contrast(without, alone, arm_effect, variance).se, 1e-12);
    const auto lone = estimate_contrast(model, fit, std::vector{0.0, 0.0, 0.0, 1.0}, variance);
    EXPECT_TRUE(std::isnan(lone.se) && std::isnan(lone.p_value));
    const auto all = coefficient_covariance(model, fit, variance);
    EXPECT_NEAR(all[5], arm.se * arm.se, 1e-12);
    EXPECT_TRUE(std::isnan(all[15]) && std::isnan(all[7]));
  }
}

TEST(LinearModel, one_cluster_has_no_variance_by_cluster) {
  Sample sample(5);
  sample.cluster.assign(40, 3);
  const LinearFit fit = fit_linear_model(sample.model());
  for (const auto variance : {LinearVariance::cr0, LinearVariance::cr1, LinearVariance::cr2}) {
    EXPECT_THROW(static_cast<void>(coefficient_covariance(sample.model(), fit, variance)),
                 diagnostics::ContractViolation);
  }
}

TEST(LinearModel, bias_reduced_variance_of_equal_clusters_is_that_of_cluster_means) {
  // Arms of five clusters of four, no covariate: a two-sample problem in cluster means, for which
  // CR2 is the unbiased (Welch) variance and its degrees of freedom are 2 (n - 1) = 8.
  Sample sample(9);
  std::vector<double> two;
  for (std::size_t i = 0; i < 40; ++i) two.insert(two.end(), {1.0, i < 20 ? 0.0 : 1.0});
  LinearModel model = sample.model();
  model.design = two;
  model.columns = 2;
  model.weights = {};
  const LinearFit fit = fit_linear_model(model);
  double variance = 0.0;
  for (int arm = 0; arm < 2; ++arm) {
    std::array<double, 5> means{};
    double mean = 0.0;
    for (std::size_t k = 0; k < 5; ++k) {
      const auto first = static_cast<std::size_t>(20 * arm) + 4 * k;
      for (std::size_t i = first; i < first + 4; ++i) means[k] += sample.y[i] / 4.0;
      mean += means[k] / 5.0;
    }
    for (const double value : means) variance += (value - mean) * (value - mean) / 4.0 / 5.0;
  }
  const std::vector<double> effect{0.0, 1.0};
  const auto contrast = estimate_contrast(model, fit, effect, LinearVariance::cr2);
  EXPECT_NEAR(contrast.se, std::sqrt(variance), 1e-13);
  EXPECT_NEAR(contrast.df, 8.0, 1e-10);
}

TEST(LinearModel, says_why_it_refuses_and_names_collinear_columns) {
  Sample sample(3);
  LinearModel model = sample.model();
  std::vector<double> collinear;
  for (std::size_t i = 0; i < 40; ++i) {
    const double arm = sample.design[3 * i + 1];
    const double x = sample.design[3 * i + 2];
    collinear.insert(collinear.end(), {1.0, arm, 1.0 - arm, 1.0e6 * x, 1.0e6 * x + arm});
  }
  model.design = collinear;
  model.columns = 5;
  const LinearFit refused = fit_linear_model(model);
  EXPECT_EQ(refused.status, LinearStatus::collinear);
  EXPECT_EQ(refused.aliased, (std::vector<std::size_t>{2, 4}));
  model = sample.model();
  sample.y[3] = std::nan("");
  EXPECT_EQ(fit_linear_model(model).status, LinearStatus::invalid_input);
  sample.y[3] = 1.0;
  sample.weights[7] = 0.0;
  EXPECT_EQ(fit_linear_model(model).status, LinearStatus::invalid_input);
  model.weights = {};
  EXPECT_EQ(fit_linear_model(model).status, LinearStatus::fitted);
  for (std::size_t i = 0; i < 40; ++i) sample.y[i] = i < 20 ? 0.0 : static_cast<double>(i % 2);
  model.family = Family::binomial;
  EXPECT_EQ(fit_linear_model(model).status, LinearStatus::separated);
  model.family = Family::poisson;
  EXPECT_EQ(fit_linear_model(model).status, LinearStatus::separated);
  sample.y[2] = -1.0;
  EXPECT_EQ(fit_linear_model(model).status, LinearStatus::invalid_input);
  model.response = model.response.first(3);
  model.design = model.design.first(9);
  model.cluster = {};
  model.family = Family::gaussian;
  EXPECT_EQ(fit_linear_model(model).status, LinearStatus::too_few_rows);
}

}  // namespace
}  // namespace angiotrial::analysis
