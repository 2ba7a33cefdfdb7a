// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// Mean and mean absolute deviation of each column, and the columns that do not vary.
struct ColumnScales {
  std::vector<double> centre, scale;
  std::vector<std::size_t> constant;
};
/// `design` row by row.
void column_scales(std::span<const double> design, std::size_t columns, ColumnScales& out);

}  // namespace angiotrial::analysis
