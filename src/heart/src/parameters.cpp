// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/heart/parameters.hpp>

#include <array>
#include <string_view>

namespace angiotrial::heart {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source assumed{Provenance::assumed, "", ""};
constexpr Source ellipsoid{
    Provenance::derived,
    "truncated ellipsoid through CMR and CT wall thickness, Kawel-Boehm 2015 and Kang 2017, in "
    "Cardiovasc Diagn Ther 2020",
    "PMC7758747"};
constexpr Source textbook{Provenance::recalled, "textbook value", ""};
constexpr Source loops{Provenance::recalled,
                       "invasive pressure-velocity loops, zero-flow pressure 20 (10-40) mmHg", ""};
constexpr Source prototype{Provenance::fitted,
                           "prototype fit to 12 trial summaries (ACT34-CMI, RENEW and others), "
                           "rounded",
                           ""};
constexpr Source young_tsai{Provenance::recalled,
                            "Young and Tsai 1973 form of stenosis loss; reviewed by Lyras and Lee "
                            "2021 PLoS ONE",
                            "10.1371/journal.pone.0258047"};
constexpr Source seiler{Provenance::recalled,
                        "Seiler group: CFI 0.39 (SD 0.15) in chronic occlusion, 0.20 (0.12) "
                        "without, 0.18 (0.08) in normal arteries",
                        ""};
constexpr Source dominance{Provenance::recalled, "coronary anatomy: 80-85 % right dominant", ""};
constexpr Source lattice_fit{Provenance::derived,
                             "dispersion of groups of 1 to 16 microregions fitted to D = 1.2", ""};
constexpr Source fibres{Provenance::recalled, "Streeter 1969 Circ Res, fibre orientation", ""};
constexpr Source krogh{Provenance::recalled, "Krogh-Erlang cylinder, textbook constants", ""};
constexpr Source capillaries{Provenance::seen,
                             "capillary density of 51 human hearts, Eur J Heart Fail 2006",
                             "10.1016/j.ejheart.2005.10.016"};

}  // namespace

void describe(schema::Visitor& visit, Anatomy& p) {
  visit("male_endocardial_radius_mm", p.male_endocardial_radius_mm, {15.0, 40.0},
        "equatorial radius of the reference male cavity at end-diastole", ellipsoid);
  visit("male_endocardial_half_length_mm", p.male_endocardial_half_length_mm, {30.0, 100.0},
        "long half-axis of the reference male cavity", ellipsoid);
  visit("male_base_height_mm", p.male_base_height_mm, {0.0, 50.0},
        "height of the base plane above the equator, men", ellipsoid);
  visit("male_equatorial_wall_mm", p.male_equatorial_wall_mm, {4.0, 20.0},
        "reference wall thickness at the equator, men", ellipsoid);
  visit("male_apical_wall_mm", p.male_apical_wall_mm, {2.0, 20.0},
        "reference wall thickness at the apex, men", ellipsoid);
  visit("female_endocardial_radius_mm", p.female_endocardial_radius_mm, {15.0, 40.0},
        "equatorial radius of the reference female cavity at end-diastole", ellipsoid);
  visit("female_endocardial_half_length_mm", p.female_endocardial_half_length_mm, {30.0, 100.0},
        "long half-axis of the reference female cavity", ellipsoid);
  visit("female_base_height_mm", p.female_base_height_mm, {0.0, 50.0},
        "height of the base plane above the equator, women", ellipsoid);
  visit("female_equatorial_wall_mm", p.female_equatorial_wall_mm, {4.0, 20.0},
        "reference wall thickness at the equator, women", ellipsoid);
  visit("female_apical_wall_mm", p.female_apical_wall_mm, {2.0, 20.0},
        "reference wall thickness at the apex, women", ellipsoid);
  visit("muscle_density_g_per_ml", p.muscle_density_g_per_ml, {1.0, 1.1}, "density of heart muscle",
        textbook);
  visit("basal_segment_mass_g", p.basal_segment_mass_g, {1.0, 30.0},
        "mass of one basal segment; only its share of the whole counts", ellipsoid);
  visit("mid_segment_mass_g", p.mid_segment_mass_g, {1.0, 30.0},
        "mass of one mid segment; only its share of the whole counts", ellipsoid);
  visit("apical_segment_mass_g", p.apical_segment_mass_g, {1.0, 30.0},
        "mass of one apical segment; only its share of the whole counts", ellipsoid);
  visit("apex_mass_g", p.apex_mass_g, {0.5, 30.0},
        "mass of the apex, segment 17; only its share of the whole counts", ellipsoid);
  visit("microregion_mass_g", p.microregion_mass_g, {0.05, 4.0},
        "mass on which burden and threshold are computed, and below which the dispersion of flow "
        "does not grow",
        assumed);
  visit("border_sd_deg", p.border_sd_deg, {0.0, 40.0},
        "standard deviation of the angle of a territory border",
        {Provenance::assumed, "only four segments are specific to a territory, Ortiz-Perez 2008",
         "JACC-CVI 1:282"});
  visit("left_dominance_fraction", p.left_dominance_fraction, {0.0, 0.5},
        "share of hearts whose inferior wall the circumflex feeds", dominance);
  visit("co_dominance_fraction", p.co_dominance_fraction, {0.0, 0.5},
        "share of hearts whose inferior wall is divided", dominance);
  visit("left_dominance_shift_deg", p.left_dominance_shift_deg, {0.0, 120.0},
        "how far the RCA-LCX border moves towards the septum in left dominance", assumed);
  visit("co_dominance_shift_deg", p.co_dominance_shift_deg, {0.0, 120.0},
        "how far the RCA-LCX border moves towards the septum in codominance", assumed);
  visit("scarred_segment_fraction", p.scarred_segment_fraction, {0.0, 0.9},
        "chance that a segment is scar: never ischaemic, yet part of the mass", prototype);
  visit("endocardial_helix_deg", p.endocardial_helix_deg, {-90.0, 90.0},
        "helix angle of the fibres at the endocardium, positive for a right-handed helix; linear "
        "across the wall; turns depots in three dimensions",
        fibres);
  visit("epicardial_helix_deg", p.epicardial_helix_deg, {-90.0, 90.0},
        "helix angle of the fibres at the epicardium", fibres);
}

void describe(schema::Visitor& visit, Arteries& p) {
  visit("aortic_pressure_mmhg", p.aortic_pressure_mmhg, {50.0, 180.0},
        "mean aortic pressure at hyperaemia, Pa", prototype);
  visit("venous_pressure_mmhg", p.venous_pressure_mmhg, {0.0, 20.0},
        "venous pressure in fractional flow reserve, Pv",
        {Provenance::seen, "right atrial pressure 6 mmHg in dogs, long-diastole study", ""});
  visit("back_pressure_mmhg", p.back_pressure_mmhg, {0.0, 45.0},
        "back pressure at the epicardium, Pz", loops);
  visit("back_pressure_rise_mmhg", p.back_pressure_rise_mmhg, {0.0, 40.0},
        "rise of back pressure from epicardium to endocardium, dPz; 14-16 for an endo/epi ratio "
        "of 0.76",
        prototype);
  visit("occlusion_fraction", p.occlusion_fraction, {0.0, 1.0},
        "chance that the artery of a territory is closed", prototype);
  visit("least_stenosis_percent", p.least_stenosis_percent, {0.0, 95.0},
        "least diameter stenosis of an open artery; uniform up to the most", prototype);
  visit("most_stenosis_percent", p.most_stenosis_percent, {0.0, 95.0},
        "most diameter stenosis of an open artery", prototype);
  visit("vessel_diameter_mm", p.vessel_diameter_mm, {1.0, 6.0},
        "reference diameter of an epicardial artery", assumed);
  visit("lesion_length_mm", p.lesion_length_mm, {0.0, 60.0}, "length of a stenosis", assumed);
  visit("blood_viscosity_mpa_s", p.blood_viscosity_mpa_s, {1.0, 8.0}, "viscosity of blood, mu",
        textbook);
  visit("blood_density_g_per_ml", p.blood_density_g_per_ml, {1.0, 1.1}, "density of blood, rho",
        textbook);
  visit("expansion_loss", p.expansion_loss, {0.5, 3.0}, "coefficient of loss behind a stenosis, Kt",
        young_tsai);
  visit("collateral_flow_index_fraction", p.collateral_flow_index_fraction, {0.01, 0.9},
        "median collateral flow index behind an occlusion", prototype);
  visit("collateral_spread_log", p.collateral_spread_log, {0.0, 2.0},
        "standard deviation of the logit of the collateral flow index", seiler);
  visit("patent_collateral_ratio", p.patent_collateral_ratio, {0.0, 1.0},
        "collateral flow index behind an open artery, relative to an occluded one", prototype);
  visit("interterritory_collateral_fraction", p.interterritory_collateral_fraction, {0.0, 1.0},
        "share of a territory's collateral conductance that comes from the other two territories "
        "behind their stenoses, half from each, instead of from the aorta",
        assumed);
}

void describe(schema::Visitor& visit, Microcirculation& p) {
  visit("conductance_ml_per_min_per_g_per_mmhg", p.conductance_ml_per_min_per_g_per_mmhg,
        {0.005, 0.2}, "hyperaemic conductance of healthy muscle, g0",
        {Provenance::derived, "2.89 mL/min/g (Sdringola 2011) over about 73 mmHg",
         "10.1016/j.jcmg.2011.02.008"});
  visit("segment_cv", p.segment_cv, {0.0, 0.6},
        "coefficient of variation of conductance between segments", prototype);
  visit("microregion_cv", p.microregion_cv, {0.0, 0.6},
        "coefficient of variation of conductance between microregions of the reference mass",
        prototype);
  visit("reference_mass_g", p.reference_mass_g, {0.01, 10.0},
        "mass at which microregion_cv holds: 134 g in 306 parts",
        {Provenance::derived, "the prototype's 17 x 3 x 6 parts", ""});
  visit("fractal_dimension", p.fractal_dimension, {1.0, 1.5},
        "dimension D of flow dispersion against mass",
        {Provenance::seen, "Bassingthwaighte 1989 Circ Res", "10.1161/01.res.65.3.578"});
  static constexpr std::array<std::string_view, 2> kinds{"independent", "fractal"};
  visit("heterogeneity", p.heterogeneity, kinds,
        "whether microregions vary each on its own, or alike the nearer they are, so that "
        "dispersion falls with sample mass as the fractal says",
        {Provenance::chosen, "independent: the prototype's, with which the model was set", ""});
  visit("dispersion_at_one_gram", p.dispersion_at_one_gram, {0.0, 0.6},
        "relative dispersion of flow between samples of one gram; of fractal heterogeneity only",
        {Provenance::recalled, "dispersion of myocardial flow in one-gram samples, 0.13", ""});
  visit("correlation_length_mm", p.correlation_length_mm, {0.1, 20.0},
        "distance r0 within which flow is alike; of fractal heterogeneity only", lattice_fit);
  visit(
      "correlation_exponent", p.correlation_exponent, {0.05, 6.0},
      "exponent beta of the covariance of flow at a distance; about 2.4 (D - 1) on the lattice of "
      "microregions; of fractal heterogeneity only",
      lattice_fit);
}

void describe(schema::Visitor& visit, Oxygen& p) {
  visit("demand_ml_per_min_per_g_per_10k_rpp", p.demand_ml_per_min_per_g_per_10k_rpp, {0.3, 2.0},
        "flow needed for each 10 000 of rate-pressure product at resting extraction, q1",
        {Provenance::derived, "PET at rest: 0.72 mL/min/g at about 7600 (Sdringola 2011)",
         "10.1016/j.jcmg.2011.02.008"});
  visit("rest_extraction_fraction", p.rest_extraction_fraction, {0.3, 0.95},
        "oxygen extraction at rest, E_rest",
        {Provenance::seen, "Messer 1962 J Clin Invest, coronary sinus saturation 29 %", ""});
  visit("maximal_extraction_fraction", p.maximal_extraction_fraction, {0.3, 0.99},
        "largest oxygen extraction, E_max; only its ratio to demand can be told from data",
        {Provenance::recalled, "exercise studies, 0.80 (0.72-0.88)", ""});
  visit("ischaemic_burden_fraction", p.ischaemic_burden_fraction, {0.005, 0.5},
        "ischaemic share of the left ventricle at the threshold, B_c", assumed);
  visit("capillary_density_per_mm2", p.capillary_density_per_mm2, {1000.0, 5000.0},
        "capillary density of control hearts", capillaries);
  visit("diffusion_limit_density_per_mm2", p.diffusion_limit_density_per_mm2, {0.0, 5000.0},
        "capillary density below which diffusion can limit extraction",
        {Provenance::derived, "Krogh-Erlang with the constants below", ""});
  visit("krogh_coefficient_ml_per_cm_per_s_per_mmhg", p.krogh_coefficient_ml_per_cm_per_s_per_mmhg,
        {1e-10, 2e-9}, "Krogh's diffusion coefficient of heart muscle, K", krogh);
  visit("capillary_radius_um", p.capillary_radius_um, {1.5, 5.0}, "radius of a capillary, r_c",
        krogh);
  visit("maximal_consumption_per_minute", p.maximal_consumption_per_minute, {0.02, 0.6},
        "oxygen consumption at stress, mL per mL of muscle and minute, M", krogh);
  visit("half_saturation_mmhg", p.half_saturation_mmhg, {15.0, 45.0},
        "oxygen pressure at half saturation of haemoglobin, P50", textbook);
  visit("hill_exponent", p.hill_exponent, {1.5, 4.0}, "Hill's exponent of the saturation curve",
        textbook);
  visit("arterial_saturation_fraction", p.arterial_saturation_fraction, {0.5, 1.0},
        "saturation of arterial blood", textbook);
  visit("arterial_oxygen_content", p.arterial_oxygen_content, {0.08, 0.26},
        "oxygen in arterial blood, mL per mL, C_a; sets the consumption behind the oxygen pressure "
        "of muscle at rest",
        textbook);
  visit("critical_pressure_mmhg", p.critical_pressure_mmhg, {0.0, 10.0},
        "least oxygen pressure at which muscle works", krogh);
}

void describe(schema::Visitor& visit, Growth& p) {
  visit("capillary_resistance_share_fraction", p.capillary_resistance_share_fraction, {0.0, 1.0},
        "share of hyperaemic microvascular resistance that lies in capillaries, s; about 0.25-0.5",
        assumed);
  visit(
      "collateral_following_fraction", p.collateral_following_fraction, {0.0, 1.0},
      "share of a territory's relative conductance gain that its collaterals follow; above 0 "
      "it takes away much of the steal and roughly doubles the effect of treating a whole zone. 1 "
      "is Gc = G CFI / (1 - CFI) read at the gained conductance: collaterals are small arteries "
      "and remodel with them",
      {Provenance::chosen,
       "set with reach, share and ceiling so that the low dose of ACT34-CMI meets its target", ""});
}

void describe(schema::Visitor& visit, Parameters& p) {
  visit.group("anatomy", p.anatomy);
  visit.group("arteries", p.arteries);
  visit.group("microcirculation", p.microcirculation);
  visit.group("oxygen", p.oxygen);
  visit.group("growth", p.growth);
}

}  // namespace angiotrial::heart
