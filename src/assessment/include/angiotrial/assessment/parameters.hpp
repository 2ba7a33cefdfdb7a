// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

/// How a clinic records what a patient feels: with noise, and not always.
namespace angiotrial::assessment {

struct Treadmill {
  units::BpmPerMet heart_rate_slope_bpm_per_met{8.5};
  units::MmhgPerMet systolic_slope_mmhg_per_met{7.0};
  units::Seconds oxygen_uptake_time_s{40.0};
  units::Fraction handrail_fraction{0.92};
  units::Seconds pain_delay_s{20.0};
  units::LogUnits threshold_noise_sd_log{0.084};
  units::LogUnits slope_noise_sd_log{0.05};
  units::LogUnits fatigue_noise_sd_log{0.05};
};

struct Diary {
  double dispersion = 0.30;
  units::Fraction adherence_fraction{0.95};
  units::PerAttack tablets_per_attack{0.84};
  double tablet_reporting_exponent = 0.5;
};

struct Ccs {
  units::Met class_4_below_met{2.5};
  units::Met class_3_below_met{4.0};
  units::Met class_2_below_met{6.0};
  units::Fraction misclassified_fraction{0.25};
};

struct Enzymes {
  units::UpperLimits baseline_median_uln{0.076};
  units::LogUnits baseline_sd_log{1.5};
  units::UpperLimits mobilisation_median_uln{0.165};
  units::LogUnits mobilisation_sd_log{1.80};
  double injection_uln_per_injured_gram = 380.0;
  units::LogUnits age_effect_per_decade_log{0.15};
  units::Fraction cytosolic_fraction{0.05};
  units::PerHour cytosolic_release_per_hour{1.0};
  units::Hours structural_release_hours{20.0};
  units::Hours elimination_half_life_hours{4.0};
  units::Fraction symptomatic_fraction{0.64};
  double ck_mb_baseline = 2.0;
  double ck_mb_upper_limit = 5.0;
  double ck_mb_rise_per_uln = 4.8;
  units::Hours ck_mb_half_life_hours{12.0};
  units::LogUnits ck_mb_sd_log{0.3};
  units::Years reference_age_years{64.0};
};

struct Hazards {
  units::PerYear death_per_year{0.038};
  double death_ratio_per_year_of_age = 1.04;
  double death_ratio_diabetes = 1.54;
  double death_ratio_kidney_disease = 1.62;
  double death_ratio_heart_failure = 1.54;
  units::Years reference_age_years{64.0};
  units::Fraction reference_diabetes_fraction{0.50};
  units::Fraction reference_kidney_disease_fraction{0.20};
  units::Fraction reference_heart_failure_fraction{0.20};
  units::PerYear infarction_per_year{0.058};
  units::PerYear admission_per_year{0.15};
  units::PerYear withdrawal_per_year{0.02};
  units::Fraction missed_visit_fraction{0.015};
};

struct Parameters {
  Treadmill treadmill;
  Diary diary;
  Ccs ccs;
  Enzymes enzymes;
  Hazards hazards;
};

void describe(schema::Visitor& visit, Treadmill& p);
void describe(schema::Visitor& visit, Diary& p);
void describe(schema::Visitor& visit, Ccs& p);
void describe(schema::Visitor& visit, Enzymes& p);
void describe(schema::Visitor& visit, Hazards& p);
void describe(schema::Visitor& visit, Parameters& p);

}  // namespace angiotrial::assessment
