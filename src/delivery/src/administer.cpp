// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/administer.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/batch.hpp>
#include <angiotrial/random/transforms.hpp>
#include <angiotrial/tissue/regions.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::delivery {
namespace {

/// Standard normals of one patient; sites beyond the plan are drawn but not used.
struct Draws {
  std::vector<double> place;      // two for each site
  std::vector<double> retention;  // one for each site
  std::vector<double> injury;     // the patient's, then one for each site
  double patient_retention = 0.0;

  Draws(const random::Streams& streams, std::size_t sites)
      : place(2 * sites), retention(sites), injury(1 + sites) {
    random::fill_normal(streams, random::Purpose::site_choice, 0, place);
    random::fill_normal(streams, random::Purpose::retention_site, 0, retention);
    random::fill_normal(streams, random::Purpose::injury, 0, injury);
    patient_retention = streams.at(random::Purpose::retention_patient).normal();
  }
};

/// The catheter comes back to a recorded place with the map's error, and the needle goes in.
void place(const Parameters& p, const Endocardium& wall, const PositionMm& planned,
           const double* error, Site& site, tissue::Depot& depot) {
  const double sd_mm = p.map.localisation_sd_mm.value();
  const Frame frame = frame_at(wall, planned);
  PositionMm at = planned;
  for (std::size_t k = 0; k < 3; ++k) {
    at[k] += sd_mm * (error[0] * frame.around[k] + error[1] * frame.along[k]);
  }
  const std::size_t patch = nearest_patch(wall, at);
  site.segment = wall.segment[patch];
  site.truly_ischaemic = wall.ischaemic[patch] > 0.0;
  site.truly_viable = wall.scar[patch] <= 0.0;
  const double depth_mm = std::min(p.injection.needle_depth_mm.value(),
                                   p.injection.deepest_wall_fraction.value() * wall.wall_mm[patch]);
  const double inward_mm = depth_mm - wall.below_surface_mm[patch];
  const PositionMm outward = frame_at(wall, at).outward;
  for (std::size_t k = 0; k < 3; ++k) site.position_mm[k] = at[k] + inward_mm * outward[k];
  depot.position_mm = site.position_mm;
  depot.wall_thickness_mm = units::Mm(wall.wall_mm[patch]);
  depot.depth_mm = units::Mm(depth_mm);
}

/// logit f0 = logit(retained) - b_V ln(V/V_ref) + b_I I + b_L L + u + w
double retention_of(const Parameters& p, const Site& site, double u, double w) {
  const Retention& r = p.retention;
  const double volume = p.injection.volume_per_site_ml / p.injection.reference_volume_ml;
  double logit = random::logit(r.retained_fraction.value()) - r.volume_exponent * std::log(volume);
  if (!site.truly_viable) logit += r.scar_log.value();
  if (site.truly_viable && !site.truly_ischaemic) logit += r.well_perfused_log.value();
  logit += r.patient_sd_log.value() * u + r.site_sd_log.value() * w;
  return random::inverse_logit(logit);
}

/// Whole cells, so that sums are exact: retained and leaked are rounded down, the rest washes out.
/// `inside` is the share of what stays that lies in the wall; the rest of it is outside.
void split(const Parameters& p, const tissue::RetentionSaturation& saturation, double retention,
           double inside, Site& site) {
  const units::Cells kept =
      tissue::retained_after_saturation(saturation, site.injected, units::Fraction(retention));
  const units::Cells staying(std::floor(kept.value()));
  site.retained = units::Cells(std::floor(inside * staying.value()));
  site.outside = staying - site.retained;
  const units::Cells lost = site.injected - staying;
  site.leaked = units::Cells(std::floor(p.retention.leaked_fraction.value() * lost.value()));
  site.washed_out = lost - site.leaked;
}

/// Injured mass of one site, without the cells' own part:
/// m exp(1.87 Z + 0.4 (age - 64)/10) (V/V_ref)^b exp(s w - s^2/2)
double injury_per_site_mg(const Parameters& p, units::Years age, double patient_z) {
  const Injury& j = p.injury;
  const double decades = (age - j.reference_age_years).value() / 10.0;
  const double volume = p.injection.volume_per_site_ml / p.injection.reference_volume_ml;
  return j.median_mg.value() * std::pow(volume, j.volume_exponent) *
         std::exp(j.patient_sd_log.value() * patient_z + j.age_per_decade_log.value() * decades);
}

double site_injury_mg(const Injury& j, double shared_mg, double w, units::Cells injected,
                      double purity) {
  const double s = j.site_sd_log.value();
  const double millions = injected.value() * 1e-6;
  const double impure_millions = millions * (1.0 - purity) / purity;
  return shared_mg * std::exp(s * w - 0.5 * s * s) + j.per_million_cells_mg.value() * millions +
         j.per_million_impure_cells_mg.value() * impure_millions;
}

/// Each site gets its share of the whole bag; the rounding differs by at most one cell.
std::vector<double> portions(double bag_cells, std::size_t used, std::size_t wanted) {
  const double n = static_cast<double>(wanted);
  std::vector<double> cells(used);
  double before = 0.0;
  for (std::size_t j = 0; j < used; ++j) {
    const double upto =
        j + 1 == wanted ? bag_cells : std::floor(bag_cells * (static_cast<double>(j + 1) / n));
    cells[j] = upto - before;
    before = upto;
  }
  return cells;
}

void add_up(const product::Bag& bag, units::Cells drawn, Administration& given) {
  for (const Site& site : given.sites) {
    given.administered_cells += site.injected;
    given.retained_cells += site.retained;
    given.outside_cells += site.outside;
    given.injured_mass_mg += site.injured_mass_mg;
    given.sites_off_target += site.truly_ischaemic && site.truly_viable ? 0 : 1;
  }
  given.unused_cells = bag.delivered_cells - drawn;
  given.killed_cells = drawn - given.administered_cells;
}

}  // namespace

Administration inject(const Parameters& p, const Endocardium& wall, const Plan& plan,
                      const product::Bag& bag, const cohort::Patient& patient,
                      const random::Streams& streams,
                      const tissue::RetentionSaturation& saturation) {
  const double bag_cells = bag.delivered_cells.value();
  ANGIOTRIAL_EXPECT(bag_cells >= 0.0 && bag_cells < 0x1.0p53, "the bag holds a countable number");
  const double purity = bag_cells > 0.0 ? bag.purity_fraction.value() : 1.0;
  ANGIOTRIAL_EXPECT(purity > 0.0 && purity <= 1.0, "purity lies in (0, 1]");
  const std::size_t used = plan.sites.size();
  const auto wanted = std::max(used, static_cast<std::size_t>(p.injection.sites));
  const Draws draws(streams, used);
  const std::vector<double> cells = portions(bag_cells, used, wanted);
  const double shared_mg = injury_per_site_mg(p, patient.chart.age_years, draws.injury[0]);
  const units::Mm sd = depot_sd(p.injection);
  const double elongation = p.injection.depot_sd_along_mm / p.injection.depot_sd_across_mm;

  Administration given;
  given.sites.resize(used);
  given.depots.resize(used);
  units::Cells drawn;
  for (std::size_t j = 0; j < used; ++j) {
    Site& site = given.sites[j];
    tissue::Depot& depot = given.depots[j];
    place(p, wall, plan.sites[j].position_mm, draws.place.data() + 2 * j, site, depot);
    drawn += units::Cells(cells[j]);
    site.injected =
        units::Cells(std::floor(cells[j] * p.injection.catheter_survival_fraction.value()));
    depot.sd_mm = sd;
    depot.elongation = elongation;
    const bool lost = p.injection.cells_outside == CellsOutside::lost;
    split(p, saturation, retention_of(p, site, draws.patient_retention, draws.retention[j]),
          lost ? tissue::share_in_wall(depot) : 1.0, site);
    site.injured_mass_mg = units::Milligrams(
        site_injury_mg(p.injury, shared_mg, draws.injury[1 + j], site.injected, purity));
    depot.cells = site.retained;
    depot.potency = bag.potency;
  }
  given.volume_ml = static_cast<double>(used) * p.injection.volume_per_site_ml;
  given.sites_breaking_rule = plan.sites_breaking_rule;
  add_up(bag, drawn, given);
  return given;
}

units::Fraction alive_share(const Administration& given, const tissue::Survival& p,
                            units::Hours after) {
  if (given.administered_cells <= units::Cells(0.0)) return units::Fraction(0.0);
  const double alive = tissue::surviving_share(p, after.to<units::Days>());
  return units::Fraction(given.retained_cells / given.administered_cells * alive);
}

units::Fraction lung_share(const Administration& given, const Retention& p) {
  if (given.administered_cells <= units::Cells(0.0)) return units::Fraction(0.0);
  units::Cells washed_out;
  for (const Site& site : given.sites) washed_out += site.washed_out;
  return units::Fraction(p.lung_fraction.value() * (washed_out / given.administered_cells));
}

units::Mm depot_sd(const Injection& p) {
  const double along = p.depot_sd_along_mm.value(), across = p.depot_sd_across_mm.value();
  const double volume = p.volume_per_site_ml / p.reference_volume_ml;
  return units::Mm(std::cbrt(along * across * across * volume));
}

}  // namespace angiotrial::delivery
