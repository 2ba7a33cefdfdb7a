// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>
#include <angiotrial/diagnostics/problem.hpp>

#include <string>
#include <string_view>
#include <vector>

/// results.json: one object a statistic, every field always present, null where there is none.
namespace angiotrial::report {

/// What every output says.
inline constexpr std::string_view notice = "SIMULATED - not for clinical decisions";

/// The same rows give the same bytes. A number that is not finite becomes null.
[[nodiscard]] std::string results_json(const std::string& study_id,
                                       const std::vector<analysis::Row>& rows,
                                       std::string_view words = notice);

/// The rows back, bit for bit. Another schema, a missing or unknown field, a value of the wrong
/// kind: each is a problem with its line.
[[nodiscard]] diagnostics::Result<std::vector<analysis::Row>> read_results_json(
    std::string_view text, const std::string& file);

}  // namespace angiotrial::report
