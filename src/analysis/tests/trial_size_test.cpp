// SPDX-License-Identifier: Apache-2.0
// Sample sizes with looks and with staggered entry (c51, c54), assurance (c91), and refusals.
#include <angiotrial/analysis/design/assurance.hpp>
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
  fixed.expect({"max_info"}, one.information);

  const AdaptiveDesign looks = looks_at({0.4, 0.7, 1.0});
  const Block block(c51, "gscounts_gs");
  const CountTrialSize three = plan_counts(long_count_trial(), errors, &looks);
  block.expect({"n"}, three.n_control + three.n_treatment);
  block.expect({"n1"}, three.n_treatment);
  block.expect({"n2"}, three.n_control);
  block.expect({"max_info"}, three.information);
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

}  // namespace
}  // namespace angiotrial::analysis
