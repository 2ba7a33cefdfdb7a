// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/published_rows.hpp>

#include <algorithm>

#include "sections.hpp"

/// Who was randomised.
namespace angiotrial::report {
namespace {

using analysis::Row;

struct Line {
  std::string paramcd, group, param, unit, statistic;

  bool operator==(const Line&) const = default;
};

/// Mean or percentage of each baseline characteristic, once, in the order of the rows. Diary and
/// treadmill rows of the baseline visit repeat characteristics and are left to their sections.
std::vector<Line> lines(const Sheet& sheet) {
  std::vector<Line> out;
  for (const Row& row : sheet.input.rows) {
    const bool wanted = row.source == "simulated" && row.avisit == "Baseline" &&
                        (row.statistic == "mean" || row.statistic == "percent") &&
                        row.estimand.find("baseline characteristic") != std::string::npos;
    if (!wanted) continue;
    Line line{row.paramcd, row.group, row.param, row.unit, row.statistic};
    if (std::ranges::find(out, line) == out.end()) out.push_back(std::move(line));
  }
  return out;
}

std::string with_sd(const Sheet& sheet, const Row* row) {
  std::string out = number(sheet.shelf, row);
  if (row == nullptr) return out;
  const Row* sd = sheet.shelf.companion(*row, "sd");
  if (sd != nullptr && sd->value) out += " <small>(" + number(sheet.shelf, sd) + ")</small>";
  if (row->source == "published" && is_recalled(*row)) out += unverified;
  return out;
}

/// Under the code of the characteristic, or of the endpoint whose baseline it is.
const Row* published(const Sheet& sheet, Want want) {
  if (const Row* row = sheet.published(want)) return row;
  const std::string_view wanted = want.paramcd;
  for (const std::string_view code : {"ANGWK", "ETTDUR"}) {
    want.paramcd = code;
    if (baseline_code(code) == wanted) return sheet.published(want);
  }
  return nullptr;
}

std::string label(const Line& line) {
  std::string out = escape(line.param);
  if (!line.group.empty()) out += ", " + escape(line.group);
  const std::string unit = unit_title(line.unit);
  return unit.empty() ? out : out + " <small>" + escape(unit) + "</small>";
}

}  // namespace

std::string baseline_section(const Sheet& sheet) {
  std::vector<std::string> header{"Characteristic", "All"};
  for (const ReportArm& arm : sheet.input.arms) header.push_back(escape(arm.name));
  if (!sheet.trial.empty()) header.push_back("Published, " + escape(sheet.trial));
  Table table("Baseline characteristics of the randomised: mean (SD) or percentage", header);
  for (const Line& line : lines(sheet)) {
    Want want{.group = line.group,
              .paramcd = line.paramcd,
              .avisit = "Baseline",
              .statistic = line.statistic};
    std::vector<std::string> cells{label(line), with_sd(sheet, sheet.simulated(want))};
    for (const ReportArm& arm : sheet.input.arms) {
      want.arm = arm.name;
      cells.push_back(with_sd(sheet, sheet.simulated(want)));
    }
    want.arm = "";
    if (!sheet.trial.empty()) cells.push_back(with_sd(sheet, published(sheet, want)));
    table.row(cells);
  }
  if (table.empty()) return "";
  return section("baseline", "Baseline",
                 paragraph("Arms differ by chance only, so no p values are given. The published "
                           "baseline by arm was not at hand; what is marked unverified was quoted "
                           "from memory.") +
                     table.html());
}

}  // namespace angiotrial::report
