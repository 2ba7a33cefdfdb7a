// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <optional>

#include "plan/dose_data.hpp"

/// The target dose of a dose-response analysis.
namespace angiotrial::analysis {

enum class DoseIntervalKind { profile, delta };

struct TargetPlan {
  double effect = 0.0;
  double ratio = 0.0;
  double fraction = 0.0;
  DoseIntervalKind interval = DoseIntervalKind::profile;
};
void describe_target(schema::Visitor& visit, TargetPlan& target);

/// Signed, on the scale of the estimates; without value where no target dose is asked for.
struct TargetEffect {
  std::optional<double> value;
};
/// None, with a problem, where the keys contradict the family or the direction.
[[nodiscard]] std::optional<TargetEffect> target_effect(const TargetPlan& target,
                                                        const DoseTerms& terms, const Task& task);

struct ModelledDose {
  const DoseEstimates& data;
  const McpModResult& result;
  std::optional<double> effect;
};
/// target_dose and effective_dose of the selected shape with their intervals, or of the average.
void put_targets(const TargetPlan& target, const ModelledDose& modelled, Task& task);

}  // namespace angiotrial::analysis
