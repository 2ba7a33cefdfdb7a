// SPDX-License-Identifier: Apache-2.0
#include "colours.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

namespace angiotrial::report {
namespace {

// Anchors of matplotlib's viridis (van der Walt and Smith, CC0) at every eighth.
constexpr std::array<Rgb, 9> level_anchors{{{68, 1, 84},
                                            {71, 45, 123},
                                            {59, 82, 139},
                                            {44, 114, 142},
                                            {33, 145, 140},
                                            {40, 174, 128},
                                            {94, 201, 98},
                                            {173, 220, 48},
                                            {253, 231, 37}}};

// Equal lightness on both sides; blue and orange are told apart by every common colour vision.
constexpr std::array<Rgb, 7> change_anchors{{{5, 58, 115},
                                             {38, 112, 172},
                                             {142, 184, 220},
                                             {247, 247, 247},
                                             {240, 176, 122},
                                             {196, 96, 24},
                                             {122, 48, 0}}};

/// Linear between anchors that stand at equal distances over 0 to 1.
Rgb between(std::span<const Rgb> anchors, double fraction) {
  const double at = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(anchors.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(at), anchors.size() - 2);
  const double share = at - static_cast<double>(low);
  Rgb out{};
  for (std::size_t i = 0; i < 3; ++i) {
    out[i] = static_cast<int>(
        std::lround((1.0 - share) * anchors[low][i] + share * anchors[low + 1][i]));
  }
  return out;
}

/// Relative luminance of WCAG 2: L = 0.2126 R + 0.7152 G + 0.0722 B of linear components.
double luminance(const Rgb& colour) {
  constexpr std::array weight{0.2126, 0.7152, 0.0722};
  double sum = 0.0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double c = colour[i] / 255.0;
    sum += weight[i] * (c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
  }
  return sum;
}

}  // namespace

Rgb level_colour(double fraction) { return between(level_anchors, fraction); }

Rgb change_colour(double fraction) { return between(change_anchors, 0.5 * (fraction + 1.0)); }

std::string hex(const Rgb& colour) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "#";
  for (const int c : colour) {
    out += digits[static_cast<std::size_t>(c) / 16];
    out += digits[static_cast<std::size_t>(c) % 16];
  }
  return out;
}

double contrast(const Rgb& a, const Rgb& b) {
  const auto [low, high] = std::minmax({luminance(a), luminance(b)});
  return (high + 0.05) / (low + 0.05);
}

Rgb ink_on(const Rgb& background) {
  constexpr Rgb black{0, 0, 0};
  constexpr Rgb white{255, 255, 255};
  return contrast(background, black) >= contrast(background, white) ? black : white;
}

}  // namespace angiotrial::report
