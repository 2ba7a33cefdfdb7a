// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/grid.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>

namespace angiotrial::numerics {
namespace {

/// A cell with less tissue than this would slow every sweep and carry next to nothing.
constexpr float sliver = 0.05F;

/// Share of an edge that lies below zero, from its end `below` < 0 towards its end `above` >= 0.
double along(double below, double above) { return below / (below - above); }

void order(double& a, double& b) {
  const double lower = std::min(a, b);
  b = std::max(a, b);
  a = lower;
}

/// Ascending, by compare and exchange: no branches, and no call for so few.
void sort(std::array<double, 3>& v) {
  order(v[0], v[1]);
  order(v[1], v[2]);
  order(v[0], v[1]);
}
void sort(std::array<double, 4>& v) {
  order(v[0], v[1]);
  order(v[2], v[3]);
  order(v[0], v[2]);
  order(v[1], v[3]);
  order(v[1], v[2]);
}

/// Share of a triangle on which the linear function with these corner values is below zero.
double triangle_share(std::array<double, 3> v) {
  sort(v);
  if (v[2] < 0.0) return 1.0;
  if (v[0] >= 0.0) return 0.0;
  if (v[1] >= 0.0) return along(v[0], v[1]) * along(v[0], v[2]);
  return 1.0 - (1.0 - along(v[0], v[2])) * (1.0 - along(v[1], v[2]));
}

/// The same for a tetrahedron. Two corners below: the wedge is three tetrahedra, whose shares are
/// determinants in barycentric coordinates.
double tetrahedron_share(std::array<double, 4> v) {
  sort(v);
  if (v[3] < 0.0) return 1.0;
  if (v[0] >= 0.0) return 0.0;
  if (v[1] >= 0.0) return along(v[0], v[1]) * along(v[0], v[2]) * along(v[0], v[3]);
  if (v[2] < 0.0) {
    return 1.0 - (1.0 - along(v[0], v[3])) * (1.0 - along(v[1], v[3])) * (1.0 - along(v[2], v[3]));
  }
  const double s = along(v[0], v[2]), t = along(v[0], v[3]);
  const double u = along(v[1], v[2]), w = along(v[1], v[3]);
  return s * t + (1.0 - s) * t * u + (1.0 - t) * u * w;
}

/// Corners in the order around the square; four triangles about the middle, whose value is the
/// mean of the corners. No diagonal is preferred, so a quarter turn changes nothing.
double square_share(const std::array<double, 4>& v) {
  const double middle = 0.25 * ((v[0] + v[2]) + (v[1] + v[3]));
  double share = 0.0;
  for (std::size_t a = 0; a < 4; ++a) share += triangle_share({v[a], v[(a + 1) % 4], middle});
  return 0.25 * share;
}

/// The six faces of a cube with corners numbered x + 2 y + 4 z, each around its square.
constexpr std::size_t faces[6][4] = {{0, 2, 6, 4}, {1, 3, 7, 5}, {0, 1, 5, 4},
                                     {2, 3, 7, 6}, {0, 1, 3, 2}, {4, 5, 7, 6}};

/// 24 tetrahedra: middle of the cube, middle of a face, an edge of that face.
double cube_share(const std::array<double, 8>& v) {
  double middle = 0.0;
  for (const double value : v) middle += 0.125 * value;
  double share = 0.0;
  for (const auto& f : faces) {
    const double face = 0.25 * ((v[f[0]] + v[f[2]]) + (v[f[1]] + v[f[3]]));
    for (std::size_t a = 0; a < 4; ++a) {
      share += tetrahedron_share({v[f[a]], v[f[(a + 1) % 4]], face, middle});
    }
  }
  return share / 24.0;
}

std::array<double, 8> corners_of(const Grid& grid, std::span<const float> level, int i, int j,
                                 int k) {
  const Grid corner{{grid.cells[0] + 1, grid.cells[1] + 1, grid.cells[2] + 1}, grid.spacing};
  std::array<double, 8> v{};
  for (std::size_t c = 0; c < 8; ++c) {
    const int x = static_cast<int>(c & 1U), y = static_cast<int>((c >> 1U) & 1U);
    v[c] = static_cast<double>(level[corner.index(i + x, j + y, k + static_cast<int>(c >> 2U))]);
  }
  return v;
}

void close_faces_of_solid_cells(const Grid& grid, Walls& walls) {
  const std::array<std::size_t, 3> step{1, grid.index(0, 1, 0), grid.index(0, 0, 1)};
  std::size_t at = 0;
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < grid.cells[1]; ++j) {
      for (int i = 0; i < grid.cells[0]; ++i, ++at) {
        const std::array<int, 3> place{i, j, k};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          const bool last = place[axis] + 1 == grid.cells[axis];
          if (last || walls.volume[at] == 0.0F || walls.volume[at + step[axis]] == 0.0F) {
            walls.face[axis][at] = 0.0F;
          }
        }
      }
    }
  }
}

}  // namespace

Walls cut_cells(const Grid& grid, std::span<const float> corner_level) {
  const auto corner_count = static_cast<std::size_t>(grid.cells[0] + 1) *
                            static_cast<std::size_t>(grid.cells[1] + 1) *
                            static_cast<std::size_t>(grid.cells[2] + 1);
  ANGIOTRIAL_EXPECT(corner_level.size() == corner_count, "one level for each corner");
  Walls walls = open_box(grid);
  std::size_t at = 0;
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < grid.cells[1]; ++j) {
      for (int i = 0; i < grid.cells[0]; ++i, ++at) {
        const std::array<double, 8> v = corners_of(grid, corner_level, i, j, k);
        const auto [least, most] = std::minmax_element(v.begin(), v.end());
        if (*most < 0.0) continue;
        if (*least >= 0.0) {
          walls.volume[at] = 0.0F;  // its faces are closed below
          continue;
        }
        const auto share = static_cast<float>(cube_share(v));
        walls.volume[at] = share < sliver ? 0.0F : share;
        walls.face[0][at] = static_cast<float>(square_share({v[1], v[3], v[7], v[5]}));
        walls.face[1][at] = static_cast<float>(square_share({v[2], v[3], v[7], v[6]}));
        walls.face[2][at] = static_cast<float>(square_share({v[4], v[5], v[7], v[6]}));
      }
    }
  }
  close_faces_of_solid_cells(grid, walls);
  return walls;
}

}  // namespace angiotrial::numerics
