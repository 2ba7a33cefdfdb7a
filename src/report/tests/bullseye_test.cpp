// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/report/bullseye_svg.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "colours.hpp"

namespace angiotrial::report {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

BullseyePanel rising(const std::string& caption, double from, double step) {
  BullseyePanel panel{caption, "mL/min/g", {}, BullseyeScale::level};
  for (std::size_t i = 0; i < 17; ++i) panel.values[i] = from + step * static_cast<double>(i);
  return panel;
}

/// The group of a segment in one panel.
std::string segment_of(const std::string& svg, std::size_t panel, int segment) {
  const std::string mark = "<g data-segment=\"" + std::to_string(segment) + "\">";
  std::size_t at = svg.find(mark);
  for (std::size_t i = 0; i < panel; ++i) at = svg.find(mark, at + 1);
  EXPECT_NE(at, std::string::npos);
  return svg.substr(at, svg.find("</g>", at) - at);
}

std::string fill_of(const std::string& svg, std::size_t panel, int segment) {
  const std::string group = segment_of(svg, panel, segment);
  return group.substr(group.find(" fill=\"") + 7, 7);
}

/// Where a segment's number is written, from the centre: right and up.
std::array<double, 2> place_of(const std::string& svg, int segment) {
  const std::string group = segment_of(svg, 0, segment);
  const std::size_t x = group.find("<text x=\"") + 9;
  const std::size_t y = group.find("y=\"", x) + 3;
  return {std::stod(group.substr(x)) - 165.0, 230.0 - (std::stod(group.substr(y)) + 3.0)};
}

TEST(bullseye, stands_as_cardiologists_expect) {
  const std::string svg = bullseye_svg("Perfusion", {rising("before", 0.5, 0.05)});
  // Angle of each segment's middle from the right, and its ring from the centre.
  constexpr std::array<int, 16> angle{90,  150, 210, 270, 330, 30,  90,  150,
                                      210, 270, 330, 30,  90,  180, 270, 0};
  for (int s = 1; s <= 16; ++s) {
    const double radius = s <= 6 ? 129.5 : s <= 12 ? 92.5 : 55.5;
    const double at = angle[static_cast<std::size_t>(s - 1)] * std::numbers::pi / 180.0;
    const auto [right, up] = place_of(svg, s);
    EXPECT_NEAR(right, radius * std::cos(at), 0.1) << s;  // one decimal is printed
    EXPECT_NEAR(up, radius * std::sin(at), 0.1) << s;
  }
  EXPECT_NEAR(place_of(svg, 17)[0], 0.0, 0.1);
  EXPECT_NEAR(place_of(svg, 17)[1], 0.0, 0.1);
  EXPECT_LT(place_of(svg, 14)[0], 0.0);  // septum on the left
  EXPECT_GT(place_of(svg, 16)[0], 0.0);
  EXPECT_NE(segment_of(svg, 0, 3).find("basal inferoseptal"), std::string::npos);
}

TEST(bullseye, shares_one_range_among_levels_and_centres_changes_at_zero) {
  BullseyePanel change{"change", "mL/min/g", {}, BullseyeScale::change};
  change.values[0] = -0.2;
  change.values[1] = 0.2;
  change.values[2] = 0.05;
  const std::string svg =
      bullseye_svg("P", {rising("before", 0.5, 0.05), rising("after", 0.6, 0.05), change});
  for (int s = 1; s <= 15; ++s) EXPECT_EQ(fill_of(svg, 1, s), fill_of(svg, 0, s + 2));
  EXPECT_EQ(fill_of(svg, 2, 4), hex(change_colour(0.0)));
  EXPECT_EQ(fill_of(svg, 2, 1), hex(change_colour(-1.0)));
  EXPECT_EQ(fill_of(svg, 2, 2), hex(change_colour(1.0)));
  EXPECT_NE(segment_of(svg, 2, 1).find(">\xE2\x88\x92"
                                       "0.20<"),
            std::string::npos);
  EXPECT_NE(segment_of(svg, 2, 2).find(">+0.20<"), std::string::npos);
  EXPECT_NE(segment_of(svg, 2, 4).find(">0.00<"), std::string::npos);
}

TEST(bullseye, paints_segments_without_muscle_grey_and_says_so) {
  BullseyePanel panel = rising("before", 0.5, 0.05);
  panel.values[3] = nan;
  panel.values[9] = nan;
  const std::string svg = bullseye_svg("P", {panel});
  EXPECT_EQ(fill_of(svg, 0, 4), "#c8c8c8");
  EXPECT_NE(segment_of(svg, 0, 4).find("4 basal inferior: no muscle"), std::string::npos);
  EXPECT_NE(svg.find("No muscle in segment 4, 10."), std::string::npos);
  EXPECT_NE(svg.find("grey: no muscle"), std::string::npos);
  panel.values.fill(nan);
  EXPECT_NE(bullseye_svg("P", {panel}).find("</svg>"), std::string::npos);
  panel.values.fill(1.0);
  EXPECT_EQ(bullseye_svg("P", {panel}).find("grey"), std::string::npos);
}

TEST(bullseye, is_marked_as_simulated_titled_and_escaped) {
  const std::string svg = bullseye_svg("a <b> & c", {rising("\"x\" </svg>", 1.0, 1.0)});
  EXPECT_NE(svg.find("<title>a &lt;b&gt; &amp; c</title><desc>SIMULATED"), std::string::npos);
  EXPECT_EQ(svg.find("</svg>"), svg.size() - 7);
  EXPECT_NE(svg.find(">SIMULATED - not for clinical decisions</text>"), std::string::npos);
  EXPECT_EQ(svg.find(" id="), std::string::npos);
  EXPECT_EQ(svg, bullseye_svg("a <b> & c", {rising("\"x\" </svg>", 1.0, 1.0)}));
  EXPECT_THROW((void)bullseye_svg("t", {}), diagnostics::ContractViolation);
  BullseyePanel endless = rising("x", 1.0, 1.0);
  endless.values[0] = HUGE_VAL;
  EXPECT_THROW((void)bullseye_svg("t", {endless}), diagnostics::ContractViolation);
}

TEST(bullseye, colours_can_be_read_on_and_told_apart_in_grey) {
  double last = 0.0;
  for (int i = 0; i <= 100; ++i) {
    const double fraction = i / 100.0;
    for (const Rgb& colour : {level_colour(fraction), change_colour(2.0 * fraction - 1.0)}) {
      EXPECT_GE(contrast(colour, ink_on(colour)), 4.5) << fraction;
    }
    const double light = contrast(level_colour(fraction), {0, 0, 0});
    EXPECT_GE(light, last * 0.999) << fraction;
    last = std::max(last, light);
    EXPECT_LE(contrast(change_colour(0.0), {255, 255, 255}),
              contrast(change_colour(fraction), {255, 255, 255}));
    // Both sides of a change grow darker alike.
    EXPECT_LT(contrast(change_colour(fraction), change_colour(-fraction)), 1.35) << fraction;
  }
  EXPECT_NEAR(contrast({0, 0, 0}, {255, 255, 255}), 21.0, 1e-9);
}

RC_GTEST_PROP(bullseye, draws_any_finite_values, ()) {
  BullseyePanel panel{"x", "1", {}, *rc::gen::element(BullseyeScale::level, BullseyeScale::change)};
  const double size = std::pow(10.0, *rc::gen::inRange(-6, 7));
  for (double& value : panel.values) value = size * *rc::gen::inRange(-1000, 1000) / 1000.0;
  const std::string svg = bullseye_svg("t", {panel});
  RC_ASSERT(svg.find("nan") == std::string::npos);
  RC_ASSERT(svg.find("inf\"") == std::string::npos);
  for (int s = 1; s <= 17; ++s) RC_ASSERT(fill_of(svg, 0, s).front() == '#');
}

}  // namespace
}  // namespace angiotrial::report
