// SPDX-License-Identifier: Apache-2.0
#include "plan_forest.hpp"

#include <algorithm>
#include <cmath>

#include "display.hpp"
#include "markup.hpp"
#include "svg.hpp"

namespace angiotrial::report {
namespace {

constexpr std::size_t most_lines = 40;

struct Group {
  std::string statistic, unit;
  std::vector<const PlanLine*> lines;

  [[nodiscard]] bool ratio() const { return unit == "ratio"; }
};

bool is_drawable(const PlanLine& line, bool ratio) {
  const bool known = line.estimate->value && line.lower != nullptr && line.upper != nullptr &&
                     line.lower->value && line.upper->value && !line.estimate->arm_ref.empty();
  if (!known) return false;
  const double low = *line.lower->value, high = *line.upper->value;
  return std::isfinite(low) && std::isfinite(high) && (!ratio || low > 0.0);
}

std::vector<Group> groups_of(std::span<const PlanBlock> blocks) {
  std::vector<Group> groups;
  for (const PlanBlock& block : blocks) {
    for (const PlanLine& line : block.lines) {
      if (!is_drawable(line, line.estimate->unit == "ratio")) continue;
      const auto& row = *line.estimate;
      auto at = std::ranges::find_if(groups, [&](const Group& g) {
        return g.statistic == row.statistic && g.unit == row.unit;
      });
      if (at == groups.end()) at = groups.insert(at, Group{row.statistic, row.unit, {}});
      if (at->lines.size() < most_lines) at->lines.push_back(&line);
    }
  }
  return groups;
}

std::string clipped(const std::string& text) {
  constexpr std::size_t most = 34;
  return text.size() <= most ? escape(text) : escape(text.substr(0, most - 1)) + "\xE2\x80\xA6";
}

std::string draw(const Group& group) {
  const double none = group.ratio() ? 1.0 : 0.0;
  double least = none, most = none;
  for (const PlanLine* line : group.lines) {
    least = std::min(least, *line->lower->value);
    most = std::max(most, *line->upper->value);
  }
  const std::vector<double> at = group.ratio() ? ratio_ticks(least, most) : ticks(least, most, 4);
  const Scale x(at.front(), at.back(), 240, 500, group.ratio());
  const double height = 24.0 * static_cast<double>(group.lines.size()) + 44.0;
  const std::string& analysis = group.lines.front()->estimate->analysis;
  Svg svg("forest-" + analysis + "-" + group.statistic, statistic_title(group.statistic),
          "Estimates with their intervals; the numbers stand in the table below.", 600, height);
  for (const double tick : at) {
    svg.line({x(tick), 4}, {x(tick), height - 36}, "grid");
    svg.text({x(tick), height - 20}, tick_text(tick), "tick", "middle");
  }
  if (x.contains(none)) svg.line({x(none), 4}, {x(none), height - 36}, "axis");
  const std::string unit = unit_title(group.unit);
  svg.text(
      {370, height - 4},
      escape(statistic_title(group.statistic) + (unit.empty() || group.ratio() ? "" : ", " + unit)),
      "tick", "middle");
  double y = 18.0;
  for (const PlanLine* line : group.lines) {
    const ArmStyle& style = arm_style(0);
    svg.text({2, y + 4}, clipped(subject_of(*line->estimate)), "tight");
    svg.interval({x(*line->lower->value), y}, {x(*line->upper->value), y}, style.colour, false);
    svg.marker({x(*line->estimate->value), y}, style, style.marker, false);
    svg.text({590, y + 4}, escape(plan_number(line->estimate)), "tight strong", "end");
    y += 24.0;
  }
  return "<figure>" + svg.html() + "</figure>\n";
}

}  // namespace

std::string plan_forest(std::span<const PlanBlock> blocks) {
  std::string out;
  for (const Group& group : groups_of(blocks)) out += draw(group);
  return out;
}

}  // namespace angiotrial::report
