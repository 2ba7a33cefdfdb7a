// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

/// Several treatments against one control in stages: closed testing (Marcus, Peritz and Gabriel
/// 1976) with a combination test of every intersection hypothesis. Arms may be dropped at an
/// interim look for any reason; the family-wise error rate holds (Bretz et al. 2006,
/// doi:10.1002/bimj.200510232).
namespace angiotrial::analysis {

enum class IntersectionTest { bonferroni, simes, sidak, dunnett };

enum class ClosedStatus {
  tested = 0,
  design_not_planned,  ///< refused, or group sequential: stages must be combined
  no_stage,
  too_many_stages,
  too_many_arms,  ///< beyond 10 treatments
  /// No control, other treatments, an arm that comes back, more events than patients.
  invalid_stage,
  /// Patients who are all alike; of rates a pair without any event, or with nothing else.
  no_spread,
};
[[nodiscard]] std::string_view name_of(ClosedStatus status);

/// One stage's own data: a statistic a treatment, large in favour of it, NaN where it was dropped.
struct ClosedStage {
  std::vector<double> statistic;
  std::vector<double> lambda;  ///< sqrt(n_i / (n_i + n_0)); correlations are products (Dunnett)
  double df = std::numeric_limits<double>::infinity();
  ClosedStatus status = ClosedStatus::tested;  ///< why its summaries give no statistics
};

/// Summaries of the stage's patients: control first, then the treatments; size 0: dropped.
struct ArmSummary {
  double size = 0.0;
  double mean = 0.0;  ///< of a rate: events / size; dropped: any
  double sd = 0.0;    ///< of a rate: not used
};
/// t statistics with the spread pooled over the arms still there.
[[nodiscard]] ClosedStage closed_stage_of_means(std::span<const ArmSummary> arms);
/// z statistics with the rate pooled within each pair.
[[nodiscard]] ClosedStage closed_stage_of_rates(std::span<const ArmSummary> arms);

/// Per stage (outer) and intersection or treatment. Intersection s is the set of treatments i whose
/// bit 2^i is set in s + 1.
struct ClosedStageResult {
  std::vector<double> separate_p;   ///< treatments, this stage alone; NaN dropped
  std::vector<double> stage_p;      ///< intersections, this stage alone; 1 where all dropped
  std::vector<double> combination;  ///< intersections, stages so far
  std::vector<bool> rejected;       ///< treatments, by now
  /// Treatments: an intersection that holds it is at its futility bound. Where that binds, it is
  /// accepted for good, and the treatment with it.
  std::vector<bool> futile;
  /// Treatments: largest over the intersections that hold it; NaN where one has none.
  std::vector<double> repeated_p;
  std::vector<double> conditional_rejection;  ///< treatments: least over them; empty at the last
};
struct ClosedAnalysis {
  ClosedStatus status = ClosedStatus::no_stage;
  std::vector<ClosedStageResult> stages;
};
[[nodiscard]] ClosedAnalysis analyse_closed(const AdaptiveDesign& design,
                                            std::span<const ClosedStage> stages,
                                            IntersectionTest test);

}  // namespace angiotrial::analysis
