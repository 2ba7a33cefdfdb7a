// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/plan_report.hpp>

#include <algorithm>

#include "display.hpp"
#include "markup.hpp"
#include "plan_forest.hpp"
#include "plan_lines.hpp"
#include "sections.hpp"

namespace angiotrial::report {
namespace {

using analysis::Row;

std::string cell(const std::vector<Row>& rows, const Row* row) {
  const std::string text = plan_number(row);
  if (text.empty()) return std::string(missing_mark);
  return "<span data-row=\"" + std::to_string(row - rows.data()) + "\" data-part=\"value\">" +
         escape(text) + "</span>";
}

std::string range_cell(const std::vector<Row>& rows, const PlanLine& line) {
  const Row* limit = line.lower != nullptr ? line.lower : line.upper;
  if (!is_known(line.lower) && !is_known(line.upper)) return std::string(missing_mark);
  const std::string range = cell(rows, line.lower) + " to " + cell(rows, line.upper);
  if (!limit->level) return range;
  return range + " <small>" + plan_number_of_percent(*limit->level) + "</small>";
}

/// The column holds errors of both scales, so that those of a logarithm are marked.
std::string se_cell(const std::vector<Row>& rows, const Row* se) {
  const bool marked = se != nullptr && is_of_logarithm(*se);
  return cell(rows, se) + (marked ? " <small>(log)</small>" : "");
}

std::string df_cell(const std::vector<Row>& rows, const PlanLine& line) {
  if (line.numerator_df == nullptr) return cell(rows, line.df);
  return cell(rows, line.numerator_df) + " and " + cell(rows, line.df);
}

std::string block_table(const std::vector<Row>& rows, const PlanBlock& block) {
  const Row& head = block.head();
  const bool several = block.several_visits();
  std::string facts;
  Table table(escape(head.method), {"", "Statistic", "Estimate", "Interval", "SE", "df", "p"});
  for (const PlanLine& line : block.lines) {
    const Row& row = *line.estimate;
    if (line.only_a_note()) continue;
    if (!line.stands_alone(several)) {
      const std::string unit = unit_title(row.unit);
      facts += (facts.empty() ? "" : "; ") + escape(statistic_title(row.statistic)) + " " +
               cell(rows, &row) + (unit.empty() ? "" : " " + escape(unit));
      continue;
    }
    const std::string unit = unit_title(row.unit);
    const std::string small = unit.empty() ? "" : " <small>" + escape(unit) + "</small>";
    table.row({escape(subject_of(row)), escape(statistic_title(row.statistic)),
               cell(rows, &row) + small, range_cell(rows, line), se_cell(rows, line.se),
               df_cell(rows, line), cell(rows, line.p_value)});
  }
  std::string out;
  if (!table.empty()) out += table.html();
  if (table.empty()) out += "<h3>" + escape(head.method) + "</h3>\n";
  if (!facts.empty()) out += paragraph(facts);
  if (!head.conventions.empty()) {
    out += "<p class=\"conventions\">" + escape(head.conventions) + "</p>\n";
  }
  for (const std::string& note : notes_of(block)) {
    out += paragraph("<span class=\"mark\">" + escape(note) + "</span>");
  }
  return out;
}

std::string id_of(std::size_t number) { return "analysis-" + std::to_string(number); }

std::string options_section(const PlanReport& report) {
  if (report.ledger.empty()) return "";
  Table table("Every option as used", {"Option", "Value", "Meaning", "Set"});
  for (const schema::LedgerRow& row : report.ledger) {
    table.row({"<code>" + escape(row.path) + "</code>", "<code>" + escape(row.value) + "</code>",
               "<span class=\"source\">" + escape(row.meaning) + "</span>",
               row.line > 0 ? "line " + std::to_string(row.line) : "default"});
  }
  return section("plan", "Plan", details("Options", table.html()));
}

std::string inputs_section(const PlanReport& report) {
  Table table("Files read", {"File", "SHA-256"});
  for (const InputFile& input : report.inputs) {
    table.row({escape(input.path), "<code>" + escape(input.sha256) + "</code>"});
  }
  return section("inputs", "Data",
                 table.html() + paragraph("AngioTrial " + escape(report.version) + " (" +
                                          escape(report.commit) + "), " + escape(report.date)));
}

std::string head(const PlanReport& report) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; img-src data:\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<title>" + escape(report.title) + ": " + escape(notice_of(report.rows)) + "</title>\n";
  return out + "<style>" + std::string(stylesheet()) + "</style>\n</head>\n";
}

}  // namespace

std::string plan_html(const PlanReport& report) {
  std::string body, contents, inside, title;
  std::size_t number = 0;
  std::vector<PlanBlock> of_analysis;
  const auto close = [&] {
    if (of_analysis.empty()) return;
    const Row& first = of_analysis.front().head();
    title = first.analysis + (first.param.empty() ? "" : ": " + first.param);
    inside.clear();
    if (!first.estimand.empty()) inside += paragraph("Estimand: " + escape(first.estimand));
    inside += plan_forest(of_analysis);
    for (const PlanBlock& block : of_analysis) inside += block_table(report.rows, block);
    body += section(id_of(++number), escape(title), inside);
    contents += "<li><a href=\"#" + id_of(number) + "\">" + escape(first.analysis) + "</a></li>\n";
    of_analysis.clear();
  };
  for (PlanBlock& block : plan_blocks(report.rows)) {
    if (!of_analysis.empty() && of_analysis.front().head().analysis != block.head().analysis)
      close();
    of_analysis.push_back(std::move(block));
  }
  close();
  return head(report) + "<body>\n<div class=\"page\">\n<p class=\"notice\">" +
         escape(notice_of(report.rows)) + "</p>\n<h1>" + escape(report.title) +
         "</h1>\n<nav aria-label=\"Contents\"><ul>" + contents + "</ul></nav>\n<main>\n" + body +
         options_section(report) + inputs_section(report) + "</main>\n</div>\n</body>\n</html>\n";
}

}  // namespace angiotrial::report
