// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/mask.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What each cell of a user's mask is. Private.
namespace angiotrial::heart {

enum class Part : std::uint8_t {
  unknown,
  muscle,
  outside,
  cavity,
  above,  ///< beyond the base plane
};

/// The project's axes in the frame of the mask.
struct Axes {
  tissue::PositionMm base_mm{}, lateral{}, anterior{}, up{};
  double septal_arc_deg = 120.0;  ///< between the insertions, over the septum

  /// x, y and height above the base plane.
  [[nodiscard]] tissue::PositionMm to_heart(const tissue::PositionMm& at_mm) const;
  [[nodiscard]] tissue::PositionMm to_mask(const tissue::PositionMm& at_mm) const;
};

struct Segmented {
  Axes axes;
  std::vector<Part> part;
  double wall_mm3 = 0.0, cavity_mm3 = 0.0;     ///< below the base plane
  double tip_mm = 0.0, cavity_depth_mm = 0.0;  ///< below the base plane, > 0
};

/// Sizes, numbers, spacing; nothing else is looked at while these are wrong.
[[nodiscard]] std::vector<diagnostics::Problem> problems_of_grid(const Mask& mask);

/// Landmarks in the box, their distances and angles, and handedness.
[[nodiscard]] std::vector<diagnostics::Problem> problems_of_landmarks(const Mask& mask);

/// Expects a mask without the problems above.
[[nodiscard]] Axes axes_of(const Mask& mask);

/// Emptiness, edges, components, cavity, holes, volumes. Expects sound grid and landmarks.
[[nodiscard]] diagnostics::Result<Segmented> segment(const Mask& mask);

[[nodiscard]] diagnostics::Problem problem_of(const Mask& mask, std::string key, std::string value,
                                              std::string rule, std::string hint);

}  // namespace angiotrial::heart
