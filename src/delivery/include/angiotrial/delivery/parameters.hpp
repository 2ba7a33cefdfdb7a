// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

/// Every number of the delivery of cells. Ranges, meanings and sources stand in parameters.cpp.
namespace angiotrial::delivery {

/// What an electromechanical catheter sees of the wall.
struct Map {
  int fewest_points = 80;
  int most_points = 120;
  units::Mm coverage_jitter_mm{5.0};   ///< half-width of the scatter about an even cover
  units::Mm localisation_sd_mm{2.0};   ///< along the wall, each of two directions
  units::Mm tissue_reach_mm{10.0};     ///< of the tissue that one reading sees
  units::Mm averaging_reach_mm{15.0};  ///< within which the system averages readings
  units::Millivolts normal_voltage_mv{12.0};
  units::Millivolts ischaemic_voltage_mv{10.0};
  units::Millivolts scar_voltage_mv{4.7};
  units::LogUnits voltage_noise_log{0.39};
  units::Percent normal_shortening_percent{15.7};
  units::Percent normal_shortening_sd_percent{9.5};
  units::Percent impaired_shortening_percent{10.0};  ///< ischaemic or scarred wall
  units::Percent impaired_shortening_sd_percent{5.1};
  /// Wall that gives less than this at maximal vasodilation counts as truly ischaemic.
  units::MlPerMinPerG ischaemic_flow_ml_per_min_per_g{1.25};
};

/// Thickness of the wall, from the ventricle's mean at the equator.
struct Wall {
  double apical_ratio = 0.74;    ///< apex over equator
  double septal_ratio = 1.19;    ///< septum over free wall
  double scar_ratio = 0.70;      ///< scar over living wall
  double imaging_ratio = 1.17;   ///< imaged thickness over that of the ventricle's muscle mass
  units::Mm imaging_sd_mm{1.0};  ///< error of one segment's measured thickness
};

/// In which order the operator visits points that qualify.
enum class Order { lowest_shortening, as_mapped };

/// The rule of the protocol for a site. It is applied to the map, never to the truth.
struct Target {
  units::Millivolts least_voltage_mv{6.9};
  units::Percent most_shortening_percent{12.0};  ///< not reached
  units::Mm least_wall_mm{8.0};                  ///< exceeded
  units::Mm wall_floor_mm{6.0};                  ///< exceeded even in the last resort
  units::Mm spacing_mm{12.0};
  units::Mm spacing_floor_mm{5.0};
  Order order = Order::lowest_shortening;
};

/// What becomes of the part of a depot's Gaussian that lies beyond the faces of the wall.
enum class CellsOutside {
  kept,  ///< retained cells are in tissue: the density inside makes up for it
  lost   ///< those cells leave the wall
};

/// What goes through the needle.
struct Injection {
  int sites = 10;
  units::Ml volume_per_site_ml{0.2};
  units::Ml reference_volume_ml{0.2};  ///< at which retention, depot and injury are stated
  units::Fraction catheter_survival_fraction{0.98};
  units::Mm needle_depth_mm{4.0};
  units::Fraction deepest_wall_fraction{0.5};  ///< the needle never passes this share of the wall
  units::Mm depot_sd_along_mm{4.0};
  units::Mm depot_sd_across_mm{2.0};
  CellsOutside cells_outside = CellsOutside::kept;
};

/// logit f0 = logit(retained) - b_V ln(V/V_ref) + b_I I + b_L L + u + w (notes B4).
struct Retention {
  units::Fraction retained_fraction{0.25};
  double volume_exponent = 0.4;            ///< b_V
  units::LogUnits scar_log{-1.0};          ///< b_I, I = 1 in scar
  units::LogUnits well_perfused_log{0.0};  ///< b_L, L = 1 in wall that is not ischaemic
  units::LogUnits patient_sd_log{0.5};     ///< of u
  units::LogUnits site_sd_log{0.8};        ///< of w
  units::Fraction leaked_fraction{0.38};   ///< of what is not retained: back along the needle
  units::Fraction lung_fraction{0.55};     ///< of what is washed out: caught in the lungs
};

/// Muscle injured by needle and volume (notes B11).
struct Injury {
  units::Milligrams median_mg{1.0};  ///< m, of one site at the reference volume and age
  units::LogUnits patient_sd_log{1.87};
  units::LogUnits site_sd_log{0.8};
  double volume_exponent = 1.7;  ///< b
  units::LogUnits age_per_decade_log{0.4};
  units::Years reference_age_years{64.0};
  units::Milligrams per_million_cells_mg{0.0};         ///< a_n of E7, off
  units::Milligrams per_million_impure_cells_mg{0.0};  ///< a_p of E7, off
};

/// How sites are chosen; see make_plan.hpp.
enum class PlanKind { protocol, listed, even, optimised, oracle };

/// How a plan is made. All but `kind` and the last one matter to the optimiser alone.
struct Planning {
  PlanKind kind = PlanKind::protocol;
  bool arteries_known = true;         ///< from an angiogram; else they are drawn as well
  int prior_hearts = 512;             ///< drawn for each patient
  int least_effective_hearts = 50;    ///< the likelihood is tempered down to it
  int scored_hearts = 32;             ///< of which a set of sites is tried
  int swap_passes = 1;                ///< through the sites, after the greedy choice
  units::Months horizon_months{6.0};  ///< at which the gain is taken
  units::CellsPerKg nominal_dose_cells_per_kg{1e5};
  double nominal_potency = 1.0;
  units::Mm farthest_from_wall_mm{15.0};  ///< a place beyond it is not on the endocardium
};

struct Parameters {
  Map map;
  Wall wall;
  Target target;
  Injection injection;
  Retention retention;
  Injury injury;
  Planning planning;
};

void describe(schema::Visitor& visit, Map& p);
void describe(schema::Visitor& visit, Wall& p);
void describe(schema::Visitor& visit, Target& p);
void describe(schema::Visitor& visit, Injection& p);
void describe(schema::Visitor& visit, Retention& p);
void describe(schema::Visitor& visit, Injury& p);
void describe(schema::Visitor& visit, Planning& p);
void describe(schema::Visitor& visit, Parameters& p);

}  // namespace angiotrial::delivery
