// SPDX-License-Identifier: Apache-2.0
#include "wavefront.hpp"

#include <algorithm>

namespace angiotrial::numerics {
namespace {

/// Half sweeps taken together.
constexpr int most_depth = 8;

/// Bytes that the rows of a block may take in the cache of a core (L2 of 1 MiB or more).
constexpr std::ptrdiff_t block_bytes = 512 * 1024;

/// Rows of a block: as the cache allows, but so that the members have equal shares.
int blocks_of(const Sweep& sweep, int depth, int team_size) {
  const Layout& layout = *sweep.layout;
  // Two colours of field, right-hand side, inverse and, if cut, three faces.
  const std::ptrdiff_t arrays = 2 * (sweep.face[0][0] != nullptr ? 6 : 3);
  const std::ptrdiff_t row_bytes =
      arrays * static_cast<std::ptrdiff_t>(sizeof(float)) * layout.row * (depth + 2);
  const int rows = layout.ny + depth - 1;
  const int fit = std::max(4, static_cast<int>(block_bytes / row_bytes));
  const int count = (rows + fit - 1) / fit;
  return (count + team_size - 1) / team_size * team_size;
}

}  // namespace

Wavefront::Wavefront(const Sweep& sweep, std::span<const float> weights, int first, Team& team,
                     Progress& progress)
    : sweep_(sweep), weights_(weights), first_(first), team_(team), progress_(progress) {}

int Wavefront::most_blocks(const Sweep& sweep, int team_size) {
  return blocks_of(sweep, most_depth, team_size);
}

std::int64_t Wavefront::run(int member, std::int64_t base) {
  const int halves = static_cast<int>(weights_.size());
  for (int half = first_; half < halves; half += most_depth) {
    const int depth = std::min(most_depth, halves - half);
    const int blocks = blocks_of(sweep_, most_depth, team_.size());
    for (int b = member; b < blocks; b += team_.size()) block(b, half, depth, base);
    base += sweep_.layout->nz + depth;
    team_.wait_for_all();
  }
  return base;
}

void Wavefront::block(int index, int half, int depth, std::int64_t base) {
  const Layout& layout = *sweep_.layout;
  const int blocks = blocks_of(sweep_, most_depth, team_.size());
  const int rows = layout.ny + depth - 1;
  const int begin = rows * index / blocks, end = rows * (index + 1) / blocks;
  const bool cut = sweep_.face[0][0] != nullptr;
  for (int front = 0; front < layout.nz + depth - 1; ++front) {
    if (index > 0 && team_.size() > 1) progress_.wait_for(index - 1, base + front + 1);
    for (int h = std::max(0, front - layout.nz + 1); h < depth && h <= front; ++h) {
      const int first = std::max(0, begin - h), last = std::min(layout.ny, end - h);
      const float weight = weights_[static_cast<std::size_t>(half + h)];
      const auto rows_of = cut ? sweep_cut_rows : sweep_rows;
      if (first < last) rows_of(sweep_, (half + h) & 1, front - h, first, last, weight);
    }
    if (team_.size() > 1) progress_.report(index, base + front + 1);
  }
}

}  // namespace angiotrial::numerics
