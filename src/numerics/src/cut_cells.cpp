// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/grid.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>

namespace angiotrial::numerics {
namespace {

/// A cell with less tissue than this would slow every sweep and carry next to nothing.
constexpr float sliver = 0.05F;

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

// An edge from a < 0 to b >= 0 lies below zero up to a/(a - b) of its length. Shares are written
// with one quotient each, as quotients are what they cost.

/// Share of a triangle on which the linear function with these corner values is below zero.
double triangle_share(std::array<double, 3> v) {
  sort(v);
  if (v[2] < 0.0) return 1.0;
  if (v[0] >= 0.0) return 0.0;
  if (v[1] >= 0.0) return v[0] * v[0] / ((v[0] - v[1]) * (v[0] - v[2]));
  return 1.0 - v[2] * v[2] / ((v[2] - v[0]) * (v[2] - v[1]));
}

/// The same for a tetrahedron. Two corners below: the wedge is three tetrahedra, whose shares are
/// determinants in barycentric coordinates:  s t + (1 - s) t u + (1 - t) u w  with
/// s = v0/(v0 - v2), t = v0/(v0 - v3), u = v1/(v1 - v2), w = v1/(v1 - v3).
double tetrahedron_share(std::array<double, 4> v) {
  sort(v);
  if (v[3] < 0.0) return 1.0;
  if (v[0] >= 0.0) return 0.0;
  if (v[1] >= 0.0) {
    return v[0] * v[0] * v[0] / ((v[0] - v[1]) * (v[0] - v[2]) * (v[0] - v[3]));
  }
  if (v[2] < 0.0) {
    return 1.0 - v[3] * v[3] * v[3] / ((v[3] - v[0]) * (v[3] - v[1]) * (v[3] - v[2]));
  }
  const double s = v[0] - v[2], t = v[0] - v[3], u = v[1] - v[2], w = v[1] - v[3];
  return (v[0] * v[0] * (u * w) - v[0] * v[1] * v[2] * w - v[1] * v[1] * v[3] * s) /
         ((s * t) * (u * w));
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

/// Least and largest level of the four corners at each end of the cells of a row.
struct RowLevels {
  std::vector<float> least, most;

  void read(const Grid& grid, std::span<const float> level, int j, int k) {
    const auto count = static_cast<std::size_t>(grid.cells[0]) + 1;
    const std::size_t plane = count * (static_cast<std::size_t>(grid.cells[1]) + 1);
    const float* const a =
        level.data() + count * static_cast<std::size_t>(j) + plane * static_cast<std::size_t>(k);
    const float *const b = a + count, *const c = a + plane, *const d = c + count;
    least.resize(count);
    most.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      least[i] = std::min(std::min(a[i], b[i]), std::min(c[i], d[i]));
      most[i] = std::max(std::max(a[i], b[i]), std::max(c[i], d[i]));
    }
  }
  [[nodiscard]] bool open(std::size_t i) const { return std::max(most[i], most[i + 1]) < 0.0F; }
  [[nodiscard]] bool solid(std::size_t i) const { return std::min(least[i], least[i + 1]) >= 0.0F; }
};

void cut_cell(const Grid& grid, std::span<const float> level, int i, int j, int k, Walls& walls) {
  const std::array<double, 8> v = corners_of(grid, level, i, j, k);
  const std::size_t at = grid.index(i, j, k);
  const auto share = static_cast<float>(cube_share(v));
  walls.volume[at] = share < sliver ? 0.0F : share;
  walls.face[0][at] = static_cast<float>(square_share({v[1], v[3], v[7], v[5]}));
  walls.face[1][at] = static_cast<float>(square_share({v[2], v[3], v[7], v[6]}));
  walls.face[2][at] = static_cast<float>(square_share({v[4], v[5], v[7], v[6]}));
}

/// Closes the faces at the box's end along an axis and those of solid cells.
void close_faces(const Grid& grid, std::size_t axis, Walls& walls) {
  const std::array<std::size_t, 3> next{1, grid.index(0, 1, 0), grid.index(0, 0, 1)};
  const auto nx = static_cast<std::size_t>(grid.cells[0]);
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < grid.cells[1]; ++j) {
      float* const face = walls.face[axis].data() + grid.index(0, j, k);
      const float* const here = walls.volume.data() + grid.index(0, j, k);
      const bool last =
          (axis == 1 && j + 1 == grid.cells[1]) || (axis == 2 && k + 1 == grid.cells[2]);
      const std::size_t count = last ? 0 : axis == 0 ? nx - 1 : nx;
      const float* const there = here + next[axis];
      for (std::size_t i = 0; i < count; ++i) {
        face[i] = (here[i] != 0.0F) & (there[i] != 0.0F) ? face[i] : 0.0F;
      }
      std::fill(face + count, face + nx, 0.0F);
    }
  }
}

}  // namespace

Walls cut_cells(const Grid& grid, std::span<const float> corner_level) {
  ANGIOTRIAL_EXPECT(grid.cells[0] >= 1 && grid.cells[1] >= 1 && grid.cells[2] >= 1,
                    "a grid has cells along every axis");
  ANGIOTRIAL_EXPECT(grid.spacing > 0.0, "spacing is above 0");
  const auto corner_count = static_cast<std::size_t>(grid.cells[0] + 1) *
                            static_cast<std::size_t>(grid.cells[1] + 1) *
                            static_cast<std::size_t>(grid.cells[2] + 1);
  ANGIOTRIAL_EXPECT(corner_level.size() == corner_count, "one level for each corner");
  Walls walls;
  walls.volume.resize(grid.size());
  for (auto& face : walls.face) face.resize(grid.size());
  RowLevels row;
  const auto nx = static_cast<std::size_t>(grid.cells[0]);
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < grid.cells[1]; ++j) {
      row.read(grid, corner_level, j, k);
      const std::size_t at = grid.index(0, j, k);
      float* const volume = walls.volume.data() + at;
      for (std::size_t i = 0; i < nx; ++i) volume[i] = row.open(i) ? 1.0F : 0.0F;
      for (auto& face : walls.face) std::copy_n(volume, nx, face.data() + at);
      for (std::size_t i = 0; i < nx; ++i) {
        if (volume[i] != 0.0F || row.solid(i)) continue;
        cut_cell(grid, corner_level, static_cast<int>(i), j, k, walls);
      }
    }
  }
  for (std::size_t axis = 0; axis < walls.face.size(); ++axis) close_faces(grid, axis, walls);
  return walls;
}

}  // namespace angiotrial::numerics
