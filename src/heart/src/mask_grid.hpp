// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/mask.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

/// Neighbours on the grid of a mask. Private.
namespace angiotrial::heart {

using Cell = std::array<int, 3>;

/// Neighbours and places of the cells of a mask.
class Grid {
 public:
  explicit Grid(const Mask& mask)
      : mask_(mask),
        nx_(static_cast<std::size_t>(mask.cells[0])),
        ny_(static_cast<std::size_t>(mask.cells[1])),
        nz_(static_cast<std::size_t>(mask.cells[2])) {}

  [[nodiscard]] std::size_t size() const { return nx_ * ny_ * nz_; }
  [[nodiscard]] Cell cell(std::size_t i) const {
    return {static_cast<int>(i % nx_), static_cast<int>(i / nx_ % ny_),
            static_cast<int>(i / nx_ / ny_)};
  }
  [[nodiscard]] std::size_t index(const Cell& c) const {
    return (static_cast<std::size_t>(c[2]) * ny_ + static_cast<std::size_t>(c[1])) * nx_ +
           static_cast<std::size_t>(c[0]);
  }
  [[nodiscard]] tissue::PositionMm centre(const Cell& c) const {
    tissue::PositionMm at{};
    for (std::size_t a = 0; a < 3; ++a) {
      at[a] = mask_.first_centre_mm[a] + c[a] * mask_.spacing_mm[a];
    }
    return at;
  }
  [[nodiscard]] bool on_edge(const Cell& c) const {
    for (std::size_t a = 0; a < 3; ++a) {
      if (c[a] == 0 || c[a] == mask_.cells[a] - 1) return true;
    }
    return false;
  }
  template <class Visit>
  void each_neighbour(std::size_t i, Visit visit) const {
    const Cell c = cell(i);
    if (c[0] > 0) visit(i - 1);
    if (c[0] + 1 < mask_.cells[0]) visit(i + 1);
    if (c[1] > 0) visit(i - nx_);
    if (c[1] + 1 < mask_.cells[1]) visit(i + nx_);
    if (c[2] > 0) visit(i - nx_ * ny_);
    if (c[2] + 1 < mask_.cells[2]) visit(i + nx_ * ny_);
  }
  [[nodiscard]] std::size_t nearest(const tissue::PositionMm& at) const {
    Cell c{};
    for (std::size_t a = 0; a < 3; ++a) {
      const auto n = std::lround((at[a] - mask_.first_centre_mm[a]) / mask_.spacing_mm[a]);
      c[a] = static_cast<int>(std::clamp<long>(n, 0, mask_.cells[a] - 1));
    }
    return index(c);
  }

 private:
  const Mask& mask_;
  std::size_t nx_, ny_, nz_;
};

/// Marks what is joined to `seeds` through cells that `open` lets pass; returns how many.
template <class Open, class Mark>
std::size_t flood(const Grid& grid, std::vector<std::size_t> seeds, Open open, Mark mark) {
  std::size_t count = 0;
  std::vector<std::size_t> stack;
  for (const std::size_t seed : seeds) {
    if (!open(seed)) continue;
    mark(seed);
    stack.push_back(seed);
    while (!stack.empty()) {
      const std::size_t i = stack.back();
      stack.pop_back();
      ++count;
      grid.each_neighbour(i, [&](std::size_t j) {
        if (!open(j)) return;
        mark(j);
        stack.push_back(j);
      });
    }
  }
  return count;
}

}  // namespace angiotrial::heart
