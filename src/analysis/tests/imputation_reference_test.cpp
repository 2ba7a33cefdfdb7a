// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/reference_based.hpp>
#include <angiotrial/analysis/imputation/rubin.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "antidepressant.hpp"
#include "deep_block.hpp"
#include "reference_case.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;

const std::string file = "c15_rbmi_antidepressant/expected.json";

struct Columns {
  std::vector<double> est, se, lci, uci, pval;

  void add(const ImputedEstimate& e) {
    est.push_back(e.estimate);
    se.push_back(e.se);
    lci.push_back(e.lower);
    uci.push_back(e.upper);
    pval.push_back(e.p_value);
  }
};

TEST(ImputationReference, c15_conditional_means_with_jackknife_agree_with_rbmi) {
  Antidepressant data;
  ImputationWorkspace workspace;
  for (const auto& [name, strategy] : {std::pair{"MAR", ImputationStrategy::missing_at_random},
                                       {"JR", ImputationStrategy::jump_to_reference},
                                       {"CR", ImputationStrategy::copy_reference},
                                       {"CIR", ImputationStrategy::copy_increments},
                                       {"LMCF", ImputationStrategy::last_mean_carried_forward}}) {
    SCOPED_TRACE(name);
    const std::array strategies{strategy};
    IncompleteTrial trial = data.trial();
    trial.strategy = strategies;
    const ImputationResult& result = impute_conditional_means(trial, workspace);
    ASSERT_EQ(result.status, ImputationStatus::imputed) << name_of(result.status);
    Columns columns;
    for (std::size_t v = 0; v < 4; ++v) {
      columns.add(result.contrasts[v]);
      columns.add(result.means[2 * v]);
      columns.add(result.means[2 * v + 1]);
    }
    const Block block(file, std::string("condmean_jackknife_") + name);
    block.expect({"est"}, columns.est);
    block.expect({"se"}, columns.se);
    block.expect({"lci"}, columns.lci);
    block.expect({"uci"}, columns.uci);
    block.expect({"pval"}, columns.pval);
    // The peer's optimiser stops early; the deterministic part agrees better than its tolerance.
    const std::vector<double> est = block.numbers({"est"});
    const std::vector<double> se = block.numbers({"se"});
    for (std::size_t i = 0; i < est.size(); ++i) {
      EXPECT_NEAR(columns.est[i], est[i], 1e-4) << i;
      EXPECT_NEAR(columns.se[i], se[i], 1e-4) << i;
    }
  }
}

TEST(ImputationReference, c91_rubin_agrees_with_the_closed_form) {
  const std::vector<double> estimate{1.21, 0.98, 1.40, 1.11, 1.05};
  std::vector<double> variance;
  for (const double se : {0.20, 0.23, 0.19, 0.22, 0.21}) variance.push_back(se * se);
  const RubinEstimate pooled = pool_by_rubin({estimate, variance, 58.0, 0.95});
  ASSERT_EQ(pooled.status, RubinStatus::pooled);
  const Block block("c91_assurance_estimands/expected.json", "rubin");
  const auto expect = [&](const char* key, double actual) {
    const double wanted = block.numbers({key})[0];
    EXPECT_NEAR(actual, wanted, 1e-12 * wanted) << key;
  };
  expect("est", pooled.estimate);
  expect("within", pooled.within);
  expect("between", pooled.between);
  expect("total", pooled.total);
  expect("df_rubin", pooled.df_rubin);
  expect("df_barnard_rubin", pooled.df_barnard_rubin);
  expect("fmi_lambda", pooled.lambda);
}

}  // namespace
}  // namespace angiotrial::analysis
