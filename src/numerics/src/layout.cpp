// SPDX-License-Identifier: Apache-2.0
#include "layout.hpp"

namespace angiotrial::numerics {
namespace {

int rounded_up(int places) { return (places + chunk - 1) / chunk * chunk; }

/// Appends the runs of one row; chunks without an open cell are left out.
void append_runs(std::span<const float> volume, std::vector<Run>& runs) {
  const int nx = static_cast<int>(volume.size());
  bool open_before = false;
  for (int begin = 0; 2 * begin < nx; begin += chunk) {
    bool open = false;
    for (int i = 2 * begin; i < nx && i < 2 * (begin + chunk); ++i) {
      open = open || volume[static_cast<std::size_t>(i)] > 0.0F;
    }
    if (open && open_before) runs.back().end = begin + chunk;
    if (open && !open_before) runs.push_back({begin, begin + chunk});
    open_before = open;
  }
}

}  // namespace

Layout::Layout(const Grid& grid, std::span<const float> volume)
    : nx(grid.cells[0]),
      ny(grid.cells[1]),
      nz(grid.cells[2]),
      row(rounded_up((nx + 1) / 2) + chunk),
      plane(row * (ny + 2)) {
  first_run.reserve(static_cast<std::size_t>(ny) * static_cast<std::size_t>(nz) + 1);
  for (int k = 0; k < nz; ++k) {
    for (int j = 0; j < ny; ++j) {
      first_run.push_back(static_cast<std::uint32_t>(runs.size()));
      append_runs(
          volume.subspan(static_cast<std::size_t>(natural(j, k)), static_cast<std::size_t>(nx)),
          runs);
    }
  }
  first_run.push_back(static_cast<std::uint32_t>(runs.size()));
}

}  // namespace angiotrial::numerics
