// SPDX-License-Identifier: Apache-2.0
#include "sections.hpp"
#include "svg.hpp"

/// Participant flow, as CONSORT draws it.
namespace angiotrial::report {
namespace {

using analysis::Row;

/// The screening rows come from the trial (FLOW), the rest from the data set (DISP).
const Row* flow_row(const Sheet& sheet, std::string_view group, std::string_view arm = "") {
  for (const std::string_view paramcd : {"DISP", "FLOW"}) {
    const Want want{.arm = arm, .group = group, .paramcd = paramcd, .statistic = "n"};
    if (const Row* row = sheet.simulated(want)) return row;
  }
  return nullptr;
}

const Row* published_flow(const Sheet& sheet, std::string_view group, std::string_view arm) {
  for (const std::string_view paramcd : {"DISP", "FLOW"}) {
    const Want want{.arm = arm, .group = group, .paramcd = paramcd, .statistic = "n"};
    if (const Row* row = sheet.published(want)) return row;
  }
  return nullptr;
}

/// Rows of the given beginning of group, such as "screen failed: ", in the order of the rows.
std::vector<const Row*> reasons(const Sheet& sheet, std::string_view beginning,
                                std::string_view arm = "") {
  std::vector<const Row*> out;
  for (const Row& row : sheet.input.rows) {
    const bool flow = row.paramcd == "DISP" || row.paramcd == "FLOW";
    if (flow && row.source == "simulated" && row.arm == arm && row.statistic == "n" &&
        row.group.starts_with(beginning)) {
      out.push_back(&row);
    }
  }
  return out;
}

std::string count(const Sheet& sheet, const Row* row) {
  const std::string span = replicate_range(sheet.shelf, row, "tspan");
  return "<tspan class=\"strong\">" + number(sheet.shelf, row, Part::value, "tspan") + "</tspan>" +
         (span.empty() ? "" : " (" + span + ")");
}

struct Stage {
  std::string_view title;
  std::string_view group;
};

/// Who leaves between this stage and the next.
struct Loss {
  std::string_view title;
  std::string_view group;
  std::string_view reasons;  ///< beginning of the groups that say why
};

struct Step {
  Stage stage;
  Loss loss;
};

constexpr Step steps[] = {
    {{"Candidates", "candidates"}, {"Not referred", "not referred", ""}},
    {{"Referred", "referred"}, {"No consent", "no consent", ""}},
    {{"Consented, screened", "screened"}, {"Screen failures", "screen failed", "screen failed: "}},
    {{"Mobilised (G-CSF)", "mobilised"}, {"No usable harvest", "failed harvest", ""}},
    {{"Completed mobilisation", "completed mobilisation"}, {"", "", ""}},
    {{"Randomised", "randomised"}, {"", "", ""}},
    {{"Treated", "treated"}, {"", "", ""}}};

std::string clipped(std::string_view text, std::size_t most) {
  if (text.size() <= most) return escape(text);
  return escape(text.substr(0, most - 1)) + "\xE2\x80\xA6";
}

/// Height of the side box and its text; 0 when nobody is known to leave here.
double draw_loss(Svg& svg, const Sheet& sheet, const Loss& loss, double y, bool draw) {
  if (loss.group.empty()) return 0.0;
  const Row* total = flow_row(sheet, loss.group);
  const auto why = loss.reasons.empty() ? std::vector<const Row*>{} : reasons(sheet, loss.reasons);
  if (total == nullptr && why.empty()) return 0.0;
  const double height = 24.0 + 16.0 * static_cast<double>(why.size());
  if (!draw) return height;
  svg.bar({236, y}, {458, y + height}, "box");
  svg.text({244, y + 16}, escape(loss.title) + " " + count(sheet, total), "tight");
  for (std::size_t i = 0; i < why.size(); ++i) {
    const std::string name = why[i]->group.substr(loss.reasons.size());
    svg.text({252, y + 33 + 16 * static_cast<double>(i)},
             clipped(name, 24) + " " + number(sheet.shelf, why[i], Part::value, "tspan"), "tight");
  }
  return height;
}

struct ArmRow {
  std::string title;
  const Row* row;
};

std::vector<ArmRow> arm_rows(const Sheet& sheet, const std::string& arm) {
  std::vector<ArmRow> out{{"Randomised", flow_row(sheet, "randomised", arm)},
                          {"Treated", flow_row(sheet, "treated", arm)}};
  for (const ReportVisit& visit : sheet.input.visits) {
    out.push_back({visit.avisit, flow_row(sheet, "followed at " + visit.avisit, arm)});
  }
  out.push_back({"Completed", flow_row(sheet, "completed", arm)});
  out.push_back({"Analysed, " + sheet.input.primary_avisit,
                 sheet.simulated({.arm = arm,
                                  .paramcd = angina.paramcd,
                                  .avisit = sheet.input.primary_avisit,
                                  .statistic = "n"})});
  return out;
}

/// One tall box for each arm, from `y` downwards; returns its lower end.
double draw_arms(Svg& svg, const Sheet& sheet, double y) {
  const auto& arms = sheet.input.arms;
  if (arms.empty()) return y;
  const double width = 456.0 / static_cast<double>(arms.size());
  const double lines = static_cast<double>(arm_rows(sheet, arms[0].name).size());
  const double height = 28.0 + 17.0 * lines;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const double x = 2.0 + width * static_cast<double>(i);
    svg.arrow({x + 0.5 * width - 4, y - 14}, {x + 0.5 * width - 4, y});
    svg.bar({x, y}, {x + width - 8, y + height}, "box");
    svg.bar({x, y}, {x + width - 8, y + 4}, "", arm_style(i).colour);
    svg.text({x + 8, y + 21}, clipped(arms[i].name, 18), "strong");
    double at = y + 39;
    for (const ArmRow& line : arm_rows(sheet, arms[i].name)) {
      svg.text({x + 8, at}, escape(line.title), "tight");
      svg.text({x + width - 16, at}, number(sheet.shelf, line.row, Part::value, "tspan"), "tight",
               "end");
      at += 17;
    }
  }
  svg.line({2 + 0.5 * width - 4, y - 14}, {458 - 0.5 * width - 4, y - 14}, "link");
  return y + height;
}

std::string diagram(const Sheet& sheet) {
  constexpr double box = 38.0;
  double y = 2.0;
  std::vector<std::pair<const Step*, double>> placed;
  for (const Step& step : steps) {
    if (flow_row(sheet, step.stage.group) == nullptr) continue;
    placed.emplace_back(&step, y);
    Svg unused("", "", "", 0, 0);
    y += box + std::max(22.0, draw_loss(unused, sheet, step.loss, 0, false) + 8.0);
  }
  if (placed.empty()) return "";
  const double lines =
      sheet.input.arms.empty()
          ? 0.0
          : static_cast<double>(arm_rows(sheet, sheet.input.arms[0].name).size());
  Svg svg("flow-figure", "Participant flow",
          "From candidates through screening, mobilisation and randomisation to the arms. The "
          "same numbers stand in the table.",
          460, y + 34 + 17 * lines);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const auto& [step, top] = placed[i];
    const double next = i + 1 < placed.size() ? placed[i + 1].second : y - 14 + 6;
    svg.bar({2, top}, {206, top + box}, "box main");
    svg.text({12, top + 15}, escape(step->stage.title), "tight");
    svg.text({12, top + 31}, count(sheet, flow_row(sheet, step->stage.group)), "tight");
    const bool last = i + 1 == placed.size();
    if (last) {
      svg.line({104, top + box}, {104, next}, "link");
    } else {
      svg.arrow({104, top + box}, {104, next});
    }
    if (draw_loss(svg, sheet, step->loss, top + box - 4, true) > 0.0) {
      svg.arrow({104, top + box + 8}, {236, top + box + 8});
    }
  }
  draw_arms(svg, sheet, y + 6);
  return svg.html();
}

/// A group at a time: simulated beside published.
std::string flow_table(const Sheet& sheet) {
  Table table("Participant flow", {"Stage", "Arm", "Simulated", "MCSE", "Published"});
  for (const Row& row : sheet.input.rows) {
    if ((row.paramcd != "DISP" && row.paramcd != "FLOW") || row.source != "simulated") continue;
    if (row.statistic == distance_statistic) continue;
    const Row* published = row.statistic == "n" ? published_flow(sheet, row.group, row.arm)
                                                : sheet.published({.arm = row.arm,
                                                                   .group = row.group,
                                                                   .paramcd = row.paramcd,
                                                                   .statistic = row.statistic});
    const std::string unit = row.unit == "%" ? ", %" : "";
    table.row({escape(row.group) + unit, row.arm.empty() ? "all" : escape(row.arm),
               simulated_value(sheet, &row), number(sheet.shelf, &row, Part::mcse),
               published_value(sheet, published)});
  }
  return table.empty() ? "" : table.html();
}

}  // namespace

std::string flow_section(const Sheet& sheet) {
  const std::string svg = diagram(sheet);
  const std::string table = flow_table(sheet);
  if (svg.empty()) return section("flow", "Participants", table);
  const std::string caption =
      sheet.many ? "Means over the simulated trials; parentheses hold the range of 95 % of them. "
                   "Screen failures are counted after consent, as the trial counts them."
                 : "Counts of the one simulated trial. Screen failures are counted after consent, "
                   "as the trial counts them.";
  return section("flow", "Participants", html(Figure{svg, caption, table}));
}

}  // namespace angiotrial::report
