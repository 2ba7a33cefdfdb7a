// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/analysis/survival/cox_diagnostics.hpp>
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
  EXPECT_EQ(name_of(CoxStatus::no_robust_variance), "no robust variance");
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

TEST(SurvivalLimits, a_factor_of_all_weights_changes_model_errors_alone) {
  CoxRows rows = lung_rows({});
  for (std::size_t i = 0; i < rows.stop.size(); ++i) {
    rows.weight.push_back(1.0 + static_cast<double>(i % 4));
    rows.stratum.push_back(static_cast<int>(i % 3));
  }
  const auto fit = [](const CoxRows& of, bool robust, CoxTies ties) {
    CoxWorkspace workspace;
    return fit_cox(of.data(), {.ties = ties, .robust = robust}, workspace);
  };
  for (const CoxTies ties : {CoxTies::efron, CoxTies::breslow}) {
    const CoxFit one = fit(rows, true, ties);
    for (const double factor : {1e-12, 1e-8, 1e8, 1e12}) {
      CoxRows scaled = rows;
      for (double& w : scaled.weight) w *= factor;
      const CoxFit two = fit(scaled, true, ties);
      ASSERT_EQ(two.status, CoxStatus::fitted) << name_of(two.status) << factor;
      EXPECT_NEAR(two.likelihood_ratio.chi_square / factor, one.likelihood_ratio.chi_square, 1e-9);
      EXPECT_NEAR(two.score.chi_square / factor, one.score.chi_square, 1e-9);
      EXPECT_NEAR(two.wald.chi_square, one.wald.chi_square, 1e-9);
      EXPECT_NEAR(two.robust_score.chi_square, one.robust_score.chi_square, 1e-9);
      double events = 0.0;
      for (std::size_t i = 0; i < rows.weight.size(); ++i) {
        events += rows.event[i] != 0 ? rows.weight[i] : 0.0;
      }
      const double shift = std::log(factor) * events;  // weights stand in the sums over risk sets
      EXPECT_NEAR((two.log_likelihood / factor + shift) / one.log_likelihood, 1.0, 1e-11);
      for (std::size_t a = 0; a < one.se.size(); ++a) {
        EXPECT_NEAR(two.coefficients[a], one.coefficients[a], 1e-12);
        EXPECT_NEAR(two.se[a] * std::sqrt(factor) / one.se[a], 1.0, 1e-11);
        EXPECT_NEAR(two.se_robust[a] / one.se_robust[a], 1.0, 1e-11);
      }
      const auto tests = [&](const CoxRows& of, const CoxFit& at) {
        return cox_proportionality(of.data(), {.ties = ties}, at, TimeTransform::identity).global;
      };
      EXPECT_NEAR(tests(scaled, two).chi_square / factor, tests(rows, one).chi_square, 1e-9);
    }
  }
}

/// l + log|I| / 2: large weights leave the likelihood alone, small ones the penalty alone.
TEST(SurvivalLimits, firths_penalty_stays_as_it_is_where_weights_change) {
  CoxRows rows;
  for (int i = 0; i < 40; ++i) rows.add({static_cast<double>(i % 2)}, 1.0 + i * 7 % 41, true);
  const auto coefficient = [&](double weight, bool firth) {
    rows.weight.assign(40, weight);
    CoxWorkspace workspace;
    const CoxFit& fit = fit_cox(rows.data(), {.firth = firth}, workspace);
    EXPECT_EQ(fit.status, CoxStatus::fitted) << weight;
    return fit.status == CoxStatus::fitted ? fit.coefficients[0] : 1e300;
  };
  EXPECT_NEAR(coefficient(1e8, true), coefficient(1.0, false), 1e-8);
  EXPECT_NEAR(coefficient(1e-8, true), coefficient(1e-9, true), 1e-6);
  const double one = coefficient(1.0, true);
  EXPECT_GT(std::fabs(one - coefficient(1.0, false)), 1e-6);
  EXPECT_GT(std::fabs(one - coefficient(1e-8, true)), 1e-6);
}

}  // namespace
}  // namespace angiotrial::analysis
