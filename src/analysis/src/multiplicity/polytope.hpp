// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

/// Probability that a spherical normal or t vector x of dimension at most 4 lies in the polytope
/// { x : a_j' x <= b_j }. See multivariate_t.hpp for the method.
namespace angiotrial::analysis::polytope {

inline constexpr std::size_t most_dimensions = 4;
inline constexpr std::size_t most_planes = 24;

struct HalfSpace {
  std::array<double, most_dimensions> normal{};  ///< a, unit length
  double bound = 0.0;                            ///< b
};

struct Polytope {
  std::array<HalfSpace, most_planes> planes{};
  std::size_t count = 0;
  std::size_t dimension = 0;

  /// Adds a' x <= b; a vanishing normal is a condition on b alone. False when it cannot hold.
  [[nodiscard]] bool add(const std::array<double, most_dimensions>& normal, double bound);
};

/// df may be infinite.
[[nodiscard]] double probability(const Polytope& region, double df);

}  // namespace angiotrial::analysis::polytope
