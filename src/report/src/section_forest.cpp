// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/published_rows.hpp>

#include <algorithm>

#include "sections.hpp"
#include "svg.hpp"

/// Contrasts against the reference arm: simulated, and as trials published them.
namespace angiotrial::report {
namespace {

using analysis::Row;

struct Line {
  std::string label;
  const Row* row = nullptr;
  std::size_t arm = 0;
  bool published = false;
};

/// Interval of a contrast: over replicates, a confidence interval, or 1.96 standard errors.
std::optional<Span> span_of(const Sheet& sheet, const Row& row) {
  constexpr double normal_95 = 1.96;
  if (row.q025 && row.q975) return Span{*row.q025, *row.q975};
  const Row* lower = sheet.shelf.companion(row, "lower");
  const Row* upper = sheet.shelf.companion(row, "upper");
  if (lower != nullptr && upper != nullptr && lower->value && upper->value) {
    return Span{*lower->value, *upper->value};
  }
  const Row* se = sheet.shelf.companion(row, "se");
  if (se == nullptr || !se->value || !row.value || row.statistic == "rate_ratio") {
    return std::nullopt;
  }
  return Span{*row.value - normal_95 * *se->value, *row.value + normal_95 * *se->value};
}

bool is_published_contrast(const Row& row, const Endpoint& endpoint) {
  const bool parameter = row.paramcd == endpoint.paramcd ||
                         (endpoint.paramcd == exercise.paramcd && row.paramcd == "ETTDUR");
  return row.source == "published" && parameter && row.statistic == endpoint.contrast && row.value;
}

/// By visit: each treated arm, simulated and published; then other trials.
std::vector<Line> lines(const Sheet& sheet, const Endpoint& endpoint) {
  std::vector<Line> out;
  for (const ReportVisit& visit : sheet.input.visits) {
    for (const std::string& arm : sheet.treated_arms()) {
      const Want want{.arm = arm,
                      .arm_ref = sheet.input.reference_arm,
                      .paramcd = endpoint.paramcd,
                      .avisit = visit.avisit,
                      .statistic = endpoint.contrast};
      const std::size_t index = sheet.arm_index(arm);
      const Row* own = sheet.simulated(want);
      if (own != nullptr) out.push_back({visit.avisit + ", " + arm, own, index, false});
      const Row* published = sheet.published(want);
      if (published != nullptr) out.push_back({"published, " + arm, published, index, true});
    }
  }
  for (const Row& row : sheet.input.rows) {
    if (!is_published_contrast(row, endpoint) || row.scenario == sheet.trial) continue;
    const std::string visit =
        row.avisit.starts_with("Month ") ? "mo " + row.avisit.substr(6) : row.avisit;
    out.push_back({row.scenario + ", " + visit, &row, 0, true});
  }
  return out;
}

std::string clipped(const std::string& text) {
  constexpr std::size_t most = 27;
  return text.size() <= most ? escape(text) : escape(text.substr(0, most - 1)) + "\xE2\x80\xA6";
}

void draw_line(Svg& svg, const Sheet& sheet, const Line& line, double y, const Scale& x) {
  const ArmStyle& style = arm_style(line.arm);
  const auto inside = [&](double value) { return std::clamp(value, x.from(), x.to()); };
  const bool below = line.published && line.row->scenario == sheet.trial;
  svg.text({below ? 14.0 : 2.0, y + 4}, clipped(line.label),
           line.published ? "tight quiet" : "tight strong");
  if (const auto span = span_of(sheet, *line.row)) {
    svg.interval({x(inside(span->least)), y}, {x(inside(span->most)), y}, style.colour,
                 line.published);
  }
  if (line.row->value) {
    svg.marker({x(inside(*line.row->value)), y}, style,
               line.published ? Marker::diamond : style.marker, line.published);
  }
  svg.text({458, y + 4}, number(sheet.shelf, line.row, Part::value, "tspan"),
           line.published ? "tight quiet" : "tight strong", "end");
}

std::string contrast_table(const Sheet& sheet, const Endpoint& endpoint,
                           const std::vector<Line>& all) {
  Table table(escape(endpoint.title) + ", " + statistic_title(endpoint.contrast),
              {"Contrast", "Estimate", "Interval", "MCSE", "SE",
               sheet.many ? "p value (median)" : "p value", "How known"});
  for (const Line& line : all) {
    const Row& row = *line.row;
    const std::string span = replicate_range(sheet.shelf, &row);
    const Row* lower = sheet.shelf.companion(row, "lower");
    const Row* upper = sheet.shelf.companion(row, "upper");
    const Row* p = sheet.shelf.companion(row, "p_value");
    std::string estimate = number(sheet.shelf, &row);
    if (line.published && is_recalled(row)) estimate += unverified;
    table.row({escape(line.published ? row.scenario : "simulated") + ", " + escape(row.avisit) +
                   ", " + escape(row.arm) + " against " + escape(row.arm_ref),
               estimate,
               span.empty() ? range(sheet.shelf, lower, Part::value, upper, Part::value) : span,
               number(sheet.shelf, &row, Part::mcse),
               number(sheet.shelf, sheet.shelf.companion(row, "se")),
               number(sheet.shelf, p, p != nullptr && p->q500 ? Part::q500 : Part::value),
               "<span class=\"source\">" + escape(row.method) + "</span>"});
  }
  return table.html();
}

Scale scale_of(const Sheet& sheet, const std::vector<Line>& all, bool ratio,
               std::vector<double>& at) {
  double least = ratio ? 1.0 : 0.0;
  double most = least;
  for (const Line& line : all) {
    const auto span = span_of(sheet, *line.row);
    for (const double value : {span ? span->least : line.row->value.value_or(least),
                               span ? span->most : line.row->value.value_or(most)}) {
      if (ratio && !(value > 0.0)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  at = ratio ? ratio_ticks(least, most) : ticks(least, most, 4);
  return {at.front(), at.back(), 196, 408, ratio};
}

std::string figure(const Sheet& sheet, const Endpoint& endpoint) {
  const std::vector<Line> all = lines(sheet, endpoint);
  if (all.empty()) return "";
  const bool ratio = endpoint.contrast == "rate_ratio";
  std::vector<double> at;
  const Scale x = scale_of(sheet, all, ratio, at);
  const std::string title = ratio ? "Angina, ratio of weekly rates to the reference arm"
                                  : "Exercise time, difference to the reference arm, s";
  constexpr double first = 40.0;
  const double end = first + 21 * static_cast<double>(all.size()) - 6;
  Svg svg("forest-" + std::string(endpoint.paramcd), title,
          "One line for each contrast: simulated filled, published hollow, with intervals. The "
          "dark vertical line is no effect.",
          460, end + 26);
  svg.text({0, 14}, escape(title), "strong");
  for (const double tick : at) {
    svg.line({x(tick), first - 14}, {x(tick), end}, tick == (ratio ? 1.0 : 0.0) ? "axis" : "grid");
    svg.text({x(tick), end + 16}, tick_text(tick), "tick", "middle");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    draw_line(svg, sheet, all[i], first + 21 * static_cast<double>(i), x);
  }
  return html(Figure{svg.html(), ratio ? "Below 1 favours cells." : "Above 0 favours cells.",
                     contrast_table(sheet, endpoint, all)});
}

}  // namespace

std::string forest_section(const Sheet& sheet) {
  const std::string figures = figure(sheet, angina) + figure(sheet, exercise);
  if (figures.empty()) return "";
  return section(
      "forest", "Contrasts between arms",
      "<div class=\"pair\">" + figures + "</div>\n" +
          paragraph(
              "Simulated: mean of the estimates and the " +
              std::string(sheet.many ? "range of 95 % of them over the simulated trials"
                                     : "confidence interval of the one trial") +
              ". Published: the 95 % interval as printed, or 1.96 standard errors where only an "
              "error is known; no line where neither is. Other trials had other patients, visits "
              "and controls; they are shown for scale."));
}

}  // namespace angiotrial::report
