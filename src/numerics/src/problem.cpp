// SPDX-License-Identifier: Apache-2.0
#include "state.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>

namespace angiotrial::numerics {
namespace {

const Walls& expect_walls(const Grid& grid, const Walls& walls) {
  ANGIOTRIAL_EXPECT(grid.cells[0] >= 1 && grid.cells[1] >= 1 && grid.cells[2] >= 1,
                    "a grid has cells along every axis");
  ANGIOTRIAL_EXPECT(grid.spacing > 0.0, "spacing is above 0");
  ANGIOTRIAL_EXPECT(walls.volume.size() == grid.size(), "walls of the grid's size");
  for (const auto& face : walls.face) {
    ANGIOTRIAL_EXPECT(face.size() == grid.size(), "walls of the grid's size");
  }
  return walls;
}

/// Calls visit(cell, i, j, k) for every cell in order.
template <class Visit>
void for_each_cell(const Layout& layout, const Visit& visit) {
  std::size_t at = 0;
  for (int k = 0; k < layout.nz; ++k) {
    for (int j = 0; j < layout.ny; ++j) {
      for (int i = 0; i < layout.nx; ++i, ++at) visit(at, i, j, k);
    }
  }
}

float& place(Chessboard& board, const Layout& layout, int i, int j, int k) {
  const auto colour = static_cast<std::size_t>((i + j + k) & 1);
  return board.colour(colour)[layout.at(j, k) + i / 2];
}

}  // namespace

Problem::Problem(const Grid& grid, const Walls& walls, double diffusivity)
    : layout(grid, expect_walls(grid, walls).volume),
      inverse(layout),
      right(layout),
      field(layout),
      sums(static_cast<std::size_t>(layout.nz)) {
  ANGIOTRIAL_EXPECT(diffusivity >= 0.0, "diffusivity is not negative");
  equation.coupling = diffusivity / (grid.spacing * grid.spacing);
  equation.zeros.assign(static_cast<std::size_t>(layout.nx), 0.0);
  keep_faces(walls);
  count_links();
}

void Problem::keep_faces(const Walls& walls) {
  const std::array<std::size_t, 3> step{1, static_cast<std::size_t>(layout.nx),
                                        static_cast<std::size_t>(layout.natural(0, 1))};
  const std::array<int, 3> cells{layout.nx, layout.ny, layout.nz};
  equation.volume = walls.volume;
  equation.face = walls.face;
  bool plain = true;
  for_each_cell(layout, [&](std::size_t at, int i, int j, int k) {
    const std::array<int, 3> index{i, j, k};
    const float volume = walls.volume[at];
    plain = plain && (volume == 0.0F || volume == 1.0F);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      float& share = equation.face[axis][at];
      const bool inner =
          index[axis] + 1 < cells[axis] && volume > 0.0F && walls.volume[at + step[axis]] > 0.0F;
      ANGIOTRIAL_EXPECT(share >= 0.0F, "shares of faces are not negative");
      if (!inner) share = 0.0F;
      plain = plain && (!inner || share == 1.0F);
    }
  });
  equation.cut = !plain;
  if (plain) return;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    face.emplace_back(layout);
    for_each_cell(layout, [&](std::size_t at, int i, int j, int k) {
      place(face[axis], layout, i, j, k) = equation.face[axis][at];
    });
  }
}

void Problem::count_links() {
  equation.links.assign(equation.volume.size(), 0.0);
  equation.diagonal.assign(equation.volume.size(), 0.0);
  const std::array<std::size_t, 3> step{1, static_cast<std::size_t>(layout.nx),
                                        static_cast<std::size_t>(layout.natural(0, 1))};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::vector<float>& share = equation.face[axis];
    for (std::size_t at = 0; at < share.size(); ++at) {
      if (share[at] == 0.0F) continue;
      equation.links[at] += double{share[at]};
      equation.links[at + step[axis]] += double{share[at]};
    }
  }
}

template <class Decay>
void Problem::assemble_for(Decay decay, double typical) {
  unit = 6.0 * equation.coupling + typical;
  DecayPass pass{&layout, &equation, {inverse.colour(0), inverse.colour(1)}, unit, typical};
  assemble(pass, decay);
  ANGIOTRIAL_EXPECT(pass.least > 0.0, "decay is above 0 in open cells");
  rho = pass.rho;
  if (equation.cut) rho = std::min(rho, smoothed_rho());
  ready = true;
}

void Problem::set_decay(double decay) {
  ANGIOTRIAL_EXPECT(decay > 0.0, "decay is above 0");
  assemble_for(decay, decay);
}

void Problem::set_decay(std::span<const float> decay) {
  ANGIOTRIAL_EXPECT(decay.size() == equation.links.size(), "one decay for each cell");
  const auto open = std::find_if(equation.volume.begin(), equation.volume.end(),
                                 [](float volume) { return volume > 0.0F; });
  const float typical = open != equation.volume.end()
                            ? decay[static_cast<std::size_t>(open - equation.volume.begin())]
                            : 1.0F;
  ANGIOTRIAL_EXPECT(typical > 0.0F, "decay is above 0 in open cells");
  assemble_for(decay.data(), double{typical});
}

}  // namespace angiotrial::numerics
