// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/linear/ancova.hpp>
#include <angiotrial/analysis/survival/survival.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>

#include "reference_case.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

struct Counts {
  std::vector<double> design, offset;
  std::vector<int> y;
  std::size_t columns = 0;

  void add(std::initializer_list<double> row, double count, double log_exposure = 0.0) {
    columns = row.size();
    design.insert(design.end(), row);
    y.push_back(static_cast<int>(count));
    offset.push_back(log_exposure);
  }
  [[nodiscard]] CountModel model(Aliased aliased = Aliased::refuse) const {
    return {design, columns, y, offset, aliased};
  }
};

void expect_fit(const Block& block, const NegativeBinomialFit& fit) {
  ASSERT_EQ(fit.status, FitStatus::fitted);
  block.expect({"coef"}, fit.coefficients);
  block.expect({"theta"}, fit.theta());
  block.expect({"logLik"}, fit.log_likelihood);
  block.expect({"se_expected_info_R_summary"}, fit.se_expected);
  block.expect({"se_observed_joint_info"}, fit.se_observed);
  block.expect({"se_log_theta_observed_joint"}, fit.se_log_theta);
  block.expect({"se_HC0"}, fit.se_robust);
}

Counts epil_rows() {
  const Data d("c01_nb_epil/data.csv");
  Counts counts;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    counts.add({1.0, d.is(i, "trt", "progabide"), d.number(i, "lbase"), d.number(i, "lage"),
                d.number(i, "V4")},
               d.number(i, "y"));
  }
  return counts;
}

TEST(ReferenceCases, c01_epil_rows_agree_with_glm_nb) {
  NegativeBinomialWorkspace workspace;
  const Counts counts = epil_rows();
  const Block block("c01_nb_epil/expected.json", "nb2_rows");
  expect_fit(block, fit_negative_binomial(counts.model(), workspace));
}

TEST(ReferenceCases, c01_epil_totals_with_offset_agree_with_glm_nb) {
  const Data d("c01_nb_epil/data_totals.csv");
  Counts counts;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    counts.add({1.0, d.is(i, "trt", "progabide"), d.number(i, "lb")}, d.number(i, "y"),
               std::log(d.number(i, "weeks")));
  }
  NegativeBinomialWorkspace workspace;
  const Block block("c01_nb_epil/expected.json", "nb2_totals_offset");
  expect_fit(block, fit_negative_binomial(counts.model(), workspace));
}

TEST(ReferenceCases, c02_quine_agrees_with_glm_nb) {
  const Data d("c02_nb_quine/data.csv");
  Counts counts;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    counts.add({1.0, d.is(i, "Sex", "M"), d.is(i, "Age", "F1"), d.is(i, "Age", "F2"),
                d.is(i, "Age", "F3"), d.is(i, "Eth", "N"), d.is(i, "Lrn", "SL")},
               d.number(i, "Days"));
  }
  NegativeBinomialWorkspace workspace;
  const Block block("c02_nb_quine/expected.json", "nb2_main");
  expect_fit(block, fit_negative_binomial(counts.model(), workspace));
}

/// Eth * Sex * Age * Lrn in R's column order; four of its 32 columns depend on earlier ones.
Counts quine_saturated() {
  const Data d("c02_nb_quine/data.csv");
  Counts counts;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const std::vector<std::vector<double>> factors{
        {d.is(i, "Eth", "N")},
        {d.is(i, "Sex", "M")},
        {d.is(i, "Age", "F1"), d.is(i, "Age", "F2"), d.is(i, "Age", "F3")},
        {d.is(i, "Lrn", "SL")}};
    std::vector<double> row{1.0};
    for (unsigned order = 1; order <= 4; ++order) {
      // Subsets of the factors of this order, earlier factors first.
      for (const unsigned set :
           {1U, 2U, 4U, 8U, 3U, 5U, 6U, 9U, 10U, 12U, 7U, 11U, 13U, 14U, 15U}) {
        if (static_cast<unsigned>(std::popcount(set)) != order) continue;
        std::vector<double> cells{1.0};
        for (unsigned f = 0; f < 4; ++f) {
          if ((set >> f & 1U) == 0) continue;
          std::vector<double> next;
          for (const double level : factors[f]) {
            for (const double cell : cells) next.push_back(cell * level);
          }
          cells = next;
        }
        row.insert(row.end(), cells.begin(), cells.end());
      }
    }
    counts.columns = row.size();
    counts.design.insert(counts.design.end(), row.begin(), row.end());
    counts.y.push_back(static_cast<int>(d.number(i, "Days")));
    counts.offset.push_back(0.0);
  }
  return counts;
}

TEST(ReferenceCases, c02_aliased_columns_are_refused_or_dropped_as_asked) {
  const Counts counts = quine_saturated();
  ASSERT_EQ(counts.columns, 32U);
  NegativeBinomialWorkspace workspace;
  EXPECT_EQ(fit_negative_binomial(counts.model(), workspace).status, FitStatus::collinear);
  const auto& fit = fit_negative_binomial(counts.model(Aliased::drop), workspace);
  ASSERT_EQ(fit.status, FitStatus::fitted);
  EXPECT_EQ(std::count(fit.dropped.begin(), fit.dropped.end(), true), 4);
  const Block block("c02_nb_quine/expected.json", "nb2_saturated_aliased");
  block.expect({"theta"}, fit.theta());
  block.expect({"logLik"}, fit.log_likelihood);
  std::vector<double> kept;
  for (std::size_t c = 0; c < counts.columns; ++c) {
    if (!fit.dropped[c]) kept.push_back(fit.coefficients[c]);
  }
  // R orders terms as it expands the formula; the set of kept coefficients is the same.
  std::vector<double> expected = block.numbers({"coef"});
  std::sort(kept.begin(), kept.end());
  std::sort(expected.begin(), expected.end());
  ASSERT_EQ(kept.size(), expected.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_NEAR(kept[i], expected[i], 1e-10 + 1e-7 * std::fabs(expected[i])) << i;
  }
}

TEST(ReferenceCases, c02_underdispersed_counts_give_the_poisson_fit_and_say_so) {
  const Data d("c02_nb_quine/data_underdispersed.csv");
  Counts counts;
  for (std::size_t i = 0; i < d.rows(); ++i) counts.add({1.0, d.number(i, "x")}, d.number(i, "y"));
  NegativeBinomialWorkspace workspace;
  const auto& fit = fit_negative_binomial(counts.model(), workspace);
  ASSERT_EQ(fit.status, FitStatus::poisson_boundary);
  EXPECT_EQ(fit.dispersion, 0.0);
  EXPECT_TRUE(std::isinf(fit.theta()));
  const Block block("c02_nb_quine/expected.json", "nb2_underdispersed");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"logLik"}, fit.log_likelihood);
  block.expect({"se_model"}, fit.se_expected);
}

TEST(ReferenceCases, c03_infections_with_unequal_follow_up_agree_with_glm_nb) {
  const Data d("c03_nb_cgd_offset/data.csv");
  Counts plain;
  Counts adjusted;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const double log_years = std::log(d.number(i, "days") / 365.25);
    const double active = d.is(i, "treat", "rIFN-g");
    plain.add({1.0, active}, d.number(i, "y"), log_years);
    adjusted.add(
        {1.0, active, d.is(i, "inherit", "autosomal"), d.number(i, "age"), d.number(i, "steroids")},
        d.number(i, "y"), log_years);
  }
  NegativeBinomialWorkspace workspace;
  const Block unadjusted("c03_nb_cgd_offset/expected.json", "nb2_unadjusted");
  expect_fit(unadjusted, fit_negative_binomial(plain.model(), workspace));
  const Block with_covariates("c03_nb_cgd_offset/expected.json", "nb2_adjusted");
  expect_fit(with_covariates, fit_negative_binomial(adjusted.model(), workspace));
}

TEST(ReferenceCases, c10_anorexia_agrees_with_lm_emmeans_and_hc3) {
  const Data d("c10_ancova_anorexia/data.csv");
  std::vector<double> response;
  std::vector<double> covariate;
  std::vector<int> arm;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    response.push_back(d.number(i, "Postwt"));
    covariate.push_back(d.number(i, "Prewt"));
    arm.push_back(d.text(i, "Treat") == "Cont" ? 0 : d.text(i, "Treat") == "CBT" ? 1 : 2);
  }
  AncovaModel model{response, arm, 3, 0, covariate, 1, Variance::model, 0.95};
  const AncovaFit fit = fit_ancova(model);
  ASSERT_EQ(fit.status, FitStatus::fitted);
  const std::string file = "c10_ancova_anorexia/expected.json";
  const Block ancova(file, "ancova");
  for (const auto& [name, arm_index] : {std::pair{"TreatCBT", 1U}, {"TreatFT", 2U}}) {
    const LinearEstimate& contrast = fit.contrasts[arm_index].value();
    ancova.expect({"coef", name}, contrast.estimate);
    ancova.expect({"se", name}, contrast.se);
    ancova.expect({"p", name}, contrast.p_value);
  }
  ancova.expect({"coef", "Prewt"}, fit.covariates[0].estimate);
  ancova.expect({"se", "Prewt"}, fit.covariates[0].se);
  ancova.expect({"df"}, fit.degrees_of_freedom);
  ancova.expect({"sigma"}, fit.sigma);
  const Block means(file, "ls_means");
  std::vector<double> estimate, se, lower, upper;
  for (const auto& mean : fit.adjusted_means) {
    estimate.push_back(mean->estimate);
    se.push_back(mean->se);
    lower.push_back(mean->lower);
    upper.push_back(mean->upper);
  }
  means.expect({"emmean"}, estimate);
  means.expect({"se"}, se);
  means.expect({"lower"}, lower);
  means.expect({"upper"}, upper);
  model.variance = Variance::hc3;
  const AncovaFit robust = fit_ancova(model);
  const Block hc3(file, "ancova_HC3");
  hc3.expect({"se", "TreatCBT"}, robust.contrasts[1]->se);
  hc3.expect({"se", "TreatFT"}, robust.contrasts[2]->se);
  hc3.expect({"se", "Prewt"}, robust.covariates[0].se);
}

TEST(ReferenceCases, c30_lung_agrees_with_survfit_and_survdiff) {
  const Data d("c30_survival_lung/data.csv");
  std::vector<Observation> all;
  std::vector<int> group;
  std::array<std::vector<Observation>, 2> by_sex;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const Observation o{d.number(i, "time"), d.number(i, "status") == 2.0};
    const int sex = static_cast<int>(d.number(i, "sex")) - 1;
    all.push_back(o);
    group.push_back(sex);
    by_sex[static_cast<std::size_t>(sex)].push_back(o);
  }
  const std::string file = "c30_survival_lung/expected.json";
  for (const auto& [name, scale] :
       {std::pair{"km_log", SurvivalInterval::log}, {"km_log_log", SurvivalInterval::log_log}}) {
    std::vector<double> survival, se, lower, upper;
    for (const auto& sample : by_sex) {
      const auto curve = kaplan_meier(sample);
      for (const double day : {90.0, 180.0, 365.0, 730.0}) {
        const SurvivalEstimate at = survival_at(curve, day, 0.95, scale);
        survival.push_back(at.survival);
        se.push_back(at.se);
        lower.push_back(at.lower.value());
        upper.push_back(at.upper.value());
      }
    }
    const Block block(file, name);
    block.expect({"surv"}, survival);
    block.expect({"se_greenwood"}, se);
    block.expect({"lower"}, lower);
    block.expect({"upper"}, upper);
  }
  const LogRank test = log_rank(all, group, 2);
  const Block block(file, "logrank_rho0");
  block.expect({"observed"}, test.observed);
  block.expect({"expected"}, test.expected);
  block.expect({"chisq"}, test.chi_squared);
  block.expect({"p"}, test.p_value.value());
}

}  // namespace
}  // namespace angiotrial::analysis
