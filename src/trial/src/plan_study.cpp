// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/compare.hpp>
#include <angiotrial/parallel/for_each_index.hpp>
#include <angiotrial/trial/latent.hpp>
#include <angiotrial/trial/plan_study.hpp>
#include <angiotrial/trial/treatable.hpp>

#include <boost/math/distributions/students_t.hpp>

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace angiotrial::trial {
namespace {

using delivery::PlanKind;
using delivery::PlanOutcome;

constexpr std::array<std::pair<PlanKind, std::string_view>, 4> kinds{
    {{PlanKind::protocol, "protocol"},
     {PlanKind::even, "even spread"},
     {PlanKind::optimised, "optimised"},
     {PlanKind::oracle, "oracle"}}};

struct Interval {
  double mean = 0.0, lower = 0.0, upper = 0.0;
};

Interval interval_of(const Moments& moments) {
  const boost::math::students_t t(moments.n() - 1.0);
  const double half = boost::math::quantile(t, 0.975) * std::sqrt(moments.variance() / moments.n());
  return {moments.mean(), moments.mean() - half, moments.mean() + half};
}

std::vector<PlanOutcome> outcomes_of(const Conditions& conditions, const Treatable& one) {
  const random::Streams streams = conditions.streams(0, one.candidate.patient.id);
  const Placement& placement = *one.preparation.placement;
  std::array<PlanKind, kinds.size()> asked{};
  for (std::size_t k = 0; k < kinds.size(); ++k) asked[k] = kinds[k].first;
  return delivery::compare_plans(
      conditions.spec.delivery, {conditions.spec.heart, conditions.growth, conditions.people},
      {placement.wall, placement.map, one.candidate.ventricle, one.candidate.patient, streams},
      asked);
}

PlanSummary summary_of(std::size_t kind, const std::vector<std::vector<PlanOutcome>>& all) {
  Moments gain, difference, sites, off_target;
  for (const std::vector<PlanOutcome>& one : all) {
    gain.add(one[kind].threshold_gain_percent.value());
    difference.add((one[kind].threshold_gain_percent - one[0].threshold_gain_percent).value());
    sites.add(one[kind].sites);
    off_target.add(one[kind].sites_off_target);
  }
  const Interval own = interval_of(gain), paired = interval_of(difference);
  return {std::string(kinds[kind].second),
          gain.n(),
          own.mean,
          own.lower,
          own.upper,
          paired.mean,
          paired.lower,
          paired.upper,
          sites.mean(),
          off_target.mean()};
}

}  // namespace

std::vector<PlanSummary> compare_plans(const Conditions& conditions, int patients, int threads) {
  const std::vector<Treatable> treated = find_treatable(conditions, 0, patients);
  if (treated.size() < 2) return {{"protocol", static_cast<int>(treated.size())}};
  std::vector<std::vector<PlanOutcome>> all(treated.size());
  parallel::for_each_index(treated.size(), threads, [&](std::size_t i) {
    all[i] = outcomes_of(conditions, treated[i]);
    return true;
  });
  std::vector<PlanSummary> summaries;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    summaries.push_back(summary_of(kind, all));
  }
  return summaries;
}

}  // namespace angiotrial::trial
