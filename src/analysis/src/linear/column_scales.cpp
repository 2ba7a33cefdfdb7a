// SPDX-License-Identifier: Apache-2.0
#include "linear/column_scales.hpp"

#include <cmath>

namespace angiotrial::analysis {

void column_scales(std::span<const double> design, std::size_t columns, ColumnScales& out) {
  const std::size_t n = columns > 0 ? design.size() / columns : 0;
  out.centre.resize(columns);
  out.scale.resize(columns);
  out.constant.clear();
  for (std::size_t a = 0; a < columns; ++a) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) sum += design[i * columns + a];
    out.centre[a] = sum / static_cast<double>(n);
    double spread = 0.0;
    for (std::size_t i = 0; i < n; ++i)
      spread += std::fabs(design[i * columns + a] - out.centre[a]);
    out.scale[a] = spread / static_cast<double>(n);
    if (out.scale[a] <= 1.0e-14 * std::fabs(out.centre[a])) out.constant.push_back(a);
  }
}

}  // namespace angiotrial::analysis
