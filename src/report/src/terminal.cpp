// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/terminal.hpp>

#include <angiotrial/report/published_rows.hpp>
#include <angiotrial/report/results_json.hpp>

#include <algorithm>
#include <array>
#include <vector>

#include "display.hpp"
#include "sheet.hpp"

namespace angiotrial::report {
namespace {

using analysis::Row;

constexpr std::size_t width = 80;
constexpr std::string_view none = "-";

/// Cut or filled to `columns`; a text of another script may look shorter.
std::string cell(std::string_view text, std::size_t columns, bool right = false) {
  const std::string out(text.substr(0, columns));
  const std::string blanks(columns - out.size(), ' ');
  return right ? blanks + out : out + blanks;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string text_of(const Row* row, Part part = Part::value) {
  const std::string text = row == nullptr ? "" : number_text(*row, part);
  return text.empty() ? std::string(none) : text;
}

/// "8.9 to 12.6" over replicates.
std::string range_of(const Row* row) {
  if (row == nullptr || !row->q025 || !row->q975 || *row->q025 == *row->q975) {
    return std::string(none);
  }
  return number_text(*row, Part::q025) + " to " + number_text(*row, Part::q975);
}

std::string with(const std::string& text, const Row* row, Part part = Part::value) {
  return row == nullptr || !part_of(*row, part) ? text : text + " (" + text_of(row, part) + ")";
}

/// Words filled into lines of at most 80 columns, further lines indented.
std::string wrapped(const std::vector<std::string>& words, std::size_t indent) {
  std::string out;
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      out += line + "\n";
      line = std::string(indent, ' ') + word;
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return out + line + "\n";
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

const Row* flow(const Sheet& sheet, std::string_view group, std::string_view arm = "") {
  for (const std::string_view paramcd : {"DISP", "FLOW"}) {
    const Row* row =
        sheet.simulated({.arm = arm, .group = group, .paramcd = paramcd, .statistic = "n"});
    if (row != nullptr) return row;
  }
  return nullptr;
}

std::string participants(const Sheet& sheet) {
  std::string text;
  const auto add = [&](std::string_view group, std::string_view title) {
    const Row* row = flow(sheet, group);
    if (row == nullptr) return;
    text += (text.empty() ? "" : ", ") + text_of(row) + " " + std::string(title);
  };
  add("candidates", "candidates");
  add("referred", "referred");
  add("screened", "screened");
  add("screen failed", "screen failures");
  add("mobilised", "mobilised");
  add("failed harvest", "without usable harvest");
  add("randomised", "randomised");
  add("treated", "treated");
  for (const ReportArm& arm : sheet.input.arms) {
    const Row* row = flow(sheet, "treated", arm.name);
    if (row != nullptr) text += "; " + arm.name + " " + text_of(row);
  }
  if (text.empty()) return "";
  return wrapped(words_of("Participants: " + text + "."), 2) + "\n";
}

/// Columns of a table: title, simulated, range, published, within one SE.
using Layout = std::array<std::size_t, 5>;
constexpr Layout of_endpoints{21, 16, 17, 15, 11};
constexpr Layout of_enzymes{30, 15, 16, 12, 7};

std::string columns(const Layout& layout, const std::array<std::string, 5>& cells) {
  std::string out = cell(cells[0], layout[0]);
  for (std::size_t i = 1; i < cells.size(); ++i) out += cell(cells[i], layout[i], true);
  return trimmed(out);
}

std::string line(const Sheet& sheet, const std::string& title, const Want& want,
                 const Layout& layout = of_endpoints) {
  const Row* own = sheet.simulated(want);
  const Row* published = sheet.published(want);
  if (own == nullptr && published == nullptr) return "";
  const Row* distance = published == nullptr ? nullptr : sheet.shelf.distance(*published);
  const Row* se = published == nullptr ? nullptr : sheet.shelf.companion(*published, "se");
  std::string verdict = "no";
  if (distance == nullptr) verdict = none;
  if (distance != nullptr && within_one_se(*distance)) verdict = "yes";
  std::string known = with(text_of(published), se);
  if (published != nullptr && is_recalled(*published)) known += "*";
  const Row* own_se = own == nullptr ? nullptr : sheet.shelf.companion(*own, "se");
  const std::string simulated =
      sheet.many ? with(text_of(own), own, Part::mcse) : with(text_of(own), own_se);
  return columns(layout, {title, simulated, range_of(own), known, verdict});
}

/// The visits shown: month 6 and month 12, or the first and the last.
std::vector<std::string> shown_visits(const Sheet& sheet) {
  std::vector<std::string> out;
  for (const ReportVisit& visit : sheet.input.visits) {
    if (visit.avisit == sheet.input.primary_avisit || visit.avisit == "Month 12") {
      out.push_back(visit.avisit);
    }
  }
  if (out.empty() && !sheet.input.visits.empty()) out.push_back(sheet.input.visits.back().avisit);
  return out;
}

std::string endpoint_lines(const Sheet& sheet, const Endpoint& endpoint) {
  std::string out;
  for (const std::string& visit : shown_visits(sheet)) {
    for (const ReportArm& arm : sheet.input.arms) {
      out += line(
          sheet, "  " + cell(arm.name, 10) + " " + visit,
          {.arm = arm.name, .paramcd = endpoint.paramcd, .avisit = visit, .statistic = "mean"});
    }
    for (const std::string& arm : sheet.treated_arms()) {
      out += line(sheet,
                  "  " + cell(arm + (endpoint.contrast == "difference" ? " -" : " /"), 10) + " " +
                      sheet.input.reference_arm.substr(0, 9),
                  {.arm = arm,
                   .arm_ref = sheet.input.reference_arm,
                   .paramcd = endpoint.paramcd,
                   .avisit = visit,
                   .statistic = endpoint.contrast});
    }
  }
  if (out.empty()) return "";
  return titled(endpoint) + "\n" + out;
}

std::string main_table(const Sheet& sheet) {
  const std::string body = endpoint_lines(sheet, angina) + endpoint_lines(sheet, exercise);
  if (body.empty()) return "";
  return columns(of_endpoints, {"", sheet.many ? "simulated (MCSE)" : "simulated (SE)",
                                "95 % of trials", "published (SE)", "in 1 SE"}) +
         body + "\n";
}

std::string screening_lines(const Sheet& sheet) {
  std::string out;
  for (const Row& row : sheet.input.rows) {
    const bool wanted = row.source == "simulated" && row.paramcd == "FLOW" &&
                        row.statistic == "percent" && row.arm.empty();
    if (!wanted) continue;
    out += line(
        sheet, "  " + row.group,
        {.group = row.group, .paramcd = row.paramcd, .avisit = row.avisit, .statistic = "percent"},
        of_enzymes);
  }
  return out.empty() ? "" : "Screening, % of patients\n" + out + "\n";
}

/// Percentages of all patients, one line each.
std::string percentages(const Sheet& sheet) {
  std::string out;
  for (const Row& row : sheet.input.rows) {
    const bool enzymes = row.paramcd == "TROPI" || row.paramcd == "ENZNSTMI";
    if (row.source != "simulated" || row.statistic != "percent" || !enzymes) continue;
    if (!row.value || !row.arm.empty() || !row.arm_ref.empty()) continue;
    const std::string title = row.paramcd == "TROPI" ? "  " + row.group + ", " + row.avisit
                                                     : "  as NSTEMI, " + row.avisit;
    out += line(
        sheet, title,
        {.group = row.group, .paramcd = row.paramcd, .avisit = row.avisit, .statistic = "percent"},
        of_enzymes);
  }
  return out.empty() ? "" : "Cardiac enzymes, % of patients (ULN: upper limit of normal)\n" + out;
}

/// Of the shipped evidence only: another study has another conflict, or none.
std::string conflict(const Sheet& sheet) {
  for (const Row& row : sheet.input.rows) {
    const bool lost = row.source == "published" && row.scenario == sheet.trial &&
                      row.paramcd == "FLOW" &&
                      row.group == "lost between mobilisation and randomisation";
    if (!lost) continue;
    return wrapped(words_of("Conflict: published harvests leave 24-33 % short of 5e5 cells/kg, yet "
                            "the trial lost at most " +
                            text_of(&row) + " % between mobilisation and randomisation."),
                   2);
  }
  return "";
}

/// A true mean of all patients.
std::string truth_line(const Sheet& sheet, std::string_view paramcd, const std::string& title) {
  const Row* row =
      sheet.shelf.find({.source = "truth", .paramcd = paramcd, .avisit = "", .statistic = "mean"});
  if (row == nullptr) return "";
  return columns(of_endpoints,
                 {title, sheet.many ? with(text_of(row), row, Part::mcse) : text_of(row),
                  range_of(row), "", ""});
}

std::string dose_lines(const Sheet& sheet) {
  std::string out;
  for (const ReportArm& arm : sheet.input.arms) {
    out += line(sheet, "  " + cell(arm.name, 10) + " short",
                {.arm = arm.name,
                 .group = "short of dose",
                 .paramcd = "CD34KG",
                 .avisit = "After injection",
                 .statistic = "percent"});
  }
  std::string text =
      out.empty() ? ""
                  : "Patients given less than planned (short), %; harvest and retention, %\n" + out;
  text += truth_line(sheet, "SHORTHI", "  harvest < high dose");
  text += truth_line(sheet, "RETAIN18", "  cells left at 18 h");
  if (text.empty()) return "";
  return text + conflict(sheet) + "\n";
}

}  // namespace

std::string terminal_summary(const ReportInput& input, const std::string& report_path) {
  const Sheet sheet(input);
  const Manifest& m = input.manifest;
  const std::string rule(width, '-');
  std::string out = rule + "\n" + std::string(notice) + "\n" + rule + "\n";
  out +=
      wrapped(words_of(input.study_id + ": " + std::to_string(m.replicates) +
                       (m.replicates == 1 ? " simulated trial" : " simulated trials") + ", seed " +
                       std::to_string(m.seed) + ", version " + m.version + " (" + m.commit + ")"),
              2);
  out += participants(sheet);
  out += main_table(sheet);
  out += screening_lines(sheet);
  const std::string safety = percentages(sheet);
  out += safety.empty() ? "" : safety + "\n";
  out += dose_lines(sheet);
  out += "That cells raise blood flow is an input, calibrated to the low dose.\n";
  const bool recalled = std::ranges::any_of(input.rows, [&](const Row& row) {
    return row.source == "published" && row.scenario == sheet.trial && is_recalled(row);
  });
  if (recalled) out += "* quoted from memory, unverified\n";
  if (m.failed_patients > 0) {
    out += "Patients that failed numerically: " + std::to_string(m.failed_patients) + " of " +
           std::to_string(m.patients) + "\n";
  }
  if (!report_path.empty()) out += "Report: " + report_path + "\n";
  return out;
}

}  // namespace angiotrial::report
