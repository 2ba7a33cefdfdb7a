// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Static pictures. Coordinates are in units of about one pixel; every picture scales with its
/// column. Series differ by colour, dash and marker, so that none is told by colour alone.
namespace angiotrial::report {

struct Point {
  double x = 0.0;
  double y = 0.0;
};

enum class Marker { circle, square, triangle, diamond };

/// How one arm is drawn. Colours of Okabe and Ito 2008, darkened where 3:1 on white asks for it.
struct ArmStyle {
  std::string_view colour;
  std::string_view dash;  ///< stroke-dasharray; empty: solid
  Marker marker = Marker::circle;
};

/// Styles repeat after the sixth arm.
[[nodiscard]] const ArmStyle& arm_style(std::size_t arm);

/// Values to coordinates, linear or logarithmic.
class Scale {
 public:
  Scale(double from, double to, double at_from, double at_to, bool logarithmic = false);
  [[nodiscard]] double operator()(double value) const;
  [[nodiscard]] double from() const { return from_; }
  [[nodiscard]] double to() const { return to_; }
  [[nodiscard]] bool contains(double value) const { return value >= from_ && value <= to_; }

 private:
  double from_, to_, at_from_, at_to_;
  bool logarithmic_;
};

/// Round tick values from below `least` to above `most`, about `count` of them.
[[nodiscard]] std::vector<double> ticks(double least, double most, int count);
/// Tick values of a ratio: 0.25, 0.5, 1, 2 ... around both limits, which are above 0.
[[nodiscard]] std::vector<double> ratio_ticks(double least, double most);

class Svg {
 public:
  /// `title` and `description` are plain text; `id` is unique in the page.
  Svg(std::string_view id, std::string_view title, std::string_view description, double width,
      double height);

  void line(Point a, Point b, std::string_view css_class);
  void stroke(const std::vector<Point>& points, const ArmStyle& style);
  void band(const std::vector<Point>& upper, const std::vector<Point>& lower,
            const ArmStyle& style);
  void bar(Point a, Point b, std::string_view css_class, std::string_view colour = "");
  /// Hollow markers are published values.
  void marker(Point at, const ArmStyle& style, Marker marker, bool hollow);
  /// A vertical or horizontal interval with end caps.
  void interval(Point a, Point b, std::string_view colour, bool thin);
  void arrow(Point a, Point b);
  /// `html` may hold tspan elements. Anchor: start, middle or end.
  void text(Point at, std::string_view html, std::string_view css_class = "",
            std::string_view anchor = "start");
  [[nodiscard]] std::string html() const;

 private:
  std::string head_;
  std::string body_;
};

/// A tick value as a reader wants to see it: 0.25, 0.5, 1, 200, with a real minus sign.
[[nodiscard]] std::string tick_text(double value);

/// A coordinate with at most one decimal.
[[nodiscard]] std::string coordinate(double value);

}  // namespace angiotrial::report
