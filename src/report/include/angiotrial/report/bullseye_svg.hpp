// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace angiotrial::report {

/// A level runs from dark to light; a change runs from blue (less) over white (none) to brown
/// (more), centred at 0. Both can be told apart by the colour-blind and in grey.
enum class BullseyeScale { level, change };

struct BullseyePanel {
  std::string caption;
  std::string unit;
  /// Segments 1 to 17 of the American Heart Association in their order; NaN: no muscle there.
  std::array<double, 17> values{};
  BullseyeScale scale = BullseyeScale::level;
};

/// Bull's-eye plots side by side, as cardiologists draw them (Cerqueira 2002): apex in the centre,
/// base outside, anterior wall at the top, septum on the left. Panels of one unit and scale share
/// their colours' range. Each segment shows its number and its value.
///
/// An SVG document of its own that may also stand inside a page: no identifiers, no style sheet, no
/// script; title and description for screen readers. Expects a panel, and values that are finite or
/// NaN. The same panels give the same bytes.
[[nodiscard]] std::string bullseye_svg(std::string_view title,
                                       const std::vector<BullseyePanel>& panels);

}  // namespace angiotrial::report
