// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/trial/trial.hpp>

#include "conduct.hpp"
#include "decomposition.hpp"

namespace angiotrial::trial {
namespace {

/// The study with the scenario's numbers in place of its own.
study::StudySpec under(const study::StudySpec& spec, const study::Scenario& scenario) {
  study::StudySpec changed = spec;
  changed.symptoms.placebo.reporting_median = scenario.reporting_median;
  changed.symptoms.daily_life.fluctuation_sd_log = scenario.fluctuation_sd_log;
  changed.allocation.referral.half_point_per_week = scenario.half_point_per_week;
  changed.cohort.daily_life.exertion_bouts_per_week = scenario.exertion_bouts_per_week;
  return changed;
}

}  // namespace

Trial::Trial(const study::StudySpec& spec) : conditions_(std::make_unique<Conditions>(spec)) {
  if (!spec.run.decomposition) return;
  for (const study::Scenario& scenario : spec.scenarios) {
    scenarios_.push_back(std::make_unique<Conditions>(under(spec, scenario)));
  }
}

TrialRecord Trial::conduct(std::uint32_t replicate, int threads) const {
  TrialRecord record = trial::conduct(*conditions_, replicate, threads);
  for (std::size_t i = 0; i < scenarios_.size(); ++i) {
    record.latent.decompositions.push_back(
        decompose(*scenarios_[i], conditions_->spec.scenarios[i].name, replicate));
  }
  return record;
}

}  // namespace angiotrial::trial
