// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/csv.hpp>
#include <angiotrial/formats/text_columns.hpp>
#include <angiotrial/report/plan_report.hpp>
#include <angiotrial/report/results_json.hpp>

#include <algorithm>

#include "display.hpp"
#include "plan_lines.hpp"
#include "row_fields.hpp"

namespace angiotrial::report {
namespace {

using analysis::Row;

std::string number_or_dash(const Row* row) {
  const std::string text = plan_number(row);
  return text.empty() ? "-" : text;
}

std::string with_unit(const Row& row) {
  const std::string unit = unit_title(row.unit);
  const bool plain = unit.empty() || row.unit == "ratio" || row.unit == "probability";
  return number_or_dash(&row) + (plain ? "" : " " + unit);
}

std::string interval(const PlanLine& line) {
  if (!is_known(line.lower) && !is_known(line.upper)) return "";
  const Row* limit = line.lower != nullptr ? line.lower : line.upper;
  const std::string percent = limit->level ? plan_number_of_percent(*limit->level) : "";
  return " (" + percent + number_or_dash(line.lower) + " to " + number_or_dash(line.upper) + ")";
}

/// The estimate with what is known beside it: an interval may have one limit.
std::string text_of(const PlanLine& line) {
  const Row& estimate = *line.estimate;
  const bool known = is_known(&estimate);
  std::string beside = interval(line);
  if (is_known(line.se)) {
    beside += is_of_logarithm(*line.se) ? ", se log " : ", " + statistic_title("se") + " ";
    beside += plan_number(line.se);
  }
  if (is_known(line.numerator_df) && is_known(line.df)) {
    beside += ", df " + plan_number(line.numerator_df) + " and " + plan_number(line.df);
  } else if (is_known(line.df)) {
    beside += ", df " + plan_number(line.df);
  }
  if (is_known(line.p_value)) beside += ", p " + plan_number(line.p_value);
  const std::string nothing = estimate.note.empty() ? "not estimable" : "-";
  return statistic_title(estimate.statistic) + " " +
         (known || !beside.empty() ? with_unit(estimate) : nothing) + beside;
}

std::string block_text(const PlanBlock& block) {
  const bool several = block.several_visits();
  std::string out;
  std::size_t widest = 0;
  for (const PlanLine& line : block.lines) {
    if (line.stands_alone(several)) widest = std::max(widest, subject_of(*line.estimate).size());
  }
  widest = std::min<std::size_t>(widest, 34);
  std::string facts;
  for (const PlanLine& line : block.lines) {
    if (line.only_a_note()) continue;
    if (line.stands_alone(several)) {
      out +=
          "  " + formats::padded(subject_of(*line.estimate), widest) + "  " + text_of(line) + "\n";
    } else {
      facts += (facts.empty() ? "  " : "; ") + text_of(line);
    }
  }
  if (!facts.empty()) out += facts + "\n";
  for (const std::string& note : notes_of(block)) out += "  ! " + note + "\n";
  return out;
}

void add_cell(std::vector<formats::CsvCell>& cells, const std::string& text) {
  formats::CsvCell& cell = cells.emplace_back();
  if (!text.empty()) cell.emplace<std::string>(text);
}

void add_cell(std::vector<formats::CsvCell>& cells, const std::optional<double>& number) {
  formats::CsvCell& cell = cells.emplace_back();
  if (number) cell.emplace<double>(*number);
}

}  // namespace

std::string plan_number_of_percent(double level) {
  return fixed(100.0 * level, level * 100.0 == static_cast<int>(level * 100.0) ? 0 : 1) + " % ";
}

std::string_view notice_of(const std::vector<Row>& rows) {
  const auto from = [&](std::string_view source) {
    return std::ranges::any_of(rows, [&](const Row& row) { return row.source == source; });
  };
  const bool plan_alone = from("design");
  if (from("observed") && plan_alone) {
    return "Data supplied by the user; results of source \"design\" are SIMULATED or computed from "
           "the plan alone - not for clinical decisions";
  }
  if (!rows.empty() && !from("observed")) {
    if (from("simulated")) return notice;
    if (plan_alone) {
      return "SIMULATED or computed from the plan alone, no data of patients read - not for "
             "clinical decisions";
    }
  }
  return "Data supplied by the user - not for clinical decisions";
}

std::string plan_terminal(const PlanReport& report) {
  std::string out = (report.title.empty() ? std::string("Analysis") : report.title) + "\n";
  std::string analysis;
  for (const PlanBlock& block : plan_blocks(report.rows)) {
    const Row& head = block.head();
    if (head.analysis != analysis || analysis.empty()) {
      analysis = head.analysis;
      out += "\n" + analysis + (head.param.empty() ? "" : ": " + head.param) + "\n";
      if (!head.estimand.empty()) out += "  estimand: " + head.estimand + "\n";
    }
    out += "  " + head.method + "\n";
    if (!head.conventions.empty()) out += "  " + head.conventions + "\n";
    out += block_text(block);
  }
  return out + "\n" + std::string(notice_of(report.rows)) + "\n";
}

std::string rows_csv(const std::vector<Row>& rows) {
  std::vector<std::string> header;
  Row names;
  for_each_field(names, [&](std::string_view name, auto&) { header.emplace_back(name); });
  formats::CsvWriter csv(header);
  for (Row row : rows) {
    std::vector<formats::CsvCell> cells;
    for_each_field(row, [&](std::string_view, const auto& member) { add_cell(cells, member); });
    csv.row(cells);
  }
  return csv.take();
}

}  // namespace angiotrial::report
