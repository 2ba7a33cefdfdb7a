// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/analyse.hpp>
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/descriptive.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rows/row_writer.hpp"

/// What every method of analyse() shares.
namespace angiotrial::analysis {

/// Why a regression has no answer, as a number.
void put_status(RowWriter& out, FitStatus status);

/// An analysis visit as the plan names it.
struct PlannedVisit {
  dataset::VisitIndex index = 0;
  std::string_view avisit;
  double month = 0.0;
};

struct Context {
  Context(const dataset::TrialDataset& d, const AnalysisPlan& p);

  [[nodiscard]] bool contains(dataset::SubjectIndex subject, Population population) const;
  /// The planned visits that the data have, in the order of the data.
  [[nodiscard]] std::vector<PlannedVisit> visits(std::string_view names) const;
  [[nodiscard]] const std::string& arm_name(std::size_t arm) const { return data.arms[arm].name; }

  const dataset::TrialDataset& data;
  const AnalysisPlan& plan;
  std::size_t arms = 0;
  int reference = 0;  ///< index of the reference arm
  double level = 0.95;
  double half_width = 0.0;  ///< normal quantile of `level`
  std::vector<int> arm_of;  ///< by subject: the planned arm, -1 for none
  NegativeBinomialWorkspace workspace;
};

/// Rows of one parameter, by visit index, of subjects in `population` with an arm (or, when
/// `armless` is set, with any or none).
template <class DataRow>
std::vector<std::vector<const DataRow*>> by_visit(const Context& c,
                                                  const std::vector<DataRow>& rows,
                                                  std::string_view paramcd, Population population,
                                                  bool armless = false) {
  std::vector<std::vector<const DataRow*>> out(c.data.visits.size());
  const dataset::Code code(paramcd);
  for (const DataRow& row : rows) {
    if (row.paramcd != code || !c.contains(row.subject, population)) continue;
    if (!armless && c.arm_of[row.subject] < 0) continue;
    out[row.visit].push_back(&row);
  }
  return out;
}

/// Sets what belongs to a visit.
inline void at_visit(RowWriter& out, const PlannedVisit& visit) {
  out.row.avisit = visit.avisit;
  out.row.month = visit.month;
}

/// n, mean, sd, se and median of `values` (which are reordered).
void put_summary(RowWriter& out, std::span<double> values, std::string_view unit);

// The methods, each in a file of its own. A new one is a function here and a line in analyse.cpp.
void baseline_rows(Context& c, RowWriter& out);
void count_rows(Context& c, RowWriter& out);
void continuous_rows(Context& c, RowWriter& out);
void category_rows(Context& c, RowWriter& out);
void event_rows(Context& c, RowWriter& out);
void lab_rows(Context& c, RowWriter& out);
void dose_rows(Context& c, RowWriter& out);
void disposition_rows(Context& c, RowWriter& out);

}  // namespace angiotrial::analysis
