// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/published_rows.hpp>

#include <angiotrial/evidence/published.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "shelf.hpp"

namespace angiotrial::report {
namespace {

using analysis::Row;

constexpr std::string_view name_of(evidence::Seen seen) {
  switch (seen) {
    case evidence::Seen::seen:
      return "seen";
    case evidence::Seen::derived:
      return "derived";
    case evidence::Seen::recalled:
      return "recalled";
  }
  return "";
}

constexpr std::string_view fit_use = "calibrated to";
constexpr std::string_view held_out_use = "held out";

constexpr std::array<std::pair<std::string_view, std::string_view>, 13> known_params{
    {{"ANGWK", "Angina episodes per week"},
     {"NTGWK", "Nitroglycerin doses per week"},
     {"ETTDUR", "Total exercise time"},
     {"ETTCHG", "Total exercise time, change from baseline"},
     {"ETTANG", "Time to onset of angina"},
     {"TROPI", "Troponin"},
     {"MACE", "First major adverse cardiac event"},
     {"DEATH", "Death"},
     {"DISP", "Subject disposition"},
     {"FLOW", "Screening"},
     {"ENZNSTMI", "Enzyme rise fitting NSTEMI"},
     {"SHORTHI", "Product"},
     {"CD34KG", "CD34+ cells given per kg of dosing weight"}}};

std::string param_of(std::string_view paramcd) {
  const auto found =
      std::ranges::find(known_params, paramcd, [](const auto& entry) { return entry.first; });
  return std::string(found == known_params.end() ? paramcd : found->second);
}

/// The rows of one published number: itself first, its error and interval behind it.
void append(const evidence::Published& p, std::string_view use, std::vector<Row>& rows) {
  constexpr double published_level = 0.95;  // of every interval in the evidence table
  Row row;
  row.source = "published";
  row.scenario = p.trial;
  row.arm = p.arm;
  row.arm_ref = p.arm_ref;
  row.group = p.group;
  row.paramcd = p.paramcd;
  row.param = param_of(p.paramcd);
  row.avisit = p.avisit;
  row.month = p.month;
  row.unit = p.unit;
  row.method =
      std::string(name_of(p.seen)) + "; " + std::string(use) + "; " + std::string(p.citation);
  if (!p.identifier.empty()) row.method += "; " + std::string(p.identifier);
  const auto put = [&](std::string_view statistic, std::optional<double> value) {
    if (!value) return;
    rows.push_back(row);
    rows.back().statistic = statistic;
    rows.back().value = value;
  };
  put(p.statistic, p.value);
  put("se", p.se);
  row.level = published_level;
  put("lower", p.lower);
  put("upper", p.upper);
}

std::string letters_and_digits(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

/// (simulated - published) / published standard error, where all three are known.
void append_distances(std::vector<Row>& rows, const std::vector<Row>& published) {
  const Shelf simulated(rows);
  const Shelf shelf(published);
  std::vector<Row> distances;
  for (const Row& row : published) {
    const Row* counterpart = simulated.simulated_counterpart(row);
    const Row* se = shelf.companion(row, "se");
    if (counterpart == nullptr || se == nullptr || !counterpart->value || !row.value) continue;
    if (!se->value || !(*se->value > 0.0)) continue;
    Row distance = *counterpart;
    distance.statistic = distance_statistic;
    distance.method = distance_method(row.statistic);
    distance.value = (*counterpart->value - *row.value) / *se->value;
    distance.unit = "published SE";
    distance.level.reset();
    if (distance.mcse) distance.mcse = *distance.mcse / *se->value;
    for (auto* q : {&distance.q025, &distance.q500, &distance.q975}) q->reset();
    const bool known = std::ranges::any_of(
        distances, [&](const Row& other) { return same_statistic(other, distance); });
    if (!known) distances.push_back(std::move(distance));
  }
  rows.insert(rows.end(), distances.begin(), distances.end());
}

/// What each step of a decomposition adds to the one before it.
void append_steps(std::vector<Row>& rows) {
  std::vector<Row> steps;
  for (const Row& row : rows) {
    if (!is_decomposition(row)) continue;
    const Row* before = nullptr;
    for (const Row& other : rows) {
      if (!is_decomposition(other) || other.scenario != row.scenario) continue;
      if (other.paramcd != row.paramcd || other.arm != row.arm || other.group >= row.group)
        continue;
      if (before == nullptr || other.group > before->group) before = &other;
    }
    if (before == nullptr) continue;
    Row step = row;
    step.statistic = step_statistic;
    step.method = "level after the step - level before it";
    step.value.reset();
    if (row.value && before->value) step.value = *row.value - *before->value;
    for (auto* field : {&step.mcse, &step.q025, &step.q500, &step.q975}) field->reset();
    steps.push_back(std::move(step));
  }
  rows.insert(rows.end(), steps.begin(), steps.end());
}

}  // namespace

bool same_trial(std::string_view a, std::string_view b) {
  return letters_and_digits(a) == letters_and_digits(b);
}

std::vector<Row> published_rows(const std::string& study_id) {
  std::vector<Row> rows;
  for (const auto& row : evidence::fit_rows()) append(row, fit_use, rows);
  for (const auto& row : evidence::held_out_rows()) append(row, held_out_use, rows);
  const bool about =
      std::ranges::any_of(rows, [&](const Row& row) { return same_trial(row.scenario, study_id); });
  if (!about) rows.clear();
  return rows;
}

bool is_fit_target(const Row& row) {
  return row.method.find("; " + std::string(fit_use) + "; ") != std::string::npos;
}

bool is_recalled(const Row& row) { return row.method.starts_with("recalled"); }

std::vector<Row> complete_rows(const std::string& study_id, std::vector<Row> simulated) {
  return complete_rows(study_id, std::move(simulated), published_rows(study_id));
}

std::vector<Row> complete_rows(const std::string& study_id, std::vector<Row> simulated,
                               const std::vector<Row>& published) {
  std::vector<Row> own;
  std::ranges::copy_if(published, std::back_inserter(own),
                       [&](const Row& row) { return same_trial(row.scenario, study_id); });
  append_distances(simulated, own);
  append_steps(simulated);
  simulated.insert(simulated.end(), published.begin(), published.end());
  return simulated;
}

}  // namespace angiotrial::report
