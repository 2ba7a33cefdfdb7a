// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/analysis/survival/fine_gray.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/analysis/survival/survival.hpp>
#include <angiotrial/analysis/survival/survival_summary.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "deep_block.hpp"
#include "reference_case.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

const std::string lung = "c30_survival_lung/expected.json";
const std::string veteran = "c31_survival_veteran_maxcombo/expected.json";
const std::string mgus = "c32_competing_mgus2/expected.json";

struct Lung {
  std::vector<Observation> all;
  std::vector<int> group, ecog;  ///< group 0: men
  std::array<std::vector<Observation>, 2> by_sex;

  explicit Lung(bool with_ecog = false) {
    const Data d("c30_survival_lung/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      if (with_ecog && d.text(i, "ph.ecog") == "NA") continue;
      if (with_ecog) ecog.push_back(static_cast<int>(d.number(i, "ph.ecog")));
      group.push_back(static_cast<int>(d.number(i, "sex")) - 1);
      all.push_back({d.number(i, "time"), d.number(i, "status") == 2.0});
      by_sex[static_cast<std::size_t>(group.back())].push_back(all.back());
    }
  }
};

const std::vector<std::pair<std::string, SurvivalInterval>> intervals{
    {"km_log", SurvivalInterval::log},
    {"km_log_log", SurvivalInterval::log_log},
    {"km_plain", SurvivalInterval::plain},
    {"km_logit", SurvivalInterval::logit},
    {"km_arcsin", SurvivalInterval::arcsine}};

// Trap 12: R's default interval is `log`, SAS's `log-log`; the median's interval follows.
TEST(SurvivalReference, c30_five_kinds_of_interval_agree_with_survfit) {
  const Lung lung_data;
  for (const auto& [name, scale] : intervals) {
    std::vector<double> survival, se, lower, upper;
    for (const auto& sample : lung_data.by_sex) {
      const auto curve = kaplan_meier(sample);
      for (const double day : {90.0, 180.0, 365.0, 730.0}) {
        const SurvivalEstimate at = survival_at(curve, day, 0.95, scale);
        survival.push_back(at.survival);
        se.push_back(at.se);
        lower.push_back(at.lower.value());
        upper.push_back(at.upper.value());
      }
    }
    const Block block(lung, name);
    block.expect({"surv"}, survival);
    block.expect({"se_greenwood"}, se);
    block.expect({"lower"}, lower);
    block.expect({"upper"}, upper);
  }
}

TEST(SurvivalReference, c30_quantiles_with_intervals_agree_with_survfit) {
  const Lung lung_data;
  for (const auto& [name, scale] : intervals) {
    std::vector<double> time, lower, upper;
    for (const auto& sample : lung_data.by_sex) {
      const auto curve = kaplan_meier(sample);
      double last = 0.0;
      for (const Observation& o : sample) last = std::max(last, o.time);
      for (const double p : {0.25, 0.5, 0.75}) {
        const SurvivalQuantile q = survival_quantile(curve, last, p, 0.95, scale);
        if (q.time) time.push_back(*q.time);
        if (q.lower) lower.push_back(*q.lower);
        if (q.upper) upper.push_back(*q.upper);
      }
    }
    // Limits that R reports as missing are missing here: the counts must agree as well.
    const Deep block(lung, name);
    block.expect({"quantiles", "est"}, time);
    block.expect({"quantiles", "lower"}, lower);
    block.expect({"quantiles", "upper"}, upper);
  }
}

TEST(SurvivalReference, c30_restricted_means_agree_with_survfit) {
  const Lung lung_data;
  const RestrictedMean men = restricted_mean(lung_data.by_sex[0], 700.0);
  const RestrictedMean women = restricted_mean(lung_data.by_sex[1], 700.0);
  const Deep block(lung, "rmst_700");
  block.expect({"men"}, {men.mean, men.se});
  block.expect({"women"}, {women.mean, women.se});
  const RestrictedComparison comparison = compare_restricted_means(women, men);
  ASSERT_EQ(comparison.status, SurvivalStatus::fitted);
  block.expect({"difference"}, comparison.difference.estimate);
  block.expect({"se_difference"}, comparison.difference.se);
}

TEST(SurvivalReference, c30_log_rank_tests_agree_with_survdiff) {
  const Lung lung_data;
  for (const double rho : {0.0, 1.0}) {
    const WeightedLogRank test =
        weighted_log_rank({.sample = lung_data.all, .group = lung_data.group}, {.rho = rho});
    const Block block(lung, rho == 0.0 ? "logrank_rho0" : "logrank_rho1");
    block.expect({"observed"}, test.observed);
    block.expect({"expected"}, test.expected);
    block.expect({"chisq"}, test.chi_square);
    block.expect({"p"}, test.p_value);
    block.expect({"variance"}, test.variance[0]);
  }
  const Lung with_ecog(true);
  const WeightedLogRank test = weighted_log_rank(
      {.sample = with_ecog.all, .group = with_ecog.group, .stratum = with_ecog.ecog});
  const Block block(lung, "logrank_stratified");
  block.expect({"observed"}, test.observed);
  block.expect({"expected"}, test.expected);
  block.expect({"chisq"}, test.chi_square);
  block.expect({"p"}, test.p_value);
}

TEST(SurvivalReference, c31_weighted_tests_and_their_maximum_agree) {
  const Data d("c31_survival_veteran_maxcombo/data.csv");
  std::vector<Observation> sample;
  std::vector<int> arm;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    sample.push_back({d.number(i, "time"), d.number(i, "status") == 1.0});
    arm.push_back(static_cast<int>(d.number(i, "trt")) - 1);
  }
  const std::array<LogRankWeight, 4> weights{
      {{}, {.gamma = 1.0}, {.rho = 1.0}, {.rho = 1.0, .gamma = 1.0}}};
  const MaxCombo combo = max_combo({.sample = sample, .group = arm}, weights);
  ASSERT_EQ(combo.status, LogRankStatus::fitted);
  const Deep block(veteran, "weighted_logrank");
  block.expect({"U"}, combo.score);
  block.expect({"z"}, combo.z);
  block.expect({"correlation", "values"}, combo.correlation);
  const Block largest(veteran, "maxcombo_two_sided");
  largest.expect({"max_abs_z"}, combo.largest);
  largest.expect({"p"}, combo.p_value);
  EXPECT_LT(combo.p_error, 1e-8);
  for (std::size_t w = 0; w < weights.size(); ++w) {
    EXPECT_NEAR(weighted_log_rank({.sample = sample, .group = arm}, weights[w]).z, combo.z[w],
                1e-12);
  }
  const WeightedLogRank modest =
      weighted_log_rank({.sample = sample, .group = arm}, {.modest_until = 100.0});
  Block(veteran, "modestly_weighted_t100").expect({"z"}, modest.z);
}

struct Mgus {
  std::vector<CompetingObservation> all;
  std::vector<int> group;  ///< 0: women
  std::vector<double> design;
  std::array<std::vector<CompetingObservation>, 2> by_sex;

  Mgus() {
    const Data d("c32_competing_mgus2/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      all.push_back({d.number(i, "time"), static_cast<int>(d.number(i, "event"))});
      group.push_back(d.text(i, "sex") == "M" ? 1 : 0);
      design.insert(design.end(), {d.number(i, "age"), static_cast<double>(group.back())});
      by_sex[static_cast<std::size_t>(group.back())].push_back(all.back());
    }
  }
};

TEST(SurvivalReference, c32_cumulative_incidence_and_gray_test_agree_with_cmprsk) {
  const Mgus data;
  std::vector<double> estimate, variance, statistic, p;
  for (const int cause : {1, 2}) {
    for (const auto& sample : data.by_sex) {
      const CumulativeIncidence curve = cumulative_incidence(sample, 2);
      for (const double month : {60.0, 120.0, 240.0}) {
        const IncidenceEstimate at = incidence_at(curve, cause, month);
        estimate.push_back(at.incidence);
        variance.push_back(at.variance);
      }
    }
    const GrayTest test = gray_test({.sample = data.all, .group = data.group}, cause);
    ASSERT_EQ(test.status, CompetingStatus::fitted);
    statistic.push_back(test.chi_square);
    p.push_back(test.p_value);
  }
  const Deep block(mgus, "cuminc");
  block.expect({"est"}, estimate);
  block.expect({"var"}, variance);
  block.expect({"gray", "stat"}, statistic);
  block.expect({"gray", "p"}, p);
}

TEST(SurvivalReference, c32_aalen_johansen_with_jackknife_errors_agrees_with_survfit) {
  const Mgus data;
  const std::array<double, 3> months{60.0, 120.0, 240.0};
  std::vector<double> state, error;
  for (const auto& sample : data.by_sex) {
    const CumulativeIncidence curve = cumulative_incidence(sample, 2);
    for (const double month : months) {
      const double first = incidence_at(curve, 1, month).incidence;
      const double second = incidence_at(curve, 2, month).incidence;
      state.insert(state.end(), {1.0 - first - second, first, second});
    }
    const std::vector<double> errors = jackknife_errors(sample, curve, months);
    error.insert(error.end(), errors.begin(), errors.end());
  }
  const Deep block(mgus, "aalen_johansen");
  block.expect({"pstate"}, state);
  block.expect({"se"}, error);
}

TEST(SurvivalReference, c32_fine_gray_regression_agrees_with_crr) {
  const Mgus data;
  for (const int cause : {1, 2}) {
    const FineGrayFit fit =
        fit_fine_gray({.sample = data.all, .cause = cause, .design = data.design, .columns = 2});
    ASSERT_EQ(fit.status, CoxStatus::fitted);
    const Block block(mgus, cause == 1 ? "fine_gray_1" : "fine_gray_2");
    block.expect({"coef"}, fit.coefficients);
    block.expect({"se"}, fit.se);
    block.expect({"loglik"}, fit.log_likelihood);
    block.expect({"loglik_null"}, fit.log_likelihood_null);
  }
}

}  // namespace
}  // namespace angiotrial::analysis
