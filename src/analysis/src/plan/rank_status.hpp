// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include "plan/task.hpp"

namespace angiotrial::analysis {

/// True where a rank test could be made; else the refusal is written.
[[nodiscard]] bool usable(RankStatus status, const Task& task);

}  // namespace angiotrial::analysis
