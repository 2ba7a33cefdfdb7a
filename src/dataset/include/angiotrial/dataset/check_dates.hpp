// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/data_table.hpp>

#include <span>
#include <vector>

namespace angiotrial::dataset {

/// Days that the calendar does not have (2011-02-30), in tables of any shape. A column is one of
/// dates when its name ends in DT, DTC or DTM, or when most of its filled cells are dates;
/// looked at are complete dates: ISO 8601, 28FEB2011, and 28/02/2011 or 2/28/2011.
[[nodiscard]] std::vector<diagnostics::Problem> check_dates(
    std::span<const formats::DataTable> tables);

}  // namespace angiotrial::dataset
