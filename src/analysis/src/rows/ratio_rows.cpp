// SPDX-License-Identifier: Apache-2.0
#include "rows/ratio_rows.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <cmath>
#include <string>

namespace angiotrial::analysis {

void put_ratio_of(double logarithm, std::string_view statistic, RowWriter& out) {
  const double ratio = std::exp(logarithm);
  if (std::isnormal(ratio) || !std::isfinite(logarithm)) {
    out.put(statistic, ratio, "ratio");
    return;
  }
  const std::string before = out.row.note;
  out.row.note += (before.empty() ? "" : "; ") +
                  std::string("outside the range of numbers: its logarithm is ") +
                  formats::shortest(logarithm);
  out.put(statistic, std::nullopt, "ratio");
  out.row.note = before;
}

}  // namespace angiotrial::analysis
