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
    {{"Candidates", "candidates"}, {"", "", ""}},
    {{"Referred", "referred"}, {"Not approached", "not approached after review of the record", ""}},
    {{"Consented, screened", "screened"}, {"Screen failures", "screen failed", "screen failed: "}},
    {{"Mobilised (G-CSF)", "mobilised"}, {"No usable harvest", "failed harvest", ""}},
    {{"Completed mobilisation", "completed mobilisation"}, {"", "", ""}},
    {{"Randomised", "randomised"}, {"", "", ""}},
    {{"Treated", "treated"}, {"", "", ""}}};

std::string clipped(std::string_view text, std::size_t most) {
  if (text.size() <= most) return escape(text);
  return escape(text.substr(0, most - 1)) + "\xE2\x80\xA6";
}

/// Words filled into lines of at most `columns` bytes; a longer word has a line of its own.
std::vector<std::string> lines_of(std::string_view text, std::size_t columns) {
  std::vector<std::string> out{""};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!out.back().empty() && out.back().size() + 1 + word.size() > columns) out.emplace_back();
    if (!out.back().empty()) out.back() += ' ';
    out.back() += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct Reason {
  const Row* row;
  std::vector<std::string> lines;
};

std::vector<Reason> reasons_of(const Sheet& sheet, const Loss& loss) {
  constexpr std::size_t columns = 26;
  std::vector<Reason> out;
  if (loss.reasons.empty()) return out;
  for (const Row* row : reasons(sheet, loss.reasons)) {
    out.push_back(
        {row, lines_of(std::string_view(row->group).substr(loss.reasons.size()), columns)});
  }
  return out;
}

/// Height of the side box; 0 when nobody is known to leave here.
double loss_height(const Sheet& sheet, const Loss& loss) {
  if (loss.group.empty()) return 0.0;
  std::size_t lines = 0;
  for (const Reason& reason : reasons_of(sheet, loss)) lines += reason.lines.size();
  const bool known = flow_row(sheet, loss.group) != nullptr || lines > 0;
  return known ? 40.0 + 16.0 * static_cast<double>(lines) : 0.0;
}

void draw_loss(Svg& svg, const Sheet& sheet, const Loss& loss, double top) {
  svg.bar({236, top}, {458, top + loss_height(sheet, loss)}, "box");
  svg.text({244, top + 16}, escape(loss.title), "tight");
  svg.text({244, top + 32}, count(sheet, flow_row(sheet, loss.group)), "tight");
  double y = top + 48;
  for (const Reason& reason : reasons_of(sheet, loss)) {
    svg.text({450, y}, number(sheet.shelf, reason.row, Part::value, "tspan"), "tight", "end");
    for (const std::string& text : reason.lines) {
      svg.text({252, y}, clipped(text, 28), "tight");
      y += 16;
    }
  }
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
  out.push_back({"Analysed", sheet.simulated({.arm = arm,
                                              .paramcd = angina.paramcd,
                                              .avisit = sheet.input.primary_avisit,
                                              .statistic = "n"})});
  return out;
}

/// One tall box for each arm, from `y` downwards.
void draw_arms(Svg& svg, const Sheet& sheet, double y) {
  const auto& arms = sheet.input.arms;
  if (arms.empty()) return;
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
}

struct Placed {
  const Step* step;
  double top;
};

constexpr double box_height = 38.0;

/// The stages that have rows, and where the arms begin below them.
std::pair<std::vector<Placed>, double> place(const Sheet& sheet) {
  std::vector<Placed> placed;
  double y = 2.0;
  for (const Step& step : steps) {
    if (flow_row(sheet, step.stage.group) == nullptr) continue;
    placed.push_back({&step, y});
    y += box_height + std::max(22.0, loss_height(sheet, step.loss) + 12.0);
  }
  return {placed, y + 6.0};
}

void draw_stage(Svg& svg, const Sheet& sheet, const Placed& stage, double next, bool last) {
  const double bottom = stage.top + box_height;
  svg.bar({2, stage.top}, {206, bottom}, "box main");
  svg.text({12, stage.top + 15}, escape(stage.step->stage.title), "tight");
  svg.text({12, stage.top + 31}, count(sheet, flow_row(sheet, stage.step->stage.group)), "tight");
  if (last) {
    svg.line({104, bottom}, {104, next}, "link");
  } else {
    svg.arrow({104, bottom}, {104, next});
  }
  const double height = loss_height(sheet, stage.step->loss);
  if (height <= 0.0) return;
  draw_loss(svg, sheet, stage.step->loss, bottom + 4);
  svg.arrow({104, bottom + 4 + 0.5 * height}, {236, bottom + 4 + 0.5 * height});
}

std::string diagram(const Sheet& sheet) {
  const auto [placed, arms_top] = place(sheet);
  if (placed.empty()) return "";
  const auto& arms = sheet.input.arms;
  const std::size_t lines = arms.empty() ? 0 : arm_rows(sheet, arms[0].name).size();
  Svg svg("flow-figure", "Participant flow",
          "From candidates through screening, mobilisation and randomisation to the arms. The "
          "same numbers stand in the table.",
          460, arms_top + 30 + 17 * static_cast<double>(lines));
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const bool last = i + 1 == placed.size();
    const double next = last ? arms_top - 14 : placed[i + 1].top;
    draw_stage(svg, sheet, placed[i], next, last);
  }
  draw_arms(svg, sheet, arms_top);
  return svg.html();
}

/// The trial counts its screening again as the data set does: one of the two is enough.
bool is_repeated(const Sheet& sheet, const Row& row) {
  if (row.paramcd != "FLOW" || row.statistic != "n") return false;
  const std::string group = row.group == "consented" ? "screened" : "screen failed: " + row.group;
  return sheet.simulated({.group = group, .paramcd = "DISP", .statistic = "n"}) != nullptr;
}

/// A group at a time: simulated beside published.
std::string flow_table(const Sheet& sheet) {
  Table table("Participant flow", {"Stage", "Arm", "Simulated", "MCSE", "Published"});
  for (const Row& row : sheet.input.rows) {
    if ((row.paramcd != "DISP" && row.paramcd != "FLOW") || row.source != "simulated") continue;
    if (row.statistic == distance_statistic || is_repeated(sheet, row)) continue;
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
      std::string(sheet.many ? "Means over the simulated trials; parentheses hold the range of 95 "
                               "% of them. "
                             : "Counts of the one simulated trial. ") +
      "Screen failures are counted after consent, as trials count them. Analysed: those with an "
      "angina diary at " +
      escape(sheet.input.primary_avisit) + ".";
  return section("flow", "Participants", html(Figure{svg, caption, table}));
}

}  // namespace angiotrial::report
