// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/analysis/survival/fine_gray.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/analysis/survival/recurrent.hpp>
#include <angiotrial/analysis/survival/survival.hpp>
#include <angiotrial/analysis/survival/survival_summary.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

struct Sample {
  std::vector<Observation> all;
  std::vector<CompetingObservation> competing;  ///< the same times, with causes
  std::vector<int> group;
};

/// Times of 1 to 12 with ties; cause 1, 2 or censored.
Sample sample_of(std::uint64_t seed, std::uint32_t n, int groups, bool censored = true) {
  Sample out;
  for (std::uint32_t i = 0; i < n; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    const double time = 1.0 + std::floor(12.0 * draw.uniform());
    const double kind = draw.uniform();
    const int cause = kind < 0.35 ? 1 : kind < 0.65 || !censored ? 2 : 0;
    out.all.push_back({time, cause != 0});
    out.competing.push_back({time, cause});
    out.group.push_back(static_cast<int>(i) % groups);
  }
  return out;
}

std::uint64_t any_seed() { return *rc::gen::inRange<std::uint64_t>(1, 100000); }

bool near(double a, double b, double tolerance = 1e-12) {
  return std::fabs(a - b) <= tolerance * (1.0 + std::fabs(b));
}

RC_GTEST_PROP(Survival, without_censoring_the_curve_is_the_empirical_one, ()) {
  const Sample sample = sample_of(any_seed(), 40, 2, false);
  const auto curve = kaplan_meier(sample.all);
  for (double t = 0.5; t < 13.0; t += 1.0) {
    double beyond = 0.0;
    for (const Observation& o : sample.all) beyond += o.time > t ? 1.0 : 0.0;
    const double share = beyond / 40.0;
    const SurvivalEstimate at = survival_at(curve, t, 0.95, SurvivalInterval::plain);
    RC_ASSERT(near(at.survival, share));
    if (share > 0.0) RC_ASSERT(near(at.se, std::sqrt(share * (1.0 - share) / 40.0)));
  }
  double sum = 0.0;
  for (const Observation& o : sample.all) sum += std::min(o.time, 9.5);
  RC_ASSERT(near(restricted_mean(sample.all, 9.5).mean, sum / 40.0));
}

TEST(Survival, scales_of_the_interval_have_their_edges) {
  const std::vector<Observation> sample{{1.0, true}, {2.0, false}, {3.0, true}};
  const auto curve = kaplan_meier(sample);
  for (const auto scale : {SurvivalInterval::log, SurvivalInterval::plain}) {
    EXPECT_EQ(survival_at(curve, 0.5, 0.95, scale).upper, 1.0);
  }
  for (const auto scale :
       {SurvivalInterval::log_log, SurvivalInterval::logit, SurvivalInterval::arcsine}) {
    EXPECT_FALSE(survival_at(curve, 0.5, 0.95, scale).upper.has_value());
  }
  EXPECT_FALSE(survival_at(curve, 3.0, 0.95, SurvivalInterval::plain).lower.has_value());
}

TEST(Survival, a_level_step_at_the_quantile_gives_its_middle) {
  const std::vector<Observation> sample{{2.0, true}, {4.0, true}, {7.0, true}, {9.0, true}};
  const auto q = survival_quantile(kaplan_meier(sample), 9.0, 0.5, 0.95, SurvivalInterval::log);
  EXPECT_EQ(q.time, 5.5);
  const std::vector<Observation> open{{2.0, true}, {4.0, true}, {7.0, false}, {9.0, false}};
  const auto last = survival_quantile(kaplan_meier(open), 9.0, 0.5, 0.95, SurvivalInterval::log);
  EXPECT_EQ(last.time, 6.5);
  EXPECT_FALSE(survival_quantile(kaplan_meier(open), 9.0, 0.7, 0.95, SurvivalInterval::log).time);
  EXPECT_FALSE(survival_quantile({}, 9.0, 0.5, 0.95, SurvivalInterval::log).time);
}

TEST(Survival, cumulative_hazards_of_both_kinds_add_their_increments) {
  const std::vector<Observation> sample{{1.0, true}, {1.0, true}, {2.0, false}, {3.0, true}};
  const auto curve = kaplan_meier(sample);
  const auto aalen = cumulative_hazard(curve, HazardEstimate::nelson_aalen);
  EXPECT_NEAR(aalen[0].cumulative_hazard, 2.0 / 4.0, 1e-15);
  EXPECT_NEAR(aalen[1].cumulative_hazard, 1.5, 1e-15);
  EXPECT_NEAR(aalen[0].se, std::sqrt(2.0 / 16.0), 1e-15);
  const auto tied = cumulative_hazard(curve, HazardEstimate::fleming_harrington);
  EXPECT_NEAR(tied[0].cumulative_hazard, 1.0 / 4.0 + 1.0 / 3.0, 1e-15);
  EXPECT_NEAR(tied[0].se, std::sqrt(1.0 / 16.0 + 1.0 / 9.0), 1e-15);
}

TEST(Survival, restricted_means_say_what_they_cannot_tell) {
  EXPECT_EQ(restricted_mean({}, 5.0).status, SurvivalStatus::empty_sample);
  const std::vector<Observation> open{{2.0, true}, {4.0, false}};
  EXPECT_EQ(restricted_mean(open, 0.0).status, SurvivalStatus::invalid_input);
  EXPECT_EQ(restricted_mean(open, std::nan("")).status, SurvivalStatus::invalid_input);
  EXPECT_FALSE(restricted_mean(open, 3.0).extended);
  EXPECT_TRUE(restricted_mean(open, 5.0).extended);
  const RestrictedMean a = restricted_mean(open, 3.0);
  EXPECT_EQ(compare_restricted_means(a, restricted_mean(open, 3.5)).status,
            SurvivalStatus::invalid_input);
  const RestrictedMean none = restricted_mean(open, 1.0);
  EXPECT_EQ(compare_restricted_means(none, none).status, SurvivalStatus::no_information);
}

RC_GTEST_PROP(Survival, ratios_of_restricted_means_turn_over_with_the_arms, ()) {
  const RestrictedMean a = restricted_mean(sample_of(any_seed(), 30, 2).all, 8.0);
  const RestrictedMean b = restricted_mean(sample_of(any_seed() + 100000, 30, 2).all, 8.0);
  const RestrictedComparison ab = compare_restricted_means(a, b);
  const RestrictedComparison ba = compare_restricted_means(b, a);
  RC_ASSERT(near(ab.difference.lower, -ba.difference.upper));
  RC_ASSERT(near(ab.ratio->estimate * ba.ratio->estimate, 1.0));
  RC_ASSERT(near(ab.ratio->lower * ba.ratio->upper, 1.0));
  RC_ASSERT(near(ab.lost_ratio->p_value, ba.lost_ratio->p_value, 1e-10));
  RC_ASSERT(near(ab.ratio->estimate, a.mean / b.mean));
}

RC_GTEST_PROP(LogRank, flips_its_sign_with_the_arms_and_ignores_units_and_constants, ()) {
  Sample sample = sample_of(any_seed(), 50, 2);
  const std::array<LogRankWeight, 3> weights{
      {{}, {.rho = 0.5, .gamma = 1.0}, {.modest_until = 5.0}}};
  for (const LogRankWeight& weight : weights) {
    const auto before = weighted_log_rank({.sample = sample.all, .group = sample.group}, weight);
    Sample turned = sample;
    for (int& g : turned.group) g = 1 - g;
    for (Observation& o : turned.all) o.time *= 3.0;
    LogRankWeight scaled = weight;
    if (scaled.modest_until) *scaled.modest_until *= 3.0;
    const auto after = weighted_log_rank({.sample = turned.all, .group = turned.group}, scaled);
    RC_ASSERT(near(after.z, -before.z, 1e-10));
    RC_ASSERT(near(before.z * before.z, before.chi_square, 1e-10));
  }
}

RC_GTEST_PROP(LogRank, trend_of_two_groups_is_the_test_itself, ()) {
  const Sample sample = sample_of(any_seed(), 50, 2);
  const LogRankData data{.sample = sample.all, .group = sample.group};
  const std::array<double, 2> scores{10.0, 14.0};
  const auto test = weighted_log_rank(data);
  RC_ASSERT(near(log_rank_trend(data, scores).z, test.z, 1e-10));
  RC_ASSERT(near(log_rank_trend(data, scores).p_value, test.p_value, 1e-9));
}

RC_GTEST_PROP(LogRank, strata_add_their_scores, ()) {
  const Sample sample = sample_of(any_seed(), 60, 3);
  std::vector<int> stratum;
  std::array<Sample, 2> part;
  for (std::size_t i = 0; i < 60; ++i) {
    stratum.push_back(i < 25 ? 4 : 9);
    part[i < 25 ? 0 : 1].all.push_back(sample.all[i]);
    part[i < 25 ? 0 : 1].group.push_back(sample.group[i]);
  }
  const LogRankWeight late{.gamma = 1.0};
  const auto both = weighted_log_rank(
      {.sample = sample.all, .group = sample.group, .groups = 3, .stratum = stratum}, late);
  const auto one =
      weighted_log_rank({.sample = part[0].all, .group = part[0].group, .groups = 3}, late);
  const auto two =
      weighted_log_rank({.sample = part[1].all, .group = part[1].group, .groups = 3}, late);
  for (std::size_t g = 0; g < 3; ++g) {
    RC_ASSERT(near(both.observed[g] - both.expected[g],
                   one.observed[g] - one.expected[g] + two.observed[g] - two.expected[g], 1e-11));
    RC_ASSERT(near(both.variance[4 * g], one.variance[4 * g] + two.variance[4 * g], 1e-11));
  }
}

TEST(LogRank, maximum_of_one_weight_is_that_test) {
  const Sample sample = sample_of(11, 60, 2);
  const LogRankData data{.sample = sample.all, .group = sample.group};
  const std::array<LogRankWeight, 1> one{};
  const MaxCombo combo = max_combo(data, one);
  const auto test = weighted_log_rank(data);
  EXPECT_NEAR(combo.p_value, test.p_value, 1e-12);
  const MaxCombo side = max_combo(data, one, Sides::one);
  EXPECT_NEAR(side.p_value, test.z < 0.0 ? test.p_value / 2.0 : 1.0 - test.p_value / 2.0, 1e-12);
  // The same weight twice: a singular correlation, the same answer.
  const std::array<LogRankWeight, 2> twice{};
  EXPECT_NEAR(max_combo(data, twice).p_value, test.p_value, 1e-9);
}

TEST(LogRank, maximum_far_out_keeps_its_digits) {
  std::vector<Observation> all;
  std::vector<int> group;
  for (int i = 0; i < 240; ++i) {
    all.push_back({i < 120 ? 1.0 + i : 1000.0 + i, true});
    group.push_back(i < 120 ? 1 : 0);
  }
  const LogRankData data{.sample = all, .group = group};
  const auto test = weighted_log_rank(data);
  ASSERT_GT(test.p_value, 0.0);
  ASSERT_LT(test.p_value, 1e-20);
  const std::array<LogRankWeight, 1> one{};
  EXPECT_NEAR(max_combo(data, one).p_value / test.p_value, 1.0, 1e-9);
  const std::array<LogRankWeight, 2> two{{{}, {.rho = 1.0}}};
  const MaxCombo combo = max_combo(data, two);
  const double least = std::erfc(combo.largest / std::sqrt(2.0));
  EXPECT_GE(combo.p_value, least * (1.0 - 1e-9));
  EXPECT_LE(combo.p_value, 2.0 * least * (1.0 + 1e-9));
}

TEST(LogRank, a_weight_without_variance_leaves_the_others_their_test) {
  // All events at once: the late weight has nothing to weigh.
  std::vector<Observation> all;
  std::vector<int> group;
  for (int i = 0; i < 8; ++i) {
    const bool event = i < 3 || i == 4;
    all.push_back({event ? 2.0 : 4.0 + 0.1 * i, event});
    group.push_back(i / 4);
  }
  const LogRankData data{.sample = all, .group = group};
  const std::array<LogRankWeight, 2> weights{{{}, {.gamma = 1.0}}};
  const MaxCombo combo = max_combo(data, weights);
  ASSERT_EQ(combo.status, LogRankStatus::fitted);
  EXPECT_TRUE(std::isnan(combo.z[1]));
  EXPECT_NEAR(combo.p_value, weighted_log_rank(data).p_value, 1e-12);
}

TEST(LogRank, what_cannot_be_tested_has_a_status) {
  EXPECT_EQ(weighted_log_rank({}).status, LogRankStatus::no_information);
  Sample sample = sample_of(12, 20, 1);
  const LogRankData one_arm{.sample = sample.all, .group = sample.group};
  EXPECT_EQ(weighted_log_rank(one_arm).status, LogRankStatus::no_information);
  const std::array<LogRankWeight, 2> weights{{{}, {.gamma = 1.0}}};
  EXPECT_EQ(max_combo(one_arm, weights).status, LogRankStatus::no_information);
  sample = sample_of(12, 20, 2);
  const std::array<double, 2> equal{3.0, 3.0};
  EXPECT_EQ(log_rank_trend({.sample = sample.all, .group = sample.group}, equal).status,
            LogRankStatus::no_information);
  sample.all[3].time = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(weighted_log_rank({.sample = sample.all, .group = sample.group}).status,
            LogRankStatus::invalid_input);
}

RC_GTEST_PROP(CompetingRisks, incidences_and_event_free_add_up_to_one, ()) {
  const Sample sample = sample_of(any_seed(), 50, 2);
  const auto curve = cumulative_incidence(sample.competing, 2);
  const auto km = kaplan_meier(sample.all);
  for (std::size_t k = 0; k < curve.time.size(); ++k) {
    RC_ASSERT(near(curve.event_free[k] + curve.incidence[2 * k] + curve.incidence[2 * k + 1], 1.0));
    RC_ASSERT(near(curve.event_free[k], km[k].survival));
  }
}

RC_GTEST_PROP(CompetingRisks, without_censoring_errors_are_binomial, ()) {
  const Sample sample = sample_of(any_seed(), 50, 2, false);
  const auto curve = cumulative_incidence(sample.competing, 2);
  const std::array<double, 2> times{4.5, 9.0};
  const std::vector<double> errors = jackknife_errors(sample.competing, curve, times);
  for (std::size_t t = 0; t < 2; ++t) {
    const double f = incidence_at(curve, 1, times[t]).incidence;
    RC_ASSERT(near(errors[3 * t + 1], std::sqrt(f * (1.0 - f) / 50.0), 1e-10));
  }
}

RC_GTEST_PROP(CompetingRisks, gray_test_ignores_the_order_of_groups_and_adds_strata, ()) {
  const Sample sample = sample_of(any_seed(), 60, 3);
  const GrayTest test =
      gray_test({.sample = sample.competing, .group = sample.group, .groups = 3}, 1);
  RC_PRE(test.status == CompetingStatus::fitted);
  std::vector<int> turned, stratum;
  std::vector<CompetingObservation> twice;
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (std::size_t i = 0; i < 60; ++i) {
      turned.push_back((sample.group[i] + 1) % 3);
      stratum.push_back(repeat);
      twice.push_back(sample.competing[i]);
    }
  }
  const GrayTest both =
      gray_test({.sample = twice, .group = turned, .groups = 3, .stratum = stratum}, 1);
  RC_ASSERT(near(both.chi_square, 2.0 * test.chi_square, 1e-9));
}

RC_GTEST_PROP(CompetingRisks, fine_gray_without_competing_events_is_cox_with_breslow_ties, ()) {
  Sample sample = sample_of(any_seed(), 50, 2);
  std::vector<double> design, stop;
  std::vector<int> event;
  for (std::size_t i = 0; i < 50; ++i) {
    if (sample.competing[i].cause == 2) sample.competing[i].cause = 0;
    design.push_back(sample.group[i]);
    stop.push_back(sample.competing[i].time);
    event.push_back(sample.competing[i].cause);
  }
  const FineGrayFit fit =
      fit_fine_gray({.sample = sample.competing, .design = design, .columns = 1});
  CoxWorkspace workspace;
  const CoxFit& cox = fit_cox({.stop = stop, .event = event, .design = design, .columns = 1},
                              {.ties = CoxTies::breslow, .robust = true}, workspace);
  RC_PRE(cox.status == CoxStatus::fitted);
  RC_ASSERT(fit.status == CoxStatus::fitted);
  RC_ASSERT(near(fit.coefficients[0], cox.coefficients[0], 1e-9));
  RC_ASSERT(near(fit.log_likelihood, cox.log_likelihood, 1e-12));
  RC_ASSERT(near(fit.se_model[0], cox.se[0], 1e-9));
  RC_ASSERT(near(fit.se[0], cox.se_robust[0], 1e-9));
}

TEST(CompetingRisks, one_g_for_all_or_by_group_of_the_same_curve_is_the_same_fit) {
  const Sample sample = sample_of(21, 60, 2);
  std::vector<double> design;
  std::vector<int> half, all;
  std::vector<CompetingObservation> twice;
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (std::size_t i = 0; i < 60; ++i) {
      twice.push_back(sample.competing[i]);
      design.push_back(sample.group[i]);
      half.push_back(repeat);
    }
  }
  const FineGrayData one{.sample = twice, .design = design, .columns = 1};
  FineGrayData two = one;
  two.censoring_group = half;
  const FineGrayFit a = fit_fine_gray(one);
  const FineGrayFit b = fit_fine_gray(two);
  EXPECT_NEAR(a.coefficients[0], b.coefficients[0], 1e-12);
  EXPECT_NEAR(a.se[0], b.se[0], 1e-12);
  EXPECT_NEAR(predicted_incidence(a, std::array{0.0}, 12.0), 0.4, 0.25);
}

TEST(CompetingRisks, what_cannot_be_estimated_has_a_status) {
  EXPECT_EQ(cumulative_incidence({}, 2).status, CompetingStatus::empty_sample);
  std::vector<CompetingObservation> bad{{1.0, 3}};
  EXPECT_EQ(cumulative_incidence(bad, 2).status, CompetingStatus::invalid_input);
  Sample sample = sample_of(22, 30, 1);
  EXPECT_EQ(gray_test({.sample = sample.competing, .group = sample.group}, 1).status,
            CompetingStatus::no_information);
  std::vector<double> design(30, 2.0);
  FineGrayData data{.sample = sample.competing, .design = design, .columns = 1};
  EXPECT_EQ(fit_fine_gray(data).status, CoxStatus::collinear);
  data.cause = 5;
  EXPECT_EQ(fit_fine_gray(data).status, CoxStatus::no_events);
  data.cause = 1;
  std::vector<double> telling;
  for (const auto& o : sample.competing) telling.push_back(o.cause == 1 ? 1.0 : 0.0);
  data.design = telling;
  EXPECT_EQ(fit_fine_gray(data).status, CoxStatus::separated);
  telling[0] = std::nan("");
  EXPECT_EQ(fit_fine_gray(data).status, CoxStatus::invalid_input);
}

TEST(RecurrentEvents, mean_function_without_censoring_is_the_average_with_its_error) {
  // Counts by 10 days: 2, 0, 1.
  const std::vector<double> start{0.0, 3.0, 5.0, 0.0, 0.0, 4.0};
  const std::vector<double> stop{3.0, 5.0, 10.0, 10.0, 4.0, 10.0};
  const std::vector<int> event{1, 1, 0, 0, 1, 0}, subject{7, 7, 7, 2, 5, 5};
  const auto mcf = mean_cumulative_function({start, stop, event, subject, {}});
  ASSERT_EQ(mcf.status, SurvivalStatus::fitted);
  const MeanCumulativePoint at = mean_cumulative_at(mcf, 8.0);
  EXPECT_NEAR(at.mean, 1.0, 1e-15);
  EXPECT_NEAR(at.se, std::sqrt(2.0 / 3.0 / 3.0), 1e-15);
  EXPECT_EQ(mean_cumulative_at(mcf, 1.0).mean, 0.0);
  const std::vector<int> one_subject(6, 1);
  EXPECT_EQ(mean_cumulative_function({start, stop, event, one_subject, {}}).status,
            SurvivalStatus::invalid_input);
  EXPECT_EQ(mean_cumulative_function({}).status, SurvivalStatus::empty_sample);
}

RC_GTEST_PROP(RecurrentEvents, with_deaths_and_no_censoring_the_mean_is_the_average_count, ()) {
  // Each subject has events at whole days until it dies; nobody is censored.
  const auto seed = any_seed();
  std::vector<double> start, stop;
  std::vector<int> event, subject, death;
  std::array<double, 30> count{};
  for (std::uint32_t i = 0; i < 30; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    const double end = 2.5 + std::floor(10.0 * draw.uniform());
    double from = 0.0;
    for (double day = 1.0; day < end; day += 1.0) {
      if (draw.uniform() > 0.4) continue;
      start.push_back(from);
      stop.push_back(from = day);
      event.push_back(1);
      subject.push_back(static_cast<int>(i));
      death.push_back(0);
      if (day < 8.0) count[i] += 1.0;
    }
    start.push_back(from);
    stop.push_back(end);
    event.push_back(0);
    subject.push_back(static_cast<int>(i));
    death.push_back(1);
  }
  const auto at = mean_cumulative_at(
      mean_cumulative_function(
          {.start = start, .stop = stop, .event = event, .subject = subject, .death = death}),
      7.0);
  RC_PRE(at.time == 7.0);
  double mean = 0.0, variance = 0.0;
  for (const double c : count) mean += c / 30.0;
  for (const double c : count) variance += (c - mean) * (c - mean) / 900.0;
  RC_ASSERT(near(at.mean, mean));
  RC_ASSERT(near(at.se, std::sqrt(variance), 1e-10));
}

RC_GTEST_PROP(RecurrentEvents, with_one_event_each_the_mean_is_the_nelson_aalen_hazard, ()) {
  const Sample sample = sample_of(any_seed(), 40, 2);
  std::vector<double> stop;
  std::vector<int> event, subject;
  for (const Observation& o : sample.all) {
    stop.push_back(o.time);
    event.push_back(o.event ? 1 : 0);
    subject.push_back(static_cast<int>(subject.size()));
  }
  const auto mcf = mean_cumulative_function({.stop = stop, .event = event, .subject = subject});
  const auto hazard = cumulative_hazard(kaplan_meier(sample.all), HazardEstimate::nelson_aalen);
  RC_ASSERT(mcf.points.size() == hazard.size());
  for (std::size_t k = 0; k < hazard.size(); ++k) {
    RC_ASSERT(near(mcf.points[k].mean, hazard[k].cumulative_hazard));
  }
}

TEST(RecurrentEvents, proportional_means_are_andersen_and_gill_with_errors_by_subject) {
  const std::vector<double> start{0.0, 3.0, 0.0, 0.0, 4.0, 0.0};
  const std::vector<double> stop{3.0, 9.0, 10.0, 4.0, 8.0, 6.0};
  const std::vector<double> x{1.0, 1.0, 1.0, 0.0, 0.0, 0.0};
  const std::vector<int> event{1, 1, 0, 1, 1, 1}, subject{1, 1, 2, 3, 3, 4};
  const CoxData data{
      .start = start, .stop = stop, .event = event, .design = x, .columns = 1, .cluster = subject};
  CoxWorkspace one, two;
  const CoxFit& means = fit_proportional_means(data, CoxTies::efron, one);
  const CoxFit& hazards = fit_cox(data, {.robust = true}, two);
  ASSERT_EQ(means.status, CoxStatus::fitted);
  EXPECT_EQ(means.coefficients, hazards.coefficients);
  EXPECT_EQ(means.se_robust, hazards.se_robust);
  EXPECT_NE(means.se_robust, means.se);
}

}  // namespace
}  // namespace angiotrial::analysis
