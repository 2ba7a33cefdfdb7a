// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

#include <optional>
#include <string>

/// The population of people with refractory angina from which a trial screens.
namespace angiotrial::cohort {

struct Demography {
  units::Fraction male_fraction{0.80};
  units::Years age_mean_years{64.0};
  units::Years age_sd_years{9.5};
  units::Kilograms weight_mean_men_kg{91.0};
  units::Kilograms weight_mean_women_kg{79.0};
  units::Kilograms weight_sd_kg{15.0};
  units::Metres height_mean_men_m{1.75};
  units::Metres height_mean_women_m{1.62};
  units::Metres height_sd_m{0.065};
};

struct Disease {
  units::Fraction diabetes_fraction{0.50};
  units::Fraction prior_bypass_fraction{0.80};
  units::Fraction prior_pci_fraction{0.86};
  units::Fraction prior_infarction_fraction{0.62};
  units::Fraction kidney_disease_fraction{0.20};
  units::Fraction heart_failure_fraction{0.20};
  units::Fraction lvef_mean_fraction{0.52};
  units::Fraction lvef_sd_fraction{0.09};
  units::GramsPerDl haemoglobin_men_g_per_dl{14.2};
  units::GramsPerDl haemoglobin_women_g_per_dl{13.0};
  units::GramsPerDl haemoglobin_sd_g_per_dl{1.3};
};

struct Drugs {
  units::Fraction beta_blocker_fraction{0.85};
  units::Fraction calcium_channel_blocker_fraction{0.55};
  units::Fraction long_acting_nitrate_fraction{0.75};
  units::Fraction ranolazine_fraction{0.20};
};

/// Correlations on the scale of standard normal deviates (a Gaussian copula). A set that is not
/// positive definite is refused by Population.
struct Correlations {
  double age_weight = -0.25;
  double age_lvef = -0.05;
  double age_haemoglobin = -0.20;
  double weight_diabetes = 0.30;
  double diabetes_haemoglobin = -0.15;
  double diabetes_conductance = -0.20;
  double infarction_lvef = -0.40;
};

/// Why these correlations cannot hold together, or nothing.
[[nodiscard]] std::optional<std::string> refusal(const Correlations& correlations);

struct LeftVentricle {
  units::Grams mass_men_g{134.0};
  units::Grams mass_women_g{98.0};
  units::Grams mass_sd_g{21.0};
  units::Ml volume_men_ml{160.0};
  units::Ml volume_women_ml{132.0};
  units::Ml volume_sd_ml{27.0};
  double conductance_factor_mean = 0.98;
  double conductance_factor_cv = 0.22;
  double capillary_density_mean = 0.80;
  double capillary_density_sd = 0.10;
};

struct ExerciseTraits {
  units::Bpm rest_heart_rate_bpm{65.0};
  units::Bpm rest_heart_rate_sd_bpm{9.0};
  units::Mmhg rest_systolic_mmhg{130.0};
  units::Mmhg rest_systolic_sd_mmhg{16.0};
  double slope_factor_cv = 0.20;
  units::Met fatigue_met{6.6};
  double fatigue_cv = 0.24;
  units::Seconds tolerance_s{75.0};
  units::LogUnits tolerance_sd_log{0.60};
};

struct DailyLifeTraits {
  units::LogUnits activity_distance_log{0.205};
  units::LogUnits activity_distance_sd_log{0.115};
  units::PerWeek exertion_bouts_per_week{110.0};
  units::LogUnits exertion_bouts_sd_log{0.35};
  units::Fraction painful_fraction{0.26};
  units::LogUnits painful_sd_log{0.72};
  units::PerWeek non_ischaemic_pain_per_week{1.6};
  units::LogUnits non_ischaemic_pain_sd_log{0.85};
};

struct Parameters {
  Demography demography;
  Disease disease;
  Drugs drugs;
  Correlations correlations;
  LeftVentricle left_ventricle;
  ExerciseTraits exercise;
  DailyLifeTraits daily_life;
};

void describe(schema::Visitor& visit, Demography& p);
void describe(schema::Visitor& visit, Disease& p);
void describe(schema::Visitor& visit, Drugs& p);
void describe(schema::Visitor& visit, Correlations& p);
void describe(schema::Visitor& visit, LeftVentricle& p);
void describe(schema::Visitor& visit, ExerciseTraits& p);
void describe(schema::Visitor& visit, DailyLifeTraits& p);
void describe(schema::Visitor& visit, Parameters& p);

}  // namespace angiotrial::cohort
