// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "rows/row_writer.hpp"

namespace angiotrial::analysis {

/// A ratio, or a limit of one, from its logarithm. Where exp() leaves the range of numbers, above
/// or to 0, the row has no value, and its note says the logarithm.
void put_ratio_of(double logarithm, std::string_view statistic, RowWriter& out);

}  // namespace angiotrial::analysis
