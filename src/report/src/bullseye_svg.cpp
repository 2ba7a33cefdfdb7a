// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/bullseye_svg.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/report/results_json.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colours.hpp"
#include "markup.hpp"
#include "svg.hpp"

namespace angiotrial::report {
namespace {

constexpr double panel_width = 330.0;
constexpr double ring = 37.0;  ///< breadth of a ring, and radius of the apex
constexpr double centre_y = 230.0;
constexpr double bar_y = 408.0;
constexpr double height = 470.0;
constexpr Rgb no_muscle{200, 200, 200};
constexpr std::string_view font = "font-family:system-ui,'Segoe UI',Roboto,Arial,sans-serif;";

struct Segment {
  std::string_view name;
  double angle;  ///< of its middle, in degrees from the right, towards the top
  double half;   ///< half its breadth, degrees
  double inner;  ///< radius
};

constexpr std::array<Segment, 17> segments{{{"basal anterior", 90, 30, 3 * ring},
                                            {"basal anteroseptal", 150, 30, 3 * ring},
                                            {"basal inferoseptal", 210, 30, 3 * ring},
                                            {"basal inferior", 270, 30, 3 * ring},
                                            {"basal inferolateral", 330, 30, 3 * ring},
                                            {"basal anterolateral", 30, 30, 3 * ring},
                                            {"mid anterior", 90, 30, 2 * ring},
                                            {"mid anteroseptal", 150, 30, 2 * ring},
                                            {"mid inferoseptal", 210, 30, 2 * ring},
                                            {"mid inferior", 270, 30, 2 * ring},
                                            {"mid inferolateral", 330, 30, 2 * ring},
                                            {"mid anterolateral", 30, 30, 2 * ring},
                                            {"apical anterior", 90, 45, ring},
                                            {"apical septal", 180, 45, ring},
                                            {"apical inferior", 270, 45, ring},
                                            {"apical lateral", 0, 45, ring},
                                            {"apex", 0, 180, 0}}};

/// Range of the colours of a panel, with its ticks.
struct Domain {
  std::vector<double> ticks;
  BullseyeScale scale = BullseyeScale::level;
  [[nodiscard]] double from() const { return ticks.front(); }
  [[nodiscard]] double to() const { return ticks.back(); }
  [[nodiscard]] double fraction(double value) const { return (value - from()) / (to() - from()); }
  [[nodiscard]] Rgb colour(double value) const {
    return scale == BullseyeScale::level ? level_colour(fraction(value))
                                         : change_colour(2.0 * fraction(value) - 1.0);
  }
};

/// Over all panels that are drawn on the same scale, so that equal colours are equal values.
Domain domain_of(const BullseyePanel& panel, const std::vector<BullseyePanel>& panels) {
  double least = HUGE_VAL;
  double most = -HUGE_VAL;
  for (const BullseyePanel& other : panels) {
    if (other.unit != panel.unit || other.scale != panel.scale) continue;
    for (const double value : other.values) {
      if (std::isnan(value)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  if (!(least <= most)) least = most = 0.0;  // no muscle anywhere
  if (panel.scale == BullseyeScale::change) {
    most = std::max(std::abs(least), std::abs(most));
    if (most == 0.0) most = 1.0;
    least = -most;
  }
  return {ticks(least, most, 4), panel.scale};
}

/// With a real minus sign, a plus sign where it is a change, and three digits of the range.
std::string value_text(double value, const Domain& domain) {
  const double span = domain.to() - domain.from();
  const int decimals = span >= 50.0 ? 0 : span >= 5.0 ? 1 : span >= 0.2 ? 2 : 3;
  const std::string digits = fixed(std::abs(value), decimals);
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  if (value < 0.0 && !zero) return "\xE2\x88\x92" + digits;
  return (domain.scale == BullseyeScale::change && !zero ? "+" : "") + digits;
}

std::string text(Point at, std::string_view style, std::string_view plain) {
  return "<text x=\"" + coordinate(at.x) + "\" y=\"" + coordinate(at.y) + "\" style=\"" +
         std::string(font) + std::string(style) + "\">" + escape(plain) + "</text>";
}

Point on_circle(Point centre, double radius, double degrees) {
  const double angle = degrees * std::numbers::pi / 180.0;
  return {centre.x + radius * std::cos(angle), centre.y - radius * std::sin(angle)};
}

std::string point(Point p) { return coordinate(p.x) + " " + coordinate(p.y); }

std::string outline(Point centre, const Segment& segment) {
  if (segment.inner == 0.0) {
    return "<circle cx=\"" + coordinate(centre.x) + "\" cy=\"" + coordinate(centre.y) + "\" r=\"" +
           coordinate(ring) + "\"";
  }
  const double outer = segment.inner + ring;
  const double begin = segment.angle - segment.half;
  const double end = segment.angle + segment.half;
  const auto arc = [](double radius, int sweep) {
    return "A" + coordinate(radius) + " " + coordinate(radius) + " 0 0 " + std::to_string(sweep) +
           " ";
  };
  return "<path d=\"M" + point(on_circle(centre, outer, begin)) + arc(outer, 0) +
         point(on_circle(centre, outer, end)) + "L" + point(on_circle(centre, segment.inner, end)) +
         arc(segment.inner, 1) + point(on_circle(centre, segment.inner, begin)) + "Z\"";
}

std::string with_unit(const std::string& number, const std::string& unit) {
  return unit.empty() || unit == "1" ? number : number + " " + unit;
}

/// Smaller where the text is long, so that it stays within its ring.
std::string value_font(const std::string& shown) {
  const auto letters = std::ranges::count_if(
      shown, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return letters <= 4 ? "font-size:12px" : letters == 5 ? "font-size:11px" : "font-size:9px";
}

std::string draw_segment(Point centre, std::size_t index, const BullseyePanel& panel,
                         const Domain& domain) {
  const Segment& segment = segments[index];
  const double value = panel.values[index];
  const bool muscle = !std::isnan(value);
  const Rgb fill = muscle ? domain.colour(value) : no_muscle;
  const std::string number = std::to_string(index + 1);
  const std::string shown = muscle ? value_text(value, domain) : std::string(missing_mark);
  const std::string ink = "text-anchor:middle;fill:" + hex(ink_on(fill)) + ";";
  const double radius = segment.inner == 0.0 ? 0.0 : segment.inner + 0.5 * ring;
  const Point middle = on_circle(centre, radius, segment.angle);
  return "<g data-segment=\"" + number + "\"><title>" + number + " " + std::string(segment.name) +
         ": " + escape(muscle ? with_unit(shown, panel.unit) : "no muscle") + "</title>" +
         outline(centre, segment) + " fill=\"" + hex(fill) +
         "\" stroke=\"#ffffff\" stroke-width=\"1.5\"/>" +
         text({middle.x, middle.y - 3.0}, ink + "font-size:9px", number) +
         text({middle.x, middle.y + 9.0}, ink + value_font(shown) + ";font-weight:600", shown) +
         "</g>\n";
}

std::string walls(Point centre) {
  constexpr std::string_view quiet = "font-size:11px;fill:#565d66;";
  const double out = 4.0 * ring;
  const std::string middle = std::string(quiet) + "text-anchor:middle";
  const auto upright = [&](double x, std::string_view word) {
    return "<g transform=\"translate(" + coordinate(x) + " " + coordinate(centre.y) +
           ") rotate(-90)\">" + text({0.0, 0.0}, middle, word) + "</g>";
  };
  return text({centre.x, centre.y - out - 6.0}, middle, "anterior") +
         text({centre.x, centre.y + out + 14.0}, middle, "inferior") +
         upright(centre.x - out - 6.0, "septal") + upright(centre.x + out + 14.0, "lateral");
}

std::string colour_bar(double left, const BullseyePanel& panel, const Domain& domain) {
  constexpr int steps = 60;
  constexpr double width = 200.0;
  const double x0 = left + 0.5 * (panel_width - width);
  std::string out;
  for (int i = 0; i < steps; ++i) {
    const double value =
        domain.from() + (domain.to() - domain.from()) * (static_cast<double>(i) + 0.5) / steps;
    // A little overlap, or seams show between the steps.
    const double breadth = width / steps + (i + 1 < steps ? 0.4 : 0.0);
    out += "<rect x=\"" + coordinate(x0 + width * i / steps) + "\" y=\"" + coordinate(bar_y) +
           "\" width=\"" + coordinate(breadth) + "\" height=\"10\" fill=\"" +
           hex(domain.colour(value)) + "\"/>";
  }
  out += "<rect x=\"" + coordinate(x0) + "\" y=\"" + coordinate(bar_y) + "\" width=\"" +
         coordinate(width) + "\" height=\"10\" fill=\"none\" stroke=\"#565d66\"/>";
  for (const double tick : domain.ticks) {
    out += text({x0 + width * domain.fraction(tick), bar_y + 24.0},
                "font-size:11px;fill:#1c1f23;text-anchor:middle", tick_text(tick));
  }
  const std::string unit = panel.unit == "1" ? "" : panel.unit;
  return out + text({left + 0.5 * panel_width, bar_y + 40.0},
                    "font-size:11px;fill:#1c1f23;text-anchor:middle", unit);
}

bool lacks_muscle(const BullseyePanel& panel) {
  return std::ranges::any_of(panel.values, [](double v) { return std::isnan(v); });
}

std::string draw_panel(double left, const BullseyePanel& panel, const Domain& domain) {
  const Point centre{left + 0.5 * panel_width, centre_y};
  std::string out =
      "<g>" + text({centre.x, 56.0},
                   "font-size:13px;font-weight:600;fill:#1c1f23;text-anchor:middle", panel.caption);
  for (std::size_t i = 0; i < segments.size(); ++i) out += draw_segment(centre, i, panel, domain);
  return out + walls(centre) + colour_bar(left, panel, domain) + "</g>\n";
}

/// The panels in words: range of each, and where there is no muscle.
std::string description(const std::vector<BullseyePanel>& panels) {
  std::string out = std::string(notice) +
                    ". Bull's-eye plots of 17 segments: apex in the centre, base outside, anterior "
                    "wall at the top, septum on the left.";
  for (const BullseyePanel& panel : panels) {
    const Domain domain = domain_of(panel, panels);
    double least = HUGE_VAL;
    double most = -HUGE_VAL;
    std::string without;
    for (std::size_t i = 0; i < panel.values.size(); ++i) {
      if (std::isnan(panel.values[i])) {
        without += (without.empty() ? " No muscle in segment " : ", ") + std::to_string(i + 1);
        continue;
      }
      least = std::min(least, panel.values[i]);
      most = std::max(most, panel.values[i]);
    }
    if (least <= most) {
      out += " " + panel.caption + ": " + value_text(least, domain) + " to " +
             with_unit(value_text(most, domain), panel.unit) + ".";
    }
    if (!without.empty()) out += without + ".";
  }
  return out;
}

}  // namespace

std::string bullseye_svg(std::string_view title, const std::vector<BullseyePanel>& panels) {
  ANGIOTRIAL_EXPECT(!panels.empty(), "there is a panel to draw");
  for (const BullseyePanel& panel : panels) {
    ANGIOTRIAL_EXPECT(std::ranges::none_of(panel.values, [](double v) { return std::isinf(v); }),
                      "values are finite or NaN");
  }
  const double width = panel_width * static_cast<double>(panels.size());
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " +
                    coordinate(width) + " " + coordinate(height) +
                    "\" style=\"max-width:" + coordinate(width) + "px\"><title>" + escape(title) +
                    "</title><desc>" + escape(description(panels)) + "</desc>\n";
  out += text({0.5 * width, 22.0}, "font-size:15px;font-weight:600;fill:#1c1f23;text-anchor:middle",
              title);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    out +=
        draw_panel(panel_width * static_cast<double>(i), panels[i], domain_of(panels[i], panels));
  }
  std::string foot(notice);
  if (std::ranges::any_of(panels, lacks_muscle)) foot += "; grey: no muscle";
  return out +
         text({0.5 * width, height - 10.0},
              "font-size:11px;font-weight:600;fill:#7a1f00;text-anchor:middle", foot) +
         "</svg>\n";
}

}  // namespace angiotrial::report
