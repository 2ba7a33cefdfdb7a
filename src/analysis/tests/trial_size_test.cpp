// SPDX-License-Identifier: Apache-2.0
// Sample sizes with looks and with staggered entry (c51, c54), assurance (c91), and refusals.
#include <angiotrial/analysis/design/assurance.hpp>
#include <angiotrial/analysis/design/re_estimation.hpp>
#include <angiotrial/analysis/design/survival_trial.hpp>
#include <angiotrial/analysis/design/trial_size.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
const std::string c51 = "c51_gsd_samplesize/expected.json";
const std::string c91 = "c91_assurance_estimands/expected.json";

AdaptiveDesign looks_at(std::vector<double> information) {
  AdaptivePlan plan;
  plan.information = std::move(information);
  return plan_adaptive(plan);
}

CountTrial long_count_trial() {
  CountTrial t;
  t.control_rate = 0.125;
  t.rate_ratio = 0.7;
  t.dispersion = 5.0;
  t.accrual = 1.25;
  t.end = 4.0;
  return t;
}

TEST(TrialSizeReference, c51_means_rates_and_events_agree_with_looks) {
  const PlanningErrors errors{0.025, 0.9};
  const Block fixed(c51, "means_fixed_t");
  const TrialSize one = plan_means({0.5, 1.2, 1.0}, errors);
  ASSERT_EQ(one.status, SizeStatus::planned);
  fixed.expect({"n"}, one.largest);
  fixed.expect({"n1"}, 0.5 * one.largest);
  fixed.expect({"crit_scale"}, one.critical_effect);

  const AdaptiveDesign looks = looks_at({0.5, 1.0});
  const Block block(c51, "means_gs_2to1");
  const TrialSize two = plan_means({0.5, 1.2, 2.0}, errors, &looks);
  block.expect({"max_n"}, two.largest);
  block.expect({"n_stage"}, two.at_look);
  block.expect({"EN_H0"}, two.expected_null);
  block.expect({"EN_H1"}, two.expected_alternative);
  block.expect({"crit_scale"}, two.critical_effect);

  const Block power_block(c51, "means_gs_power");
  std::vector<double> reject, early, size;
  for (const double difference : {0.0, 0.25, 0.5}) {
    const TrialPower p = power_of_means({difference, 1.2, 1.0}, 240.0, looks);
    reject.push_back(p.rejected.back());
    early.push_back(p.rejected.front());
    size.push_back(p.expected_size);
  }
  power_block.expect({"overall_reject"}, reject);
  power_block.expect({"early_stop"}, early);
  power_block.expect({"EN"}, size);

  Block(c51, "rates_gs").expect({"max_n"}, plan_rates({0.5, 0.3}, errors, &looks).largest);
  Block(c51, "survival_gs")
      .expect({"events_stage"},
              plan_events(0.7, 1.0, EventFormula::schoenfeld, errors, &looks).at_look);
  Block(c51, "freedman_events")
      .expect({"events"}, plan_events(0.7, 1.0, EventFormula::freedman, errors).largest);
}

TEST(TrialSizeReference, c51_count_trials_with_staggered_entry_agree) {
  const PlanningErrors errors{0.025, 0.8};
  const Block fixed(c51, "gscounts_fixed");
  const CountTrialSize one = plan_counts(long_count_trial(), errors);
  ASSERT_EQ(one.status, SizeStatus::planned);
  fixed.expect({"n"}, one.n_control + one.n_treatment);
  fixed.expect({"max_info"}, one.reached);

  const AdaptiveDesign looks = looks_at({0.4, 0.7, 1.0});
  const Block block(c51, "gscounts_gs");
  const CountTrialSize three = plan_counts(long_count_trial(), errors, &looks);
  block.expect({"n"}, three.n_control + three.n_treatment);
  block.expect({"n1"}, three.n_treatment);
  block.expect({"n2"}, three.n_control);
  block.expect({"max_info"}, three.reached);
  block.expect({"efficacy_critical"}, three.critical);
  block.expect({"calendar"}, three.calendar);
}

TEST(TrialSizeReference, c91_assurance_and_predictive_probability_agree) {
  const Block normal(c91, "assurance_normal");
  std::vector<double> average, power;
  for (const double v : {0.2, 0.5}) {
    for (const double n : {50.0, 84.0, 150.0, 300.0}) {
      const Assurance a = assurance(NormalAssurance{0.5, v, 1.2, n, 0.025});
      average.push_back(a.assurance);
      power.push_back(a.power_at_mean);
    }
  }
  normal.expect({"assurance"}, average);
  normal.expect({"power_at_mean"}, power);

  std::vector<double> counts;
  for (const double n : {56.0, 100.0, 200.0}) {
    CountAssurance plan;
    plan.prior_mean = std::log(0.75);
    plan.prior_sd = 0.15;
    plan.control_rate = 6.8;
    plan.dispersion = 0.8;
    plan.per_arm = n;
    counts.push_back(assurance(plan).assurance);
  }
  Block(c91, "assurance_negbin").expect({"assurance"}, counts);

  std::vector<double> predictive;
  for (int x = 4; x <= 14; ++x) {
    predictive.push_back(predictive_probability({40, 0.3, 0.95, 1.0, 1.0}, x, 20).probability);
  }
  Block(c91, "predictive_probability_binary").expect({"pp"}, predictive);
}

SurvivalTrialPlan constant_hazards() {
  SurvivalTrialPlan plan;
  plan.control_hazard.value = {std::log(2.0) / 24.0};
  plan.hazard_ratio = 0.7;
  plan.control_dropout.value = plan.treatment_dropout.value = {-std::log(0.95) / 12.0};
  plan.accrual.value = {10.0};
  plan.accrual_end = 18.0;
  plan.follow_up = 12.0;
  return plan;
}

TEST(TrialSizeReference, c51_survival_by_pieces_agrees_where_pieces_are_one) {
  const PlanningErrors errors{0.025, 0.9};
  const AdaptiveDesign looks = looks_at({0.5, 1.0});
  const auto plan = constant_hazards();
  const auto s = plan_survival(plan, SurvivalFormula::schoenfeld, errors, &looks);
  ASSERT_EQ(s.status, SizeStatus::planned);
  const Block block(c51, "survival_gs");
  block.expect({"max_subjects"}, s.subjects);
  block.expect({"max_events"}, s.events);
  block.expect({"events_stage"}, s.events_at_look);
  block.expect({"analysis_time"}, s.calendar);
  const auto lachin = plan_survival(plan, SurvivalFormula::lachin_foulkes, errors);
  const Block nsurv(c51, "gsDesign_nSurv");
  nsurv.expect({"n"}, lachin.subjects);
  nsurv.expect({"d"}, lachin.events);
  // Cutting every step function in two equal pieces changes nothing.
  auto cut = plan;
  for (StepFunction* f : {&cut.control_hazard, &cut.control_dropout, &cut.accrual}) {
    f->start = {0.0, 7.0};
    f->value = {f->value[0], f->value[0]};
  }
  EXPECT_NEAR(plan_survival(cut, SurvivalFormula::lachin_foulkes, errors).subjects, lachin.subjects,
              1.0e-8 * lachin.subjects);
}

TEST(TrialSizeReference, c51_baseline_correlation_saves_what_the_reference_says) {
  std::vector<double> ancova, change;
  for (const double rho : {0.3, 0.5, 0.7}) {
    ancova.push_back(baseline_effect(rho).ancova);
    change.push_back(baseline_effect(rho).change);
  }
  const Block block(c51, "ancova_design_effect");
  block.expect({"ancova"}, ancova);
  block.expect({"change"}, change);
}

TEST(TrialSizeReference, c51_blinded_count_review_agrees) {
  const reference::Data d("c51_gsd_samplesize/data_blinded.csv");
  std::vector<int> counts;
  for (std::size_t i = 0; i < d.rows(); ++i) counts.push_back(static_cast<int>(d.number(i, "y")));
  const std::vector<double> exposure(counts.size(), 1.0);
  CountsDesign plan;
  plan.rate_ratio = 0.75;
  const SizeReview r = review_counts(counts, exposure, plan, {0.025, 0.8});
  ASSERT_EQ(r.status, ReviewStatus::revised);
  const Block block(c51, "blinded_ssr_nb");
  block.expect({"pooled_rate"}, r.nuisance);
  block.expect({"dispersion_phi"}, r.dispersion);
  block.expect({"lambda_control"}, 2.0 * r.nuisance / 1.75);
  block.expect({"lambda_active"}, 1.5 * r.nuisance / 1.75);
  block.expect({"n_per_arm"}, 0.5 * r.total);
}

// --- laws ----------------------------------------------------------------------------------------

RC_GTEST_PROP(TrialSize, one_look_is_the_fixed_size_and_units_do_not_matter, ()) {
  const double scale = *rc::gen::inRange(1, 1000) / 100.0;
  const PlanningErrors errors{0.025, 0.85};
  const AdaptiveDesign once = looks_at({1.0});
  const MeansDesign means{0.4, 1.1, 1.3}, scaled{0.4 * scale, 1.1 * scale, 1.3};
  const double n = plan_means(means, errors).largest;
  RC_ASSERT(std::fabs(plan_means(means, errors, &once).largest - n) < 1.0e-9 * n);
  RC_ASSERT(std::fabs(plan_means(scaled, errors).largest - n) < 1.0e-7 * n);
  // Time in other units: rates and times scale together.
  CountTrial t = long_count_trial();
  t.control_rate *= scale;
  t.accrual /= scale;
  t.end /= scale;
  const auto a = plan_counts(long_count_trial(), errors, &once);
  const auto b = plan_counts(t, errors, &once);
  RC_ASSERT(a.n_control == b.n_control);
}

TEST(TrialSize, closed_sum_over_entry_times_is_the_sum_over_patients) {
  CountTrial t = long_count_trial();
  CountTrial slowly = t;
  slowly.speed = 1.0 + 1.0e-12;  // takes the patient-by-patient route
  for (const double time : {0.01, 0.4, 1.25, 2.0, 4.0}) {
    const double closed = information_at(t, 400, 380, time);
    EXPECT_NEAR(closed, information_at(slowly, 400, 380, time), 1.0e-8 * closed) << time;
  }
}

TEST(SizeReview, unblinded_review_reaches_its_target_and_keeps_its_limits) {
  const AdaptiveDesign d = looks_at({0.5, 1.0});
  const auto r = review_unblinded(d, 0, 1.4, 100.0, {0.8, 50.0, 1000.0, {}, 0.0});
  ASSERT_EQ(r.status, ReviewStatus::revised);
  EXPECT_NEAR(r.conditional_power, 0.8, 1.0e-10);
  const double own = 1.4 / std::sqrt(100.0) * std::sqrt(r.size);
  EXPECT_NEAR(conditional_power(d, 0, 1.4, std::vector{own})[0], 0.8, 1.0e-10);
  EXPECT_EQ(review_unblinded(d, 0, 1.4, 100.0, {0.8, 50.0, 60.0, {}, 0.0}).size, 60.0);
  EXPECT_EQ(review_unblinded(d, 0, -0.5, 100.0, {0.8, 50.0, 90.0, {}, 0.3}).size, 50.0);
  EXPECT_EQ(review_unblinded(d, 1, 1.4, 100.0, {0.8, 50.0, 60.0, {}, 0.0}).status,
            ReviewStatus::invalid_plan);
}

TEST(SizeReview, blinded_reviews_find_their_plan_again_and_refuse_empty_data) {
  // Half the values 0.5 above and half below the planned means: the spread comes back.
  std::vector<double> values;
  for (int i = 0; i < 400; ++i)
    values.push_back((i % 2 == 0 ? 0.4 : 0.0) + (i % 4 < 2 ? 1.0 : -1.0));
  const MeansDesign plan{0.4, 1.0, 1.0};
  const SizeReview r = review_means(values, plan, {0.025, 0.9});
  EXPECT_NEAR(r.nuisance, 1.0, 2.0e-3);
  EXPECT_LT(r.total, review_means(values, plan, {0.025, 0.9}, false).total);
  const RatesDesign rates{0.5, 0.3, 0.0, 1.0};
  EXPECT_NEAR(review_rates(40.0, 100.0, rates, {0.025, 0.8}).total,
              sample_size(rates, {0.025, 0.8}), 1.0e-8);
  EXPECT_EQ(review_rates(2.0, 100.0, rates, {0.025, 0.8}).status, ReviewStatus::impossible_rate);
  const std::vector<int> none(5, 0);
  const std::vector<double> year(5, 1.0), flat(5, 2.0);
  CountsDesign counts;
  counts.rate_ratio = 0.7;
  EXPECT_EQ(review_counts(none, year, counts, {}).status, ReviewStatus::no_spread);
  EXPECT_EQ(review_means(flat, plan, {}).status, ReviewStatus::no_spread);
}

TEST(SizeReview, a_trial_that_has_stopped_has_no_next_size) {
  AdaptivePlan plan;
  plan.information = {0.5, 1.0};
  plan.futility = {0.0};
  const UnblindedPlan review{0.8, 50.0, 400.0, {}, 0.0};
  const auto status = [&](double z) {
    return review_unblinded(plan_adaptive(plan), 0, z, 100.0, review).status;
  };
  EXPECT_EQ(status(5.0), ReviewStatus::trial_stopped);
  EXPECT_EQ(status(-1.0), ReviewStatus::revised);  // the bound does not bind
  plan.binding = true;
  EXPECT_EQ(status(-1.0), ReviewStatus::trial_stopped);
  EXPECT_EQ(status(1.0), ReviewStatus::revised);
}

TEST(SizeReview, counts_with_another_null_and_allocation_get_the_planned_size_back) {
  const PlanningErrors errors{0.025, 0.9};
  for (const auto& [null, ratio, allocation] :
       {std::tuple{1.3, 1.0, 1.0}, std::tuple{2.0, 0.5, 1.0}, std::tuple{1.0, 0.8, 3.0}}) {
    CountTrial trial;
    trial.control_rate = 4.0 / 3.0;
    trial.rate_ratio = ratio;
    trial.null_ratio = null;
    trial.dispersion = 0.5;
    trial.allocation = allocation;
    const auto planned = plan_counts(trial, errors);
    CountsDesign design;
    design.rate_ratio = ratio;
    design.null_ratio = null;
    design.allocation = allocation;
    const double pooled = trial.control_rate * (1.0 + allocation * ratio) / (1.0 + allocation);
    const SizeReview r = review_count_rate(pooled, 0.5, design, errors);
    ASSERT_EQ(r.status, ReviewStatus::revised);
    EXPECT_NEAR(r.total, planned.n_control + planned.n_treatment, 2.0) << null;
  }
  CountsDesign wrong_side;
  wrong_side.rate_ratio = 1.4;
  EXPECT_EQ(review_count_rate(1.0, 0.5, wrong_side, errors).status, ReviewStatus::invalid_plan);
  const std::vector<double> values{0.0, 1.0, 2.0, 3.0};
  EXPECT_EQ(review_means(values, {9.0, 1.0, 1.0}, errors).status,
            ReviewStatus::difference_exceeds_spread);
}

TEST(TrialSize, what_cannot_be_planned_is_refused) {
  EXPECT_EQ(plan_means({0.0, 1.0, 1.0}, {}).status, SizeStatus::no_effect);
  EXPECT_EQ(plan_means({0.5, -1.0, 1.0}, {}).status, SizeStatus::invalid_parameter);
  EXPECT_EQ(plan_means({0.5, 1.0, 1.0}, {0.6, 0.9}).status, SizeStatus::invalid_level);
  EXPECT_EQ(plan_rates({1.2, 0.3}, {}).status, SizeStatus::invalid_parameter);
  EXPECT_EQ(plan_events(1.0, 1.0, EventFormula::freedman, {}).status, SizeStatus::no_effect);
  CountTrial wrong_way = long_count_trial();
  wrong_way.rate_ratio = 1.4;
  EXPECT_EQ(plan_counts(wrong_way, {}).status, SizeStatus::no_effect);
  auto nobody = constant_hazards();
  nobody.control_hazard.value = {0.0};
  EXPECT_EQ(plan_survival(nobody, SurvivalFormula::schoenfeld, {}).status, SizeStatus::unreachable);
  AdaptivePlan fisher;
  fisher.rule = StageRule::fisher;
  const AdaptiveDesign looks = plan_adaptive(fisher);
  EXPECT_EQ(plan_means({0.5, 1.0, 1.0}, {}, &looks).status, SizeStatus::invalid_looks);
}

TEST(AssuranceLaws, a_sharp_prior_is_power_and_a_large_trial_meets_the_ceiling) {
  const Assurance sharp = assurance(NormalAssurance{0.5, 0.0, 1.2, 84.0, 0.025});
  EXPECT_NEAR(sharp.assurance, sharp.power_at_mean, 1.0e-14);
  const Assurance large = assurance(NormalAssurance{0.5, 0.4, 1.2, 1.0e12, 0.025});
  EXPECT_NEAR(large.assurance, large.ceiling, 1.0e-5);
  CountAssurance counts{std::log(0.75), 1.0e-6, 6.8, 1.0, 0.8, 100.0, 0.025};
  EXPECT_NEAR(assurance(counts).assurance, assurance(counts).power_at_mean, 1.0e-9);
  const Assurance rates = assurance(RateAssurance{6000, 4000, 4000, 6000, 40, 0.025});
  EXPECT_NEAR(rates.assurance, rates.power_at_mean, 1.0e-3);
  // Nothing left to see: success or not.
  EXPECT_EQ(predictive_probability({20, 0.3, 0.95, 1.0, 1.0}, 20, 20).probability, 1.0);
  EXPECT_EQ(predictive_probability({10, 0.3, 0.95, 1.0, 1.0}, 5, 20).status,
            AssuranceStatus::invalid_size);
}

}  // namespace
}  // namespace angiotrial::analysis
