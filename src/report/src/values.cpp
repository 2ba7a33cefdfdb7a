// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/published_rows.hpp>

#include <algorithm>

#include "sections.hpp"
#include "svg.hpp"

/// Cells and plots that several sections share.
namespace angiotrial::report {
namespace {

using analysis::Row;

std::string small(const std::string& html) { return " <small>(" + html + ")</small>"; }

std::string published_of_line(const Sheet& sheet, Want want) {
  std::string out;
  std::vector<std::string> arms{""};
  for (const ReportArm& arm : sheet.input.arms) arms.push_back(arm.name);
  for (const std::string& arm : arms) {
    want.arm = arm;
    const Row* row = sheet.published(want);
    if (row == nullptr) continue;
    if (!out.empty()) out += "<br>";
    if (!arm.empty()) out += escape(arm) + " ";
    out += published_value(sheet, row);
  }
  return out.empty() ? std::string(missing_mark) : out;
}

bool any_of_line(const Sheet& sheet, Want want) {
  want.arm = "";
  if (sheet.simulated(want) != nullptr) return true;
  return std::ranges::any_of(sheet.input.arms, [&](const ReportArm& arm) {
    want.arm = arm.name;
    return sheet.simulated(want) != nullptr;
  });
}

bool has_all_column(const Sheet& sheet, const std::vector<ArmLine>& lines) {
  return std::ranges::any_of(
      lines, [&](const ArmLine& line) { return sheet.simulated(line.want) != nullptr; });
}

/// Least and most of what a dot plot must hold.
struct Extent {
  double least = 0.0;
  double most = 0.0;

  void hold(const std::optional<Span>& span) {
    if (!span) return;
    least = std::min(least, span->least);
    most = std::max(most, span->most);
  }
};

constexpr double plot_left = 92.0;
constexpr double plot_right = 300.0;
constexpr double lane = 48.0;
constexpr double plot_top = 34.0;

void draw_axis(Svg& svg, const std::vector<double>& at, const Scale& x, double bottom) {
  for (const double tick : at) {
    svg.line({x(tick), plot_top - 8}, {x(tick), bottom}, "grid");
    svg.text({x(tick), bottom + 16}, tick_text(tick), "tick", "middle");
  }
}

/// Simulated above, published below it, numbers to the right.
void draw_lane(Svg& svg, const Sheet& sheet, const Row* own, const Row* published, std::size_t arm,
               double y, const Scale& x) {
  const ArmStyle& style = arm_style(arm);
  if (const auto span = simulated_span(sheet, own)) {
    svg.interval({x(span->least), y - 8}, {x(span->most), y - 8}, style.colour, false);
  }
  if (own != nullptr && own->value) svg.marker({x(*own->value), y - 8}, style, style.marker, false);
  const std::string of_own = replicate_range(sheet.shelf, own, "tspan");
  svg.text({plot_right + 14, y - 4}, "<tspan class=\"strong\">" +
                                         number(sheet.shelf, own, Part::value, "tspan") +
                                         "</tspan>" + (of_own.empty() ? "" : " (" + of_own + ")"));
  if (published == nullptr) return;
  if (const auto span = published_span(sheet, published)) {
    svg.interval({x(span->least), y + 9}, {x(span->most), y + 9}, style.colour, true);
  }
  svg.marker({x(published->value.value_or(x.from())), y + 9}, style, Marker::diamond, true);
  const Row* se = sheet.shelf.companion(*published, "se");
  svg.text(
      {plot_right + 14, y + 13},
      number(sheet.shelf, published, Part::value, "tspan") +
          (se == nullptr ? "" : " (SE " + number(sheet.shelf, se, Part::value, "tspan") + ")") +
          (is_recalled(*published) ? " unverified" : ""),
      "quiet");
}

}  // namespace

std::string published_value(const Sheet& sheet, const Row* row) {
  if (row == nullptr) return std::string(missing_mark);
  std::string out = number(sheet.shelf, row);
  const Row* se = sheet.shelf.companion(*row, "se");
  const Row* lower = sheet.shelf.companion(*row, "lower");
  const Row* upper = sheet.shelf.companion(*row, "upper");
  if (se != nullptr) {
    out += small("SE " + number(sheet.shelf, se));
  } else if (lower != nullptr && upper != nullptr) {
    out += small(range(sheet.shelf, lower, Part::value, upper, Part::value));
  }
  if (is_recalled(*row)) out += unverified;
  return out;
}

std::string simulated_value(const Sheet& sheet, const Row* row) {
  const std::string out = number(sheet.shelf, row);
  const std::string span = replicate_range(sheet.shelf, row);
  if (!span.empty()) return out + small(span);
  const Row* se = row == nullptr ? nullptr : sheet.shelf.companion(*row, "se");
  return se == nullptr || !se->value ? out : out + small("SE " + number(sheet.shelf, se));
}

std::optional<Span> simulated_span(const Sheet& sheet, const Row* row) {
  if (row == nullptr || !row->value) return std::nullopt;
  if (row->q025 && row->q975) return Span{*row->q025, *row->q975};
  const Row* lower = sheet.shelf.companion(*row, "lower");
  const Row* upper = sheet.shelf.companion(*row, "upper");
  const bool interval = lower != nullptr && upper != nullptr && lower->value && upper->value;
  if (interval) return Span{*lower->value, *upper->value};
  const Row* se = sheet.shelf.companion(*row, "se");
  if (se == nullptr || !se->value) return std::nullopt;
  return Span{*row->value - *se->value, *row->value + *se->value};
}

std::optional<Span> published_span(const Sheet& sheet, const Row* row) {
  if (row == nullptr || !row->value) return std::nullopt;
  const Row* se = sheet.shelf.companion(*row, "se");
  if (se == nullptr || !se->value) return std::nullopt;
  return Span{*row->value - *se->value, *row->value + *se->value};
}

std::string arm_table(const Sheet& sheet, const std::string& caption,
                      const std::vector<ArmLine>& lines) {
  const bool all = has_all_column(sheet, lines);
  std::vector<std::string> header{"Simulated"};
  if (all) header.emplace_back("All");
  for (const ReportArm& arm : sheet.input.arms) header.push_back(escape(arm.name));
  if (!sheet.trial.empty()) header.push_back("Published, " + escape(sheet.trial));
  Table table(caption, header);
  for (const ArmLine& line : lines) {
    if (!any_of_line(sheet, line.want)) continue;
    Want want = line.want;
    std::vector<std::string> cells{line.label};
    if (all) cells.push_back(simulated_value(sheet, sheet.simulated(want)));
    for (const ReportArm& arm : sheet.input.arms) {
      want.arm = arm.name;
      cells.push_back(simulated_value(sheet, sheet.simulated(want)));
    }
    if (!sheet.trial.empty()) cells.push_back(published_of_line(sheet, line.want));
    table.row(cells);
  }
  return table.empty() ? "" : table.html();
}

std::string dot_plot(const Sheet& sheet, std::string_view id, std::string_view title,
                     std::string_view unit, const Want& want) {
  struct Lane {
    const Row* own;
    const Row* published;
  };
  std::vector<Lane> lanes;
  Extent extent;
  Table table(escape(title), {"Arm", "Simulated", "MCSE", "Published"});
  for (const ReportArm& arm : sheet.input.arms) {
    Want of_arm = want;
    of_arm.arm = arm.name;
    lanes.push_back({sheet.simulated(of_arm), sheet.published(of_arm)});
    const auto& [own, published] = lanes.back();
    for (const Row* row : {own, published}) {
      if (row != nullptr && row->value) extent.hold(Span{*row->value, *row->value});
    }
    extent.hold(simulated_span(sheet, own));
    extent.hold(published_span(sheet, published));
    table.row({escape(arm.name), simulated_value(sheet, own), number(sheet.shelf, own, Part::mcse),
               published_value(sheet, published)});
  }
  if (std::ranges::none_of(lanes, [](const Lane& l) { return l.own != nullptr; })) return "";
  const double bottom = plot_top + lane * static_cast<double>(lanes.size());
  Svg svg(id, title,
          "One lane for each arm: the simulated mean with its interval above, the published value "
          "with its standard error, hollow, below.",
          460, bottom + 26);
  const auto at = ticks(extent.least, extent.most, 4);
  const Scale x(at.front(), at.back(), plot_left, plot_right);
  svg.text({0, 14}, escape(title) + (unit.empty() ? "" : ", " + escape(unit)), "strong");
  draw_axis(svg, at, x, bottom);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const double y = plot_top + lane * (static_cast<double>(i) + 0.5);
    svg.text({plot_left - 14, y + 4}, escape(sheet.input.arms[i].name), "strong", "end");
    draw_lane(svg, sheet, lanes[i].own, lanes[i].published, i, y, x);
  }
  return html(Figure{svg.html(), "", table.html()});
}

}  // namespace angiotrial::report
