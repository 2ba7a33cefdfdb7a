// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>
#include <angiotrial/report/manifest.hpp>
#include <angiotrial/schema/ledger.hpp>
#include <angiotrial/units/names.hpp>

#include <string>
#include <vector>

namespace angiotrial::report {

struct ReportArm {
  std::string name;
  units::CellsPerKg dose_cells_per_kg;  ///< planned; 0 in a placebo arm
};

struct ReportVisit {
  std::string avisit;  ///< "Month 6"
  double month = 0.0;
};

/// Everything a report is drawn from. Nothing is shown that is not in it.
struct ReportInput {
  std::string study_id;
  std::string title;
  std::string description;
  std::vector<analysis::Row> rows;  ///< as complete_rows() gives them and results.json holds them
  std::vector<schema::LedgerRow> ledger;
  Manifest manifest;
  std::vector<ReportArm> arms;  ///< in display order
  std::string reference_arm = "placebo";
  std::vector<ReportVisit> visits;         ///< after baseline, in order of time
  std::string primary_avisit = "Month 6";  ///< the visit of the first screen
};

/// One file that needs no network and no script: pictures are SVG, every picture has its numbers
/// in a table beside it. Each number names its row: data-row is its place in results.json, counted
/// from 0. The same input gives the same bytes. Rows that are missing leave their place empty.
[[nodiscard]] std::string html_report(const ReportInput& input);

}  // namespace angiotrial::report
