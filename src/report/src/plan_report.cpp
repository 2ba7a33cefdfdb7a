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

std::string with_unit(const Row& row) {
  const std::string unit = unit_title(row.unit);
  const bool plain = unit.empty() || row.unit == "ratio" || row.unit == "probability";
  return plain ? plan_number(&row) : plan_number(&row) + " " + unit;
}

std::string interval(const PlanLine& line) {
  if (line.lower == nullptr || line.upper == nullptr) return "";
  const std::string from = plan_number(line.lower), to = plan_number(line.upper);
  if (from.empty() && to.empty()) return "";
  const auto level = line.lower->level;
  const std::string percent = level ? plan_number_of_percent(*level) : "";
  return " (" + percent + from + " to " + to + ")";
}

std::string text_of(const PlanLine& line) {
  std::string text = statistic_title(line.estimate->statistic) + " " + with_unit(*line.estimate);
  text += interval(line);
  const auto add = [&](const std::string& name, const Row* row) {
    const std::string number = plan_number(row);
    if (!number.empty()) text += ", " + name + " " + number;
  };
  if (line.se != nullptr) add(statistic_title(line.se->statistic), line.se);
  add("df", line.df);
  add("p", line.p_value);
  return text;
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
    const Row& row = *line.estimate;
    if (!row.value) continue;
    if (line.stands_alone(several)) {
      out += "  " + formats::padded(subject_of(row), widest) + "  " + text_of(line) + "\n";
    } else {
      facts += (facts.empty() ? "  " : "; ") + text_of(line);
    }
  }
  if (!facts.empty()) out += facts + "\n";
  std::vector<std::string> notes;
  for (const PlanLine& line : block.lines) {
    const std::string& note = line.estimate->note;
    if (note.empty() || std::ranges::find(notes, note) != notes.end()) continue;
    notes.push_back(note);
    out += "  ! " + note + "\n";
  }
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
