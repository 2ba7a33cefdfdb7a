// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/task.hpp"

namespace angiotrial::analysis {

/// Row of the frame of the 1st, 2nd, ... subject by a column with the order of their entry:
/// numbers, dates of ISO 8601 that are all as exact as each other, or numbers that all follow the
/// same text (R1, R2, ... R10). Other texts, a missing value and one that two subjects share are
/// problems. Without a column rows keep their order.
[[nodiscard]] std::vector<std::size_t> entry_order(const std::string& column, Frame& frame);

/// Subjects, by name, to whom the table or the subject table gives an arm of the frame and who have
/// no row in it: there is none, or the population, a condition or a strategy for events took it.
[[nodiscard]] std::vector<std::string> randomised_without_row(const Frame& frame, const Task& task);

}  // namespace angiotrial::analysis
