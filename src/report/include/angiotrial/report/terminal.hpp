// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/report/html.hpp>

#include <string>

namespace angiotrial::report {

/// The result on one screen: plain ASCII lines of at most 80 columns, except for names and paths
/// of the user's own, which are cut where they are part of a table. `report_path` is where the
/// page lies; when it is empty, that line is left out.
[[nodiscard]] std::string terminal_summary(const ReportInput& input,
                                           const std::string& report_path);

}  // namespace angiotrial::report
