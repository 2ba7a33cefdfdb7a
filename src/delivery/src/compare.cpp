// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/compare.hpp>

#include "nominal.hpp"

#include <angiotrial/delivery/administer.hpp>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/perfusion.hpp>
#include <angiotrial/random/transforms.hpp>

#include <cmath>

namespace angiotrial::delivery {
namespace {

/// RPP*'/RPP* - 1 in percent, from what really lies in the wall.
units::Percent true_gain(const Parameters& p, const PlanContext& context, const PlanCase& c,
                         const Administration& given, units::BpmMmhg before) {
  if (given.depots.empty()) return units::Percent(0.0);
  const auto& arterioles = context.growth.parameters().arterioles;
  const heart::ArteriolarReach reach{arterioles.arteriolar_reach_mm,
                                     arterioles.arteriolar_ceiling_fraction};
  const tissue::VesselCourse course = tissue::grow(context.growth, given.depots);
  std::vector<double> gain(c.ventricle.size());
  const std::size_t time =
      horizon_index(context.growth.times(), p.planning.horizon_months.to<units::Days>());
  heart::conductance_gain(context.heart, c.ventricle, course, given.depots, reach, time, gain);
  heart::Perfusion after;
  heart::perfuse(context.heart, c.ventricle, gain, after);
  return units::Percent(100.0 * (after.threshold / before - 1.0));
}

}  // namespace

units::Cells nominal_cells(const Parameters& p, const cohort::Patient& patient) {
  return units::Cells(
      std::floor(p.planning.nominal_dose_cells_per_kg.value() * patient.chart.weight_kg.value()));
}

NominalDepot nominal_depot(const Parameters& p, const cohort::Patient& patient) {
  const double volume = p.injection.volume_per_site_ml / p.injection.reference_volume_ml;
  const double retained =
      random::inverse_logit(random::logit(p.retention.retained_fraction.value()) -
                            p.retention.volume_exponent * std::log(volume));
  const double share =
      p.injection.catheter_survival_fraction.value() * retained / p.injection.sites;
  return {share * nominal_cells(p, patient), p.planning.nominal_potency, depot_sd(p.injection)};
}

std::size_t horizon_index(const std::vector<units::Days>& times, units::Days horizon) {
  ANGIOTRIAL_EXPECT(!times.empty(), "the growth table has times");
  std::size_t best = 0;
  const auto off = [&](std::size_t k) { return std::abs((times[k] - horizon).value()); };
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (off(i) < off(best)) best = i;
  }
  return best;
}

std::vector<PlanOutcome> compare_plans(const Parameters& p, const PlanContext& context,
                                       const PlanCase& c, std::span<const PlanKind> kinds) {
  heart::Perfusion before;
  heart::perfuse(context.heart, c.ventricle, {}, before);
  ANGIOTRIAL_EXPECT(std::isfinite(before.threshold.value()), "this heart turns ischaemic");
  product::Bag bag;
  bag.planned_cells = bag.delivered_cells = nominal_cells(p, c.patient);
  bag.purity_fraction = units::Fraction(1.0);
  bag.potency = p.planning.nominal_potency;
  std::vector<PlanOutcome> outcomes;
  for (const PlanKind kind : kinds) {
    PlanOutcome& out = outcomes.emplace_back();
    out.kind = kind;
    const diagnostics::Result<Plan> made = make_plan(p, kind, context, c);
    out.made = made.ok();
    if (!made.ok() || made.value().sites.empty()) continue;
    const Plan& plan = made.value();
    const Administration given = inject(p, c.wall, plan, bag, c.patient, c.streams);
    out.sites = static_cast<int>(plan.sites.size());
    out.sites_off_target = given.sites_off_target;
    out.sites_breaking_rule = given.sites_breaking_rule;
    out.threshold_gain_percent = true_gain(p, context, c, given, before.threshold);
    out.expected_gain_percent = units::Percent(100.0 * std::expm1(plan.expected_gain_log));
    for (const PlannedSite& site : plan.sites) {
      out.mean_voltage_mv +=
          c.map.points[site.map_point].unipolar_mv / static_cast<double>(plan.sites.size());
    }
    out.effective_hearts = plan.effective_hearts;
    out.temper = plan.temper;
  }
  return outcomes;
}

}  // namespace angiotrial::delivery
