// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/grid.hpp>

#include <angiotrial/diagnostics/contract.hpp>

namespace angiotrial::numerics {
namespace {

void expect_box(const Grid& grid) {
  ANGIOTRIAL_EXPECT(grid.cells[0] >= 1 && grid.cells[1] >= 1 && grid.cells[2] >= 1,
                    "a grid has cells along every axis");
  ANGIOTRIAL_EXPECT(grid.spacing > 0.0, "spacing is above 0");
}

}  // namespace

Walls open_box(const Grid& grid) {
  return staircase(grid, std::vector<std::uint8_t>(grid.size(), 1));
}

Walls staircase(const Grid& grid, std::span<const std::uint8_t> inside) {
  expect_box(grid);
  ANGIOTRIAL_EXPECT(inside.size() == grid.size(), "one mark for each cell");
  Walls walls;
  walls.volume.assign(grid.size(), 0.0F);
  for (auto& face : walls.face) face.assign(grid.size(), 0.0F);
  const std::array<std::size_t, 3> step{1, grid.index(0, 1, 0), grid.index(0, 0, 1)};
  std::size_t at = 0;
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < grid.cells[1]; ++j) {
      for (int i = 0; i < grid.cells[0]; ++i, ++at) {
        if (inside[at] == 0) continue;
        walls.volume[at] = 1.0F;
        const std::array<int, 3> place{i, j, k};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          const bool within = place[axis] + 1 < grid.cells[axis];
          if (within && inside[at + step[axis]] != 0) walls.face[axis][at] = 1.0F;
        }
      }
    }
  }
  return walls;
}

}  // namespace angiotrial::numerics
