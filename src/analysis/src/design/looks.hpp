// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/trial_size.hpp>

#include <optional>
#include <vector>

namespace angiotrial::analysis {

/// The looks of a trial, and what they cost against one look.
struct Looks {
  SizeStatus status = SizeStatus::invalid_looks;
  PlanningErrors errors;
  std::vector<double> information, critical, futility;
  double inflation = 1.0;
  double expected_null = 1.0, expected_half = 1.0, expected_alternative = 1.0;

  [[nodiscard]] StageProbabilities crossing(double drift) const;
};
[[nodiscard]] Looks looks_of(const PlanningErrors& errors, const AdaptiveDesign* design);
[[nodiscard]] TrialSize size_from(const Looks& looks, double fixed,
                                  std::optional<double> size = std::nullopt);

}  // namespace angiotrial::analysis
