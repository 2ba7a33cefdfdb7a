// SPDX-License-Identifier: Apache-2.0
#include "rendering.hpp"

#include <algorithm>

namespace angiotrial::app {
namespace {

/// The first screen shows month 6, where trials of this field have their primary endpoint, or the
/// last visit of a study without it.
std::string primary_visit(const std::vector<report::ReportVisit>& visits) {
  const auto six = std::ranges::find(visits, 6.0, &report::ReportVisit::month);
  if (six != visits.end()) return six->avisit;
  return visits.empty() ? "" : visits.back().avisit;
}

}  // namespace

report::ReportInput report_input(const study::Study& study, std::vector<analysis::Row> rows,
                                 report::Manifest manifest) {
  report::ReportInput input;
  input.study_id = study.spec.identity.id;
  input.title = study.spec.identity.title;
  input.rows = std::move(rows);
  input.ledger = study.ledger;
  input.manifest = std::move(manifest);
  for (const study::Arm& arm : study.spec.arms) {
    input.arms.push_back({arm.name, arm.dose.dose_cells_per_kg});
  }
  input.reference_arm = study.spec.analysis.reference_arm;
  for (const study::Visit& visit : study.spec.visits) {
    input.visits.push_back(
        {"Month " + std::to_string(visit.month), static_cast<double>(visit.month)});
  }
  input.primary_avisit = primary_visit(input.visits);
  return input;
}

}  // namespace angiotrial::app
