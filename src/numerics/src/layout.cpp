// SPDX-License-Identifier: Apache-2.0
#include "layout.hpp"

namespace angiotrial::numerics {
namespace {

int rounded_up(int places) { return (places + chunk - 1) / chunk * chunk; }

/// Appends the runs of one row; places without an open cell are left out.
void append_runs(std::span<const float> volume, std::vector<Run>& runs) {
  const auto nx = volume.size();
  const std::size_t before = runs.size();
  for (std::size_t i = 0; i < nx;) {
    if (!(volume[i] > 0.0F)) {
      ++i;
      continue;
    }
    const int begin = static_cast<int>(i / 2) / stride * stride;
    if (runs.size() > before && runs.back().end == begin) {
      runs.back().end += chunk;
    } else {
      runs.push_back({begin, begin + chunk});
    }
    i = 2 * static_cast<std::size_t>(runs.back().end);
  }
}

}  // namespace

Layout::Layout(const Grid& grid, std::span<const float> volume)
    : nx(grid.cells[0]),
      ny(grid.cells[1]),
      nz(grid.cells[2]),
      row(rounded_up((nx + 1) / 2) + chunk),
      plane(row * (ny + 2)) {
  const std::size_t rows = static_cast<std::size_t>(ny) * static_cast<std::size_t>(nz);
  first_run.reserve(rows + 1);
  first_chunk.reserve(rows + 1);
  for (int k = 0; k < nz; ++k) {
    for (int j = 0; j < ny; ++j) {
      first_run.push_back(static_cast<std::uint32_t>(runs.size()));
      append_runs(
          volume.subspan(static_cast<std::size_t>(natural(j, k)), static_cast<std::size_t>(nx)),
          runs);
    }
  }
  first_run.push_back(static_cast<std::uint32_t>(runs.size()));
  list_chunks();
}

void Layout::list_chunks() {
  for (int k = 0; k < nz; ++k) {
    for (int j = 0; j < ny; ++j) {
      first_chunk.push_back(static_cast<std::uint32_t>(chunks.size()));
      for (const Run& run : runs_of(j, k)) {
        for (int m = run.begin; m < run.end; m += chunk) {
          chunks.push_back(static_cast<std::uint32_t>(2 * (at(j, k) + m) + ((j + k) & 1)));
        }
      }
    }
  }
  first_chunk.push_back(static_cast<std::uint32_t>(chunks.size()));
}

}  // namespace angiotrial::numerics
