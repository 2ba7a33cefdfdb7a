// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/units/names.hpp>

#include <cstdint>

/// Who a patient is: what a chart would say, and the latent traits that the physiology needs.
/// One draw per candidate; the index of the candidate is the patient's id.
namespace angiotrial::cohort {

enum class Sex { female, male };

/// What a clinic can see at the first visit.
struct Chart {
  Sex sex = Sex::male;
  units::Years age_years;
  units::Kilograms weight_kg;
  units::Metres height_m;
  bool diabetes = false;
  bool prior_bypass = false;  ///< coronary artery bypass grafting
  bool prior_pci = false;     ///< percutaneous coronary intervention
  bool prior_infarction = false;
  bool kidney_disease = false;
  bool heart_failure = false;
  units::Fraction lvef_fraction;  ///< left ventricular ejection fraction
  units::GramsPerDl haemoglobin_g_per_dl;
  bool beta_blocker = false;
  bool calcium_channel_blocker = false;
  bool long_acting_nitrate = false;
  bool ranolazine = false;
};

/// What nobody sees. Symbols are those of the equations in docs/rooms/symptoms.md and
/// assessment.md.
struct Traits {
  // Left ventricle and its vessels.
  units::Grams lv_mass_g;  ///< M_LV
  units::Ml end_diastolic_volume_ml;
  double conductance_factor = 1.0;          ///< f_pat, of hyperaemic microvascular conductance
  double capillary_density_relative = 1.0;  ///< of control; 0.80 (0.6-1.0) in refractory angina
  // Exercise.
  units::Bpm rest_heart_rate_bpm;  ///< hr0
  units::Mmhg rest_systolic_mmhg;  ///< sbp0
  double slope_factor = 1.0;       ///< h, on both slopes against MET
  units::Met fatigue_met;          ///< MET_fat
  units::Seconds tolerance_s;      ///< tol: from angina to stopping
  // Daily life.
  units::LogUnits activity_distance_log;   ///< d: distance of habitual exertion below the threshold
  units::PerWeek exertion_bouts_per_week;  ///< lam_act
  units::Fraction painful_fraction;        ///< p: of ischaemic episodes
  units::PerWeek non_ischaemic_pain_per_week;  ///< nc
};

struct Patient {
  std::uint32_t id = 0;
  Chart chart;
  Traits traits;
};

}  // namespace angiotrial::cohort
