// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/tables.hpp>
#include <angiotrial/formats/csv_table.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace angiotrial::dataset::tests {

inline formats::DataTable table_of(const std::string& name, const std::string& csv) {
  auto table = formats::parse_csv_table(csv, name + ".csv");
  if (!table) throw std::runtime_error(diagnostics::to_string(table.problems()));
  return std::move(table).value();
}

/// The tables of a data set as a reader of its CSV files finds them.
inline std::vector<formats::DataTable> read_tables(const TrialDataset& data) {
  std::vector<formats::DataTable> tables;
  for (const Table& table : to_tables(data)) tables.push_back(table_of(table.name, to_csv(table)));
  return tables;
}

/// Two arms, three subjects of whom one was never randomised, a row or more in each table.
inline TrialDataset two_arms() {
  TrialDataset data;
  data.study_id = "ACT34-CMI";
  data.reference_date = "2006-04-01";
  data.arms = {{"placebo", units::CellsPerKg(0.0)}, {"low", units::CellsPerKg(1.0e5)}};
  data.visits = {
      {"Baseline", 0.0}, {"After collection", 0.0}, {"After injection", 0.0}, {"Month 6", 6.0}};
  for (int i = 0; i < 3; ++i) {
    Subject s;
    s.usubjid = "ACT34-000" + std::to_string(i);
    s.subjid = "000" + std::to_string(i);
    s.siteid = "07";
    s.age_years = units::Years(61.0 + i);
    s.sex = i == 1 ? Sex::female : Sex::male;
    s.height_m = 1.7 + 0.013 * i;
    if (i < 2) {
      const Arm& arm = data.arms[static_cast<std::size_t>(1 - i)];
      s.arm = s.actarm = arm.name;
      s.dose_cells_per_kg = arm.dose_cells_per_kg;
      s.randomised = s.intention_to_treat = true;
      s.randomised_day = 30 + i;
      s.treatment_day = 40;
      s.end_of_study_day = 220;
      s.end_of_study = i == 0 ? EndOfStudy::completed : EndOfStudy::discontinued;
      s.discontinuation_reason = i == 0 ? "" : "Withdrawal";
    }
    s.safety = true;
    s.ccs_class = 3;
    s.diabetes = i == 0;
    data.subjects.push_back(s);
  }
  data.diary.push_back({0, codes::angina, 3, 40, units::Days(28.0), 20.0});
  data.diary.push_back({1, codes::angina, 3, 0, units::Days(0.0), 21.0});
  data.exercise.push_back({0, codes::exercise_time, 3, 430.5, 360.0});
  data.exercise.push_back({1, codes::exercise_time, 0, std::nullopt, 360.0});
  data.events.push_back({1, codes::mace, units::Days(100.0), false, "infarction, \"large\""});
  data.events.push_back({0, codes::mace, units::Days(180.25), true, ""});
  data.exposure.push_back(
      {0, units::Cells(9.1e6), units::Kilograms(90.0), 10, units::Percent(93.5), {}, {}, 5});
  data.exposure.push_back({2, {}, {}, {}, {}, {}, units::UgPerKgPerDay(5.0), 4});
  data.labs.push_back({1, codes::troponin, 1, 3.2, 1.0, 0.4});
  data.labs.push_back({1, codes::haemoglobin, 0, 13.1, std::nullopt, std::nullopt});
  return data;
}

}  // namespace angiotrial::dataset::tests
