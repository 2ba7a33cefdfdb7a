// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/published_rows.hpp>

#include <algorithm>

#include "sections.hpp"

/// Every published number of the trial beside its simulated counterpart.
namespace angiotrial::report {
namespace {

using analysis::Row;

bool is_own_line(const Sheet& sheet, const Row& row) {
  const bool attribute =
      row.statistic == "se" || row.statistic == "lower" || row.statistic == "upper";
  return row.source == "published" && row.scenario == sheet.trial && !attribute;
}

/// "seen; Losordo 2011 ...": the method without the use, which has a column of its own.
std::string source_of(const Row& row) {
  const std::size_t first = row.method.find("; ");
  const std::size_t second = first == std::string::npos ? first : row.method.find("; ", first + 2);
  const std::string text = second == std::string::npos
                               ? row.method
                               : row.method.substr(0, first) + row.method.substr(second);
  return "<span class=\"source\">" + escape(text) + "</span>";
}

std::string label(const Row& row) {
  std::string out = escape(row.avisit);
  if (!row.arm.empty()) out += (out.empty() ? "" : ", ") + escape(row.arm);
  if (!row.arm_ref.empty()) out += " against " + escape(row.arm_ref);
  if (!row.group.empty()) out += (out.empty() ? "" : ", ") + escape(row.group);
  out += (out.empty() ? "" : ", ") + escape(statistic_title(row.statistic));
  const std::string unit = unit_title(row.unit);
  return unit.empty() ? out : out + " <small>" + escape(unit) + "</small>";
}

/// Whether the published value lies where most simulated trials lie.
std::string inside(const Row* own, const Row& published) {
  if (own == nullptr || !own->q025 || !own->q975 || !published.value) {
    return std::string(missing_mark);
  }
  const bool within = *published.value >= *own->q025 && *published.value <= *own->q975;
  return within ? "inside" : "<b>outside</b>";
}

std::vector<std::string> cells(const Sheet& sheet, const Row& row) {
  const Row* own = sheet.shelf.simulated_counterpart(row);
  const std::string span = replicate_range(sheet.shelf, own);
  return {label(row),
          number(sheet.shelf, own),
          span.empty() ? std::string(missing_mark) : span,
          number(sheet.shelf, own, Part::mcse),
          published_value(sheet, &row),
          inside(own, row),
          number(sheet.shelf, sheet.shelf.distance(row)),
          is_fit_target(row) ? "calibrated to" : "held out",
          source_of(row)};
}

}  // namespace

std::string comparison_section(const Sheet& sheet) {
  if (sheet.trial.empty()) return "";
  Table table("Simulated and published, " + escape(sheet.trial),
              {"Quantity", "Simulated", "95 % of trials", "MCSE", "Published", "Published lies",
               "Distance, published SE", "Use", "How known"});
  std::vector<std::string> params;
  for (const Row& row : sheet.input.rows) {
    if (is_own_line(sheet, row) && std::ranges::find(params, row.param) == params.end()) {
      params.push_back(row.param);
    }
  }
  for (const std::string& param : params) {
    table.divider(escape(param));
    std::vector<const Row*> lines;
    for (const Row& row : sheet.input.rows) {
      if (is_own_line(sheet, row) && row.param == param) lines.push_back(&row);
    }
    std::ranges::stable_sort(lines, {}, [](const Row* row) { return row->month.value_or(0.0); });
    for (const Row* row : lines) table.row(cells(sheet, *row));
  }
  if (table.empty()) return "";
  return section(
      "comparison", "Beside the published values",
      paragraph("The distance is the simulated mean less the published value, in published "
                "standard errors. A single trial varies: a published value outside the range of "
                "95 % of simulated trials is evidence against the model. One inside it speaks for "
                "the model only where it was held out, not where the model was calibrated to "
                "it. Values marked unverified were quoted from memory.") +
          table.html());
}

}  // namespace angiotrial::report
