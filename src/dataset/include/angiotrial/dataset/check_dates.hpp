// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/data_table.hpp>

#include <span>
#include <vector>

namespace angiotrial::dataset {

/// Days that the calendar does not have (2011-02-30), in tables of any shape. A column is one of
/// dates when its name ends in DT, DTC or DTM, or when most of its filled cells are ISO dates;
/// looked at are its texts that begin like a complete ISO date.
[[nodiscard]] std::vector<diagnostics::Problem> check_dates(
    std::span<const formats::DataTable> tables);

}  // namespace angiotrial::dataset
