// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "plan_lines.hpp"

namespace angiotrial::report {

/// Contrasts with an interval as a picture, one for ratios and one for differences of each unit;
/// empty where there is none. Its numbers stand in the tables below it.
[[nodiscard]] std::string plan_forest(std::span<const PlanBlock> blocks);

}  // namespace angiotrial::report
