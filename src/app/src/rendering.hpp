// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/report/html.hpp>
#include <angiotrial/study/read_study.hpp>

#include <vector>

namespace angiotrial::app {

/// What page and terminal are drawn from: the study, the rows of results.json and the manifest.
[[nodiscard]] report::ReportInput report_input(const study::Study& study,
                                               std::vector<analysis::Row> rows,
                                               report::Manifest manifest);

}  // namespace angiotrial::app
