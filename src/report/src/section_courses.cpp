// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sections.hpp"
#include "svg.hpp"

/// Means over time, with intervals and published points.
namespace angiotrial::report {
namespace {

using analysis::Row;

struct Mean {
  double month = 0.0;
  const Row* own = nullptr;
  const Row* published = nullptr;
};

struct Course {
  std::string arm;
  std::vector<Mean> means;
};

std::vector<Course> courses(const Sheet& sheet, const Endpoint& endpoint) {
  std::vector<ReportVisit> visits{{"Baseline", 0.0}};
  visits.insert(visits.end(), sheet.input.visits.begin(), sheet.input.visits.end());
  std::vector<Course> out;
  for (const ReportArm& arm : sheet.input.arms) {
    Course course{arm.name, {}};
    for (const ReportVisit& visit : visits) {
      const Want want{.arm = arm.name,
                      .paramcd = endpoint.paramcd,
                      .avisit = visit.avisit,
                      .statistic = "mean"};
      const Mean mean{visit.month, sheet.simulated(want), sheet.published(want)};
      if (mean.own != nullptr || mean.published != nullptr) course.means.push_back(mean);
    }
    out.push_back(std::move(course));
  }
  return out;
}

struct Frame {
  Scale x;
  Scale y;
};

constexpr double left = 46.0;
constexpr double right = 450.0;
constexpr double top = 58.0;
constexpr double bottom = 290.0;

Frame frame(const Sheet& sheet, const std::vector<Course>& all, std::vector<double>& y_ticks) {
  double least = 0.0;
  double most = 0.0;
  double last = 1.0;
  for (const Course& course : all) {
    for (const Mean& mean : course.means) {
      last = std::max(last, mean.month);
      for (const auto& span :
           {simulated_span(sheet, mean.own), published_span(sheet, mean.published)}) {
        if (span) {
          least = std::min(least, span->least);
          most = std::max(most, span->most);
        }
      }
    }
  }
  y_ticks = ticks(least, most, 5);
  return {Scale(0, last, left + 36, right - 28),
          Scale(y_ticks.front(), y_ticks.back(), bottom, top)};
}

void draw_frame(Svg& svg, const Sheet& sheet, const Frame& f, const std::vector<double>& y_ticks) {
  for (const double tick : y_ticks) {
    svg.line({left, f.y(tick)}, {right, f.y(tick)}, tick == 0.0 ? "axis" : "grid");
    svg.text({left - 6, f.y(tick) + 4}, tick_text(tick), "tick", "end");
  }
  std::vector<double> months{0.0};
  for (const ReportVisit& visit : sheet.input.visits) months.push_back(visit.month);
  for (const double month : months) {
    svg.line({f.x(month), bottom}, {f.x(month), bottom + 5}, "axis");
    svg.text({f.x(month), bottom + 18}, coordinate(month), "tick", "middle");
  }
  svg.text({0.5 * (left + right), bottom + 34}, "months since randomisation", "tick", "middle");
}

void draw_legend(Svg& svg, const Sheet& sheet) {
  double x = 4.0;
  for (std::size_t i = 0; i < sheet.input.arms.size(); ++i) {
    const ArmStyle& style = arm_style(i);
    svg.stroke({{x, 35}, {x + 30, 35}}, style);
    svg.marker({x + 15, 35}, style, style.marker, false);
    svg.text({x + 35, 39}, escape(sheet.input.arms[i].name.substr(0, 14)));
    x += 48 + 7.5 * static_cast<double>(std::min<std::size_t>(sheet.input.arms[i].name.size(), 14));
  }
  if (sheet.trial.empty()) return;
  svg.marker({x + 6, 35}, arm_style(0), Marker::diamond, true);
  svg.text({x + 17, 39}, "published");
}

void draw_course(Svg& svg, const Sheet& sheet, const Course& course, std::size_t arm,
                 const Frame& f) {
  const ArmStyle& style = arm_style(arm);
  std::vector<Point> upper, lower, middle;
  for (const Mean& mean : course.means) {
    if (mean.own == nullptr || !mean.own->value) continue;
    const auto span = simulated_span(sheet, mean.own);
    middle.push_back({f.x(mean.month), f.y(*mean.own->value)});
    upper.push_back({f.x(mean.month), f.y(span ? span->most : *mean.own->value)});
    lower.push_back({f.x(mean.month), f.y(span ? span->least : *mean.own->value)});
  }
  svg.band(upper, lower, style);
  svg.stroke(middle, style);
  for (const Point& p : middle) svg.marker(p, style, style.marker, false);
}

/// Beside the simulated points, so that neither hides the other.
void draw_published(Svg& svg, const Sheet& sheet, const Course& course, std::size_t arm,
                    const Frame& f) {
  const ArmStyle& style = arm_style(arm);
  for (const Mean& mean : course.means) {
    if (mean.published == nullptr || !mean.published->value) continue;
    const double x = f.x(mean.month) + 9 + 8 * static_cast<double>(arm);
    if (const auto span = published_span(sheet, mean.published)) {
      svg.interval({x, f.y(span->least)}, {x, f.y(span->most)}, style.colour, true);
    }
    svg.marker({x, f.y(*mean.published->value)}, style, Marker::diamond, true);
  }
}

/// Numbers analysed, below the axis.
double draw_numbers(Svg& svg, const Sheet& sheet, const std::vector<Course>& all, const Frame& f) {
  double y = bottom + 54;
  svg.text({4, y}, "analysed", "tick");
  for (const Course& course : all) {
    y += 16;
    svg.text({4, y}, escape(course.arm.substr(0, 8)), "tick");
    for (const Mean& mean : course.means) {
      const Row* n = mean.own == nullptr ? nullptr : sheet.shelf.companion(*mean.own, "n");
      svg.text({f.x(mean.month), y}, number(sheet.shelf, n, Part::value, "tspan"), "tick",
               "middle");
    }
  }
  return y;
}

std::string course_table(const Sheet& sheet, const Endpoint& endpoint,
                         const std::vector<Course>& all) {
  Table table(escape(endpoint.title),
              {"Month, arm", "Analysed", "Simulated mean", "95 % of trials", "MCSE", "Published"});
  for (const Course& course : all) {
    for (const Mean& mean : course.means) {
      const Row* n = mean.own == nullptr ? nullptr : sheet.shelf.companion(*mean.own, "n");
      const std::string span = replicate_range(sheet.shelf, mean.own);
      table.row({coordinate(mean.month) + ", " + escape(course.arm), number(sheet.shelf, n),
                 number(sheet.shelf, mean.own), span.empty() ? std::string(missing_mark) : span,
                 number(sheet.shelf, mean.own, Part::mcse),
                 published_value(sheet, mean.published)});
    }
  }
  return table.html();
}

std::string figure(const Sheet& sheet, const Endpoint& endpoint) {
  const std::vector<Course> all = courses(sheet, endpoint);
  if (std::ranges::all_of(all, [](const Course& c) { return c.means.empty(); })) return "";
  std::vector<double> y_ticks;
  const Frame f = frame(sheet, all, y_ticks);
  Svg svg("course-" + std::string(endpoint.paramcd), endpoint.title,
          "Simulated means by arm over time with shaded intervals; published means as hollow "
          "diamonds with one standard error.",
          460, bottom + 62 + 16 * static_cast<double>(all.size()));
  svg.text({0, 14}, escape(titled(endpoint)), "strong");
  draw_legend(svg, sheet);
  draw_frame(svg, sheet, f, y_ticks);
  for (std::size_t i = 0; i < all.size(); ++i) draw_course(svg, sheet, all[i], i, f);
  for (std::size_t i = 0; i < all.size(); ++i) draw_published(svg, sheet, all[i], i, f);
  draw_numbers(svg, sheet, all, f);
  return html(Figure{svg.html(), std::string(endpoint.better), course_table(sheet, endpoint, all)});
}

}  // namespace

std::string courses_section(const Sheet& sheet) {
  const std::string figures = figure(sheet, angina) + figure(sheet, exercise);
  if (figures.empty()) return "";
  return section("courses", "Mean courses",
                 "<div class=\"pair\">" + figures + "</div>\n" +
                     paragraph("Shaded: " + sheet.interval +
                               ". Lines join visits; nothing was observed between them."));
}

}  // namespace angiotrial::report
