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

/// The place in a line that this statistic fills beside its estimate; null if it is one itself.
/// A second effect begins their names with its own, as net_benefit_lower.
const Row** place_of(const Row& row, PlanLine& line) {
  std::string_view name = row.statistic;
  const std::string prefix = line.estimate->statistic + "_";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  if (name == "lower") return &line.lower;
  if (name == "upper") return &line.upper;
  if (name == "se" || name == "se_log") return &line.se;
  if (name == "df") return &line.df;
  if (name == "p_value") return &line.p_value;
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

std::string plan_number(const Row* row) {
  if (row == nullptr || !row->value || !std::isfinite(*row->value)) return "";
  const double value = *row->value;
  std::array<char, 40> text{};
  const bool test = row->unit == "probability" && row->statistic == "p_value";
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
