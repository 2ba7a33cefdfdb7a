// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/cox_diagnostics.hpp>

#include <gtest/gtest.h>

#include "deep_block.hpp"
#include "reference_case.hpp"
#include "survival_rows.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

const std::string lung = "c30_survival_lung/expected.json";

CoxFit fit(const CoxRows& rows, const CoxOptions& options = {}) {
  CoxWorkspace workspace;
  CoxFit out = fit_cox(rows.data(), options, workspace);
  EXPECT_EQ(name_of(out.status), "fitted");
  return out;
}

std::vector<double> log_likelihoods(const CoxFit& fit) {
  return {fit.log_likelihood_null, fit.log_likelihood};
}

TEST(CoxReference, c30_efron_breslow_and_exact_ties_agree_with_coxph) {
  const CoxRows rows = lung_rows({});
  for (const auto& [name, ties] : {std::pair{"cox_efron", CoxTies::efron},
                                   {"cox_breslow", CoxTies::breslow},
                                   {"cox_exact", CoxTies::exact}}) {
    const CoxFit out = fit(rows, {.ties = ties});
    const Block block(lung, name);
    block.expect({"n"}, static_cast<double>(out.rows));
    block.expect({"events"}, static_cast<double>(out.events));
    block.expect({"coef"}, out.coefficients);
    block.expect({"se"}, out.se);
    block.expect({"loglik_null"}, out.log_likelihood_null);
    block.expect({"loglik"}, out.log_likelihood);
    block.expect({"score_test"}, out.score.chi_square);
    block.expect({"wald_test"}, out.wald.chi_square);
    block.expect({"lr_test"}, out.likelihood_ratio.chi_square);
    if (ties == CoxTies::exact) continue;
    std::vector<double> risk;
    for (std::size_t i = 0; i < out.rows; ++i) {
      double eta = 0.0;
      for (std::size_t a = 0; a < 3; ++a) eta += rows.design[3 * i + a] * out.coefficients[a];
      risk.push_back(eta);
    }
    const Concordance c = concordance(rows.data(), risk);
    block.expect({"concordance"}, c.value);
    block.expect({"concordance_se"}, c.se);
  }
}

TEST(CoxReference, c30_robust_and_cluster_robust_forms_agree_with_coxph) {
  const CoxFit robust = fit(lung_rows({}), {.robust = true});
  const Block block(lung, "cox_robust");
  block.expect({"se_robust"}, robust.se_robust);
  block.expect({"score_robust"}, robust.robust_score.chi_square);
  const CoxFit cluster = fit(lung_rows({.ecog = false, .inst_cluster = true}), {.robust = true});
  const Block by_site(lung, "cox_cluster");
  by_site.expect({"coef"}, cluster.coefficients);
  by_site.expect({"se_naive"}, cluster.se);
  by_site.expect({"se_robust"}, cluster.se_robust);
}

TEST(CoxReference, c30_strata_agree_with_coxph) {
  const CoxFit out = fit(lung_rows({.ecog = false, .ecog_stratum = true}));
  const Block block(lung, "cox_stratified");
  block.expect({"coef"}, out.coefficients);
  block.expect({"se"}, out.se);
  block.expect({"loglik"}, log_likelihoods(out));
}

TEST(CoxReference, c30_proportionality_agrees_with_cox_zph) {
  const CoxRows rows = lung_rows({});
  const CoxFit out = fit(rows);
  for (const auto& [name, transform] : {std::pair{"zph_km", TimeTransform::kaplan_meier},
                                        {"zph_rank", TimeTransform::rank},
                                        {"zph_identity", TimeTransform::identity},
                                        {"zph_log", TimeTransform::log}}) {
    const CoxProportionality zph = cox_proportionality(rows.data(), {}, out, transform);
    ASSERT_EQ(zph.status, CoxStatus::fitted);
    std::vector<double> chi_square, df, p;
    for (const ChiSquareTest& test : {zph.terms[0], zph.terms[1], zph.terms[2], zph.global}) {
      chi_square.push_back(test.chi_square);
      df.push_back(test.df);
      p.push_back(test.p_value);
    }
    const Block block(lung, name);
    block.expect({"chisq"}, chi_square);
    block.expect({"df"}, df);
    block.expect({"p"}, p);
  }
}

TEST(CoxReference, c30_baseline_hazard_agrees_with_basehaz) {
  const CoxRows rows = lung_rows({});
  const std::vector<BaselineStep> steps = cox_baseline(rows.data(), {}, fit(rows));
  std::vector<double> hazard;
  for (const double day : {100.0, 200.0, 365.0, 500.0}) {
    hazard.push_back(baseline_hazard_at(steps, 0, day));
  }
  Block(lung, "breslow_baseline").expect({"cumhaz"}, hazard);
}

TEST(CoxReference, c31_veteran_agrees_with_coxph) {
  const Data d("c31_survival_veteran_maxcombo/data.csv");
  CoxRows rows;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    rows.add({d.number(i, "trt") - 1.0, d.is(i, "celltype", "smallcell"),
              d.is(i, "celltype", "adeno"), d.is(i, "celltype", "large"), d.number(i, "karno"),
              d.number(i, "diagtime"), d.number(i, "age"), d.number(i, "prior")},
             d.number(i, "time"), d.number(i, "status") == 1.0);
  }
  const CoxFit out = fit(rows);
  const Block block("c31_survival_veteran_maxcombo/expected.json", "cox_efron");
  block.expect({"coef"}, out.coefficients);
  block.expect({"se"}, out.se);
  block.expect({"loglik"}, log_likelihoods(out));
}

TEST(CoxReference, c32_cause_specific_hazards_agree_with_coxph) {
  const Data d("c32_competing_mgus2/data.csv");
  for (const double cause : {1.0, 2.0}) {
    CoxRows rows;
    for (std::size_t i = 0; i < d.rows(); ++i) {
      rows.add({d.number(i, "age"), d.is(i, "sex", "M")}, d.number(i, "time"),
               d.number(i, "event") == cause);
    }
    const CoxFit out = fit(rows);
    const Block block("c32_competing_mgus2/expected.json",
                      cause == 1.0 ? "cause_specific_1" : "cause_specific_2");
    block.expect({"coef"}, out.coefficients);
    block.expect({"se"}, out.se);
    block.expect({"loglik"}, log_likelihoods(out));
  }
}

CoxRows infections(bool by_number) {
  const Data d("c03_nb_cgd_offset/data_intervals.csv");
  CoxRows rows;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    rows.add({d.is(i, "treat", "rIFN-g")}, d.number(i, "tstop"), d.number(i, "status") == 1.0);
    rows.start.push_back(d.number(i, "tstart"));
    rows.cluster.push_back(static_cast<int>(d.number(i, "id")));
    if (by_number) rows.stratum.push_back(static_cast<int>(d.number(i, "enum")));
  }
  return rows;
}

TEST(CoxReference, c03_andersen_gill_with_robust_variance_agrees_with_coxph) {
  const CoxFit out = fit(infections(false), {.robust = true});
  const Block block("c03_nb_cgd_offset/expected.json", "andersen_gill");
  block.expect({"coef"}, out.coefficients);
  block.expect({"se_naive"}, out.se);
  block.expect({"se_robust"}, out.se_robust);
  block.expect({"loglik"}, log_likelihoods(out));
  block.expect({"score_test"}, out.score.chi_square);
  Deep("c03_nb_cgd_offset/expected.json", "andersen_gill")
      .expect({"robust_score_test"}, out.robust_score.chi_square);
}

TEST(CoxReference, c03_prentice_williams_peterson_agrees_with_coxph) {
  const CoxFit out = fit(infections(true), {.robust = true});
  const Block block("c03_nb_cgd_offset/expected.json", "pwp_total_time");
  block.expect({"coef"}, out.coefficients);
  block.expect({"se_naive"}, out.se);
  block.expect({"se_robust"}, out.se_robust);
  block.expect({"loglik"}, log_likelihoods(out));
}

}  // namespace
}  // namespace angiotrial::analysis
