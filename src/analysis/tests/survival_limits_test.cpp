// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/analysis/survival/fine_gray.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include "survival_rows.hpp"

/// Models and tests of times where information is singular, or numbers are large or small.
namespace angiotrial::analysis {
namespace {

TEST(SurvivalLimits, a_robust_test_of_a_singular_variance_has_no_degrees_of_freedom) {
  CoxRows rows;
  for (int i = 0; i < 24; ++i) {
    const double arm = i % 2;
    rows.add({arm, static_cast<double>(i * 5 % 11), static_cast<double>(i * i % 7)},
             1.0 + i * 7 % 24, true);
    rows.cluster.push_back(i % 3);
  }
  CoxWorkspace workspace;
  const CoxFit& few = fit_cox(rows.data(), {.robust = true}, workspace);
  ASSERT_EQ(few.status, CoxStatus::fitted);
  EXPECT_EQ(few.wald.df, 0);  // three clusters whose scores add up to 0: rank 2
  EXPECT_EQ(few.likelihood_ratio.df, 3);
  for (std::size_t i = 0; i < 24; ++i) rows.cluster[i] = static_cast<int>(i % 12);
  const CoxFit& many = fit_cox(rows.data(), {.robust = true}, workspace);
  EXPECT_EQ(many.wald.df, 3);
  EXPECT_EQ(many.robust_score.df, 3);
}

TEST(SurvivalLimits, one_cluster_of_all_has_no_robust_variance) {
  CoxRows rows = lung_rows({});
  rows.cluster.assign(rows.stop.size(), 1);
  CoxWorkspace workspace;
  EXPECT_EQ(fit_cox(rows.data(), {.robust = true}, workspace).status,
            CoxStatus::no_robust_variance);
  EXPECT_EQ(name_of(CoxStatus::no_robust_variance), "no_robust_variance");
}

}  // namespace
}  // namespace angiotrial::analysis
