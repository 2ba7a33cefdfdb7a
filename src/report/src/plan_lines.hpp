// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Rows of an analysis gathered as a reader takes them in: an estimate with its interval and test.
namespace angiotrial::report {

struct PlanLine {
  std::size_t first = 0;  ///< place of the estimate among all rows
  const analysis::Row* estimate = nullptr;
  const analysis::Row* lower = nullptr;
  const analysis::Row* upper = nullptr;
  const analysis::Row* se = nullptr;
  const analysis::Row* numerator_df = nullptr;  ///< of an F; `df` then holds the denominator's
  const analysis::Row* df = nullptr;
  const analysis::Row* p_value = nullptr;

  /// Has an interval or a test, or belongs to an arm or group, or to one visit of several.
  [[nodiscard]] bool stands_alone(bool several_visits) const {
    return lower != nullptr || upper != nullptr || p_value != nullptr || !estimate->arm.empty() ||
           !estimate->group.empty() || (several_visits && !estimate->avisit.empty());
  }
  /// A refusal: the note says all there is.
  [[nodiscard]] bool only_a_note() const {
    return estimate->statistic == "status" && !estimate->value;
  }
};

/// Consecutive lines with the same analysis, method, conventions and visit.
struct PlanBlock {
  std::vector<PlanLine> lines;
  [[nodiscard]] const analysis::Row& head() const { return *lines.front().estimate; }
  [[nodiscard]] bool several_visits() const;
};

[[nodiscard]] std::vector<PlanBlock> plan_blocks(std::span<const analysis::Row> rows);

/// "low against placebo, Month 6": arm, reference and group.
[[nodiscard]] std::string subject_of(const analysis::Row& row);

/// Each note of a block once, with those it is about where it is not about all of them.
[[nodiscard]] std::vector<std::string> notes_of(const PlanBlock& block);

/// A standard error of a logarithm, which stands beside an estimate that is none.
[[nodiscard]] bool is_of_logarithm(const analysis::Row& se);

/// "95 % " of a level.
[[nodiscard]] std::string plan_number_of_percent(double level);

/// Four significant digits; a p-value with four decimals, or <0.0001; a count as it is; nothing if
/// empty.
[[nodiscard]] std::string plan_number(const analysis::Row* row);
/// Whether plan_number would show it.
[[nodiscard]] bool is_known(const analysis::Row* row);

}  // namespace angiotrial::report
