// SPDX-License-Identifier: Apache-2.0
#include "svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "markup.hpp"

namespace angiotrial::report {
namespace {

constexpr std::array styles{
    ArmStyle{"#4a4a4a", "7 4", Marker::circle},   ArmStyle{"#0066a6", "", Marker::square},
    ArmStyle{"#c04e00", "2 3", Marker::triangle}, ArmStyle{"#007a5a", "10 3 2 3", Marker::circle},
    ArmStyle{"#a3467d", "5 2", Marker::square},   ArmStyle{"#7a6000", "1 3", Marker::triangle}};

std::string attribute(std::string_view name, double value) {
  return " " + std::string(name) + "=\"" + coordinate(value) + "\"";
}

std::string attribute(std::string_view name, std::string_view value) {
  return value.empty() ? "" : " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

std::string points_text(const std::vector<Point>& points) {
  std::string out;
  for (const Point& p : points) {
    out += (out.empty() ? "" : " ") + coordinate(p.x) + "," + coordinate(p.y);
  }
  return out;
}

/// Corners around (0, 0); empty for a circle.
std::vector<Point> corners(Marker marker) {
  switch (marker) {
    case Marker::circle:
      return {};
    case Marker::square:
      return {{-4, -4}, {4, -4}, {4, 4}, {-4, 4}};
    case Marker::triangle:
      return {{0, -5}, {5, 4}, {-5, 4}};
    case Marker::diamond:
      return {{0, -6}, {6, 0}, {0, 6}, {-6, 0}};
  }
  return {};
}

}  // namespace

const ArmStyle& arm_style(std::size_t arm) { return styles[arm % styles.size()]; }

Scale::Scale(double from, double to, double at_from, double at_to, bool logarithmic)
    : from_(from), to_(to), at_from_(at_from), at_to_(at_to), logarithmic_(logarithmic) {}

double Scale::operator()(double value) const {
  const auto on = [&](double v) { return logarithmic_ ? std::log(std::max(v, 1e-12)) : v; };
  const double span = on(to_) - on(from_);
  if (!(span > 0.0)) return 0.5 * (at_from_ + at_to_);
  return at_from_ + (at_to_ - at_from_) * (on(value) - on(from_)) / span;
}

std::vector<double> ticks(double least, double most, int count) {
  if (!(most > least)) most = least + 1.0;
  const double rough = (most - least) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10.0 * power;
  for (const double nice : {5.0, 2.0, 1.0}) {
    if (nice * power >= rough * 0.999) step = nice * power;
  }
  std::vector<double> out;
  const auto first = static_cast<long>(std::floor(least / step + 1e-9));
  const auto last = static_cast<long>(std::ceil(most / step - 1e-9));
  for (long i = first; i <= last; ++i) out.push_back(static_cast<double>(i) * step);
  return out;
}

std::vector<double> ratio_ticks(double least, double most) {
  constexpr std::array wanted{0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 10.0, 20.0};
  std::size_t first = 0;
  std::size_t last = wanted.size() - 1;
  while (first + 1 < wanted.size() && wanted[first + 1] <= least) ++first;
  while (last > 0 && wanted[last - 1] >= most) --last;
  if (last <= first) last = std::min(first + 1, wanted.size() - 1);
  return {wanted.begin() + static_cast<std::ptrdiff_t>(first),
          wanted.begin() + static_cast<std::ptrdiff_t>(last) + 1};
}

std::string tick_text(double value) {
  std::string text = fixed(std::abs(value), 3);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return (value < 0.0 && text != "0" ? "\xE2\x88\x92" : "") + text;
}

std::string coordinate(double value) {
  std::string text = fixed(value, 1);
  if (text.ends_with(".0")) text.erase(text.size() - 2);
  return text;
}

Svg::Svg(std::string_view id, std::string_view title, std::string_view description, double width,
         double height) {
  const std::string name = escape(id);
  head_ = "<svg role=\"img\" aria-labelledby=\"" + name + "-t " + name + "-d\" viewBox=\"0 0 " +
          coordinate(width) + " " + coordinate(height) + "\"><title id=\"" + name + "-t\">" +
          escape(title) + "</title><desc id=\"" + name + "-d\">" + escape(description) +
          "</desc>\n";
}

void Svg::line(Point a, Point b, std::string_view css_class) {
  body_ += "<line" + attribute("class", css_class) + attribute("x1", a.x) + attribute("y1", a.y) +
           attribute("x2", b.x) + attribute("y2", b.y) + "/>";
}

void Svg::stroke(const std::vector<Point>& points, const ArmStyle& style) {
  if (points.empty()) return;
  body_ += "<polyline class=\"curve\"" + attribute("stroke", style.colour) +
           attribute("stroke-dasharray", style.dash) + attribute("points", points_text(points)) +
           "/>";
}

void Svg::band(const std::vector<Point>& upper, const std::vector<Point>& lower,
               const ArmStyle& style) {
  if (upper.empty()) return;
  std::vector<Point> outline = upper;
  outline.insert(outline.end(), lower.rbegin(), lower.rend());
  body_ += "<polygon class=\"band\"" + attribute("fill", style.colour) +
           attribute("stroke", style.colour) + attribute("points", points_text(outline)) + "/>";
}

void Svg::bar(Point a, Point b, std::string_view css_class, std::string_view colour) {
  body_ += "<rect" + attribute("class", css_class) + attribute("x", std::min(a.x, b.x)) +
           attribute("y", std::min(a.y, b.y)) + attribute("width", std::abs(b.x - a.x)) +
           attribute("height", std::abs(b.y - a.y)) + attribute("fill", colour) + "/>";
}

void Svg::marker(Point at, const ArmStyle& style, Marker marker, bool hollow) {
  const std::string paint = attribute("fill", hollow ? "#ffffff" : style.colour) +
                            attribute("stroke", style.colour) + " class=\"marker\"/>";
  if (marker == Marker::circle) {
    body_ +=
        "<circle" + attribute("cx", at.x) + attribute("cy", at.y) + attribute("r", 4.5) + paint;
    return;
  }
  std::vector<Point> outline = corners(marker);
  for (Point& p : outline) p = {p.x + at.x, p.y + at.y};
  body_ += "<polygon" + attribute("points", points_text(outline)) + paint;
}

void Svg::interval(Point a, Point b, std::string_view colour, bool thin) {
  const bool vertical = std::abs(a.x - b.x) < std::abs(a.y - b.y);
  const double cap = 4.0;
  const double dx = vertical ? cap : 0.0;
  const double dy = vertical ? 0.0 : cap;
  const std::string path =
      "M" + coordinate(a.x) + " " + coordinate(a.y) + "L" + coordinate(b.x) + " " + coordinate(b.y);
  std::string caps;
  for (const Point& p : {a, b}) {
    caps += "M" + coordinate(p.x - dx) + " " + coordinate(p.y - dy) + "L" + coordinate(p.x + dx) +
            " " + coordinate(p.y + dy);
  }
  body_ += "<path" + attribute("class", thin ? "interval thin" : "interval") +
           attribute("stroke", colour) + attribute("d", path + caps) + "/>";
}

void Svg::arrow(Point a, Point b) {
  line(a, b, "link");
  const bool down = std::abs(b.y - a.y) > std::abs(b.x - a.x);
  const std::vector<Point> head =
      down ? std::vector<Point>{{b.x, b.y}, {b.x - 4, b.y - 7}, {b.x + 4, b.y - 7}}
           : std::vector<Point>{{b.x, b.y}, {b.x - 7, b.y - 4}, {b.x - 7, b.y + 4}};
  body_ += "<polygon class=\"head\"" + attribute("points", points_text(head)) + "/>";
}

void Svg::text(Point at, std::string_view html, std::string_view css_class,
               std::string_view anchor) {
  body_ += "<text" + attribute("class", css_class) + attribute("x", at.x) + attribute("y", at.y) +
           (anchor == "start" ? "" : attribute("text-anchor", anchor)) + ">" + std::string(html) +
           "</text>";
}

std::string Svg::html() const { return head_ + body_ + "</svg>"; }

}  // namespace angiotrial::report
