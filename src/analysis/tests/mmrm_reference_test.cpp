// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "mixed_reference.hpp"

namespace angiotrial::analysis {
namespace {

/// One row of c12's design: race, sex, arm, visit, arm by visit; visit 0 is the first.
std::vector<double> fev_row(const std::string& race, bool female, bool treated, int visit) {
  std::vector<double> x{1.0, race == "Black or African American" ? 1.0 : 0.0,
                        race == "White" ? 1.0 : 0.0, female ? 1.0 : 0.0, treated ? 1.0 : 0.0};
  for (int v = 1; v < 4; ++v) x.push_back(v == visit ? 1.0 : 0.0);
  for (int v = 1; v < 4; ++v) x.push_back(treated && v == visit ? 1.0 : 0.0);
  return x;
}

Rows fev_rows(bool grouped) {
  const Data d("c12_mmrm_fev/data.snapshot.csv");
  Rows rows;
  Labels patients;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const int who = patients(d.text(i, "USUBJID"));
    if (d.text(i, "FEV1") == "NA") continue;
    const int visit = d.text(i, "AVISIT").back() - '1';
    const bool treated = d.text(i, "ARMCD") == "TRT";
    rows.add(who, visit, d.number(i, "FEV1"),
             fev_row(d.text(i, "RACE"), d.text(i, "SEX") == "Female", treated, visit),
             grouped && treated ? 1 : 0);
  }
  return rows;
}

const std::string fev = "c12_mmrm_fev/expected.json";

TEST(MixedModelReference, c12_fev_agrees_with_mmrm_for_every_structure) {
  const Rows rows = fev_rows(false);
  expect_fit(fev, "reml_us", rows, Structures::unstructured, 1e-6);
  expect_fit(fev, "reml_cs", rows, Structures::compound_symmetry, 1e-6);
  expect_fit(fev, "reml_csh", rows, Structures::heterogeneous_compound_symmetry, 1e-6);
  expect_fit(fev, "reml_ar1", rows, Structures::ar1, 1e-6);
  expect_fit(fev, "reml_ar1h", rows, Structures::heterogeneous_ar1, 1e-6);
  expect_fit(fev, "reml_toep", rows, Structures::toeplitz, 1e-6);
  expect_fit(fev, "reml_toeph", rows, Structures::heterogeneous_toeplitz, 1e-6);
  expect_fit(fev, "reml_ad", rows, Structures::ante_dependence, 1e-6);
  expect_fit(fev, "reml_adh", rows, Structures::heterogeneous_ante_dependence, 1e-6);
}

TEST(MixedModelReference, c12_fev_agrees_with_gls_as_far_as_that_goes) {
  // gls stops short of the maximum: the polished fit of block reml_us, which agrees to 2e-10, is
  // away from it by up to 3e-5 standard errors. Its likelihood is below ours.
  const Rows rows = fev_rows(false);
  MixedWorkspace workspace;
  const MixedFit& fit = fit_mixed_model(rows.model(), workspace);
  ASSERT_EQ(fit.status, MixedStatus::fitted);
  const Block block(fev, "gls_us");
  block.expect({"logLik"}, fit.log_likelihood);
  EXPECT_GE(fit.log_likelihood, block.numbers({"logLik"})[0] - 1e-10);
  const std::vector<double> coefficients = block.numbers({"coef"});
  const std::vector<double> se = block.numbers({"se"});
  ASSERT_EQ(coefficients.size(), fit.coefficients.size());
  for (std::size_t c = 0; c < se.size(); ++c) {
    EXPECT_NEAR(fit.coefficients[c], coefficients[c], 5e-5 * se[c]) << c;
    EXPECT_NEAR(fit.se[c], se[c], 2e-5 * se[c]) << c;
  }
}

TEST(MixedModelReference, c12_fev_agrees_by_maximum_likelihood_and_by_group) {
  expect_fit(fev, "ml_us", fev_rows(false), Structures::unstructured, 1e-6, Criterion::ml);
  expect_fit(fev, "reml_us_grouped", fev_rows(true), Structures::unstructured, 1e-6,
             Criterion::reml, false);
}

/// What emmeans prints, column by column.
struct Printed {
  std::vector<double> estimate, se, df, lower, upper, t, p, log_p;

  void add(const MixedEstimate& e) {
    estimate.push_back(e.estimate);
    se.push_back(e.se);
    df.push_back(e.df);
    lower.push_back(e.lower);
    upper.push_back(e.upper);
    t.push_back(e.statistic);
    p.push_back(e.p_value);
    log_p.push_back(std::log(e.p_value));
  }
  void expect(const Block& block, const std::string& part, const std::string& name) const {
    block.expect({part, name}, estimate);
    block.expect({part, "SE"}, se);
    block.expect({part, "df"}, df);
    block.expect({part, "lower.CL"}, lower);
    block.expect({part, "upper.CL"}, upper);
    block.expect({part, "t.ratio"}, t);
    block.expect({part, "p.value"}, p);
    // Most are below the block's absolute tolerance: their logarithms tell them apart.
    const std::vector<double> wanted = block.numbers({part, "p.value"});
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_NEAR(log_p[i], std::log(wanted[i]), 1e-6 * std::fabs(std::log(wanted[i])));
    }
  }
};

/// Patients with an outcome by race and sex; every combination has an entry.
std::map<std::pair<std::string, bool>, double> fev_margins() {
  const Data d("c12_mmrm_fev/data.snapshot.csv");
  std::map<std::pair<std::string, bool>, double> frequency;
  for (const char* race : {"Asian", "Black or African American", "White"}) {
    for (const bool female : {false, true}) frequency[{race, female}] = 0.0;
  }
  for (std::size_t i = 0; i < d.rows(); ++i) {
    if (d.text(i, "FEV1") != "NA") ++frequency[{d.text(i, "RACE"), d.text(i, "SEX") == "Female"}];
  }
  return frequency;
}

TEST(MixedModelReference, c12_least_squares_means_and_contrasts_agree_with_emmeans) {
  const auto frequency = fev_margins();
  const Rows rows = fev_rows(false);
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(), workspace).status, MixedStatus::fitted);
  const auto weights_of = [&](bool treated, int visit, bool proportional) {
    std::vector<double> grid, weights;
    for (const auto& [level, count] : frequency) {
      const auto row = fev_row(level.first, level.second, treated, visit);
      grid.insert(grid.end(), row.begin(), row.end());
      if (proportional) weights.push_back(count);
    }
    return average_rows(grid, rows.columns, weights);
  };
  for (const auto& [method, inference] : {std::pair{"asymptotic", MixedInference::satterthwaite},
                                          {"kenward-roger", MixedInference::kenward_roger_exact}}) {
    for (const bool proportional : {false, true}) {
      const std::string name =
          std::string("lsmeans_us_") + method + (proportional ? "_proportional" : "_equal");
      SCOPED_TRACE(name);
      Printed means, contrasts;
      for (int visit = 0; visit < 4; ++visit) {
        const std::vector<double> control = weights_of(false, visit, proportional);
        std::vector<double> treated = weights_of(true, visit, proportional);
        means.add(estimate_contrast(workspace, control, inference));
        means.add(estimate_contrast(workspace, treated, inference));
        for (std::size_t c = 0; c < rows.columns; ++c) treated[c] -= control[c];
        contrasts.add(estimate_contrast(workspace, treated, inference));
      }
      const Block block(fev, name);
      means.expect(block, "means", "emmean");
      contrasts.expect(block, "contrasts_vs_first", "estimate");
    }
  }
}

TEST(MixedModelReference, c12_joint_tests_agree_with_mmrm) {
  const Rows rows = fev_rows(false);
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(), workspace).status, MixedStatus::fitted);
  std::vector<double> contrasts;
  for (std::size_t visit = 0; visit < 4; ++visit) {
    std::vector<double> row = unit(rows.columns, 4);
    if (visit > 0) row[7 + visit] = 1.0;
    contrasts.insert(contrasts.end(), row.begin(), row.end());
  }
  for (const auto& [name, inference] :
       {std::pair{"F_4df_asymptotic", MixedInference::satterthwaite},
        {"F_4df_kenward-roger", MixedInference::kenward_roger_exact}}) {
    const Block block(fev, name);
    const JointTest test = test_jointly(workspace, contrasts, inference);
    block.expect({"num_df"}, test.numerator_df);
    block.expect({"denom_df"}, test.denominator_df);
    block.expect({"F"}, test.f);
    block.expect({"p"}, test.p_value);
  }
}

Rows orthodont(bool categorical) {
  const Data d("c13_mmrm_orthodont/data.csv");
  Rows rows;
  Labels patients;
  rows.times = {8.0, 10.0, 12.0, 14.0};
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const double age = d.number(i, "age");
    const int visit = static_cast<int>((age - 8.0) / 2.0);
    const double female = d.is(i, "Sex", "Female");
    std::vector<double> x{1.0, female};
    for (int v = 1; categorical && v < 4; ++v) x.push_back(v == visit ? 1.0 : 0.0);
    for (int v = 1; categorical && v < 4; ++v) x.push_back(v == visit ? female : 0.0);
    if (!categorical) x.insert(x.end(), {age, female * age});
    rows.add(patients(d.text(i, "Subject")), visit, d.number(i, "distance"), x);
  }
  return rows;
}

TEST(MixedModelReference, c13_orthodont_agrees_with_gls_and_mmrm) {
  const std::string file = "c13_mmrm_orthodont/expected.json";
  const Rows rows = orthodont(false);
  expect_fit(file, "reml_us", rows, Structures::unstructured, 1e-7);
  expect_fit(file, "reml_cs", rows, Structures::compound_symmetry, 1e-7);
  expect_fit(file, "reml_ar1", rows, Structures::ar1, 1e-7);
  expect_fit(file, "reml_toep", rows, Structures::toeplitz, 1e-7);
  expect_fit(file, "reml_us_agecat", orthodont(true), Structures::unstructured, 1e-7);
}

TEST(MixedModelReference, c13_random_slope_and_intercept_agree_with_lme4_and_pbkrtest) {
  const std::string file = "c13_mmrm_orthodont/expected.json";
  const Rows rows = orthodont(false);
  MixedWorkspace workspace;
  const MixedFit& slope = fit_mixed_model(rows.model(Structures::random_slope), workspace);
  ASSERT_EQ(slope.status, MixedStatus::fitted);
  const Block block(file, "lmer_random_slope");
  block.expect({"coef"}, slope.coefficients);
  block.expect({"logLik"}, slope.log_likelihood);
  expect_inference(block, workspace, MixedInference::satterthwaite, "se", "df_satterthwaite");
  expect_inference(block, workspace, MixedInference::kenward_roger, "se_KR", "df_KR");
  // theta = (log sigma, L11, L21, L22): G = sigma^2 L L'.
  const double residual = std::exp(2.0 * slope.theta[0]);
  block.expect({"var_components"},
               std::vector<double>{
                   residual * slope.theta[1] * slope.theta[1],
                   residual * (slope.theta[2] * slope.theta[2] + slope.theta[3] * slope.theta[3]),
                   residual * slope.theta[1] * slope.theta[2], residual});
  const MixedFit& intercept = fit_mixed_model(rows.model(Structures::compound_symmetry), workspace);
  const Block compound(file, "lmer_random_intercept");
  compound.expect({"coef"}, intercept.coefficients);
  compound.expect({"se"}, intercept.se);
  compound.expect({"logLik"}, intercept.log_likelihood);
  std::vector<double> se;
  for (std::size_t c = 0; c < rows.columns; ++c) {
    se.push_back(
        estimate_contrast(workspace, unit(rows.columns, c), MixedInference::kenward_roger).se);
  }
  compound.expect({"se_KR"}, se);
}

TEST(MixedModelReference, c14_sleepstudy_agrees_with_lmer) {
  const Data d("c14_lmm_sleepstudy/data.csv");
  const std::string file = "c14_lmm_sleepstudy/expected.json";
  Rows rows;
  for (int day = 0; day < 10; ++day) rows.times.push_back(day);
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const double day = d.number(i, "Days");
    rows.add(static_cast<int>(d.number(i, "Subject")), static_cast<int>(day),
             d.number(i, "Reaction"), {1.0, day});
  }
  MixedWorkspace workspace;
  for (const auto& [name, criterion] :
       {std::pair{"reml", Criterion::reml}, {"ml", Criterion::ml}}) {
    SCOPED_TRACE(name);
    const MixedFit& fit =
        fit_mixed_model(rows.model(Structures::random_slope, criterion), workspace);
    ASSERT_EQ(fit.status, MixedStatus::fitted);
    const Block block(file, name);
    block.expect({"coef"}, fit.coefficients);
    block.expect({"se"}, fit.se);
    block.expect({"logLik"}, fit.log_likelihood);
    const double residual = std::exp(2.0 * fit.theta[0]);
    block.expect({"var_residual"}, residual);
    block.expect({"var_intercept"}, residual * fit.theta[1] * fit.theta[1]);
    block.expect({"cov"}, residual * fit.theta[1] * fit.theta[2]);
    block.expect({"blup_subject_308"}, predict_random_effects(workspace, 308).effects);
    block.expect({"var_slope"},
                 residual * (fit.theta[2] * fit.theta[2] + fit.theta[3] * fit.theta[3]));
    if (criterion == Criterion::ml) continue;
    expect_inference(block, workspace, MixedInference::satterthwaite, "se", "df_satterthwaite");
    const MixedEstimate days =
        estimate_contrast(workspace, unit(2, 1), MixedInference::kenward_roger);
    block.expect(
        {"se_KR"},
        std::vector<double>{
            estimate_contrast(workspace, unit(2, 0), MixedInference::kenward_roger).se, days.se});
    block.expect({"df_KR_Days"}, days.df);
  }
}

TEST(MixedModelReference, c14_linear_kenward_roger_is_the_paired_t_test) {
  const Data d("c14_lmm_sleepstudy/data_sleep.csv");
  const std::string file = "c14_lmm_sleepstudy/expected.json";
  Rows rows;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const double second = d.is(i, "group", "2");
    rows.add(static_cast<int>(d.number(i, "id")), static_cast<int>(second), d.number(i, "extra"),
             {1.0, second});
  }
  expect_fit(file, "paired_t_identity", rows, Structures::unstructured, 1e-6);
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(), workspace).status, MixedStatus::fitted);
  const MixedEstimate difference = estimate_contrast(workspace, unit(2, 1));
  const Block block(file, "paired_t_identity");
  block.expect({"paired_t"}, std::vector<double>{difference.estimate, difference.se, difference.df,
                                                 difference.p_value});
}

}  // namespace
}  // namespace angiotrial::analysis
