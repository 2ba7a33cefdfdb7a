// SPDX-License-Identifier: Apache-2.0
#include "parameter_labels.hpp"

#include <array>
#include <utility>

namespace angiotrial::dataset {

std::string_view label_of(Code code) {
  static constexpr std::array<std::pair<Code, std::string_view>, 23> labels{{
      {codes::angina, "Angina episodes (1/week)"},
      {codes::nitroglycerin, "Nitroglycerin doses (1/week)"},
      {codes::exercise_time, "Total exercise time (s)"},
      {codes::time_to_angina, "Time to onset of angina (s)"},
      {codes::time_to_st, "Time to 1 mm ST depression (s)"},
      {codes::peak_met, "Peak workload (MET)"},
      {codes::ccs_class, "CCS angina class"},
      {codes::mace, "Time to first MACE (days)"},
      {codes::death, "Time to death (days)"},
      {codes::infarction, "Time to myocardial infarction (days)"},
      {codes::hospital, "Time to cardiac admission (days)"},
      {codes::troponin, "Troponin I (x ULN)"},
      {codes::ck_mb, "Creatine kinase MB (x ULN)"},
      {codes::ck_mb_24_h, "Creatine kinase MB at 24 h (x ULN)"},
      {codes::blood_cd34, "Circulating CD34+ cells (cells/uL)"},
      {codes::haemoglobin, "Haemoglobin (g/dL)"},
      {codes::enzyme_nstemi, "Enzyme rise fitting NSTEMI (1 yes)"},
      {"CD34TOT", "Viable CD34+ cells given (cells)"},
      {"CD34KG", "CD34+ cells given per kg (cells/kg)"},
      {"NINJ", "Injections"},
      {"VIAB", "Viability (%)"},
      {"PURITY", "CD34+ purity (%)"},
      {"GCSF", "G-CSF dose (ug/kg/day)"},
  }};
  for (const auto& [known, label] : labels) {
    if (known == code) return label;
  }
  return {};
}

}  // namespace angiotrial::dataset
