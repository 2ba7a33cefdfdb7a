// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/grid.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace angiotrial::numerics {

/// Cells taken together by a kernel.
inline constexpr int chunk = 8;

/// Runs begin on multiples of it: seldom is a vector then split over two cache lines.
inline constexpr int stride = chunk / 2;

/// Places [begin, end) of a half row that hold open cells: whole chunks from a multiple of
/// `stride`.
struct Run {
  int begin, end;
};

/// Chessboard storage. A cell (i, j, k) has colour (i + j + k) mod 2 and stands at place i/2 of its
/// half row, so that each colour of a row is contiguous and a cell's neighbours, all of the other
/// colour, stand at the same place of five half rows and one to the left or right. Rows are padded
/// and framed by zeros.
struct Layout {
  Layout(const Grid& grid, std::span<const float> volume);

  int nx, ny, nz;
  std::ptrdiff_t row;                    ///< from a half row to the next along y
  std::ptrdiff_t plane;                  ///< along z
  std::vector<std::uint32_t> first_run;  ///< of row (j, k); ny*nz + 1 entries
  std::vector<Run> runs;
  std::vector<std::uint32_t> first_chunk;  ///< of row (j, k); ny*nz + 1 entries
  std::vector<std::uint32_t> chunks;       ///< twice the place of the first cell, + (j + k) mod 2

  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(plane * (nz + 2) + 2 * chunk);
  }
  [[nodiscard]] std::ptrdiff_t at(int j, int k) const {
    return (k + 1) * plane + (j + 1) * row + chunk;
  }
  [[nodiscard]] std::ptrdiff_t natural(int j, int k) const {
    return static_cast<std::ptrdiff_t>(nx) * (j + static_cast<std::ptrdiff_t>(ny) * k);
  }
  [[nodiscard]] std::span<const Run> runs_of(int j, int k) const {
    const auto r = static_cast<std::size_t>(j + static_cast<std::ptrdiff_t>(ny) * k);
    return {runs.data() + first_run[r], first_run[r + 1] - first_run[r]};
  }

 private:
  void list_chunks();
};

/// One value per cell in chessboard storage; both colours begin on a cache line.
class Chessboard {
 public:
  explicit Chessboard(const Layout& layout) { clear(layout); }

  /// Zeros for another layout, in the memory that is there if it is enough.
  void clear(const Layout& layout) {
    half_ = (layout.size() + line - 1) / line * line;
    places_.assign(2 * half_ + line, 0.0F);
  }

  [[nodiscard]] float* colour(std::size_t which) {
    const auto address = reinterpret_cast<std::uintptr_t>(places_.data()) / sizeof(float);
    return places_.data() + (line - address % line) % line + which * half_;
  }

 private:
  static constexpr std::size_t line = 64 / sizeof(float);
  std::size_t half_ = 0;
  std::vector<float> places_;
};

}  // namespace angiotrial::numerics
