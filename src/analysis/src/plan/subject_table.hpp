// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/repeated.hpp"
#include "plan/task.hpp"
#include "plan/term_design.hpp"

/// Rows by subject and visit as a table of one row a subject.
namespace angiotrial::analysis {

struct SubjectTable {
  Frame frame;  ///< one row a subject, in the order of their names
  std::vector<std::string> visits;
  std::vector<double> outcome;    ///< subjects x visits; NaN: missing
  std::vector<int> arm;           ///< 0: the reference; the others keep the plan's order
  std::vector<std::string> arms;  ///< in that order

  [[nodiscard]] std::size_t subjects() const { return arm.size(); }
};

struct SubjectTableRequest {
  const std::string& response;
  const std::string& visit;
  const std::vector<std::string>& visits;
  VisitOrder order = VisitOrder::of_time;
  /// Columns that must hold one value a subject.
  std::span<const std::string> baseline_columns;
};

/// A subject counts with every row it has, also one without a response. None, with problems: a
/// column that changes within a subject, two rows at one visit, two arms, an arm without a row.
[[nodiscard]] std::optional<SubjectTable> subject_table(const SubjectTableRequest& request,
                                                        Task& task);

/// Indicators and numbers of terms without the arm; subjects x columns. A missing one is a problem.
[[nodiscard]] Design baseline_design(SubjectTable& table, std::span<const std::string> terms,
                                     std::span<const std::string> classes);

}  // namespace angiotrial::analysis
