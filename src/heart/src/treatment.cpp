// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/coronary.hpp>
#include <angiotrial/heart/treatment.hpp>

#include <algorithm>

namespace angiotrial::heart {
namespace {

using schema::Provenance;
using schema::Source;

constexpr double highest_index = 0.99;  // a collateral flow index stays below 1

void open_artery(const Comparators& c, const Arteries& p, Artery& artery) {
  const double residual = c.residual_stenosis_percent.value() / 100.0;
  const double stenosis = std::min(artery.stenosis_diameter_fraction, residual);
  const StenosisLaw law = stenosis_law(p, stenosis);
  if (artery.occluded) artery.collateral_flow_index *= p.patent_collateral_ratio;
  artery.occluded = false;
  artery.stenosis_diameter_fraction = stenosis;
  artery.linear_mmhg_s_per_ml = law.linear_mmhg_s_per_ml;
  artery.quadratic_mmhg_s2_per_ml2 = law.quadratic_mmhg_s2_per_ml2;
}

}  // namespace

void describe(schema::Visitor& visit, Comparators& p) {
  constexpr Source notes{Provenance::assumed, "", ""};
  constexpr Source ranolazine{
      Provenance::derived, "RPP* 2.5-4 % higher gives the exercise time of ERICA and TERISA", ""};
  visit("nitrate_endocardial_fall_mmhg", p.nitrate_endocardial_fall_mmhg, {0.0, 40.0},
        "fall of back pressure at the endocardium under a nitrate; overstates its effect twofold",
        notes);
  visit("nitrate_systolic_fall_mmhg", p.nitrate_systolic_fall_mmhg, {0.0, 40.0},
        "fall of systolic pressure under a nitrate", notes);
  visit("nitrate_collateral_factor", p.nitrate_collateral_factor, {1.0, 2.0},
        "collateral flow index under a nitrate, relative to without", notes);
  visit("beta_blocker_rate_fall_bpm", p.beta_blocker_rate_fall_bpm, {0.0, 40.0},
        "fall of resting heart rate under a beta-blocker", notes);
  visit("beta_blocker_slope_fall_fraction", p.beta_blocker_slope_fall_fraction, {0.0, 0.9},
        "fall of the slope of heart rate against exertion under a beta-blocker", notes);
  visit("ranolazine_demand_fall_fraction", p.ranolazine_demand_fall_fraction, {0.0, 0.5},
        "fall of oxygen demand at a rate-pressure product under ranolazine", ranolazine);
  visit("reducer_endocardial_gain_fraction", p.reducer_endocardial_gain_fraction, {0.0, 1.0},
        "gain of conductance at the endocardium with a coronary sinus reducer", notes);
  visit("reducer_epicardial_loss_fraction", p.reducer_epicardial_loss_fraction, {0.0, 0.9},
        "loss of conductance at the epicardium with a coronary sinus reducer", notes);
  visit("residual_stenosis_percent", p.residual_stenosis_percent, {0.0, 90.0},
        "diameter stenosis that intervention or graft leaves, if the artery had more", notes);
}

Standing standing(Treatment treatment) {
  switch (treatment) {
    case Treatment::nitrate:
      return {false, "+186 s to angina, +92 %", "+100 s, +31 %", "change about twice too large"};
    case Treatment::beta_blocker:
      return {false, "+168 s to angina", "about +40 s",
              "fails: rate-pressure product misses longer ejection and larger volume"};
    case Treatment::ranolazine:
      return {true, "+24 to 36 s, rate ratio 0.91-0.86", "+24 s, 0.87 and 0.89", "close"};
    case Treatment::intervention:
      return {false, "+221 s, rate ratio 0.27", "+67 s acute, +17 s blinded, 0.3 against 0.7 a day",
              "fails for exercise time: diffuse disease and fatigue are missing"};
    case Treatment::bypass:
      return {false, "+266 s, rate ratio 0.16", "", "as for intervention"};
    case Treatment::reducer:
      return {true, "+18 s, rate ratio 0.93, mean flow +0.01",
              "no difference in time, fewer episodes, mean flow unchanged", "compatible"};
  }
  diagnostics::violate("treatment", "a treatment is one of the six");
}

Treated with_nitrate(const Comparators& c, const Parameters& p, const Ventricle& v) {
  Treated t{p, v, {}};
  t.parameters.arteries.back_pressure_rise_mmhg = units::Mmhg(std::max(
      0.0, p.arteries.back_pressure_rise_mmhg.value() - c.nitrate_endocardial_fall_mmhg.value()));
  for (Artery& artery : t.ventricle.arteries) {
    artery.collateral_flow_index =
        std::min(artery.collateral_flow_index * c.nitrate_collateral_factor,
                 std::max(highest_index, artery.collateral_flow_index));
  }
  t.haemodynamics.rest_systolic_fall = c.nitrate_systolic_fall_mmhg;
  return t;
}

Treated with_beta_blocker(const Comparators& c, const Parameters& p, const Ventricle& v) {
  Treated t{p, v, {}};
  t.haemodynamics.rest_heart_rate_fall = c.beta_blocker_rate_fall_bpm;
  t.haemodynamics.heart_rate_slope_factor = 1.0 - c.beta_blocker_slope_fall_fraction.value();
  return t;
}

Treated with_ranolazine(const Comparators& c, const Parameters& p, const Ventricle& v) {
  Treated t{p, v, {}};
  t.parameters.oxygen.demand_ml_per_min_per_g_per_10k_rpp =
      p.oxygen.demand_ml_per_min_per_g_per_10k_rpp *
      (1.0 - c.ranolazine_demand_fall_fraction.value());
  return t;
}

Treated with_intervention(const Comparators& c, const Parameters& p, const Ventricle& v,
                          Territory vessel) {
  Treated t{p, v, {}};
  open_artery(c, p.arteries, t.ventricle.arteries[static_cast<std::size_t>(vessel)]);
  return t;
}

Treated with_bypass(const Comparators& c, const Parameters& p, const Ventricle& v) {
  Treated t{p, v, {}};
  for (Artery& artery : t.ventricle.arteries) open_artery(c, p.arteries, artery);
  return t;
}

Treated with_reducer(const Comparators& c, const Parameters& p, const Ventricle& v) {
  Treated t{p, v, {}};
  const double endo = c.reducer_endocardial_gain_fraction.value();
  const double epi = -c.reducer_epicardial_loss_fraction.value();
  for (std::size_t i = 0; i < v.size(); ++i) {
    t.ventricle.conductance[i] *= 1.0 + epi + v.depth[i] * (endo - epi);
  }
  return t;
}

Territory worst_vessel(const Perfusion& perfusion) {
  const auto& ffr = perfusion.fractional_flow_reserve;
  return static_cast<Territory>(std::min_element(ffr.begin(), ffr.end()) - ffr.begin());
}

}  // namespace angiotrial::heart
