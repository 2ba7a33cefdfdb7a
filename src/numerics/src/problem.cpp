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

/// What a row of faces was found to be.
struct Found {
  bool cut = false, negative = false;
};

/// Shares of `count` faces, 0 where a cell on either side is solid.
void keep_row(const float* share, const float* here, const float* there, std::ptrdiff_t count,
              float* kept, Found& found) {
  int cut = 0, negative = 0;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const bool inner = (here[i] > 0.0F) & (there[i] > 0.0F);
    negative |= share[i] >= 0.0F ? 0 : 1;
    kept[i] = inner ? share[i] : 0.0F;
    cut |= static_cast<int>(inner) & static_cast<int>(share[i] != 1.0F);
  }
  found.cut = found.cut || cut != 0;
  found.negative = found.negative || negative != 0;
}

/// Every other value of a row to `even`, the rest to `odd`.
void split_row(const float* row, int nx, float* even, float* odd) {
  for (int m = 0; m < nx / 2; ++m) {
    even[m] = row[2 * m];
    odd[m] = row[2 * m + 1];
  }
  if (nx % 2 != 0) even[nx / 2] = row[nx - 1];
}

}  // namespace

Problem::Problem(const Grid& grid, const Walls& walls, double diffusivity)
    : layout(grid, expect_walls(grid, walls).volume),
      inverse(layout),
      right(layout),
      field(layout) {
  fill(grid, walls, diffusivity);
}

void Problem::rebuild(const Grid& grid, const Walls& walls, double diffusivity) {
  layout = Layout(grid, expect_walls(grid, walls).volume);
  for (Chessboard* board : {&inverse, &right, &field}) board->clear(layout);
  fill(grid, walls, diffusivity);
}

void Problem::fill(const Grid& grid, const Walls& walls, double diffusivity) {
  ANGIOTRIAL_EXPECT(diffusivity >= 0.0, "diffusivity is not negative");
  ready = false;
  sums.assign(static_cast<std::size_t>(layout.nz), {});
  equation.coupling = diffusivity / (grid.spacing * grid.spacing);
  equation.zeros.assign(static_cast<std::size_t>(layout.nx), 0.0);
  equation.diagonal.assign(walls.volume.size(), 0.0);
  keep_faces(walls);
  if (equation.cut) {
    split_faces();
  } else {
    face.clear();
    count_links();
  }
}

// A face towards + is dropped at the last row or plane, and within a row at its last cell.
void Problem::keep_faces(const Walls& walls) {
  equation.volume = walls.volume;
  Found found;
  for (const float volume : walls.volume) {
    found.cut = found.cut || (volume != 0.0F && volume != 1.0F);
  }
  const std::array<std::ptrdiff_t, 3> next{1, layout.nx, layout.natural(0, 1)};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    equation.face[axis].assign(walls.volume.size(), 0.0F);
    const int rows = axis == 1 ? layout.ny - 1 : layout.ny;
    for (int k = 0; k < (axis == 2 ? layout.nz - 1 : layout.nz); ++k) {
      for (int j = 0; j < rows; ++j) {
        const std::ptrdiff_t at = layout.natural(j, k);
        const float* const volume = walls.volume.data() + at;
        keep_row(walls.face[axis].data() + at, volume, volume + next[axis],
                 axis == 0 ? layout.nx - 1 : layout.nx, equation.face[axis].data() + at, found);
      }
    }
  }
  ANGIOTRIAL_EXPECT(!found.negative, "shares of faces are not negative");
  equation.cut = found.cut;
}

void Problem::split_faces() {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (face.size() == axis) {
      face.emplace_back(layout);
    } else {
      face[axis].clear(layout);
    }
    for (int k = 0; k < layout.nz; ++k) {
      for (int j = 0; j < layout.ny; ++j) {
        const auto even = static_cast<std::size_t>((j + k) & 1);
        split_row(equation.face[axis].data() + layout.natural(j, k), layout.nx,
                  face[axis].colour(even) + layout.at(j, k),
                  face[axis].colour(1 - even) + layout.at(j, k));
      }
    }
  }
}

// Where every face is open or closed the sum is a small whole number, and the faces can go.
void Problem::count_links() {
  equation.links.assign(equation.volume.size(), 0.0F);
  const std::array<std::size_t, 3> next{1, static_cast<std::size_t>(layout.nx),
                                        static_cast<std::size_t>(layout.natural(0, 1))};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    float* const here = equation.links.data();
    float* const there = here + next[axis];
    const std::vector<float>& share = equation.face[axis];
    const std::size_t count = share.size() > next[axis] ? share.size() - next[axis] : 0;
    for (std::size_t at = 0; at < count; ++at) here[at] += share[at];
    for (std::size_t at = 0; at < count; ++at) there[at] += share[at];
    equation.face[axis] = {};
  }
}

Sweep Problem::sweep() {
  Sweep sweep;
  sweep.layout = &layout;
  sweep.coupling = static_cast<float>(equation.coupling / unit);
  for (std::size_t colour = 0; colour < 2; ++colour) {
    sweep.field[colour] = field.colour(colour);
    sweep.right[colour] = right.colour(colour);
    sweep.inverse[colour] = inverse.colour(colour);
    for (std::size_t axis = 0; axis < face.size(); ++axis) {
      sweep.face[colour][axis] = face[axis].colour(colour);
    }
  }
  return sweep;
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
  ANGIOTRIAL_EXPECT(decay.size() == equation.volume.size(), "one decay for each cell");
  const auto open = std::find_if(equation.volume.begin(), equation.volume.end(),
                                 [](float volume) { return volume > 0.0F; });
  const float typical = open != equation.volume.end()
                            ? decay[static_cast<std::size_t>(open - equation.volume.begin())]
                            : 1.0F;
  ANGIOTRIAL_EXPECT(typical > 0.0F, "decay is above 0 in open cells");
  assemble_for(decay.data(), double{typical});
}

}  // namespace angiotrial::numerics
