// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "plan/task.hpp"

namespace angiotrial::analysis {

/// Scores of an arm add up to about 0, so that one cluster an arm, or no more clusters than
/// columns, leave a robust variance of nothing. False, with a refusal, where there are so few.
/// `cluster` is a label a row, `of` what a cluster is.
[[nodiscard]] bool enough_clusters(const Frame& frame, std::span<const int> cluster,
                                   std::string_view of, std::size_t columns, const Task& task);

}  // namespace angiotrial::analysis
