// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive_analysis.hpp>

#include <cstddef>
#include <optional>

#include "design/stage_statistic.hpp"

namespace angiotrial::analysis {

/// A trial of one direction that has stopped at stage k.
struct StoppedTrial {
  const AdaptiveDesign& design;
  const StageEvidence& evidence;
  std::size_t k = 0;
  double null = 0.0, sign = 1.0;

  [[nodiscard]] StageStatistic statistic() const { return {design, evidence}; }
};

/// Estimates and interval after stopping; survival on the log scale. None for Fisher's rule.
[[nodiscard]] std::optional<SequentialEstimate> final_effect(const StoppedTrial& trial,
                                                             FinalScale scale);

}  // namespace angiotrial::analysis
