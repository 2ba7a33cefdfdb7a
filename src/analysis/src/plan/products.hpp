// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/frame.hpp"

/// Products of terms, as `a:b`.
namespace angiotrial::analysis {

[[nodiscard]] std::vector<std::string> parts_of(std::string_view term);

/// Adds a problem for each product that has a category in it and lacks, among `terms` and `others`,
/// the product of the rest: the first category, which has no column, would be tied to 0, and the
/// answer would hang on which category comes first (R and SAS then give every category a column).
void check_products(Frame& frame, std::span<const std::string> terms,
                    std::span<const std::string> others,
                    const std::function<bool(const std::string&)>& is_category);

}  // namespace angiotrial::analysis
