// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/cox_diagnostics.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "survival_rows.hpp"

namespace angiotrial::analysis {
namespace {

/// Two arms and a covariate; whole days with ties, or times without.
CoxRows trial(std::uint64_t seed, std::uint32_t n, bool ties, double effect = -0.5) {
  CoxRows rows;
  for (std::uint32_t i = 0; i < n; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    const double arm = i % 2;
    const double x = draw.normal();
    const double death = -30.0 * std::log(draw.uniform()) / std::exp(0.4 * x + effect * arm);
    const double end = 10.0 + 50.0 * draw.uniform();
    const double time = std::min(death, end);
    rows.add({arm, x}, ties ? std::ceil(time / 4.0) : time, death <= end);
  }
  return rows;
}

std::uint64_t any_seed() { return *rc::gen::inRange<std::uint64_t>(1, 100000); }

CoxFit fit(const CoxRows& rows, const CoxOptions& options = {}) {
  CoxWorkspace workspace;
  return fit_cox(rows.data(), options, workspace);
}

bool near(double a, double b, double tolerance) {
  return std::fabs(a - b) <= tolerance * (1.0 + std::fabs(b));
}

RC_GTEST_PROP(Cox, score_test_is_the_log_rank_test_without_ties, ()) {
  const CoxRows all = trial(any_seed(), 60, false);
  CoxRows rows;
  std::vector<Observation> sample;
  std::vector<int> arm;
  for (std::size_t i = 0; i < all.stop.size(); ++i) {
    rows.add({all.design[2 * i]}, all.stop[i], all.event[i] != 0);
    sample.push_back({all.stop[i], all.event[i] != 0});
    arm.push_back(static_cast<int>(all.design[2 * i]));
  }
  const CoxFit out = fit(rows);
  const WeightedLogRank test = weighted_log_rank({.sample = sample, .group = arm});
  RC_ASSERT(near(out.score.chi_square, test.chi_square, 1e-11));
}

RC_GTEST_PROP(Cox, relabelling_arms_flips_the_sign, ()) {
  CoxRows rows = trial(any_seed(), 60, true);
  const CoxFit before = fit(rows, {.robust = true});
  for (std::size_t i = 0; i < rows.stop.size(); ++i) rows.design[2 * i] = 1.0 - rows.design[2 * i];
  const CoxFit after = fit(rows, {.robust = true});
  RC_ASSERT(near(after.coefficients[0], -before.coefficients[0], 1e-9));
  RC_ASSERT(near(after.coefficients[1], before.coefficients[1], 1e-9));
  RC_ASSERT(near(after.se_robust[0], before.se_robust[0], 1e-9));
}

RC_GTEST_PROP(Cox, depends_on_the_order_of_times_only, ()) {
  CoxRows rows = trial(any_seed(), 60, true);
  const CoxFit before = fit(rows, {.robust = true});
  for (double& t : rows.stop) t = std::exp(0.3 * t);
  const CoxFit after = fit(rows, {.robust = true});
  RC_ASSERT(after.coefficients == before.coefficients);
  RC_ASSERT(after.se_robust == before.se_robust);
}

RC_GTEST_PROP(Cox, permuting_rows_changes_nothing, ()) {
  const CoxRows rows = trial(any_seed(), 60, true);
  const std::size_t n = rows.stop.size();
  CoxRows turned;
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t i = (k * 37 + 11) % n;
    turned.add({rows.design[2 * i], rows.design[2 * i + 1]}, rows.stop[i], rows.event[i] != 0);
  }
  const CoxFit before = fit(rows, {.robust = true});
  const CoxFit after = fit(turned, {.robust = true});
  for (std::size_t a = 0; a < 2; ++a) {
    RC_ASSERT(near(after.coefficients[a], before.coefficients[a], 1e-10));
    RC_ASSERT(near(after.se_robust[a], before.se_robust[a], 1e-10));
  }
}

RC_GTEST_PROP(Cox, duplicating_every_row_halves_the_variance, ()) {
  const CoxRows rows = trial(any_seed(), 60, true);
  CoxRows twice = rows;
  for (auto* v : {&twice.stop, &twice.design}) v->insert(v->end(), v->begin(), v->end());
  twice.event.insert(twice.event.end(), rows.event.begin(), rows.event.end());
  CoxRows heavy = rows;
  heavy.weight.assign(rows.stop.size(), 2.0);
  const CoxOptions breslow{.ties = CoxTies::breslow};
  const CoxFit one = fit(rows, breslow);
  const CoxFit two = fit(twice, breslow);
  const CoxFit efron = fit(rows);
  const CoxFit weighted = fit(heavy);
  for (std::size_t a = 0; a < 2; ++a) {
    RC_ASSERT(near(two.coefficients[a], one.coefficients[a], 1e-9));
    RC_ASSERT(near(2.0 * two.covariance[3 * a], one.covariance[3 * a], 1e-9));
    RC_ASSERT(near(weighted.coefficients[a], efron.coefficients[a], 1e-9));
    RC_ASSERT(near(2.0 * weighted.covariance[3 * a], efron.covariance[3 * a], 1e-9));
  }
}

/// Every row cut in two at `at`, if that lies within.
CoxRows split(const CoxRows& rows, double at) {
  CoxRows out;
  for (std::size_t i = 0; i < rows.stop.size(); ++i) {
    const double arm = rows.design[2 * i];
    const double x = rows.design[2 * i + 1];
    const bool cut = at < rows.stop[i];
    if (cut) {
      out.add({arm, x}, at, false);
      out.start.push_back(0.0);
      out.cluster.push_back(static_cast<int>(i));
    }
    out.add({arm, x}, rows.stop[i], rows.event[i] != 0);
    out.start.push_back(cut ? at : 0.0);
    out.cluster.push_back(static_cast<int>(i));
  }
  return out;
}

RC_GTEST_PROP(Cox, splitting_a_subjects_interval_changes_nothing, ()) {
  const bool ties = *rc::gen::arbitrary<bool>();
  const CoxRows rows = trial(any_seed(), 60, ties);
  const CoxRows parts = split(rows, ties ? 3.0 : 9.5);
  const CoxFit before = fit(rows, {.robust = true});
  const CoxFit after = fit(parts, {.robust = true});
  RC_ASSERT(before.status == CoxStatus::fitted && after.status == CoxStatus::fitted);
  RC_ASSERT(near(after.log_likelihood, before.log_likelihood, 1e-12));
  RC_ASSERT(near(after.robust_score.chi_square, before.robust_score.chi_square, 1e-9));
  for (std::size_t a = 0; a < 2; ++a) {
    RC_ASSERT(near(after.coefficients[a], before.coefficients[a], 1e-9));
    RC_ASSERT(near(after.se[a], before.se[a], 1e-9));
    RC_ASSERT(near(after.se_robust[a], before.se_robust[a], 1e-9));
  }
  const CoxProportionality zph =
      cox_proportionality(rows.data(), {}, before, TimeTransform::kaplan_meier);
  const CoxProportionality zph_parts =
      cox_proportionality(parts.data(), {}, after, TimeTransform::kaplan_meier);
  RC_ASSERT(near(zph_parts.global.chi_square, zph.global.chi_square, 1e-8));
}

RC_GTEST_PROP(Cox, residuals_add_up_to_zero_and_baselines_to_the_events, ()) {
  CoxRows rows = trial(any_seed(), 60, true);
  for (std::size_t i = 0; i < rows.stop.size(); ++i) rows.stratum.push_back(i % 3 == 0 ? 7 : -2);
  const CoxFit out = fit(rows);
  const CoxResiduals residuals = cox_residuals(rows.data(), {}, out);
  double martingale = 0.0;
  double score = 0.0;
  for (const double r : residuals.martingale) martingale += r;
  for (std::size_t i = 0; i < rows.stop.size(); ++i) score += residuals.score[2 * i];
  RC_ASSERT(std::fabs(martingale) < 1e-10);
  RC_ASSERT(std::fabs(score) < 1e-8);
  // Breslow: expected events from the baseline hazard are those from the residuals.
  const CoxOptions breslow{.ties = CoxTies::breslow};
  const CoxFit tied = fit(rows, breslow);
  const CoxResiduals own = cox_residuals(rows.data(), breslow, tied);
  const std::vector<BaselineStep> steps = cox_baseline(rows.data(), breslow, tied);
  for (std::size_t i = 0; i < rows.stop.size(); ++i) {
    const double eta =
        rows.design[2 * i] * tied.coefficients[0] + rows.design[2 * i + 1] * tied.coefficients[1];
    const double expected =
        std::exp(eta) * baseline_hazard_at(steps, rows.stratum[i], rows.stop[i]);
    RC_ASSERT(near(rows.event[i] - expected, own.martingale[i], 1e-10));
  }
}

/// The (penalised) log-likelihood at beta, by way of an offset.
double log_likelihood_at(CoxRows rows, std::vector<double> beta, const CoxOptions& options) {
  rows.offset.assign(rows.stop.size(), 0.0);
  for (std::size_t i = 0; i < rows.stop.size(); ++i) {
    for (std::size_t a = 0; a < rows.columns; ++a) {
      rows.offset[i] += rows.design[i * rows.columns + a] * beta[a];
    }
  }
  return fit(rows, options).log_likelihood_null;
}

RC_GTEST_PROP(Cox, estimate_is_a_maximum_with_the_curvature_reported, ()) {
  const CoxRows rows = trial(any_seed(), 50, true);
  for (const CoxOptions& options :
       {CoxOptions{}, CoxOptions{.ties = CoxTies::breslow}, CoxOptions{.ties = CoxTies::exact},
        CoxOptions{.firth = true}}) {
    const CoxFit out = fit(rows, options);
    RC_ASSERT(out.status == CoxStatus::fitted);
    const double h = 1e-3;
    std::vector<double> up = out.coefficients, down = out.coefficients;
    up[0] += h;
    down[0] -= h;
    const double above = log_likelihood_at(rows, up, options);
    const double below = log_likelihood_at(rows, down, options);
    const double here = log_likelihood_at(rows, out.coefficients, options);
    RC_ASSERT(near(here, out.log_likelihood, 1e-11));
    RC_ASSERT(std::fabs(above - below) / (2.0 * h) < 1e-4);  // third derivative times h^2
    if (options.firth) continue;                             // its curvature is not the information
    const double determinant =
        out.covariance[0] * out.covariance[3] - out.covariance[1] * out.covariance[2];
    const double information = out.covariance[3] / determinant;
    RC_ASSERT(near(-(above - 2.0 * here + below) / (h * h), information, 1e-4));
  }
}

TEST(Cox, exact_ties_sum_over_all_subsets) {
  // Two of four fail together: (e^b e^0) / sum over pairs, x = 1, 0, 1, 0.
  CoxRows rows;
  rows.add({1.0}, 2.0, true);
  rows.add({0.0}, 2.0, true);
  rows.add({1.0}, 3.0, false);
  rows.add({0.0}, 3.0, false);
  rows.add({0.0}, 1.0, true);
  const auto expected = [](double b) {
    const double e = std::exp(b);
    return std::log(e / (e * e + 4.0 * e + 1.0)) + std::log(1.0 / (2.0 * e + 3.0));
  };
  for (const double b : {-1.0, 0.0, 0.7}) {
    EXPECT_NEAR(log_likelihood_at(rows, {b}, {.ties = CoxTies::exact}), expected(b), 1e-13);
  }
}

TEST(Cox, monotone_likelihood_is_refused_and_firth_has_its_finite_maximum) {
  // l = 2b - log(2e + 1) - log(e + 1), e = exp(b), rises for ever.
  CoxRows rows;
  rows.add({1.0}, 1.0, true);
  rows.add({1.0}, 2.0, true);
  rows.add({0.0}, 3.0, true);
  for (const CoxTies ties : {CoxTies::efron, CoxTies::breslow, CoxTies::exact}) {
    EXPECT_EQ(fit(rows, {.ties = ties}).status, CoxStatus::separated);
  }
  const auto penalised = [](double b) {
    const double e = std::exp(b);
    const double information = 2.0 * e / std::pow(2.0 * e + 1.0, 2) + e / std::pow(e + 1.0, 2);
    return 2.0 * b - std::log(2.0 * e + 1.0) - std::log(e + 1.0) + 0.5 * std::log(information);
  };
  const CoxFit out = fit(rows, {.firth = true});
  ASSERT_EQ(out.status, CoxStatus::fitted);
  const double b = out.coefficients[0];
  EXPECT_NEAR(out.log_likelihood, penalised(b), 1e-13);
  EXPECT_NEAR(penalised(b + 1e-4) - penalised(b - 1e-4), 0.0, 1e-12);
  EXPECT_LT(penalised(b + 0.1), penalised(b));
  EXPECT_LT(penalised(b - 0.1), penalised(b));
}

TEST(Cox, an_arm_without_events_is_refused_whatever_else_is_in_the_model) {
  CoxRows rows = trial(3, 80, true);
  for (std::size_t i = 0; i < 80; ++i) {
    if (rows.design[2 * i] == 1.0) rows.event[i] = 0;
  }
  const CoxFit out = fit(rows);
  EXPECT_EQ(out.status, CoxStatus::separated);
  EXPECT_TRUE(out.coefficients.empty());
  EXPECT_EQ(fit(rows, {.firth = true}).status, CoxStatus::fitted);
}

RC_GTEST_PROP(Cox, one_column_is_separated_when_every_event_is_extreme_in_its_risk_set, ()) {
  const auto n = *rc::gen::inRange<std::uint32_t>(3, 9);
  const CoxRows all = trial(any_seed(), n, true, 2.0);
  CoxRows rows;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = std::round(2.0 * all.design[2 * i + 1]) + 3.0 * all.design[2 * i];
    rows.add({x}, all.stop[i], all.event[i] != 0);
  }
  bool highest = true, lowest = true, varies = false, events = false;
  for (std::size_t i = 0; i < n; ++i) {
    if (rows.event[i] == 0) continue;
    events = true;
    for (std::size_t j = 0; j < n; ++j) {
      if (rows.stop[j] < rows.stop[i]) continue;
      highest = highest && rows.design[i] >= rows.design[j];
      lowest = lowest && rows.design[i] <= rows.design[j];
      varies = varies || rows.design[i] != rows.design[j];
    }
  }
  const CoxStatus expected = !events               ? CoxStatus::no_events
                             : !varies             ? CoxStatus::collinear
                             : (highest || lowest) ? CoxStatus::separated
                                                   : CoxStatus::fitted;
  for (const CoxTies ties : {CoxTies::efron, CoxTies::breslow}) {
    RC_ASSERT(name_of(fit(rows, {.ties = ties}).status) == name_of(expected));
  }
  if (events && varies) RC_ASSERT(fit(rows, {.firth = true}).status == CoxStatus::fitted);
}

TEST(Cox, hard_but_regular_data_are_fitted) {
  // A covariate of heavy tails and strong effect, and columns of very different size.
  CoxRows rows;
  for (std::uint32_t i = 0; i < 300; ++i) {
    random::Stream draw = random::Streams(77, 0, i).at(random::Purpose::diary);
    const double heavy = std::exp(2.0 * draw.normal());
    const double tiny = 1.0e-9 * draw.normal();
    const double time = -std::log(draw.uniform()) / std::exp(0.5 * heavy + 2.0e9 * tiny);
    rows.add({heavy, 1.0e8 + tiny * 1.0e11, tiny}, time, i % 5 != 0);
  }
  const CoxFit three = fit(rows);
  EXPECT_EQ(name_of(three.status), "collinear");  // the second is the third in other units
  CoxRows two;
  for (std::size_t i = 0; i < 300; ++i) {
    two.add({rows.design[3 * i], rows.design[3 * i + 2]}, rows.stop[i], rows.event[i] != 0);
  }
  const CoxFit out = fit(two);
  ASSERT_EQ(name_of(out.status), "fitted");
  EXPECT_NEAR(out.coefficients[0], 0.5, 4.0 * out.se[0]);
  EXPECT_NEAR(out.coefficients[1], 2.0e9, 4.0 * out.se[1]);
}

TEST(Cox, what_cannot_be_fitted_has_a_status) {
  EXPECT_EQ(fit({.columns = 1}).status, CoxStatus::no_events);
  CoxRows rows = trial(4, 30, true);
  CoxRows censored = rows;
  censored.event.assign(30, 0);
  EXPECT_EQ(fit(censored).status, CoxStatus::no_events);
  CoxRows broken = rows;
  broken.design[5] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(fit(broken).status, CoxStatus::invalid_input);
  broken = rows;
  broken.start.assign(30, 0.0);
  broken.start[3] = broken.stop[3];
  EXPECT_EQ(fit(broken).status, CoxStatus::invalid_input);
  broken = rows;
  broken.weight.assign(30, 1.0);
  EXPECT_EQ(fit(broken, {.ties = CoxTies::exact}).status, CoxStatus::invalid_input);
  broken.weight[0] = 0.0;
  EXPECT_EQ(fit(broken).status, CoxStatus::invalid_input);
  broken = rows;
  for (std::size_t i = 0; i < 30; ++i) broken.design[2 * i + 1] = 3.0 - 2.0 * rows.design[2 * i];
  EXPECT_EQ(fit(broken).status, CoxStatus::collinear);
  EXPECT_EQ(fit(broken).aliased, std::vector<std::size_t>{1});
  for (std::size_t i = 0; i < 30; ++i) broken.design[2 * i] = 1.0;
  EXPECT_EQ(fit(broken).aliased, std::vector<std::size_t>{0});
  // Varies between strata only: no risk set tells anything of it.
  broken = rows;
  for (std::size_t i = 0; i < 30; ++i) broken.stratum.push_back(rows.design[2 * i] > 0.0 ? 1 : 0);
  EXPECT_EQ(fit(broken).status, CoxStatus::collinear);
  EXPECT_EQ(name_of(CoxStatus::separated), "separated");
}

TEST(Cox, a_single_event_fits_where_it_is_not_extreme) {
  CoxRows rows;
  rows.add({0.0}, 5.0, true);
  rows.add({1.0}, 6.0, false);
  rows.add({-2.0}, 7.0, false);
  EXPECT_EQ(fit(rows).status, CoxStatus::fitted);
  rows.design[0] = 2.0;
  EXPECT_EQ(fit(rows).status, CoxStatus::separated);
}

TEST(Cox, logarithm_of_time_is_refused_for_an_event_at_zero) {
  CoxRows rows = trial(5, 40, true);
  rows.stop[0] = 0.0;
  rows.event[0] = 1;
  const CoxFit out = fit(rows);
  EXPECT_EQ(cox_proportionality(rows.data(), {}, out, TimeTransform::log).status,
            CoxStatus::invalid_input);
}

TEST(Cox, a_term_of_all_columns_is_the_global_test) {
  const CoxRows rows = trial(6, 60, true);
  const CoxFit out = fit(rows);
  const std::vector<int> term{0, 0};
  const auto zph = cox_proportionality(rows.data(), {}, out, TimeTransform::rank, term);
  ASSERT_EQ(zph.terms.size(), 1U);
  EXPECT_EQ(zph.terms[0].df, 2);
  EXPECT_NEAR(zph.terms[0].chi_square, zph.global.chi_square, 1e-12);
}

RC_GTEST_PROP(Cox, concordance_counts_every_pair_at_risk, ()) {
  CoxRows rows = split(trial(any_seed(), 40, true), 3.0);
  const std::size_t n = rows.stop.size();
  std::vector<double> risk;
  for (std::size_t i = 0; i < n; ++i) {
    risk.push_back(std::round(2.0 * rows.design[2 * i + 1]));
    rows.stratum.push_back(rows.cluster[i] % 2);
    rows.weight.push_back(1.0 + rows.cluster[i] % 3);
  }
  double concordant = 0.0, discordant = 0.0, tied = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (rows.event[i] == 0 || rows.stratum[i] != rows.stratum[j]) continue;
      const bool outlives =
          rows.stop[j] > rows.stop[i] || (rows.stop[j] == rows.stop[i] && rows.event[j] == 0);
      if (i == j || !outlives || rows.start[j] >= rows.stop[i]) continue;
      const double w = rows.weight[i] * rows.weight[j];
      (risk[i] > risk[j] ? concordant : risk[i] < risk[j] ? discordant : tied) += w;
    }
  }
  const Concordance c = concordance(rows.data(), risk);
  RC_ASSERT(near(c.concordant, concordant, 1e-12));
  RC_ASSERT(near(c.discordant, discordant, 1e-12));
  RC_ASSERT(near(c.tied, tied, 1e-12));
  RC_ASSERT(c.se > 0.0);
}

}  // namespace
}  // namespace angiotrial::analysis
