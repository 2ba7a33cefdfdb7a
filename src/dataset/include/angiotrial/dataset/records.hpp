// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/code.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/units/names.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// The rows of the analysis data sets. ADaM names stand in the comments; tables.hpp writes them.
/// Members that carry a unit say it in their name or by their type. AVAL carries the unit of its
/// parameter (codes.hpp).
namespace angiotrial::dataset {

using SubjectIndex = std::uint32_t;  ///< into TrialDataset::subjects
using VisitIndex = std::uint16_t;    ///< into TrialDataset::visits

enum class Sex { female, male };
enum class EndOfStudy { ongoing, completed, discontinued };

/// ADSL: one row a subject. Days count from TrialDataset::reference_date (day 0).
struct Subject {
  std::string usubjid;                        ///< USUBJID, unique over studies
  std::string subjid;                         ///< SUBJID, unique in the study
  std::string siteid;                         ///< SITEID
  units::Years age_years;                     ///< AGE
  Sex sex = Sex::male;                        ///< SEX
  std::optional<units::Kilograms> weight_kg;  ///< WEIGHTBL
  std::optional<double> height_m;             ///< HEIGHTBL, in cm there

  std::string arm;                  ///< ARM, planned; empty before randomisation
  std::string actarm;               ///< ACTARM; empty when never treated
  bool randomised = false;          ///< RANDFL
  bool intention_to_treat = false;  ///< ITTFL
  bool full_analysis = false;       ///< FASFL
  bool safety = false;              ///< SAFFL: had any study procedure, mobilisation included

  std::optional<int> randomised_day;              ///< RANDDT
  std::optional<int> treatment_day;               ///< TRTSDT
  std::optional<int> end_of_study_day;            ///< EOSDT
  EndOfStudy end_of_study = EndOfStudy::ongoing;  ///< EOSSTT
  std::string discontinuation_reason;             ///< DCSREAS; empty unless discontinued

  std::optional<int> ccs_class;                           ///< CCSBL, 1 to 4
  std::optional<units::Seconds> exercise_time_s;          ///< ETTBL
  std::optional<units::PerWeek> angina_per_week;          ///< ANGFRBL
  std::optional<units::Percent> lvef_percent;             ///< LVEFBL
  std::optional<units::GramsPerDl> haemoglobin_g_per_dl;  ///< HGBBL
  std::optional<bool> diabetes;                           ///< DIABFL
  std::optional<bool> prior_bypass;                       ///< PRCABGFL
  std::optional<bool> prior_pci;                          ///< PRPCIFL
  std::optional<bool> prior_infarction;                   ///< PRMIFL
  std::optional<bool> beta_blocker;                       ///< BBLFL, at baseline as are the others
  std::optional<bool> calcium_channel_blocker;            ///< CCBFL
  std::optional<bool> long_acting_nitrate;                ///< LANFL
  std::optional<bool> ranolazine;                         ///< RANOLFL
  std::string stratum_1;                                  ///< STRAT1
  std::string stratum_2;                                  ///< STRAT2

  units::CellsPerKg dose_cells_per_kg;  ///< CD34DOSE, planned by the arm
};

/// ADDIARY: one parameter of one diary window. AVAL = 7 count / days.
struct DiaryRow {
  SubjectIndex subject = 0;
  Code paramcd;  ///< ANGWK or NTGWK
  VisitIndex visit = 0;
  int count = 0;               ///< COUNT: episodes or doses in the window
  units::Days observed_days;   ///< DAYSOBS: days with an entry, the exposure
  std::optional<double> base;  ///< BASE, per week

  /// AVAL, per week; empty when no day was observed.
  [[nodiscard]] std::optional<double> aval() const {
    if (observed_days.value() <= 0.0) return std::nullopt;
    return 7.0 * count / observed_days.value();
  }
  [[nodiscard]] std::optional<double> chg() const {
    const auto value = aval();
    if (!value || !base) return std::nullopt;
    return *value - *base;
  }
};

/// ADEFF: one treadmill (or class) parameter of one visit.
struct ExerciseRow {
  SubjectIndex subject = 0;
  Code paramcd;  ///< ETTDUR s, ETTANG s, ETTST1 s, METPK MET, CCSCLS class
  VisitIndex visit = 0;
  std::optional<double> aval;
  std::optional<double> base;

  [[nodiscard]] std::optional<double> chg() const {
    if (!aval || !base) return std::nullopt;
    return *aval - *base;
  }
};

/// ADTTE: time from injection to the first event of its kind, or to censoring.
struct EventRow {
  SubjectIndex subject = 0;
  Code paramcd;             ///< MACE, DEATH, MI or HOSP
  units::Days aval;         ///< AVAL
  bool censored = true;     ///< CNSR: 0 event, 1 censored
  std::string description;  ///< EVNTDESC
};

/// ADEX: what was given to one subject, as the site records it. Written as the parameters CD34TOT,
/// CD34KG, NINJ, VIAB, PURITY and GCSF.
struct ExposureRow {
  SubjectIndex subject = 0;
  std::optional<units::Cells> administered_cells;  ///< CD34TOT: viable CD34+ cells in the syringes
  std::optional<units::Kilograms> dosing_weight_kg;            ///< weight after the protocol's cap
  std::optional<int> injections;                               ///< NINJ
  std::optional<units::Percent> viability_percent;             ///< VIAB
  std::optional<units::Percent> purity_percent;                ///< PURITY
  std::optional<units::UgPerKgPerDay> gcsf_ug_per_kg_per_day;  ///< GCSF
  std::optional<int> gcsf_days;                                ///< GCSFDAYS

  /// CD34KG: cells given per kilogram of dosing weight.
  [[nodiscard]] std::optional<units::CellsPerKg> administered_cells_per_kg() const {
    if (!administered_cells || !dosing_weight_kg) return std::nullopt;
    return units::CellsPerKg(administered_cells->value() / dosing_weight_kg->value());
  }
};

/// ADLB: one laboratory value. CRIT1FL and CRIT2FL (> 1 and > 3 times ANRHI) follow from it.
struct LabRow {
  SubjectIndex subject = 0;
  Code paramcd;  ///< TROPI xULN, CKMB xULN, CD34A cells/uL, HGB g/dL
  VisitIndex visit = 0;
  std::optional<double> aval;
  std::optional<double> upper_limit;  ///< ANRHI; 1 for a parameter in multiples of ULN
  std::optional<double> base;

  /// Whether AVAL exceeds `multiple` times the upper limit; empty when either is missing.
  [[nodiscard]] std::optional<bool> above(double multiple) const {
    if (!aval || !upper_limit) return std::nullopt;
    return *aval > multiple * *upper_limit;
  }
};

}  // namespace angiotrial::dataset
