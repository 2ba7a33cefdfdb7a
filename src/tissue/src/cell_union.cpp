// SPDX-License-Identifier: Apache-2.0
#include "cell_union.hpp"

#include <algorithm>
#include <limits>

namespace angiotrial::tissue {

CellUnion::CellUnion(std::span<const SiteBox> sites) {
  if (sites.empty()) return;
  low_ = {std::numeric_limits<int>::max(), std::numeric_limits<int>::max()};
  std::array<int, 2> high{0, 0};
  for (const SiteBox& site : sites) {
    for (std::size_t a = 0; a < 2; ++a) {
      low_[a] = std::min(low_[a], site.box.first[a + 1]);
      high[a] = std::max(high[a], site.box.first[a + 1] + site.box.count[a + 1]);
    }
  }
  count_ = {high[0] - low_[0], high[1] - low_[1]};
  const auto ny = static_cast<std::size_t>(count_[0]);
  std::vector<Row> all(ny * static_cast<std::size_t>(count_[1]));
  row_of_.resize(all.size());
  for (const SiteBox& site : sites) {
    const FineBox& b = site.box;
    for (int z = b.first[2]; z < b.first[2] + b.count[2]; ++z) {
      for (int y = b.first[1]; y < b.first[1] + b.count[1]; ++y) {
        Row& row =
            all[static_cast<std::size_t>(y - low_[0]) + ny * static_cast<std::size_t>(z - low_[1])];
        const int from = row.count == 0 ? b.first[0] : std::min(row.first_x, b.first[0]);
        const int to =
            std::max(row.count == 0 ? 0 : row.first_x + row.count, b.first[0] + b.count[0]);
        row = {y, z, from, to - from, 0};
      }
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].count == 0) continue;
    all[i].slot = slots_;
    slots_ += static_cast<std::size_t>(all[i].count);
    row_of_[i] = rows_.size();
    rows_.push_back(all[i]);
  }
}

std::size_t CellUnion::slot(int x, int y, int z) const {
  const Row& row =
      rows_[row_of_[static_cast<std::size_t>(y - low_[0]) +
                    static_cast<std::size_t>(count_[0]) * static_cast<std::size_t>(z - low_[1])]];
  return row.slot + static_cast<std::size_t>(x - row.first_x);
}

}  // namespace angiotrial::tissue
