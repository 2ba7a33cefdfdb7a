// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

/// Every number of the heart. Ranges, meanings and sources stand in parameters.cpp.
namespace angiotrial::heart {

/// Shape of the left ventricle and how it is cut into microregions.
struct Anatomy {
  // Truncated ellipsoid at end-diastole: equatorial radius a, long half-axis c, base plane z_b.
  units::Mm male_endocardial_radius_mm{26.0};
  units::Mm male_endocardial_half_length_mm{66.0};
  units::Mm male_base_height_mm{25.0};
  units::Mm male_equatorial_wall_mm{9.5};
  units::Mm male_apical_wall_mm{7.0};
  units::Mm female_endocardial_radius_mm{24.0};
  units::Mm female_endocardial_half_length_mm{60.0};
  units::Mm female_base_height_mm{23.0};
  units::Mm female_equatorial_wall_mm{8.0};
  units::Mm female_apical_wall_mm{6.5};
  units::GramsPerMl muscle_density_g_per_ml{1.05};
  // Mass of one segment in a heart of 6 x basal + 6 x mid + 4 x apical + apex; only shares count.
  units::Grams basal_segment_mass_g{9.6};
  units::Grams mid_segment_mass_g{9.0};
  units::Grams apical_segment_mass_g{9.3};
  units::Grams apex_mass_g{2.7};
  units::Grams microregion_mass_g{0.5};
  // Borders of the coronary territories.
  units::Degrees border_sd_deg{15.0};
  units::Fraction left_dominance_fraction{0.08};
  units::Fraction co_dominance_fraction{0.10};
  units::Degrees left_dominance_shift_deg{100.0};
  units::Degrees co_dominance_shift_deg{30.0};
  units::Fraction scarred_segment_fraction{0.10};
  // Helix angle of the muscle fibres: right-handed is positive.
  units::Degrees endocardial_helix_deg{60.0};
  units::Degrees epicardial_helix_deg{-60.0};
};

/// Aorta, epicardial stenoses and collaterals (notes P1.1).
struct Arteries {
  units::Mmhg aortic_pressure_mmhg{98.0};    ///< Pa
  units::Mmhg venous_pressure_mmhg{6.0};     ///< Pv
  units::Mmhg back_pressure_mmhg{18.0};      ///< Pz at the epicardium
  units::Mmhg back_pressure_rise_mmhg{8.0};  ///< dPz from epicardium to endocardium
  units::Fraction occlusion_fraction{0.35};  ///< chance that a territory's artery is closed
  units::Percent least_stenosis_percent{10.0};
  units::Percent most_stenosis_percent{75.0};
  units::Mm vessel_diameter_mm{3.0};
  units::Mm lesion_length_mm{10.0};
  units::MilliPascalSeconds blood_viscosity_mpa_s{3.5};
  units::GramsPerMl blood_density_g_per_ml{1.06};
  double expansion_loss = 1.52;                          ///< Kt
  units::Fraction collateral_flow_index_fraction{0.45};  ///< median behind an occlusion
  units::LogUnits collateral_spread_log{0.60};           ///< SD of its logit
  double patent_collateral_ratio =
      0.4;  ///< CFI behind an open artery over that behind a closed one
  /// w: share of collateral conductance that joins territories to each other, not to the aorta.
  units::Fraction interterritory_collateral_fraction{0.0};
};

/// How flow varies between microregions: each on its own, or alike the nearer they are.
enum class Heterogeneity { independent, fractal };

/// The microcirculation at maximal vasodilation.
struct Microcirculation {
  units::MlPerMinPerGPerMmhg conductance_ml_per_min_per_g_per_mmhg{0.040};  ///< g0
  double segment_cv = 0.12;
  double microregion_cv = 0.18;         ///< at the reference mass
  units::Grams reference_mass_g{0.44};  ///< m_ref
  double fractal_dimension = 1.2;       ///< D
  Heterogeneity heterogeneity = Heterogeneity::independent;
  // Of fractal heterogeneity only: C(r) = (1 + (r/r0)^2)^(-beta/2).
  double dispersion_at_one_gram = 0.13;  ///< RD(1 g)
  units::Mm correlation_length_mm{1.0};  ///< r0
  double correlation_exponent = 0.48;    ///< beta
};

/// Oxygen need and extraction (notes P1.2 and P4).
struct Oxygen {
  units::MlPerMinPerGPer10kRpp demand_ml_per_min_per_g_per_10k_rpp{0.95};  ///< q1
  units::Fraction rest_extraction_fraction{0.70};                          ///< E_rest
  units::Fraction maximal_extraction_fraction{0.80};                       ///< E_max
  units::Fraction ischaemic_burden_fraction{0.075};                        ///< B_c
  // Diffusion limit of extraction.
  units::PerMm2 capillary_density_per_mm2{2969.0};        ///< control hearts
  units::PerMm2 diffusion_limit_density_per_mm2{1300.0};  ///< above it, no limit is computed
  units::MlPerCmPerSPerMmhg krogh_coefficient_ml_per_cm_per_s_per_mmhg{4.0e-10};  ///< K
  units::Um capillary_radius_um{2.5};                                             ///< r_c
  units::PerMinute maximal_consumption_per_minute{0.18};                          ///< M
  units::Mmhg half_saturation_mmhg{27.0};                                         ///< P50
  double hill_exponent = 2.7;
  units::Fraction arterial_saturation_fraction{0.97};
  double arterial_oxygen_content = 0.195;   ///< C_a, mL O2 per mL of blood
  units::Mmhg critical_pressure_mmhg{1.0};  ///< least tissue pressure that still works
};

/// How new vessels change the conductance of a microregion.
struct Growth {
  units::Fraction capillary_resistance_share_fraction{0.25};  ///< s
  /// How far collaterals follow the gain of the territory they feed: 0 not at all, 1 in step.
  units::Fraction collateral_following_fraction{1.0};
};

struct Parameters {
  Anatomy anatomy;
  Arteries arteries;
  Microcirculation microcirculation;
  Oxygen oxygen;
  Growth growth;
};

void describe(schema::Visitor& visit, Anatomy& p);
void describe(schema::Visitor& visit, Arteries& p);
void describe(schema::Visitor& visit, Microcirculation& p);
void describe(schema::Visitor& visit, Oxygen& p);
void describe(schema::Visitor& visit, Growth& p);
void describe(schema::Visitor& visit, Parameters& p);

}  // namespace angiotrial::heart
