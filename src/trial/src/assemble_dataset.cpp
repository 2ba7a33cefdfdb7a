// SPDX-License-Identifier: Apache-2.0
#include "assemble_dataset.hpp"

#include <angiotrial/dataset/tables.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace angiotrial::trial {
namespace {

namespace codes = dataset::codes;

constexpr std::size_t visit_baseline = 0, visit_collection = 1, visit_injection = 2,
                      first_follow_up = 3;

std::string padded(std::uint32_t id) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%07u", id);
  return text.data();
}

dataset::VisitIndex index(std::size_t visit) { return static_cast<dataset::VisitIndex>(visit); }

int day_of(const Conditions& conditions, std::uint32_t id, double weeks) {
  return static_cast<int>(conditions.screening_day(id) + std::round(7.0 * weeks));
}

/// A preparation may hold a harvest that only the arm of a twin needs.
bool was_mobilised(const Conditions& conditions, const EnrolledPatient& patient) {
  return patient.preparation.harvest.has_value() &&
         (!patient.arm || conditions.spec.arms[*patient.arm].mobilised);
}

dataset::Subject subject_of(const Conditions& conditions, const EnrolledPatient& patient) {
  const study::StudySpec& spec = conditions.spec;
  const cohort::Patient& who = patient.candidate.patient;
  const cohort::Chart& chart = who.chart;
  dataset::Subject subject;
  const auto site = who.id % static_cast<std::uint32_t>(spec.protocol.centres) + 1;
  subject.subjid = padded(who.id);
  subject.siteid = std::to_string(site);
  subject.usubjid = spec.identity.id + "-" + subject.siteid + "-" + subject.subjid;
  subject.age_years = units::Years(std::floor(chart.age_years.value()));
  subject.sex = chart.sex == cohort::Sex::male ? dataset::Sex::male : dataset::Sex::female;
  subject.weight_kg = chart.weight_kg;
  subject.height_m = chart.height_m.value();
  subject.safety = was_mobilised(conditions, patient) || patient.course != nullptr;
  subject.ccs_class = patient.candidate.record.ccs_class;
  subject.exercise_time_s = units::Seconds(patient.candidate.baseline_exercise_s());
  subject.angina_per_week = units::PerWeek(patient.candidate.record.diary.episodes_per_week());
  subject.lvef_percent = units::Percent(100.0 * chart.lvef_fraction.value());
  subject.haemoglobin_g_per_dl = chart.haemoglobin_g_per_dl;
  subject.diabetes = chart.diabetes;
  subject.prior_bypass = chart.prior_bypass;
  subject.prior_pci = chart.prior_pci;
  subject.prior_infarction = chart.prior_infarction;
  subject.beta_blocker = chart.beta_blocker;
  subject.calcium_channel_blocker = chart.calcium_channel_blocker;
  subject.long_acting_nitrate = chart.long_acting_nitrate;
  subject.ranolazine = chart.ranolazine;
  if (spec.allocation.randomisation.scheme != allocation::Scheme::permuted_blocks) {
    subject.stratum_1 = chart.diabetes ? "Diabetes" : "No diabetes";
    subject.stratum_2 = "CCS class " + std::to_string(patient.candidate.record.ccs_class);
  }
  if (patient.arm) {
    const study::Arm& arm = spec.arms[*patient.arm];
    subject.arm = arm.name;
    subject.randomised = subject.intention_to_treat = true;
    subject.dose_cells_per_kg = arm.dose.dose_cells_per_kg;
    subject.randomised_day = day_of(conditions, who.id, conditions.injection_week);
  }
  if (patient.course != nullptr) {
    subject.actarm = subject.arm;
    subject.full_analysis = true;
    subject.treatment_day = subject.randomised_day;
  }
  return subject;
}

void end_of_study(const EnrolledPatient& patient, dataset::Subject& subject) {
  if (!subject.randomised_day) {
    subject.end_of_study = dataset::EndOfStudy::discontinued;
    subject.discontinuation_reason = "No usable harvest";
    return;
  }
  if (patient.course == nullptr) {
    subject.end_of_study = dataset::EndOfStudy::discontinued;
    subject.discontinuation_reason = "Not treated";
    subject.end_of_study_day = subject.randomised_day;
    return;
  }
  const assessment::FollowUp& follow_up = patient.preparation.follow_up;
  subject.end_of_study_day =
      *subject.randomised_day + static_cast<int>(follow_up.last_contact.value());
  const bool ended_early = follow_up.death || follow_up.withdrawal;
  subject.end_of_study =
      ended_early ? dataset::EndOfStudy::discontinued : dataset::EndOfStudy::completed;
  if (follow_up.death) subject.discontinuation_reason = "Death";
  if (follow_up.withdrawal) subject.discontinuation_reason = "Withdrawal";
}

void add_diary(dataset::TrialDataset& data, dataset::SubjectIndex subject, std::size_t visit,
               const assessment::DiaryWindow& window, const assessment::DiaryWindow& baseline) {
  const auto rate = [](int count, int days) {
    return days > 0 ? std::optional(7.0 * count / days) : std::nullopt;
  };
  const units::Days days(window.days_observed);
  data.diary.push_back({subject, codes::angina, index(visit), window.episodes, days,
                        rate(baseline.episodes, baseline.days_observed)});
  data.diary.push_back({subject, codes::nitroglycerin, index(visit), window.tablets, days,
                        rate(baseline.tablets, baseline.days_observed)});
}

struct ExerciseBaseline {
  double total_s = 0.0;
  std::optional<double> angina_s;
  double peak_met = 0.0;
  double ccs_class = 0.0;
};

ExerciseBaseline exercise_baseline(const assessment::ScreeningRecord& record) {
  ExerciseBaseline base;
  double angina_s = 0.0;
  int with_angina = 0;
  for (const assessment::ExerciseTest& test : record.tests) {
    base.total_s += test.total_s.value() / static_cast<double>(record.tests.size());
    base.peak_met += test.peak_met.value() / static_cast<double>(record.tests.size());
    if (test.angina_s) {
      angina_s += test.angina_s->value();
      ++with_angina;
    }
  }
  if (with_angina > 0) base.angina_s = angina_s / with_angina;
  base.ccs_class = record.ccs_class;
  return base;
}

void add_exercise(dataset::TrialDataset& data, dataset::SubjectIndex subject, std::size_t visit,
                  std::optional<double> total_s, std::optional<double> angina_s,
                  std::optional<double> peak_met, std::optional<double> ccs_class,
                  const ExerciseBaseline& base) {
  const auto add = [&](dataset::Code code, std::optional<double> aval,
                       std::optional<double> baseline) {
    data.exercise.push_back({subject, code, index(visit), aval, baseline});
  };
  add(codes::exercise_time, total_s, base.total_s);
  add(codes::time_to_angina, angina_s, base.angina_s);
  add(codes::peak_met, peak_met, base.peak_met);
  add(codes::ccs_class, ccs_class, base.ccs_class);
}

void add_visits(const EnrolledPatient& patient, dataset::SubjectIndex subject,
                dataset::TrialDataset& data) {
  const assessment::ScreeningRecord& screening = patient.candidate.record;
  const ExerciseBaseline base = exercise_baseline(screening);
  add_diary(data, subject, visit_baseline, screening.diary, screening.diary);
  add_exercise(data, subject, visit_baseline, base.total_s, base.angina_s, base.peak_met,
               base.ccs_class, base);
  if (patient.course == nullptr) return;
  for (std::size_t k = 0; k < patient.course->visits.size(); ++k) {
    const assessment::VisitRecord& visit = patient.course->visits[k];
    if (visit.diary && visit.diary->days_observed > 0) {
      add_diary(data, subject, first_follow_up + k, *visit.diary, screening.diary);
    }
    if (!visit.exercise) continue;
    const assessment::ExerciseTest& test = *visit.exercise;
    add_exercise(data, subject, first_follow_up + k, test.total_s.value(),
                 test.angina_s ? std::optional(test.angina_s->value()) : std::nullopt,
                 test.peak_met.value(),
                 visit.ccs_class ? std::optional<double>(*visit.ccs_class) : std::nullopt, base);
  }
}

void add_events(const EnrolledPatient& patient, dataset::SubjectIndex subject,
                dataset::TrialDataset& data) {
  const assessment::FollowUp& follow_up = patient.preparation.follow_up;
  const auto add = [&](dataset::Code code, const std::optional<units::Days>& at,
                       const char* description) {
    data.events.push_back({subject, code, at.value_or(follow_up.last_contact), !at.has_value(),
                           at ? description : ""});
  };
  add(codes::mace, follow_up.mace(), "First of death, myocardial infarction, admission");
  add(codes::death, follow_up.death, "Death");
  add(codes::infarction, follow_up.infarction, "Myocardial infarction");
  add(codes::hospital, follow_up.admission, "Cardiac hospital admission");
}

void add_exposure(const Conditions& conditions, const EnrolledPatient& patient,
                  dataset::SubjectIndex subject, dataset::TrialDataset& data) {
  const study::StudySpec& spec = conditions.spec;
  const study::Arm& arm = spec.arms[*patient.arm];
  dataset::ExposureRow row;
  row.subject = subject;
  row.dosing_weight_kg =
      std::min(patient.candidate.patient.chart.weight_kg, arm.dose.weight_cap_kg);
  if (arm.injected) {
    row.administered_cells =
        patient.course->bag.delivered_cells - patient.course->administration.unused_cells;
    row.injections = static_cast<int>(patient.course->administration.sites.size());
    if (row.administered_cells->value() > 0.0) {
      row.viability_percent =
          units::Percent(100.0 * patient.course->bag.viability_fraction.value());
      row.purity_percent = units::Percent(100.0 * patient.course->bag.purity_fraction.value());
    }
  }
  if (was_mobilised(conditions, patient)) {
    row.gcsf_ug_per_kg_per_day = spec.product.mobilisation.gcsf_dose_ug_per_kg_per_day;
    row.gcsf_days = spec.product.mobilisation.gcsf_days;
  }
  data.exposure.push_back(row);
}

void add_labs(const Conditions& conditions, const EnrolledPatient& patient,
              dataset::SubjectIndex subject, dataset::TrialDataset& data) {
  const auto add = [&](dataset::Code code, std::size_t visit, double aval,
                       std::optional<double> upper, std::optional<double> base) {
    data.labs.push_back({subject, code, index(visit), aval, upper, base});
  };
  const assessment::EnzymeRecord& enzymes = patient.course->enzymes;
  const double troponin_base = enzymes.troponin_baseline_uln;
  const double ck_upper = conditions.spec.assessment.enzymes.ck_mb_upper_limit;
  const double ck_base = enzymes.ck_mb_baseline / ck_upper;
  add(codes::troponin, visit_baseline, troponin_base, 1.0, troponin_base);
  add(codes::ck_mb, visit_baseline, ck_base, 1.0, ck_base);
  add(codes::haemoglobin, visit_baseline,
      patient.candidate.patient.chart.haemoglobin_g_per_dl.value(), std::nullopt, std::nullopt);
  if (was_mobilised(conditions, patient)) {
    add(codes::troponin, visit_collection, enzymes.troponin_after_mobilisation_uln, 1.0,
        troponin_base);
    add(codes::enzyme_nstemi, visit_collection, enzymes.nstemi_at_mobilisation ? 1.0 : 0.0,
        std::nullopt, std::nullopt);
    add(codes::blood_cd34, visit_collection,
        patient.preparation.harvest->blood_cd34_cells_per_ul.value(), std::nullopt, std::nullopt);
  }
  if (conditions.spec.arms[*patient.arm].injected) {
    add(codes::troponin, visit_injection, enzymes.troponin_after_injection_uln, 1.0, troponin_base);
    add(codes::ck_mb, visit_injection, enzymes.ck_mb_8_h / ck_upper, 1.0, ck_base);
    add(codes::ck_mb_24_h, visit_injection, enzymes.ck_mb_24_h / ck_upper, 1.0, ck_base);
  }
}

}  // namespace

dataset::TrialDataset empty_dataset(const Conditions& conditions) {
  dataset::TrialDataset data;
  data.study_id = conditions.spec.identity.id;
  // The winter peak is mid-January; the year is nobody's.
  data.reference_date = dataset::iso_date(
      "2020-01-15",
      static_cast<int>(conditions.spec.protocol.start_after_winter_peak_days.value()));
  for (const study::Arm& arm : conditions.spec.arms) {
    data.arms.push_back({arm.name, arm.dose.dose_cells_per_kg});
  }
  data.visits = {{std::string(dataset::visit_names::baseline), 0.0},
                 {std::string(dataset::visit_names::after_collection), 0.0},
                 {std::string(dataset::visit_names::after_injection), 0.0}};
  for (const study::Visit& visit : conditions.spec.visits) {
    data.visits.push_back({"Month " + std::to_string(visit.month), double(visit.month)});
  }
  return data;
}

void append(const Conditions& conditions, const EnrolledPatient& patient,
            dataset::TrialDataset& data) {
  const auto subject = static_cast<dataset::SubjectIndex>(data.subjects.size());
  dataset::Subject row = subject_of(conditions, patient);
  end_of_study(patient, row);
  data.subjects.push_back(std::move(row));
  add_visits(patient, subject, data);
  if (patient.course == nullptr || !patient.arm) return;
  add_events(patient, subject, data);
  add_exposure(conditions, patient, subject, data);
  add_labs(conditions, patient, subject, data);
}

}  // namespace angiotrial::trial
