// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/tables.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "parameter_labels.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace angiotrial::dataset {
namespace {

Cell text(std::string_view value) { return value.empty() ? Cell{} : Cell{std::string(value)}; }
Cell flag(bool value) { return Cell{std::string(value ? "Y" : "N")}; }
Cell flag(const std::optional<bool>& value) { return value ? flag(*value) : Cell{}; }
Cell integer(int value) { return Cell{static_cast<long>(value)}; }
Cell integer(const std::optional<int>& value) { return value ? integer(*value) : Cell{}; }
Cell real(double value) { return Cell{value}; }
Cell real(const std::optional<double>& value) { return value ? Cell{*value} : Cell{}; }
template <units::Unit U>
Cell real(const units::Quantity<U>& value) {
  return Cell{value.value()};
}
template <units::Unit U>
Cell real(const std::optional<units::Quantity<U>>& value) {
  return value ? Cell{value->value()} : Cell{};
}

std::string_view end_of_study(EndOfStudy status) {
  switch (status) {
    case EndOfStudy::ongoing:
      return "ONGOING";
    case EndOfStudy::completed:
      return "COMPLETED";
    case EndOfStudy::discontinued:
      return "DISCONTINUED";
  }
  return "";
}

/// A table under construction: the identifying columns come first on each row.
class Builder {
 public:
  Builder(const TrialDataset& data, std::string name, std::string label,
          std::vector<Column> columns)
      : data_(data), studyid_((data.simulated ? "SIMULATED-" : "") + data.study_id) {
    table_ = {std::move(name), std::move(label), {}, {}};
    table_.columns = {{"STUDYID", "Study identifier"},
                      {"SIMFL", "Simulated data flag (not patient data)"},
                      {"USUBJID", "Unique subject identifier"}};
    for (Column& column : columns) table_.columns.push_back(std::move(column));
  }

  void add(SubjectIndex subject, std::initializer_list<Cell> cells) {
    std::vector<Cell> row{text(studyid_), flag(data_.simulated),
                          text(data_.subjects.at(subject).usubjid)};
    row.insert(row.end(), cells);
    ANGIOTRIAL_EXPECT(row.size() == table_.columns.size(), "each cell of a row has a column");
    table_.rows.push_back(std::move(row));
  }

  [[nodiscard]] Table take() && { return std::move(table_); }

 private:
  const TrialDataset& data_;
  std::string studyid_;
  Table table_;
};

Cell date(const TrialDataset& data, const std::optional<int>& day) {
  return day ? text(iso_date(data.reference_date, *day)) : Cell{};
}

Cell centimetres(const std::optional<double>& height_m) {
  return height_m ? Cell{100.0 * *height_m} : Cell{};
}

Table adsl(const TrialDataset& data) {
  Builder table(data, "ADSL", "Subject-level analysis data set",
                {{"SUBJID", "Subject identifier in the study"},
                 {"SITEID", "Site identifier"},
                 {"AGE", "Age (years)"},
                 {"AGEU", "Age unit"},
                 {"SEX", "Sex"},
                 {"WEIGHTBL", "Baseline weight (kg)"},
                 {"HEIGHTBL", "Baseline height (cm)"},
                 {"ARM", "Planned arm"},
                 {"ACTARM", "Actual arm"},
                 {"RANDFL", "Randomised flag"},
                 {"ITTFL", "Intention-to-treat flag"},
                 {"FASFL", "Full analysis set flag"},
                 {"SAFFL", "Safety population flag"},
                 {"RANDDT", "Date of randomisation"},
                 {"TRTSDT", "Date of treatment"},
                 {"EOSDT", "Date of end of study"},
                 {"EOSSTT", "End of study status"},
                 {"DCSREAS", "Reason for discontinuation"},
                 {"CCSBL", "Baseline CCS class"},
                 {"ETTBL", "Baseline exercise time (s)"},
                 {"ANGFRBL", "Baseline angina episodes (1/week)"},
                 {"LVEFBL", "Baseline LVEF (%)"},
                 {"HGBBL", "Baseline haemoglobin (g/dL)"},
                 {"DIABFL", "Diabetes flag"},
                 {"PRCABGFL", "Prior bypass surgery flag"},
                 {"PRPCIFL", "Prior PCI flag"},
                 {"PRMIFL", "Prior myocardial infarction flag"},
                 {"BBLFL", "Baseline beta-blocker flag"},
                 {"CCBFL", "Baseline calcium-channel blocker flag"},
                 {"LANFL", "Baseline long-acting nitrate flag"},
                 {"RANOLFL", "Baseline ranolazine flag"},
                 {"STRAT1", "Randomisation stratum 1"},
                 {"STRAT2", "Randomisation stratum 2"},
                 {"CD34DOSE", "Planned CD34+ dose (cells/kg)"},
                 {"dose_cells_per_kg", "Planned CD34+ dose (cells/kg)", true},
                 {"randomised_days", "Day of randomisation (days)", true}});
  for (SubjectIndex i = 0; i < data.subjects.size(); ++i) {
    const Subject& s = data.subjects[i];
    table.add(i, {text(s.subjid),
                  text(s.siteid),
                  real(s.age_years),
                  text("YEARS"),
                  text(s.sex == Sex::male ? "M" : "F"),
                  real(s.weight_kg),
                  centimetres(s.height_m),
                  text(s.arm),
                  text(s.actarm),
                  flag(s.randomised),
                  flag(s.intention_to_treat),
                  flag(s.full_analysis),
                  flag(s.safety),
                  date(data, s.randomised_day),
                  date(data, s.treatment_day),
                  date(data, s.end_of_study_day),
                  text(end_of_study(s.end_of_study)),
                  text(s.discontinuation_reason),
                  integer(s.ccs_class),
                  real(s.exercise_time_s),
                  real(s.angina_per_week),
                  real(s.lvef_percent),
                  real(s.haemoglobin_g_per_dl),
                  flag(s.diabetes),
                  flag(s.prior_bypass),
                  flag(s.prior_pci),
                  flag(s.prior_infarction),
                  flag(s.beta_blocker),
                  flag(s.calcium_channel_blocker),
                  flag(s.long_acting_nitrate),
                  flag(s.ranolazine),
                  text(s.stratum_1),
                  text(s.stratum_2),
                  real(s.dose_cells_per_kg),
                  real(s.dose_cells_per_kg),
                  integer(s.randomised_day)});
  }
  return std::move(table).take();
}

Table addiary(const TrialDataset& data) {
  Builder table(data, "ADDIARY", "Diary counts by visit",
                {{"ARM", "Planned arm"},
                 {"PARAMCD", "Parameter code"},
                 {"PARAM", "Parameter"},
                 {"AVISIT", "Analysis visit"},
                 {"AVISITN", "Scheduled month"},
                 {"AVAL", "Weekly rate (1/week)"},
                 {"COUNT", "Episodes or doses in the window"},
                 {"DAYSOBS", "Days observed (days)"},
                 {"BASE", "Baseline weekly rate (1/week)"},
                 {"CHG", "Change from baseline (1/week)"}});
  for (const DiaryRow& row : data.diary) {
    const Visit& visit = data.visits.at(row.visit);
    table.add(row.subject,
              {text(data.subjects.at(row.subject).arm), text(row.paramcd.view()),
               text(label_of(row.paramcd)), text(visit.avisit), real(visit.month), real(row.aval()),
               integer(row.count), real(row.observed_days), real(row.base), real(row.chg())});
  }
  return std::move(table).take();
}

Table adeff(const TrialDataset& data) {
  Builder table(data, "ADEFF", "Exercise tests and class by visit",
                {{"ARM", "Planned arm"},
                 {"PARAMCD", "Parameter code"},
                 {"PARAM", "Parameter"},
                 {"AVISIT", "Analysis visit"},
                 {"AVISITN", "Scheduled month"},
                 {"AVAL", "Analysis value (unit in PARAM)"},
                 {"BASE", "Baseline value (unit in PARAM)"},
                 {"CHG", "Change from baseline (unit in PARAM)"}});
  for (const ExerciseRow& row : data.exercise) {
    const Visit& visit = data.visits.at(row.visit);
    table.add(row.subject, {text(data.subjects.at(row.subject).arm), text(row.paramcd.view()),
                            text(label_of(row.paramcd)), text(visit.avisit), real(visit.month),
                            real(row.aval), real(row.base), real(row.chg())});
  }
  return std::move(table).take();
}

Table adtte(const TrialDataset& data) {
  Builder table(data, "ADTTE", "Time to event",
                {{"ARM", "Planned arm"},
                 {"PARAMCD", "Parameter code"},
                 {"PARAM", "Parameter"},
                 {"AVAL", "Time from injection (days)"},
                 {"CNSR", "Censoring (0 event, 1 censored)"},
                 {"EVNTDESC", "Event or censoring description"}});
  for (const EventRow& row : data.events) {
    table.add(row.subject, {text(data.subjects.at(row.subject).arm), text(row.paramcd.view()),
                            text(label_of(row.paramcd)), real(row.aval),
                            integer(row.censored ? 1 : 0), text(row.description)});
  }
  return std::move(table).take();
}

Table adex(const TrialDataset& data) {
  Builder table(data, "ADEX", "Exposure",
                {{"ACTARM", "Actual arm"},
                 {"PARAMCD", "Parameter code"},
                 {"PARAM", "Parameter"},
                 {"AVAL", "Analysis value (unit in PARAM)"},
                 {"DOSEWT", "Dosing weight after the cap (kg)"},
                 {"GCSFDAYS", "Days of G-CSF (days)"},
                 {"dose_cells_per_kg", "Planned CD34+ dose (cells/kg)", true},
                 {"administered_cells", "Viable CD34+ cells given (cells)", true}});
  for (const ExposureRow& row : data.exposure) {
    const Subject& subject = data.subjects.at(row.subject);
    const std::pair<Code, Cell> values[] = {{"CD34TOT", real(row.administered_cells)},
                                            {"CD34KG", real(row.administered_cells_per_kg())},
                                            {"NINJ", integer(row.injections)},
                                            {"VIAB", real(row.viability_percent)},
                                            {"PURITY", real(row.purity_percent)},
                                            {"GCSF", real(row.gcsf_ug_per_kg_per_day)}};
    for (const auto& [code, value] : values) {
      table.add(row.subject, {text(subject.actarm), text(code.view()), text(label_of(code)), value,
                              real(row.dosing_weight_kg), integer(row.gcsf_days),
                              real(subject.dose_cells_per_kg), real(row.administered_cells)});
    }
  }
  return std::move(table).take();
}

Cell change(const LabRow& row) {
  return row.aval && row.base ? Cell{*row.aval - *row.base} : Cell{};
}

Table adlb(const TrialDataset& data) {
  Builder table(data, "ADLB", "Laboratory values",
                {{"ARM", "Planned arm"},
                 {"PARAMCD", "Parameter code"},
                 {"PARAM", "Parameter"},
                 {"AVISIT", "Analysis visit"},
                 {"AVAL", "Analysis value (unit in PARAM)"},
                 {"BASE", "Baseline value (unit in PARAM)"},
                 {"CHG", "Change from baseline (unit in PARAM)"},
                 {"ANRHI", "Upper limit of normal (unit in PARAM)"},
                 {"CRIT1", "Criterion 1"},
                 {"CRIT1FL", "Criterion 1 flag"},
                 {"CRIT2", "Criterion 2"},
                 {"CRIT2FL", "Criterion 2 flag"}});
  for (const LabRow& row : data.labs) {
    const bool limited = row.upper_limit.has_value();
    table.add(row.subject, {text(data.subjects.at(row.subject).arm), text(row.paramcd.view()),
                            text(label_of(row.paramcd)), text(data.visits.at(row.visit).avisit),
                            real(row.aval), real(row.base), change(row), real(row.upper_limit),
                            text(limited ? "AVAL > ANRHI" : ""), flag(row.above(1.0)),
                            text(limited ? "AVAL > 3 x ANRHI" : ""), flag(row.above(3.0))});
  }
  return std::move(table).take();
}

}  // namespace

std::vector<Table> to_tables(const TrialDataset& data) {
  std::vector<Table> tables;
  tables.push_back(adsl(data));
  tables.push_back(addiary(data));
  tables.push_back(adeff(data));
  tables.push_back(adtte(data));
  tables.push_back(adex(data));
  tables.push_back(adlb(data));
  return tables;
}

}  // namespace angiotrial::dataset
