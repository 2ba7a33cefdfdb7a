// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Regular grids and what part of them is tissue.
namespace angiotrial::numerics {

/// Cells of a box, x fastest. Lengths in any one unit, used throughout.
struct Grid {
  std::array<int, 3> cells{};  ///< along x, y, z, each >= 1
  double spacing = 1.0;        ///< > 0

  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(cells[0]) * static_cast<std::size_t>(cells[1]) *
           static_cast<std::size_t>(cells[2]);
  }
  [[nodiscard]] std::size_t index(int i, int j, int k) const {
    const auto nx = static_cast<std::size_t>(cells[0]), ny = static_cast<std::size_t>(cells[1]);
    return static_cast<std::size_t>(i) +
           nx * (static_cast<std::size_t>(j) + ny * static_cast<std::size_t>(k));
  }
};

/// What part of each cell, and of each face between two cells, is open. Nothing passes the box's
/// own faces, nor a face of a solid cell. A face may carry its open share times a relative
/// diffusivity >= 0, such as D at the face over the solver's D.
struct Walls {
  std::vector<float> volume;               ///< open share of each cell, [0, 1]; 0 is solid
  std::array<std::vector<float>, 3> face;  ///< open share of the face towards +x, +y, +z
};

/// Every cell open.
[[nodiscard]] Walls open_box(const Grid& grid);

/// Cells are open or solid: a stair-stepped wall, first order at the wall itself.
[[nodiscard]] Walls staircase(const Grid& grid, std::span<const std::uint8_t> inside);

/// Cut cells: shares of volume and faces below zero of a level set given at the corners of the
/// cells, (nx+1)(ny+1)(nz+1) values, x fastest. Second order, but for slivers below one twentieth
/// of a cell, which are taken as solid.
[[nodiscard]] Walls cut_cells(const Grid& grid, std::span<const float> corner_level);

}  // namespace angiotrial::numerics
