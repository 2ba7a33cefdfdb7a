// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

namespace angiotrial::report {

/// Red, green, blue in sRGB, each from 0 to 255.
using Rgb = std::array<int, 3>;

/// From dark violet (0) over green to yellow (1), lighter all the way. Arguments beyond are
/// clamped.
[[nodiscard]] Rgb level_colour(double fraction);

/// From blue (-1) over near white (0) to brown (1). Arguments beyond are clamped.
[[nodiscard]] Rgb change_colour(double fraction);

/// "#rrggbb"
[[nodiscard]] std::string hex(const Rgb& colour);

/// Contrast ratio of WCAG 2, from 1 to 21.
[[nodiscard]] double contrast(const Rgb& a, const Rgb& b);

/// Black or white, whichever is read more easily on the colour: at least 4.58:1 on any.
[[nodiscard]] Rgb ink_on(const Rgb& background);

}  // namespace angiotrial::report
