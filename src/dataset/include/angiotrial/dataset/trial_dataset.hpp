// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/records.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a sponsor would see of one trial, and nothing else: observed columns in the shape of ADaM.
///
///   assessment's visit records  ->  TrialDataset  ->  analysis, tables.hpp (ADSL ... ADLB)
///
/// No latent quantity has a member here. A missing value is an empty optional or an absent row,
/// never a number that stands for "missing".
namespace angiotrial::dataset {

/// Analysis visits by name. Rows hold an index into TrialDataset::visits.
namespace visit_names {
inline constexpr std::string_view baseline = "Baseline";
inline constexpr std::string_view after_collection = "After collection";  ///< G-CSF + apheresis
inline constexpr std::string_view after_injection = "After injection";
}  // namespace visit_names

struct Visit {
  std::string avisit;  ///< "Baseline", "After collection", "Month 3"
  double month = 0.0;  ///< scheduled, since randomisation; 0 for baseline and the procedures
};

struct Arm {
  std::string name;                     ///< the study file's name: placebo, low, high
  units::CellsPerKg dose_cells_per_kg;  ///< planned; 0 in a placebo arm
};

/// Counts by reason, in the order first met.
using ReasonCounts = std::vector<std::pair<std::string, int>>;

struct ArmFlow {
  std::string arm;
  int randomised = 0;
  int treated = 0;
  std::vector<std::pair<std::string, int>> followed;  ///< visit name, subjects seen there
  int completed = 0;
  ReasonCounts discontinued;
};

/// The numbers of a CONSORT diagram, counted from consent on.
struct Disposition {
  int screened = 0;              ///< gave consent
  ReasonCounts screen_failures;  ///< reason, subjects
  int mobilised = 0;             ///< started G-CSF
  int completed_mobilisation = 0;
  int failed_harvest = 0;  ///< no product that could be released
  int randomised = 0;
  int treated = 0;
  std::vector<ArmFlow> arms;  ///< in the order of TrialDataset::arms

  [[nodiscard]] int screen_failed() const {
    int total = 0;
    for (const auto& [reason, count] : screen_failures) total += count;
    return total;
  }
};

struct TrialDataset {
  std::string study_id;   ///< without the SIMULATED- mark, which tables.hpp adds
  bool simulated = true;  ///< false only for a user's own data
  std::string reference_date = "2020-01-01";  ///< ISO date of study day 0
  std::vector<Arm> arms;  ///< in display order; the reference arm is the plan's choice
  std::vector<Visit> visits;
  std::vector<Subject> subjects;      ///< ADSL: all who started mobilisation or were randomised
  std::vector<DiaryRow> diary;        ///< ADDIARY
  std::vector<ExerciseRow> exercise;  ///< ADEFF
  std::vector<EventRow> events;       ///< ADTTE
  std::vector<ExposureRow> exposure;  ///< ADEX, at most one record a subject
  std::vector<LabRow> labs;           ///< ADLB
  Disposition disposition;
};

/// Index of the visit of that name, if the data set has it.
[[nodiscard]] std::optional<VisitIndex> find_visit(const TrialDataset& data,
                                                   std::string_view avisit);

/// Index into `arms` of the arm of that name, if the data set has it.
[[nodiscard]] std::optional<std::size_t> find_arm(const TrialDataset& data, std::string_view name);

/// What is wrong with a data set: a subject or visit index out of range, an unknown arm, a
/// negative count or exposure, a time below zero, a number that is not finite, two rows for one
/// subject, parameter and visit. Empty when all is well. Meant for a user's own data; a simulated
/// set passes by construction.
[[nodiscard]] std::vector<diagnostics::Problem> check(const TrialDataset& data);

}  // namespace angiotrial::dataset
