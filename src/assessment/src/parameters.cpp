// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/assessment/parameters.hpp>

namespace angiotrial::assessment {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source fit{Provenance::fitted,
                     "prototype fit to 12 trial summaries (ACT34-CMI, RENEW and others), rounded",
                     ""};
constexpr Source assumed{Provenance::assumed, "", ""};
constexpr Source kristensen{Provenance::seen, "Kristensen 2024 Circulation (n 20)", ""};
constexpr Source troponin{Provenance::derived,
                          "from exceedances in Povsic 2012 Am Heart J 164:689 (ACT34-CMI)",
                          "10.1016/j.ahj.2012.06.022"};
constexpr Source optimist{Provenance::seen, "Henry 2013 Eur Heart J, OPTIMIST, n 1200",
                          "10.1093/eurheartj/eht165"};

}  // namespace

void describe(schema::Visitor& visit, Treadmill& p) {
  visit("heart_rate_slope_bpm_per_met", p.heart_rate_slope_bpm_per_met, {1.0, 30.0},
        "kHR: rise of heart rate with workload, on a beta-blocker", assumed);
  visit("systolic_slope_mmhg_per_met", p.systolic_slope_mmhg_per_met, {0.5, 30.0},
        "kSBP: rise of systolic pressure with workload", assumed);
  visit("oxygen_uptake_time_s", p.oxygen_uptake_time_s, {5.0, 120.0},
        "tau_VO2: time constant of oxygen uptake",
        {Provenance::recalled, "textbook; slower in coronary disease (30-70 s)", ""});
  visit("handrail_fraction", p.handrail_fraction, {0.5, 1.0},
        "factor on the workload above rest when the handrail is held", assumed);
  visit("pain_delay_s", p.pain_delay_s, {0.0, 120.0},
        "delta_pain: from the start of ischaemia to pain (order of events: Am J Cardiol 1986)",
        assumed);
  visit("threshold_noise_sd_log", p.threshold_noise_sd_log, {0.0, 0.5},
        "eps_r: test-to-test standard deviation of the threshold",
        {Provenance::seen, "Waters 1985 J Am Coll Cardiol 6:1011", ""});
  visit("slope_noise_sd_log", p.slope_noise_sd_log, {0.0, 0.5},
        "eps_h: test-to-test standard deviation of the slopes", fit);
  visit("fatigue_noise_sd_log", p.fatigue_noise_sd_log, {0.0, 0.5},
        "eps_f: test-to-test standard deviation of the fatigue limit", fit);
}

void describe(schema::Visitor& visit, Diary& p) {
  visit("dispersion", p.dispersion, {0.0, 5.0},
        "nb: overdispersion of a patient's weekly counts, variance = mean + nb mean^2", fit);
  visit("adherence_fraction", p.adherence_fraction, {0.05, 1.0}, "share of diary days filled in",
        assumed);
  visit("tablets_per_attack", p.tablets_per_attack, {0.0, 5.0}, "nitroglycerin tablets per attack",
        {Provenance::derived, "ERICA baseline, Stone 2006 J Am Coll Cardiol",
         "10.1016/j.jacc.2006.05.044"});
  visit(
      "tablet_reporting_exponent", p.tablet_reporting_exponent, {0.0, 1.0},
      "x: tablets follow the reporting factor to this power (sham: episodes -53 %, tablets -25 %)",
      {Provenance::derived, "Palma 2022 BMC Cardiovasc Disord", "10.1186/s12872-022-02658-x"});
}

void describe(schema::Visitor& visit, Ccs& p) {
  visit("class_4_below_met", p.class_4_below_met, {1.0, 20.0},
        "CCS class IV when angina comes below this workload", assumed);
  visit("class_3_below_met", p.class_3_below_met, {1.0, 20.0}, "CCS class III below this workload",
        assumed);
  visit("class_2_below_met", p.class_2_below_met, {1.0, 20.0}, "CCS class II below this workload",
        assumed);
  visit("misclassified_fraction", p.misclassified_fraction, {0.0, 0.9},
        "share graded one class too low or too high", assumed);
}

void describe(schema::Visitor& visit, Enzymes& p) {
  visit("baseline_median_uln", p.baseline_median_uln, {0.0, 10.0},
        "median troponin before the trial; with its spread 4.3 % exceed the limit", troponin);
  visit("baseline_sd_log", p.baseline_sd_log, {0.0, 5.0}, "its spread between patients", assumed);
  visit("mobilisation_median_uln", p.mobilisation_median_uln, {0.0, 100.0},
        "median rise of troponin through G-CSF and collection", troponin);
  visit("mobilisation_sd_log", p.mobilisation_sd_log, {0.0, 5.0}, "its spread between patients",
        troponin);
  visit("injection_uln_per_injured_gram", p.injection_uln_per_injured_gram, {0.0, 1e6},
        "troponin, in upper limits, released per gram of injured muscle", troponin);
  visit("age_effect_per_decade_log", p.age_effect_per_decade_log, {-1.0, 1.0},
        "rise of ln troponin at mobilisation per decade of age; at injection delivery has it (age "
        "was "
        "the only predictor; size not reached)",
        assumed);
  visit("cytosolic_fraction", p.cytosolic_fraction, {0.0, 1.0}, "f_cyt: cytosolic share (3-8 %)",
        {Provenance::recalled, "secondary page", ""});
  visit("cytosolic_release_per_hour", p.cytosolic_release_per_hour, {0.01, 20.0},
        "k_cyt: release rate of the cytosolic share", assumed);
  visit("structural_release_hours", p.structural_release_hours, {1.0, 200.0},
        "release time of the structural share; reproduces the observed 7-20 h half-life",
        {Provenance::derived, "two-compartment computation on Kristensen 2024 Circulation", ""});
  visit("elimination_half_life_hours", p.elimination_half_life_hours, {0.5, 24.0},
        "elimination half-life of troponin I (2.2 h for T)", kristensen);
  visit("symptomatic_fraction", p.symptomatic_fraction, {0.0, 1.0},
        "share of rises above 3 x ULN at mobilisation that fit an infarction (4.6 of 7.2 %)",
        {Provenance::derived, "Losordo 2011 Circ Res 109:428 and Povsic 2012",
         "10.1161/CIRCRESAHA.111.245993"});
  visit("ck_mb_baseline", p.ck_mb_baseline, {0.1, 50.0}, "median CK-MB before injection, ug/L",
        {Provenance::seen, "Baldazzi thesis 2009, 71 patients: 2, 6 (8 h), 4 (24 h) ug/L",
         "thesis, Bologna 2009"});
  visit("ck_mb_upper_limit", p.ck_mb_upper_limit, {0.1, 100.0}, "upper limit of CK-MB, ug/L",
        {Provenance::seen, "Baldazzi thesis 2009", "thesis, Bologna 2009"});
  visit("ck_mb_rise_per_uln", p.ck_mb_rise_per_uln, {0.0, 100.0},
        "rise of CK-MB at 8 h, ug/L, per upper limit of troponin (4 ug/L at a median of 0.83)",
        {Provenance::derived, "Baldazzi thesis 2009, 71 patients", "thesis, Bologna 2009"});
  visit("ck_mb_sd_log", p.ck_mb_sd_log, {0.0, 2.0}, "spread of CK-MB between patients", assumed);
  visit("reference_age_years", p.reference_age_years, {18.0, 120.0},
        "age at which the median rise at mobilisation is the stated one",
        {Provenance::seen, "EXACT trial 2024: mean age 64", ""});
  visit("ck_mb_half_life_hours", p.ck_mb_half_life_hours, {1.0, 100.0},
        "half-life of the CK-MB rise between 8 and 24 h", {Provenance::recalled, "about 12 h", ""});
}

void describe(schema::Visitor& visit, Hazards& p) {
  visit("death_per_year", p.death_per_year, {0.0, 1.0}, "hazard of death", optimist);
  visit("death_ratio_per_year_of_age", p.death_ratio_per_year_of_age, {0.9, 1.2},
        "hazard ratio of death per year of age", optimist);
  visit("death_ratio_diabetes", p.death_ratio_diabetes, {0.2, 10.0},
        "hazard ratio of death with diabetes", optimist);
  visit("death_ratio_kidney_disease", p.death_ratio_kidney_disease, {0.2, 10.0},
        "hazard ratio of death with chronic kidney disease", optimist);
  visit("death_ratio_heart_failure", p.death_ratio_heart_failure, {0.2, 10.0},
        "hazard ratio of death with heart failure", optimist);
  visit("reference_age_years", p.reference_age_years, {18.0, 120.0},
        "age at which the hazard of death is the stated one", assumed);
  visit("reference_diabetes_fraction", p.reference_diabetes_fraction, {0.0, 1.0},
        "share with diabetes in the population that the stated hazard is the mean of", assumed);
  visit("reference_kidney_disease_fraction", p.reference_kidney_disease_fraction, {0.0, 1.0},
        "share with chronic kidney disease in that population", assumed);
  visit("reference_heart_failure_fraction", p.reference_heart_failure_fraction, {0.0, 1.0},
        "share with heart failure in that population", assumed);
  visit("infarction_per_year", p.infarction_per_year, {0.0, 1.0},
        "hazard of a first myocardial infarction",
        {Provenance::derived, "spinal-cord-stimulation cohort, Heart 1999 (57 in 517, 23 months)",
         ""});
  visit("admission_per_year", p.admission_per_year, {0.0, 5.0},
        "hazard of a first admission for acute coronary syndrome or heart failure",
        {Provenance::derived,
         "Povsic 2015 J Am Heart Assoc, Duke: composite 52.2 % by 3 years (0.246 per year), less "
         "death and infarction",
         "10.1161/JAHA.114.001287"});
  visit(
      "withdrawal_per_year", p.withdrawal_per_year, {0.0, 2.0}, "hazard of leaving the trial",
      {Provenance::chosen,
       "so that deaths and withdrawals together leave as many as completed ACT34-CMI (156 of 167)",
       "NCT00300053"});
  visit("missed_visit_fraction", p.missed_visit_fraction, {0.0, 1.0},
        "share of visits missed by a patient still in the trial", assumed);
}

void describe(schema::Visitor& visit, Parameters& p) {
  visit.group("treadmill", p.treadmill);
  visit.group("diary", p.diary);
  visit.group("ccs", p.ccs);
  visit.group("enzymes", p.enzymes);
  visit.group("hazards", p.hazards);
}

}  // namespace angiotrial::assessment
