// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/cohort/parameters.hpp>

namespace angiotrial::cohort {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source exact{Provenance::seen,
                       "EXACT trial 2024, baseline of the same population (mean age 64, 66 % men)",
                       ""};
constexpr Source recalled_act34{Provenance::recalled,
                                "ACT34-CMI baseline as recalled (age 61, 87 % men, 90 kg, diabetes "
                                "55 %, bypass 90 %, PCI 85 %)",
                                "NCT00300053"};
constexpr Source between{Provenance::assumed,
                         "between EXACT 2024 (66 % men, bypass 75 %, PCI 88 %) and ACT34-CMI as "
                         "recalled (87 % men, bypass 90 %, PCI 85 %)",
                         "NCT00300053"};
constexpr Source assumed{Provenance::assumed, "", ""};
constexpr Source cmr{Provenance::seen,
                     "Kawel-Boehm 2015 normal values, in Cardiovasc Diagn Ther 2020", "PMC7758747"};
constexpr Source fit{Provenance::fitted,
                     "prototype fit to 12 trial summaries (ACT34-CMI, RENEW and others), rounded",
                     ""};
constexpr Source typical{Provenance::assumed, "typical resting values on a beta-blocker", ""};

}  // namespace

void describe(schema::Visitor& visit, Demography& p) {
  visit("male_fraction", p.male_fraction, {0.0, 1.0}, "share of men among candidates", between);
  visit("age_mean_years", p.age_mean_years, {40.0, 80.0}, "mean age", exact);
  visit("age_sd_years", p.age_sd_years, {1.0, 20.0}, "standard deviation of age", recalled_act34);
  visit("weight_mean_men_kg", p.weight_mean_men_kg, {50.0, 130.0}, "mean body weight of men",
        recalled_act34);
  visit("weight_mean_women_kg", p.weight_mean_women_kg, {40.0, 120.0}, "mean body weight of women",
        assumed);
  visit("weight_sd_kg", p.weight_sd_kg, {1.0, 30.0}, "standard deviation of body weight", assumed);
  visit("height_mean_men_m", p.height_mean_men_m, {1.4, 2.0}, "mean height of men", assumed);
  visit("height_mean_women_m", p.height_mean_women_m, {1.4, 2.0}, "mean height of women", assumed);
  visit("height_sd_m", p.height_sd_m, {0.01, 0.15}, "standard deviation of height", assumed);
}

void describe(schema::Visitor& visit, Disease& p) {
  visit("diabetes_fraction", p.diabetes_fraction, {0.0, 1.0}, "share with diabetes",
        recalled_act34);
  visit("prior_bypass_fraction", p.prior_bypass_fraction, {0.0, 1.0},
        "share with an earlier bypass operation", between);
  visit("prior_pci_fraction", p.prior_pci_fraction, {0.0, 1.0},
        "share with an earlier percutaneous intervention", between);
  visit("prior_infarction_fraction", p.prior_infarction_fraction, {0.0, 1.0},
        "share with an earlier myocardial infarction", assumed);
  visit("kidney_disease_fraction", p.kidney_disease_fraction, {0.0, 1.0},
        "share with chronic kidney disease", assumed);
  visit("heart_failure_fraction", p.heart_failure_fraction, {0.0, 1.0}, "share with heart failure",
        assumed);
  visit("lvef_mean_fraction", p.lvef_mean_fraction, {0.2, 0.75}, "mean ejection fraction",
        recalled_act34);
  visit("lvef_sd_fraction", p.lvef_sd_fraction, {0.01, 0.2},
        "standard deviation of the ejection fraction", assumed);
  visit("haemoglobin_men_g_per_dl", p.haemoglobin_men_g_per_dl, {8.0, 18.0},
        "mean haemoglobin of men", assumed);
  visit("haemoglobin_women_g_per_dl", p.haemoglobin_women_g_per_dl, {8.0, 18.0},
        "mean haemoglobin of women", assumed);
  visit("haemoglobin_sd_g_per_dl", p.haemoglobin_sd_g_per_dl, {0.1, 3.0},
        "standard deviation of haemoglobin", assumed);
}

void describe(schema::Visitor& visit, Drugs& p) {
  visit("beta_blocker_fraction", p.beta_blocker_fraction, {0.0, 1.0}, "share on a beta-blocker",
        assumed);
  visit("calcium_channel_blocker_fraction", p.calcium_channel_blocker_fraction, {0.0, 1.0},
        "share on a calcium-channel blocker", assumed);
  visit("long_acting_nitrate_fraction", p.long_acting_nitrate_fraction, {0.0, 1.0},
        "share on a long-acting nitrate", assumed);
  visit("ranolazine_fraction", p.ranolazine_fraction, {0.0, 1.0}, "share on ranolazine", assumed);
}

void describe(schema::Visitor& visit, Correlations& p) {
  visit("age_weight", p.age_weight, {-0.95, 0.95}, "correlation of age and weight", assumed);
  visit("age_lvef", p.age_lvef, {-0.95, 0.95}, "correlation of age and ejection fraction", assumed);
  visit("age_haemoglobin", p.age_haemoglobin, {-0.95, 0.95}, "correlation of age and haemoglobin",
        assumed);
  visit("weight_diabetes", p.weight_diabetes, {-0.95, 0.95},
        "correlation of weight and the liability of diabetes", assumed);
  visit("diabetes_haemoglobin", p.diabetes_haemoglobin, {-0.95, 0.95},
        "correlation of the liability of diabetes and haemoglobin", assumed);
  visit("diabetes_conductance", p.diabetes_conductance, {-0.95, 0.95},
        "correlation of the liability of diabetes and microvascular conductance", assumed);
  visit("infarction_lvef", p.infarction_lvef, {-0.95, 0.95},
        "correlation of the liability of infarction and ejection fraction", assumed);
}

void describe(schema::Visitor& visit, LeftVentricle& p) {
  visit("mass_men_g", p.mass_men_g, {60.0, 250.0}, "mean left ventricular mass of men", cmr);
  visit("mass_women_g", p.mass_women_g, {50.0, 250.0}, "mean left ventricular mass of women", cmr);
  visit("mass_sd_g", p.mass_sd_g, {1.0, 60.0}, "standard deviation of left ventricular mass", cmr);
  visit("volume_men_ml", p.volume_men_ml, {60.0, 300.0}, "mean end-diastolic volume of men", cmr);
  visit("volume_women_ml", p.volume_women_ml, {60.0, 300.0}, "mean end-diastolic volume of women",
        cmr);
  visit("volume_sd_ml", p.volume_sd_ml, {1.0, 60.0}, "standard deviation of end-diastolic volume",
        cmr);
  visit("conductance_factor_mean", p.conductance_factor_mean, {0.3, 2.0},
        "f_pat: mean factor on hyperaemic microvascular conductance", fit);
  visit("conductance_factor_cv", p.conductance_factor_cv, {0.0, 0.6},
        "f_pat: coefficient of variation between patients (lognormal)", fit);
  visit("capillary_density_mean", p.capillary_density_mean, {0.3, 1.2},
        "capillary density relative to control",
        {Provenance::recalled,
         "0.80 (0.6-1.0) for the refractory-angina zone; Eur J Heart Fail "
         "2006 shows the spread",
         "10.1016/j.ejheart.2005.10.016"});
  visit("capillary_density_sd", p.capillary_density_sd, {0.0, 0.3},
        "standard deviation of the relative capillary density", assumed);
}

void describe(schema::Visitor& visit, ExerciseTraits& p) {
  visit("rest_heart_rate_bpm", p.rest_heart_rate_bpm, {40.0, 110.0}, "hr0: mean", typical);
  visit("rest_heart_rate_sd_bpm", p.rest_heart_rate_sd_bpm, {0.0, 20.0}, "hr0: standard deviation",
        typical);
  visit("rest_systolic_mmhg", p.rest_systolic_mmhg, {90.0, 180.0}, "sbp0: mean", typical);
  visit("rest_systolic_sd_mmhg", p.rest_systolic_sd_mmhg, {0.0, 30.0}, "sbp0: standard deviation",
        typical);
  visit("slope_factor_cv", p.slope_factor_cv, {0.0, 0.6},
        "h: coefficient of variation of the factor on both slopes (lognormal, mean 1)", fit);
  visit("fatigue_met", p.fatigue_met, {2.0, 15.0},
        "MET_fat: mean capacity when fatigue, not angina, ends the test", fit);
  visit("fatigue_cv", p.fatigue_cv, {0.0, 0.6}, "MET_fat: coefficient of variation (lognormal)",
        fit);
  visit("tolerance_s", p.tolerance_s, {0.0, 400.0},
        "tol: median time from the onset of angina to stopping", fit);
  visit("tolerance_sd_log", p.tolerance_sd_log, {0.0, 1.5}, "tol: spread between patients", fit);
}

void describe(schema::Visitor& visit, DailyLifeTraits& p) {
  visit("activity_distance_log", p.activity_distance_log, {-0.5, 1.0},
        "d: mean distance of habitual exertion below the own threshold", fit);
  visit("activity_distance_sd_log", p.activity_distance_sd_log, {0.0, 0.5},
        "d: standard deviation between patients", fit);
  visit("exertion_bouts_per_week", p.exertion_bouts_per_week, {1.0, 1000.0},
        "lam_act: median rate of exertion bouts", fit);
  visit("exertion_bouts_sd_log", p.exertion_bouts_sd_log, {0.0, 1.5},
        "lam_act: spread between patients", fit);
  visit("painful_fraction", p.painful_fraction, {0.01, 0.99},
        "p: median share of ischaemic episodes that hurt (25 % in series of ambulatory monitoring)",
        fit);
  visit("painful_sd_log", p.painful_sd_log, {0.0, 2.0}, "p: spread on the logit scale", fit);
  visit("non_ischaemic_pain_per_week", p.non_ischaemic_pain_per_week, {0.0, 30.0},
        "nc: median rate of chest pain without ischaemia", fit);
  visit("non_ischaemic_pain_sd_log", p.non_ischaemic_pain_sd_log, {0.0, 2.0},
        "nc: spread between patients", fit);
}

void describe(schema::Visitor& visit, Parameters& p) {
  visit.group("demography", p.demography);
  visit.group("disease", p.disease);
  visit.group("drugs", p.drugs);
  visit.group("correlations", p.correlations);
  visit.group("left_ventricle", p.left_ventricle);
  visit.group("exercise", p.exercise);
  visit.group("daily_life", p.daily_life);
}

}  // namespace angiotrial::cohort
