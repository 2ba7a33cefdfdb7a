// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/parameters.hpp>

#include <array>

namespace angiotrial::delivery {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source assumed{Provenance::assumed, "", ""};
constexpr Source pig_map{Provenance::seen,
                         "Can J Cardiol, electromechanical mapping against histology in pig",
                         "PMC2663485"};
constexpr Source dispersion{Provenance::seen,
                            "pig mapping study: relative dispersion of unipolar voltage 39 %, 122 "
                            "(SD 7) points per map",
                            ""};
constexpr Source product_literature{Provenance::recalled, "maker's literature on tip location", ""};
constexpr Source protocols{Provenance::recalled, "mapping criteria of injection trials", ""};
constexpr Source act34{Provenance::seen, "Losordo 2011, Circ Res 109:428 (ACT34-CMI)",
                       "10.1161/CIRCRESAHA.111.245993; NCT00300053"};
constexpr Source povsic{Provenance::seen,
                        "Povsic 2012, Am Heart J 164:689: troponin above 1 and 3 x ULN after "
                        "injection in 46.1 and 25.2 %",
                        "10.1016/j.ahj.2012.06.022"};
constexpr Source povsic_derived{Provenance::derived, povsic.citation, povsic.identifier};
constexpr Source baldazzi{Provenance::derived,
                          "Baldazzi thesis 2009: CK-MB above 3 x ULN in 17 % at 0.3 mL, above 2 x "
                          "in none at 0.2 mL",
                          ""};
constexpr Source synthesis{Provenance::derived,
                           "synthesis of eight tracer series in pig, dog, rat and man, about 0.2 "
                           "mL into perfused, chronically ischaemic muscle",
                           ""};

}  // namespace

void describe(schema::Visitor& visit, Map& p) {
  visit("fewest_points", p.fewest_points, {30.0, 400.0}, "fewest points of a map", assumed);
  visit("most_points", p.most_points, {30.0, 400.0}, "most points of a map", dispersion);
  visit("coverage_jitter_mm", p.coverage_jitter_mm, {0.0, 15.0},
        "half-width of the scatter of points about an even cover of the wall", assumed);
  visit("localisation_sd_mm", p.localisation_sd_mm, {0.0, 10.0},
        "error of the catheter's recorded place along the wall, in each of two directions",
        product_literature);
  visit("tissue_reach_mm", p.tissue_reach_mm, {1.0, 40.0},
        "no wall beyond this adds to one reading; the root-mean-square distance is half of it",
        assumed);
  visit("averaging_reach_mm", p.averaging_reach_mm, {1.0, 40.0},
        "readings nearer than this are averaged; their root-mean-square distance is half of it (5 "
        "to 10 mm)",
        assumed);
  visit("normal_voltage_mv", p.normal_voltage_mv, {1.0, 30.0},
        "unipolar voltage of normal wall (pig: 10.9, SD 3.4)",
        {Provenance::derived, pig_map.citation, pig_map.identifier});
  visit("ischaemic_voltage_mv", p.ischaemic_voltage_mv, {1.0, 30.0},
        "unipolar voltage of ischaemic, viable wall", assumed);
  visit("scar_voltage_mv", p.scar_voltage_mv, {0.1, 30.0}, "unipolar voltage of scar", pig_map);
  visit("voltage_noise_log", p.voltage_noise_log, {0.0, 2.0},
        "spread of unipolar voltage from point to point", dispersion);
  visit("normal_shortening_percent", p.normal_shortening_percent, {-20.0, 60.0},
        "mean linear local shortening of normal wall", pig_map);
  visit("normal_shortening_sd_percent", p.normal_shortening_sd_percent, {0.0, 30.0},
        "standard deviation of linear local shortening of normal wall", pig_map);
  visit("impaired_shortening_percent", p.impaired_shortening_percent, {-20.0, 60.0},
        "mean linear local shortening of ischaemic or infarcted wall", pig_map);
  visit("impaired_shortening_sd_percent", p.impaired_shortening_sd_percent, {0.0, 30.0},
        "standard deviation of linear local shortening of ischaemic or infarcted wall", pig_map);
  visit("ischaemic_flow_ml_per_min_per_g", p.ischaemic_flow_ml_per_min_per_g, {0.0, 5.0},
        "endocardial flow at maximal vasodilation below which wall is called ischaemic: the need "
        "at a rate-pressure product of 15 000 on the heart's default demand line",
        {Provenance::derived,
         "1e-4 x 15 000 x q1 E_rest/E_max with q1 0.95, E_rest 0.70, E_max 0.80", ""});
}

void describe(schema::Visitor& visit, Wall& p) {
  constexpr Source tomography{Provenance::derived,
                              "Kang 2017: septum 10.8, posterior wall 9.1 mm in men", "PMC7758747"};
  constexpr Source wall_ratio{Provenance::derived,
                              "Kang 2017 (mean of the circumference 9.6 mm in men, 8.2 in women) "
                              "over 8.2 and 6.9 mm from mass and volume by magnetic resonance",
                              "PMC7758747"};
  visit("apical_ratio", p.apical_ratio, {0.2, 1.5},
        "thickness at the apex over that at the equator (7.0 over 9.5 mm)",
        {Provenance::derived, "idealised ellipsoid of the left ventricle", ""});
  visit("septal_ratio", p.septal_ratio, {0.5, 2.0}, "thickness of septum over free wall",
        tomography);
  visit("scar_ratio", p.scar_ratio, {0.2, 1.0}, "thickness of scar over living wall", assumed);
  visit("imaging_ratio", p.imaging_ratio, {0.5, 2.0},
        "imaged thickness over that which follows from muscle mass without papillary muscle and "
        "trabeculae",
        wall_ratio);
  visit("imaging_sd_mm", p.imaging_sd_mm, {0.0, 5.0},
        "error of the measured thickness of a segment", assumed);
}

void describe(schema::Visitor& visit, Target& p) {
  static constexpr std::array<std::string_view, 2> orders{"lowest_shortening", "as_mapped"};
  visit("least_voltage_mv", p.least_voltage_mv, {0.0, 30.0},
        "wall with at least this unipolar voltage counts as viable", protocols);
  visit("most_shortening_percent", p.most_shortening_percent, {-20.0, 60.0},
        "wall below this linear local shortening counts as ischaemic", protocols);
  visit("least_wall_mm", p.least_wall_mm, {0.0, 20.0}, "the wall must be thicker than this",
        protocols);
  visit("wall_floor_mm", p.wall_floor_mm, {0.0, 20.0},
        "the wall must be thicker than this even when sites are short", assumed);
  visit("spacing_mm", p.spacing_mm, {0.0, 40.0}, "least distance between sites", assumed);
  visit("spacing_floor_mm", p.spacing_floor_mm, {0.0, 40.0},
        "least distance between sites when sites are short", protocols);
  visit("order", p.order, orders, "in which order qualifying points are visited", assumed);
}

void describe(schema::Visitor& visit, Injection& p) {
  visit("sites", p.sites, {1.0, 40.0}, "number of injections", act34);
  visit("volume_per_site_ml", p.volume_per_site_ml, {0.005, 1.0}, "volume of one injection", act34);
  visit("reference_volume_ml", p.reference_volume_ml, {0.01, 1.0},
        "volume at which retention, depot size and injury are stated", act34);
  visit("catheter_survival_fraction", p.catheter_survival_fraction, {0.5, 1.0},
        "share of viable cells that leave the catheter viable (0.93 to 1)",
        {Provenance::seen, "bench test of the injection catheter: high recovery and viability",
         "10.3109/17482941.2010.551134"});
  visit("needle_depth_mm", p.needle_depth_mm, {0.0, 12.0},
        "depth of the needle's tip below the endocardium", assumed);
  visit("deepest_wall_fraction", p.deepest_wall_fraction, {0.0, 1.0},
        "the needle is set to reach at most this share of the wall", assumed);
  visit("depot_sd_along_mm", p.depot_sd_along_mm, {0.1, 15.0},
        "standard deviation of a depot along the fibres at the reference volume",
        {Provenance::derived, "geometry: a pool of about 4 mm radius, twice as long as wide", ""});
  visit("depot_sd_across_mm", p.depot_sd_across_mm, {0.1, 15.0},
        "standard deviation of a depot across the fibres at the reference volume",
        {Provenance::derived, "geometry: a pool of about 4 mm radius, twice as long as wide", ""});
  static constexpr std::array<std::string_view, 2> fates{"kept", "lost"};
  visit(
      "cells_outside", p.cells_outside, fates,
      "what becomes of the part of a depot that lies beyond the faces of the wall: kept (retained "
      "cells are in tissue) or lost",
      assumed);
}

void describe(schema::Visitor& visit, Retention& p) {
  constexpr Source rat{Provenance::derived,
                       "microspheres in ischaemic rat muscle: retained 0.63, leaked 0.14, lungs "
                       "0.11",
                       ""};
  visit("retained_fraction", p.retained_fraction, {0.01, 0.95},
        "median share of injected cells in place after the first hour", synthesis);
  visit("volume_exponent", p.volume_exponent, {0.0, 3.0},
        "fall of the logit of retention with the logarithm of volume",
        {Provenance::assumed, "Grossman 2002: 10 uL is kept better than 100 uL; size inferred",
         "10.1002/ccd.10136"});
  visit("scar_log", p.scar_log, {-4.0, 4.0}, "logit of retention in scar less that elsewhere",
        {Provenance::assumed,
         "between no change (pig, 1 week) and -1.4 to -1.9 (pig, 2 weeks; dog, 1 week)", ""});
  visit("well_perfused_log", p.well_perfused_log, {-4.0, 4.0},
        "logit of retention in well perfused wall less that in ischaemic wall", assumed);
  visit("patient_sd_log", p.patient_sd_log, {0.0, 3.0},
        "spread of the logit of retention between patients", synthesis);
  visit("site_sd_log", p.site_sd_log, {0.0, 3.0},
        "spread of the logit of retention between sites of one patient", synthesis);
  visit("leaked_fraction", p.leaked_fraction, {0.0, 1.0},
        "share of lost cells that leaks back along the needle", rat);
  visit("lung_fraction", p.lung_fraction, {0.0, 1.0},
        "share of washed-out cells that the lungs catch",
        {Provenance::derived,
         "lungs 0.11 (rat microspheres), 0.26 (pig mononuclear cells), 0.20-0.43 (rat "
         "cardiosphere cells) of injected",
         "PMC4334365"});
}

void describe(schema::Visitor& visit, Injury& p) {
  visit("median_mg", p.median_mg, {0.0, 100.0},
        "median mass of muscle injured by one injection (0.1 to 10)", povsic_derived);
  visit("patient_sd_log", p.patient_sd_log, {0.0, 4.0},
        "spread of injury between patients of one age; with sites and age the total is 1.93",
        povsic_derived);
  visit("site_sd_log", p.site_sd_log, {0.0, 3.0}, "spread of injury between sites of one patient",
        assumed);
  visit("volume_exponent", p.volume_exponent, {0.0, 4.0}, "power of injury on injected volume",
        baldazzi);
  visit("age_per_decade_log", p.age_per_decade_log, {-2.0, 2.0},
        "rise of the logarithm of injury per ten years: the least that 155 patients would show",
        {Provenance::assumed, "Povsic 2012: only age was related to the rise; size not read",
         "10.1016/j.ahj.2012.06.022"});
  visit("reference_age_years", p.reference_age_years, {20.0, 90.0},
        "age at which median_mg is stated", assumed);
  visit("per_million_cells_mg", p.per_million_cells_mg, {0.0, 100.0},
        "injury for each million cells injected: a switch, off at 0", assumed);
  visit("per_million_impure_cells_mg", p.per_million_impure_cells_mg, {0.0, 100.0},
        "injury for each million cells that are not CD34+: a switch, off at 0", assumed);
}

void describe(schema::Visitor& visit, Planning& p) {
  static constexpr std::array<std::string_view, 5> kinds{"protocol", "listed", "even", "optimised",
                                                         "oracle"};
  visit("kind", p.kind, kinds,
        "how sites are chosen; the oracle sees the true heart and is a bound, not a plan", assumed);
  visit("arteries_known", p.arteries_known,
        "whether the optimiser knows stenoses, collaterals and what each artery feeds from an "
        "angiogram, without error; else it draws them too",
        assumed);
  visit("prior_hearts", p.prior_hearts, {16.0, 20000.0},
        "hearts drawn from the prior for each patient", assumed);
  visit("least_effective_hearts", p.least_effective_hearts, {1.0, 10000.0},
        "effective sample size below which the map's likelihood is tempered further", assumed);
  visit("scored_hearts", p.scored_hearts, {1.0, 2000.0},
        "hearts, drawn by weight, on which sites are tried", assumed);
  visit("swap_passes", p.swap_passes, {0.0, 5.0},
        "passes that try to replace each site after the greedy choice", assumed);
  visit("horizon_months", p.horizon_months, {0.5, 60.0},
        "time after injection at which the gain is taken", act34);
  visit("nominal_dose_cells_per_kg", p.nominal_dose_cells_per_kg, {0.0, 1e8},
        "dose for which sites are optimised", act34);
  visit("nominal_potency", p.nominal_potency, {0.0, 5.0},
        "potency for which sites are optimised; 1 is that of fresh cells of a donor without "
        "diabetes",
        assumed);
  visit("farthest_from_wall_mm", p.farthest_from_wall_mm, {1.0, 60.0},
        "largest distance of a point of the map, or of a site asked for, from the nearest patch of "
        "the endocardium: patches are up to 14 mm apart, readings err by 2 mm",
        assumed);
}

void describe(schema::Visitor& visit, Parameters& p) {
  visit.group("map", p.map);
  visit.group("wall", p.wall);
  visit.group("target", p.target);
  visit.group("injection", p.injection);
  visit.group("retention", p.retention);
  visit.group("injury", p.injury);
  visit.group("planning", p.planning);
}

}  // namespace angiotrial::delivery
