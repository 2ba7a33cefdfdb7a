// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sections.hpp"
#include "svg.hpp"

/// Where the placebo arm's change comes from: steps added one after another on the same patients.
namespace angiotrial::report {
namespace {

using analysis::Row;

/// One scenario of one endpoint, steps in order.
struct Cascade {
  std::string scenario;
  std::vector<const Row*> levels;
};

std::vector<Cascade> cascades(const Sheet& sheet, std::string_view paramcd) {
  std::vector<Cascade> out;
  for (const Row& row : sheet.input.rows) {
    if (!is_decomposition(row) || row.paramcd != paramcd) continue;
    auto found = std::ranges::find(out, row.scenario, &Cascade::scenario);
    if (found == out.end()) found = out.insert(out.end(), Cascade{row.scenario, {}});
    found->levels.push_back(&row);
  }
  for (Cascade& cascade : out) {
    std::ranges::stable_sort(cascade.levels, {}, [](const Row* row) { return row->group; });
  }
  return out;
}

const Row* step_of(const Sheet& sheet, const Row& level) {
  return sheet.shelf.find({level.source, level.scenario, level.arm, level.arm_ref, level.group,
                           level.paramcd, level.avisit, step_statistic});
}

std::string step_name(const Row& row) { return row.group.substr(2); }

std::string scenario_title(std::string_view scenario) {
  if (scenario == "base") return "Base scenario";
  if (scenario == "strong_regression") return "Strong regression to the mean";
  if (scenario == "strong_reporting") return "Strong placebo reporting";
  std::string words(scenario);
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string signed_number(const Sheet& sheet, const Row* step, std::string_view element) {
  const bool rises = step != nullptr && step->value && *step->value > 0.0;
  return (rises ? "+" : "") + number(sheet.shelf, step, Part::value, element);
}

constexpr double panel_width = 320.0;
constexpr double lane = 36.0;

void draw_steps(Svg& svg, const Sheet& sheet, const Cascade& cascade, const Scale& x) {
  std::optional<double> before;
  double y = 40.0;
  for (const Row* level : cascade.levels) {
    svg.text({2, y}, escape(step_name(*level)), "tight halo");
    svg.line({x(0.0), y + 3}, {x(0.0), y + 21}, "axis");
    if (level->value) {
      const double from = before.value_or(0.0);
      const bool first = !before;
      const bool down = *level->value < from;
      svg.bar({x(from), y + 5}, {x(*level->value), y + 19},
              first ? "bar level" : (down ? "bar down" : "bar up"));
      if (!first) svg.line({x(from), y - 17}, {x(from), y + 5}, "join");
      const double edge = std::max(x(from), x(*level->value));
      svg.text({edge + 5, y + 16},
               first ? number(sheet.shelf, level, Part::value, "tspan")
                     : signed_number(sheet, step_of(sheet, *level), "tspan"),
               "tight");
      before = level->value;
    }
    y += lane;
  }
  if (!before) return;
  svg.line({x(*before), y - 17}, {x(*before), y + 4}, "join");
  svg.text({2, y}, "All steps together", "tight strong halo");
  svg.bar({x(0.0), y + 5}, {x(*before), y + 19}, "bar level");
  svg.text({std::max(x(0.0), x(*before)) + 5, y + 16},
           number(sheet.shelf, cascade.levels.back(), Part::value, "tspan"), "tight strong");
}

std::string panel(const Sheet& sheet, const Cascade& cascade, std::string_view paramcd,
                  double least, double most) {
  const double height = 44.0 + lane * static_cast<double>(cascade.levels.size() + 1);
  const std::string title = scenario_title(cascade.scenario);
  Svg svg("split-" + std::string(paramcd) + "-" + cascade.scenario, title,
          "Steps from enrolment to what the placebo arm reports, each added to the one before.",
          panel_width, height - 18);
  const Scale x(least, most, 4, panel_width - 46);
  svg.text({2, 14}, escape(title), "strong");
  draw_steps(svg, sheet, cascade, x);
  return "<figure>" + svg.html() + "</figure>\n";
}

std::string split_table(const Sheet& sheet, const std::vector<Cascade>& all,
                        const std::string& caption) {
  std::vector<std::string> header{"Step"};
  for (const Cascade& cascade : all) {
    header.push_back(escape(scenario_title(cascade.scenario)) + ": level");
    header.emplace_back("added");
  }
  Table table(caption, header);
  for (std::size_t i = 0; i < all[0].levels.size(); ++i) {
    std::vector<std::string> cells{escape(step_name(*all[0].levels[i]))};
    for (const Cascade& cascade : all) {
      const Row* level = i < cascade.levels.size() ? cascade.levels[i] : nullptr;
      const Row* step = level == nullptr ? nullptr : step_of(sheet, *level);
      cells.push_back(simulated_value(sheet, level));
      cells.push_back(step == nullptr ? std::string(missing_mark)
                                      : signed_number(sheet, step, "span"));
    }
    table.row(cells);
  }
  return table.html();
}

std::string split(const Sheet& sheet, const Endpoint& endpoint) {
  const std::vector<Cascade> all = cascades(sheet, endpoint.paramcd);
  if (all.empty()) return "";
  double least = 0.0;
  double most = 0.0;
  std::string panels;
  for (const Cascade& cascade : all) {
    for (const Row* level : cascade.levels) {
      least = std::min(least, level->value.value_or(0.0));
      most = std::max(most, level->value.value_or(0.0));
    }
  }
  for (const Cascade& cascade : all) {
    panels += panel(sheet, cascade, endpoint.paramcd, least, most);
  }
  const std::string title = escape(titled(endpoint));
  return "<h3>" + title + "</h3>\n<div class=\"three\">" + panels + "</div>\n" +
         split_table(sheet, all, title + ", placebo arm: level after each step, and what it added");
}

}  // namespace

std::string decomposition_section(const Sheet& sheet) {
  const std::string both = split(sheet, angina) + split(sheet, exercise);
  if (both.empty()) return "";
  return section(
      "placebo", "Why the placebo arm changes",
      paragraph(
          "The same enrolled patients, with one mechanism after another switched on. "
          "<b>Regression to the mean</b>: patients were enrolled when their angina was bad, and "
          "would have improved untouched. <b>Drift</b>: the threshold of ischaemia moves over "
          "months. <b>Learning</b>: the treadmill becomes familiar. <b>Tolerance</b>: patients "
          "push further. <b>Reporting</b>: patients who believe themselves treated write down "
          "fewer attacks.") +
          paragraph("The published data cannot tell the three scenarios apart: all aim at the "
                    "same published placebo arm. The order of the steps is a choice, and what "
                    "a step adds depends on it. An open-label arm without treatment would "
                    "decide.") +
          both);
}

}  // namespace angiotrial::report
