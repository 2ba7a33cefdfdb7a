// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive.hpp>

#include <span>
#include <vector>

namespace angiotrial::analysis {

/// First crossings of Z_j + mean_j over stages with information `times` (any unit, rising).
/// `lower` empty: none; shorter than `upper`: none at the last.
[[nodiscard]] StageProbabilities crossing(std::span<const double> times,
                                          std::span<const double> lower,
                                          std::span<const double> upper,
                                          std::span<const double> mean);

/// z bounds of a plan that is not Fisher's at another level; the first `stages` of them.
[[nodiscard]] std::vector<double> z_bounds(const AdaptivePlan& plan, double alpha,
                                           std::size_t stages);

}  // namespace angiotrial::analysis
