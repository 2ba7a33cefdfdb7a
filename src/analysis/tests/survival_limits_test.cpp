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

/// Groups 0 and 1 in stratum 0, 2 and 3 in stratum 1: two tests of one degree of freedom each.
struct TwoPairs {
  std::vector<Observation> all;
  std::vector<CompetingObservation> competing;
  std::vector<int> group, stratum;

  void add(int g, int seed) {
    const double time = 1.0 + (seed * 37 % 61) * (g == 1 ? 0.7 : 1.0);
    const int cause = seed % 5 == 0 ? 0 : seed % 7 == 0 ? 2 : 1;
    all.push_back({time, cause != 0});
    competing.push_back({time, cause});
    group.push_back(g);
    stratum.push_back(g / 2);
  }
};

TwoPairs two_pairs() {
  TwoPairs out;
  for (int i = 0; i < 80; ++i) out.add(i % 4, 4 * i + 3);
  return out;
}

TEST(SurvivalLimits, tests_of_groups_that_never_meet_have_the_rank_as_degrees_of_freedom) {
  const TwoPairs both = two_pairs();
  TwoPairs one, other;
  for (std::size_t i = 0; i < both.all.size(); ++i) {
    TwoPairs& own = both.group[i] < 2 ? one : other;
    own.all.push_back(both.all[i]);
    own.competing.push_back(both.competing[i]);
    own.group.push_back(both.group[i] % 2);
  }
  const auto log_rank_of = [](const TwoPairs& d, int groups) {
    return weighted_log_rank({d.all, d.group, groups, d.stratum}, {});
  };
  const WeightedLogRank test = log_rank_of(both, 4);
  ASSERT_EQ(test.status, LogRankStatus::fitted);
  EXPECT_EQ(test.df, 2);
  EXPECT_NEAR(test.chi_square, log_rank_of(one, 2).chi_square + log_rank_of(other, 2).chi_square,
              1e-12);
  const auto gray_of = [](const TwoPairs& d, int groups) {
    return gray_test({d.competing, d.group, groups, 2, d.stratum}, 1, 0.0);
  };
  const GrayTest gray = gray_of(both, 4);
  ASSERT_EQ(gray.status, CompetingStatus::fitted);
  EXPECT_EQ(gray.df, 2);
  EXPECT_NEAR(gray.chi_square, gray_of(one, 2).chi_square + gray_of(other, 2).chi_square, 1e-12);
  EXPECT_NEAR(gray.p_value, std::exp(-0.5 * gray.chi_square), 1e-12);  // two degrees of freedom
}

}  // namespace
}  // namespace angiotrial::analysis
