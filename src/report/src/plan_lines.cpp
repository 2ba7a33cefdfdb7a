// SPDX-License-Identifier: Apache-2.0
#include "plan_lines.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace angiotrial::report {
namespace {

using analysis::Row;

bool same_subject(const Row& a, const Row& b) {
  return a.analysis == b.analysis && a.arm == b.arm && a.arm_ref == b.arm_ref &&
         a.group == b.group && a.avisit == b.avisit && a.conventions == b.conventions;
}

bool same_block(const Row& a, const Row& b) {
  return a.analysis == b.analysis && a.method == b.method && a.conventions == b.conventions;
}

/// Every p-value, whatever its name says of it: adjusted_p_value, quade_p_value, p_value_lower.
bool is_p_value(const Row& row) {
  return row.unit == "probability" && row.statistic.find("p_value") != std::string::npos;
}

/// Whether a p-value can belong to the statistic: a count or a bound is not what was tested.
bool may_be_tested(const Row& row) {
  constexpr std::array<std::string_view, 4> never{"n", "critical_value", "stopped_at",
                                                  "strata_used"};
  return !is_p_value(row) && !row.statistic.starts_with("n_") && !row.statistic.ends_with("_df") &&
         std::ranges::find(never, row.statistic) == never.end();
}

/// The name without what another effect or test of the same subject begins it with:
/// net_benefit_lower beside net_benefit, quade_p_value beside quade_f.
std::string_view own_name(std::string_view name, std::string_view estimate) {
  while (!estimate.empty()) {
    if (name.starts_with(estimate) && name.substr(estimate.size()).starts_with('_')) {
      return name.substr(estimate.size() + 1);
    }
    const std::size_t last = estimate.rfind('_');
    estimate = estimate.substr(0, last == std::string_view::npos ? 0 : last);
  }
  return name;
}

/// The place in a line that this statistic fills beside its estimate; null if it is one itself.
const Row** place_of(const Row& row, PlanLine& line) {
  const std::string_view name = own_name(row.statistic, line.estimate->statistic);
  if (name == "lower") return &line.lower;
  if (name == "upper") return &line.upper;
  if (name == "se" || name == "se_log") return &line.se;
  if (name == "numerator_df" || name == "df_between") return &line.numerator_df;
  if (name == "df" || name == "denominator_df" || name == "df_within") return &line.df;
  if (name == "p_value" && may_be_tested(*line.estimate)) return &line.p_value;
  return nullptr;
}

}  // namespace

bool PlanBlock::several_visits() const {
  return std::ranges::any_of(
      lines, [&](const PlanLine& line) { return line.estimate->avisit != head().avisit; });
}

std::vector<PlanBlock> plan_blocks(std::span<const Row> rows) {
  std::vector<PlanBlock> blocks;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (!blocks.empty() && same_block(blocks.back().head(), row)) {
      PlanLine& last = blocks.back().lines.back();
      const Row** place = place_of(row, last);
      if (place != nullptr && *place == nullptr && same_subject(*last.estimate, row)) {
        *place = &row;
        continue;
      }
    } else {
      blocks.emplace_back();
    }
    blocks.back().lines.push_back({i, &row});
  }
  return blocks;
}

std::string subject_of(const Row& row) {
  std::string text = row.arm;
  if (!row.arm_ref.empty()) text += (text.empty() ? "arms" : "") + (" against " + row.arm_ref);
  if (!row.group.empty()) text += (text.empty() ? "" : ", ") + row.group;
  if (!row.avisit.empty()) text += (text.empty() ? "" : ", ") + row.avisit;
  return text;
}

std::vector<std::string> notes_of(const PlanBlock& block) {
  struct Note {
    std::string text;
    std::size_t lines = 0;
    std::vector<std::string> subjects;
  };
  std::vector<Note> notes;
  for (const PlanLine& line : block.lines) {
    const std::string& text = line.estimate->note;
    if (text.empty()) continue;
    auto at = std::ranges::find(notes, text, &Note::text);
    if (at == notes.end()) at = notes.insert(at, Note{text, 0, {}});
    ++at->lines;
    const std::string subject = subject_of(*line.estimate);
    if (std::ranges::find(at->subjects, subject) == at->subjects.end()) {
      at->subjects.push_back(subject);
    }
  }
  std::vector<std::string> out;
  for (const Note& note : notes) {
    constexpr std::size_t most_named = 3;
    const bool named = note.lines < block.lines.size() && note.subjects.size() <= most_named;
    std::string subjects;
    for (const std::string& subject : note.subjects) {
      if (named && !subject.empty()) subjects += (subjects.empty() ? "" : "; ") + subject;
    }
    out.push_back(subjects + (subjects.empty() ? "" : ": ") + note.text);
  }
  return out;
}

bool is_of_logarithm(const Row& se) { return se.statistic.ends_with("se_log"); }

bool is_known(const Row* row) { return row != nullptr && row->value && std::isfinite(*row->value); }

std::string plan_number(const Row* row) {
  if (!is_known(row)) return "";
  const double value = *row->value;
  std::array<char, 40> text{};
  const bool test = is_p_value(*row);
  if (test && value < 1e-4) return "<0.0001";
  if (test) {
    std::snprintf(text.data(), text.size(), "%.4f", value);
  } else if (value == std::floor(value) && std::fabs(value) < 1e9) {
    std::snprintf(text.data(), text.size(), "%.0f", value == 0.0 ? 0.0 : value);
  } else {
    std::snprintf(text.data(), text.size(), std::fabs(value) >= 1000.0 ? "%.1f" : "%#.4g", value);
  }
  return text.data();
}

}  // namespace angiotrial::report
