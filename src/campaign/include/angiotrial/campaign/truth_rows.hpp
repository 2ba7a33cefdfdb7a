// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>
#include <angiotrial/trial/trial.hpp>

#include <vector>

namespace angiotrial::campaign {

/// What the trial could not see, as rows with source `truth`: twins, the parts of the placebo
/// change, the process; and the flow through screening as `simulated`. The same study gives the
/// same keys in the same order.
[[nodiscard]] std::vector<analysis::Row> truth_rows(const study::StudySpec& spec,
                                                    const trial::TrialRecord& record);

}  // namespace angiotrial::campaign
