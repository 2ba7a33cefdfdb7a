// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/response_adaptive.hpp>

#include <cstddef>
#include <vector>

/// What shares follow before any data: `allocate` (arms_rule.hpp) and the check of limits agree.
namespace angiotrial::analysis {

/// The number of arm k; `otherwise` of an empty list.
[[nodiscard]] inline double number_or(const std::vector<double>& list, std::size_t k,
                                      double otherwise) {
  return list.empty() ? otherwise : list[k];
}

/// Share of the control with so many other arms, where it does not follow from the data; below 0
/// where it does.
[[nodiscard]] double settled_share(const AdaptiveArms& design, std::size_t others);

/// Shares up to the first look of a design whose lists have their sizes and some obedient shares:
/// as given, or without heed of the limits.
[[nodiscard]] std::vector<double> shares_at_start(const AdaptiveArms& design);

}  // namespace angiotrial::analysis
