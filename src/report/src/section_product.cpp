// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sections.hpp"

/// Dose given, cells that stay, safety, and the truth behind the trial.
namespace angiotrial::report {
namespace {

using analysis::Row;

constexpr std::array<std::string_view, 4> dose_params{"CD34KG", "CD34TOT", "VIAB", "PURITY"};
constexpr std::array<std::string_view, 7> cell_params{"HARVKG",   "SHORTLOW", "SHORTHI", "SHORTDOS",
                                                      "RETAIN18", "LUNGS",    "OFFTARG"};

bool is_one_of(std::string_view text, std::span<const std::string_view> list) {
  return std::ranges::find(list, text) != list.end();
}

std::string label_of(const Row& row, const std::string& statistic = "") {
  std::string out = escape(row.param.empty() ? row.paramcd : row.param);
  if (!row.group.empty()) out += ", " + escape(row.group);
  if (!row.avisit.empty()) out += ", " + escape(row.avisit);
  if (!statistic.empty()) out += ", " + escape(statistic);
  const std::string unit = unit_title(row.unit);
  return unit.empty() ? out : out + " <small>" + escape(unit) + "</small>";
}

/// One line for each (parameter, group, visit) that has `statistic`, in the order of the rows.
std::vector<ArmLine> lines_of(const Sheet& sheet, std::span<const std::string_view> paramcds,
                              std::span<const std::string_view> statistics) {
  std::vector<ArmLine> out;
  for (const Row& row : sheet.input.rows) {
    if (row.source != "simulated" || !row.arm_ref.empty()) continue;
    if (!is_one_of(row.paramcd, paramcds) || !is_one_of(row.statistic, statistics)) continue;
    const Want want{.group = row.group,
                    .paramcd = row.paramcd,
                    .avisit = row.avisit,
                    .statistic = row.statistic};
    const bool known = std::ranges::any_of(out, [&](const ArmLine& line) {
      return line.want.paramcd == want.paramcd && line.want.group == want.group &&
             line.want.avisit == want.avisit && line.want.statistic == want.statistic;
    });
    const bool share = row.statistic == "percent";
    if (!known) {
      out.push_back({label_of(row, share ? "" : statistic_title(row.statistic)), want});
    }
  }
  return out;
}

std::string arms_table(const Sheet& sheet) {
  Table table("Arms", {"Arm", "Planned CD34+ cells per kg"});
  for (const ReportArm& arm : sheet.input.arms) {
    const std::string path = "arms." + arm.name + ".dose_cells_per_kg";
    const auto& ledger = sheet.input.ledger;
    const auto found = std::ranges::find(ledger, path, &schema::LedgerRow::path);
    table.row({escape(arm.name), found == ledger.end()
                                     ? std::string(missing_mark)
                                     : "<span data-ledger=\"" +
                                           std::to_string(found - ledger.begin()) + "\">" +
                                           escape(found->value) + "</span>"});
  }
  return table.empty() ? "" : table.html();
}

enum class Truth { cells, twins, patients };

Truth kind_of(const Row& row) {
  if (is_one_of(row.paramcd, cell_params)) return Truth::cells;
  return row.arm_ref.empty() ? Truth::patients : Truth::twins;
}

/// Every true row of a kind; the placebo arm's split has a section of its own.
std::string truth_table(const Sheet& sheet, Truth kind, const std::string& caption) {
  Table table(caption, {"Quantity", "Arm", "Value", "MCSE"});
  for (const Row& row : sheet.input.rows) {
    if (row.source != "truth" || in_decomposition(row) || kind_of(row) != kind) continue;
    std::string arm = row.arm.empty() ? "all" : escape(row.arm);
    if (!row.arm_ref.empty()) arm += " against " + escape(row.arm_ref);
    table.row({label_of(row, statistic_title(row.statistic)), arm, simulated_value(sheet, &row),
               number(sheet.shelf, &row, Part::mcse)});
  }
  return table.empty() ? "" : table.html();
}

}  // namespace

std::string product_section(const Sheet& sheet) {
  constexpr std::array<std::string_view, 3> statistics{"mean", "percent", "median"};
  const std::string body = arm_table(sheet, "Product and dose as the site records them",
                                     lines_of(sheet, dose_params, statistics)) +
                           truth_table(sheet, Truth::cells, "What the site cannot see");
  if (body.empty()) return "";
  const Row* lost = nullptr;
  for (const Row& row : sheet.input.rows) {
    const bool wanted = row.source == "published" && row.scenario == sheet.trial &&
                        row.paramcd == "FLOW" &&
                        row.group == "lost between mobilisation and randomisation";
    if (wanted && lost == nullptr) lost = &row;
  }
  const std::string conflict =
      lost == nullptr
          ? ""
          : paragraph(
                "<b>A conflict in the evidence.</b> Published harvests (J Clin Apheresis 2006, doi "
                "10.1002/jca.20075) times the published recovery of selection leave 24 to 33 % of "
                "patients short of 5e5 cells/kg. The trial lost at most " +
                number(sheet.shelf, lost) +
                " % of its patients between mobilisation and randomisation. Either its harvests "
                "were larger, or some patients of the high arm were given less than planned, or "
                "doses were assigned with the yield in view; the doses delivered were not at hand. "
                "The model lets a short bag be given and prints how often that happens.");
  return section("product", "Cells: planned, given, retained", conflict + arms_table(sheet) + body);
}

std::string safety_section(const Sheet& sheet) {
  constexpr std::array<std::string_view, 3> labs{"TROPI", "CKMB", "ENZNSTMI"};
  constexpr std::array<std::string_view, 4> events{"MACE", "DEATH", "MI", "HOSP"};
  constexpr std::array<std::string_view, 1> percent{"percent"};
  std::string plot;
  for (const Row& row : sheet.input.rows) {
    const bool first = plot.empty() && row.source == "simulated" && row.paramcd == "MACE" &&
                       row.statistic == "percent" && row.group.empty();
    if (!first) continue;
    plot = dot_plot(sheet, "events-MACE", row.param + ", " + row.avisit, "% of patients",
                    {.paramcd = "MACE", .avisit = row.avisit, .statistic = "percent"});
  }
  const std::string lab_table = arm_table(sheet, "Cardiac enzymes, percentage of those measured",
                                          lines_of(sheet, labs, percent));
  const std::string event_table =
      arm_table(sheet, "Events, Kaplan-Meier percentage", lines_of(sheet, events, percent));
  const std::string body = lab_table + plot + event_table;
  if (body.empty()) return "";
  return section("safety", "Safety",
                 paragraph("Mobilisation, collection and injection by themselves raise cardiac "
                           "enzymes, in every arm. Events are drawn with rates taken from the "
                           "trials; the cells act on none of them, so differences between arms "
                           "are chance or come with the number of procedures.") +
                     body);
}

std::string truth_section(const Sheet& sheet) {
  const std::string twins =
      truth_table(sheet, Truth::twins, "True individual effects, from counterfactual twins");
  const std::string patients =
      truth_table(sheet, Truth::patients, "What the enrolled patients are truly like");
  if (twins.empty() && patients.empty()) return "";
  return section(
      "truth", "What no trial can see",
      (twins.empty() ? ""
                     : paragraph("Each simulated patient was run under every arm with the same "
                                 "random numbers. The difference between a patient and the twin "
                                 "is the true effect in that patient. Its spread cannot be seen "
                                 "in a trial with parallel arms.") +
                           twins) +
          patients);
}

}  // namespace angiotrial::report
