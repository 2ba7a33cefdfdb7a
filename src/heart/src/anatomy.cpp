// SPDX-License-Identifier: Apache-2.0
#include "heterogeneity.hpp"
#include "plan.hpp"

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/anatomy.hpp>
#include <angiotrial/heart/coronary.hpp>
#include <angiotrial/heart/krogh.hpp>
#include <angiotrial/random/batch.hpp>
#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace angiotrial::heart {
namespace {

/// Draws of Purpose::ventricle: where each begins. Never reorder; add at the end.
enum Slot : std::size_t {
  occlusion = 0,   // one for each territory
  stenosis = 3,    // one for each territory
  collateral = 6,  // one for each territory
  border = 9,      // LAD-RCA, RCA-LCX, LCX-LAD
  dominance = 12,
  segment_flow = 13,  // one for each segment
  scar = 30,          // one for each segment
  slots = 47
};
using Draws = std::array<double, slots>;

/// Variance on the log scale of a lognormal with this coefficient of variation.
double log_variance(double cv) { return std::log1p(cv * cv); }

void draw_arteries(const Arteries& p, const Draws& u, Ventricle& v) {
  const double least = p.least_stenosis_percent.value() / 100.0;
  const double most = p.most_stenosis_percent.value() / 100.0;
  const double middle = random::logit(p.collateral_flow_index_fraction.value());
  for (std::size_t k = 0; k < territory_count; ++k) {
    Artery& artery = v.arteries[k];
    artery.occluded = u[occlusion + k] < p.occlusion_fraction.value();
    const double open_stenosis = least + (most - least) * u[stenosis + k];
    artery.stenosis_diameter_fraction = artery.occluded ? 1.0 : open_stenosis;
    const StenosisLaw law = stenosis_law(p, open_stenosis);
    artery.linear_mmhg_s_per_ml = artery.occluded ? 0.0 : law.linear_mmhg_s_per_ml;
    artery.quadratic_mmhg_s2_per_ml2 = artery.occluded ? 0.0 : law.quadratic_mmhg_s2_per_ml2;
    const double index =
        random::logit_normal_quantile(u[collateral + k], middle, p.collateral_spread_log.value());
    artery.collateral_flow_index = artery.occluded ? index : p.patent_collateral_ratio * index;
  }
}

Borders draw_borders(const Anatomy& p, const Draws& u) {
  const double sd = p.border_sd_deg.value();
  Borders b;
  b.lad_rca_deg += sd * random::normal_quantile(u[border]);
  b.rca_lcx_deg += sd * random::normal_quantile(u[border + 1]);
  b.lcx_lad_deg += sd * random::normal_quantile(u[border + 2]);
  // Right dominance as in the AHA scheme; else the circumflex takes over the inferior wall.
  const double left = p.left_dominance_fraction.value();
  if (u[dominance] < left) {
    b.rca_lcx_deg -= p.left_dominance_shift_deg.value();
  } else if (u[dominance] < left + p.co_dominance_fraction.value()) {
    b.rca_lcx_deg -= p.co_dominance_shift_deg.value();
  }
  return b;
}

/// v.conductance holds standard normals on entry and g_i on leaving.
void draw_conductance(const Parameters& p, double patient_factor, const Rings& rings,
                      const Draws& u, Ventricle& v) {
  const double segment_variance = log_variance(p.microcirculation.segment_cv);
  const double segment_sd = std::sqrt(segment_variance);
  const double middle =
      std::log(p.microcirculation.conductance_ml_per_min_per_g_per_mmhg.value() * patient_factor);
  std::size_t at = 0;
  for (const Ring& ring : rings) {
    const auto patches = std::size_t{layer_count} * static_cast<std::size_t>(ring.patches);
    const double variance =
        log_variance(dispersion(p, ring.segment_mass_g / static_cast<double>(patches)));
    const double sd = std::sqrt(variance);
    for (int k = 0; k < ring.segments; ++k) {
      const auto segment = static_cast<std::size_t>(ring.first_segment + k - 1);
      const double z = random::normal_quantile(u[segment_flow + segment]);
      const double mean = middle + segment_sd * z - 0.5 * (segment_variance + variance);
      const bool scarred = u[scar + segment] < p.anatomy.scarred_segment_fraction.value();
      for (const std::size_t end = at + patches; at < end; ++at) {
        v.conductance[at] = std::exp(mean + sd * v.conductance[at]);
        v.viable[at] = scarred ? 0 : 1;
      }
    }
  }
}

}  // namespace

void Ventricle::resize(std::size_t microregions) {
  segment.resize(microregions);
  territory.resize(microregions);
  depth.resize(microregions);
  mass_of_g.resize(microregions);
  conductance.resize(microregions);
  viable.resize(microregions);
  x_mm.resize(microregions);
  y_mm.resize(microregions);
  z_mm.resize(microregions);
  local_wall_mm.clear();
}

Plan plan_of(const Parameters& p, const cohort::Patient& patient) {
  const double mass_g = patient.traits.lv_mass_g.value();
  const double cavity_ml = patient.traits.end_diastolic_volume_ml.value();
  ANGIOTRIAL_EXPECT(mass_g > 0.0 && cavity_ml > 0.0, "a heart has a mass and a volume");
  const Shape shape = shape_of(p.anatomy, patient.chart.sex, mass_g, cavity_ml);
  return {shape, rings_of(p.anatomy, shape, mass_g), patient.traits.lv_mass_g};
}

void furnish(const Parameters& p, const cohort::Patient& patient, const Plan& plan,
             const random::Streams& streams, Ventricle& v) {
  const cohort::Traits& traits = patient.traits;
  ANGIOTRIAL_EXPECT(traits.conductance_factor > 0.0, "a conductance factor is positive");
  Draws draws;
  random::fill_uniform(streams, random::Purpose::ventricle, 0, draws);

  v.mass_g = plan.mass_g;
  v.resting_rate_pressure =
      units::BpmMmhg(traits.rest_heart_rate_bpm.value() * traits.rest_systolic_mmhg.value());
  v.maximal_extraction_fraction = maximal_extraction(p.oxygen, traits.capillary_density_relative);
  draw_arteries(p.arteries, draws, v);

  v.resize(microregions_of(plan.rings));
  place(plan.rings, plan.shape, draw_borders(p.anatomy, draws), v);
  random::fill_normal(streams, random::Purpose::microregions, 0, v.conductance);
  correlate(p, plan.rings, v.conductance);
  draw_conductance(p, traits.conductance_factor, plan.rings, draws, v);
}

void build_into(const Parameters& p, const cohort::Patient& patient, const random::Streams& streams,
                Ventricle& v) {
  furnish(p, patient, plan_of(p, patient), streams, v);
}

Ventricle build(const Parameters& p, const cohort::Patient& patient,
                const random::Streams& streams) {
  Ventricle ventricle;
  build_into(p, patient, streams, ventricle);
  return ventricle;
}

}  // namespace angiotrial::heart
