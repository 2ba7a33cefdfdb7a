// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/task.hpp"

namespace angiotrial::analysis {

/// A p-value of an earlier analysis.
struct Hypothesis {
  std::string name;  ///< of the analysis, with the group of its row
  std::string arm, arm_ref, paramcd;
  double p_value = 1.0;
  std::string note;       ///< why the p-value is 1 where the analysis has none
  std::size_t entry = 0;  ///< of the list asked for
};

/// The p-values that `NAME`, `NAME/ARM` or `NAME/ARM/GROUP` stand for among the rows written so
/// far. An analysis that was refused has p-values of 1: as many as its arms have comparisons. Empty
/// with problems where an entry has none.
[[nodiscard]] std::vector<Hypothesis> hypotheses_of(const std::vector<std::string>& entries,
                                                    const Task& task);

}  // namespace angiotrial::analysis
