// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "mixed_rows.hpp"

/// Joint tests where patients are few: what they know and what they do not.
namespace angiotrial::analysis {
namespace {

/// `patients` an arm at `visits`, each visit with a mean and an effect of the arm of its own.
Rows saturated(int patients, int visits) {
  Rows rows;
  for (int i = 0; i < 2 * patients; ++i) {
    for (int v = 0; v < visits; ++v) {
      std::vector<double> x(static_cast<std::size_t>(2 * visits), 0.0);
      x[static_cast<std::size_t>(v)] = 1.0;
      x[static_cast<std::size_t>(visits + v)] = i < patients ? 0.0 : 1.0;
      rows.add(i, v, std::sin(3.1 * i) + std::cos(7.3 * i + 2.9 * v * v), x);
    }
  }
  return rows;
}

std::vector<double> effects(int visits, int tested) {
  std::vector<double> out;
  for (int v = 0; v < tested; ++v) {
    const auto row =
        unit(static_cast<std::size_t>(2 * visits), static_cast<std::size_t>(visits + v));
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

// Residuals add up to 0 in each arm, so that 2 x 3 patients know 4 directions.
TEST(SmallMixedModel, sandwiches_test_no_more_contrasts_than_patients_less_arms) {
  MixedWorkspace workspace;
  const Rows rows = saturated(3, 5);
  ASSERT_EQ(fit_mixed_model(rows.model(Structures::compound_symmetry), workspace).status,
            MixedStatus::fitted);
  for (const auto form : {MixedInference::cr0, MixedInference::cr2, MixedInference::cr3}) {
    const JointTest all = test_jointly(workspace, effects(5, 5), form);
    EXPECT_TRUE(all.too_many_directions);
    EXPECT_TRUE(std::isnan(all.f) && std::isnan(all.p_value));
    const JointTest three = test_jointly(workspace, effects(5, 3), form);
    EXPECT_FALSE(three.too_many_directions);
    EXPECT_TRUE(three.f >= 0.0 && three.p_value >= 0.0 && three.p_value <= 1.0);
  }
}

// Three arms of 2, 2 and 1 at one visit: the F of an analysis of variance, with 2 and 2 degrees of
// freedom, where Kenward and Roger's formula is 0 / 0.
TEST(SmallMixedModel, kenward_roger_with_two_degrees_of_freedom_is_the_analysis_of_variance) {
  const std::array y{1.0, 2.5, 4.0, 3.2, 7.0};
  const std::array arm{0, 0, 1, 1, 2};
  Rows rows;
  for (int i = 0; i < 5; ++i) {
    const auto at = static_cast<std::size_t>(i);
    rows.add(i, 0, y[at], {1.0, arm[at] == 1 ? 1.0 : 0.0, arm[at] == 2 ? 1.0 : 0.0});
  }
  MixedWorkspace workspace;
  ASSERT_EQ(fit_mixed_model(rows.model(Structures::compound_symmetry), workspace).status,
            MixedStatus::fitted);
  const std::vector<double> both{0.0, 1.0, 0.0, 0.0, 0.0, 1.0};
  const JointTest test = test_jointly(workspace, both, MixedInference::kenward_roger);
  const double within = 0.5 * (1.5 * 1.5 + 0.8 * 0.8);
  const double mean = 17.7 / 5.0;
  const double between =
      2.0 * std::pow(1.75 - mean, 2) + 2.0 * std::pow(3.6 - mean, 2) + std::pow(7.0 - mean, 2);
  EXPECT_NEAR(test.denominator_df, 2.0, 1e-5);
  EXPECT_NEAR(test.f, (between / 2.0) / (within / 2.0), 1e-5 * test.f);
}

TEST(SmallMixedModel, a_random_intercept_has_one_covariance_for_all) {
  MixedWorkspace workspace;
  Rows rows = saturated(20, 2);
  for (std::size_t i = 0; i < rows.group.size(); ++i) rows.group[i] = rows.patient[i] % 2;
  rows.groups = 2;
  RepeatedModel model = rows.model(Structures::random_intercept);
  EXPECT_EQ(fit_mixed_model(model, workspace).status, MixedStatus::invalid_input);
  const std::array simpler{Structures::compound_symmetry};
  model.fallbacks = simpler;
  EXPECT_EQ(fit_mixed_model(model, workspace).status, MixedStatus::fitted);
  rows.groups = 1;
  rows.group.clear();
  EXPECT_EQ(fit_mixed_model(rows.model(Structures::random_intercept), workspace).status,
            MixedStatus::fitted);
}

// The fourth power of 1e80 is no double: Satterthwaite's degrees of freedom are not a number.
TEST(SmallMixedModel, without_degrees_of_freedom_there_is_an_error_but_no_test) {
  MixedWorkspace workspace;
  Rows rows = saturated(20, 2);
  for (double& y : rows.response) y *= 1e80;
  ASSERT_EQ(fit_mixed_model(rows.model(), workspace).status, MixedStatus::fitted);
  const MixedEstimate e =
      estimate_contrast(workspace, effects(2, 1), MixedInference::satterthwaite);
  ASSERT_FALSE(std::isfinite(e.df));
  EXPECT_TRUE(e.positive_variance && e.se > 0.0);
  EXPECT_TRUE(std::isnan(e.p_value) && std::isnan(e.lower) && std::isnan(e.upper));
}

}  // namespace
}  // namespace angiotrial::analysis
