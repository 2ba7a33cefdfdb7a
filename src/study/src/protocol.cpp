// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/study/protocol.hpp>

namespace angiotrial::study {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source protocol{Provenance::protocol, "the study file", ""};
constexpr Source assumed{Provenance::assumed, "", ""};

}  // namespace

void describe(schema::Visitor& visit, Identity& p) {
  visit("id", p.id, "short name of the study, part of STUDYID", protocol);
  visit("title", p.title, "title, as printed on the report", protocol);
}

void describe(schema::Visitor& visit, Protocol& p) {
  visit("randomised", p.randomised, {2, 100000}, "patients to randomise",
        {Provenance::protocol, "ACT34-CMI: 168 randomised, 167 treated", "NCT00300053"});
  visit("most_candidates", p.most_candidates, {10, 1000000000},
        "candidates after which enrolment is given up", assumed);
  visit("candidates_per_day", p.candidates_per_day, {0.001, 10000.0},
        "candidates looked at per day, in all centres: sets dates and seasons",
        {Provenance::derived, "about 11 600 candidates over the two years of recruitment",
         "NCT00300053"});
  visit("start_after_winter_peak_days", p.start_after_winter_peak_days, {0.0, 366.0},
        "first day of screening, counted from mid-January",
        {Provenance::protocol, "ACT34-CMI began in April 2006", "NCT00300053"});
  visit("centres", p.centres, {1, 1000}, "number of centres",
        {Provenance::protocol, "ACT34-CMI: 26 centres", "NCT00300053"});
  visit("harvest_before_randomisation", p.harvest_before_randomisation,
        "whether every patient is mobilised and collected before the arm is known",
        {Provenance::protocol, "ACT34-CMI; Losordo 2011 Circ Res 109:428",
         "10.1161/CIRCRESAHA.111.245993"});
  visit("screening_to_injection_weeks", p.screening_to_injection_weeks, {1.0, 26.0},
        "from the end of the screening diary to injection", assumed);
  visit("diary_weeks", p.diary_weeks, {1, 26}, "length of the diary before each visit",
        {Provenance::seen, "RENEW: 4 weeks before each visit", "NCT01508910"});
  visit("horizon_months", p.horizon_months, {1.0, 60.0}, "end of follow-up",
        {Provenance::protocol, "ACT34-CMI: 12 months", "NCT00300053"});
  visit(
      "not_treated_fraction", p.not_treated_fraction, {0.0, 1.0},
      "share randomised and never treated",
      {Provenance::derived, "ACT34-CMI: 1 of 168 (coagulopathy)", "10.1161/CIRCRESAHA.111.245993"});
}

void describe(schema::Visitor& visit, Arm& p) {
  visit("ratio", p.ratio, {1, 100}, "share of this arm in the randomisation", protocol);
  visit("blinded", p.blinded, "whether patient and assessor do not know the arm", protocol);
  visit("mobilised", p.mobilised, "whether this arm gets G-CSF and collection", protocol);
  visit("injected", p.injected, "whether this arm is mapped and injected, with cells or diluent",
        protocol);
}

void describe(schema::Visitor& visit, Visit& p) {
  visit("month", p.month, {1, 60}, "months from injection to this visit", protocol);
}

void describe(schema::Visitor& visit, Scenario& p) {
  const Source notes{
      Provenance::chosen,
      "after three prototype fits of the placebo arm; re-chosen so that each keeps the "
      "baseline and the month-6 attacks. Strong regression spreads counts too widely",
      ""};
  visit("reporting_median", p.reporting_median, {0.05, 1.5},
        "replaces symptoms.placebo.reporting_median", notes);
  visit("fluctuation_sd_log", p.fluctuation_sd_log, {0.0, 1.5},
        "replaces symptoms.daily_life.fluctuation_sd_log", notes);
  visit("half_point_per_week", p.half_point_per_week, {0.1, 100.0},
        "replaces allocation.referral.half_point_per_week", notes);
  visit("exertion_bouts_per_week", p.exertion_bouts_per_week, {1.0, 1000.0},
        "replaces cohort.daily_life.exertion_bouts_per_week", notes);
}

void describe(schema::Visitor& visit, Run& p) {
  visit("resolution", p.resolution, resolution_names,
        "hearts of treated patients: radial, as segments and shells; voxel, in three dimensions",
        assumed);
  visit("voxel_spacing_mm", p.voxel_spacing_mm, {0.25, 2.0},
        "edge of a voxel of the left ventricle at resolution voxel", assumed);
  visit("twins", p.twins, "whether every patient is also run under every other arm", assumed);
  visit("decomposition", p.decomposition,
        "whether the placebo change is split into its parts, for every scenario", assumed);
  visit("most_failed_patients_fraction", p.most_failed_patients_fraction, {0.0, 1.0},
        "share of patients whose numbers may fail before the run counts as failed", assumed);
}

}  // namespace angiotrial::study
