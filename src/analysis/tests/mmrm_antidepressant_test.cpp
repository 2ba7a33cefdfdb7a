// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "antidepressant.hpp"
#include "deep_block.hpp"
#include "mixed_reference.hpp"

namespace angiotrial::analysis {
namespace {

const std::string file = "c15_rbmi_antidepressant/expected.json";

/// Intercept, baseline, visits 5 to 7, arm, baseline by visit, arm by visit.
std::vector<double> design_row(double baseline, double treated, int visit) {
  std::vector<double> x(12, 0.0);
  x[0] = 1.0;
  x[1] = baseline;
  x[5] = treated;
  if (visit > 0) {
    const auto v = static_cast<std::size_t>(visit);
    x[1 + v] = 1.0;
    x[5 + v] = baseline;
    x[8 + v] = treated;
  }
  return x;
}

Rows antidepressant_rows() {
  const Antidepressant data;
  Rows rows;
  for (std::size_t i = 0; i < data.arm.size(); ++i) {
    for (int v = 0; v < 4; ++v) {
      const double y = data.outcome[4 * i + static_cast<std::size_t>(v)];
      if (std::isnan(y)) continue;
      rows.add(static_cast<int>(i), v, y, design_row(data.baseline[i], data.arm[i], v));
    }
  }
  return rows;
}

TEST(MixedModelReference, c15_antidepressant_agrees_with_mmrm) {
  expect_fit(file, "mmrm_us", antidepressant_rows(), Structures::unstructured, 1e-6);
}

TEST(MixedModelReference, c15_means_and_contrasts_agree_with_emmeans) {
  const Rows rows = antidepressant_rows();
  double baseline = 0.0;
  for (std::size_t i = 0; i < rows.response.size(); ++i) {
    baseline += rows.design[12 * i + 1] / static_cast<double>(rows.response.size());
  }
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(), workspace).status, MixedStatus::fitted);
  for (const auto& [name, inference] :
       {std::pair{"lsmeans_asymptotic", MixedInference::satterthwaite},
        {"lsmeans_kenward-roger", MixedInference::kenward_roger_exact}}) {
    SCOPED_TRACE(name);
    const Deep block(file, name);
    struct Table {
      std::vector<double> estimate, se, df, lower, upper, t, p;
      void add(const MixedEstimate& e) {
        estimate.push_back(e.estimate);
        se.push_back(e.se);
        df.push_back(e.df);
        lower.push_back(e.lower);
        upper.push_back(e.upper);
        t.push_back(e.statistic);
        p.push_back(e.p_value);
      }
    } means, contrasts;
    for (int visit = 0; visit < 4; ++visit) {
      const std::vector<double> control = design_row(baseline, 0.0, visit);
      std::vector<double> treated = design_row(baseline, 1.0, visit);
      means.add(estimate_contrast(workspace, control, inference));
      means.add(estimate_contrast(workspace, treated, inference));
      for (std::size_t c = 0; c < 12; ++c) treated[c] -= control[c];
      contrasts.add(estimate_contrast(workspace, treated, inference));
    }
    for (const auto& [part, key, table] :
         {std::tuple{"means", "emmean", &means}, {"contrasts_vs_first", "estimate", &contrasts}}) {
      block.expect({part, key}, table->estimate);
      block.expect({part, "SE"}, table->se);
      block.expect({part, "df"}, table->df);
      block.expect({part, "lower.CL"}, table->lower);
      block.expect({part, "upper.CL"}, table->upper);
      block.expect({part, "t.ratio"}, table->t);
      block.expect({part, "p.value"}, table->p);
    }
  }
}

}  // namespace
}  // namespace angiotrial::analysis
