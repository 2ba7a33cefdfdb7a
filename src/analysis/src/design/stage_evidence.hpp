// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive_analysis.hpp>

#include <memory>
#include <vector>

/// What a stage, and all stages so far, say about an effect theta.
namespace angiotrial::analysis {

class StageEvidence {
 public:
  StageEvidence() = default;
  StageEvidence(const StageEvidence&) = delete;
  StageEvidence& operator=(const StageEvidence&) = delete;
  virtual ~StageEvidence() = default;

  [[nodiscard]] virtual std::size_t stages() const = 0;
  /// Standard normal deviate of the one-sided test of theta; large where the effect exceeds it.
  [[nodiscard]] virtual double stage_z(std::size_t k, double theta) const = 0;
  [[nodiscard]] virtual double overall_z(std::size_t k, double theta) const = 0;
  /// All data so far; survival on the log scale.
  [[nodiscard]] virtual double estimate(std::size_t k) const = 0;
  /// Standard error of the estimate: scale / root. A stage's z has mean root (effect / scale).
  [[nodiscard]] virtual double scale(std::size_t k) const = 0;
  [[nodiscard]] virtual double stage_root(std::size_t k) const = 0;
  [[nodiscard]] virtual double overall_root(std::size_t k) const = 0;
  /// Standard errors that the tests used, of the stage's own effect and of all data so far.
  [[nodiscard]] virtual double stage_error(std::size_t k) const { return scale(k) / stage_root(k); }
  [[nodiscard]] virtual double overall_error(std::size_t k) const { return standard_error(k); }
  /// rpact's interval of a single stage, level 1 - 2 alpha.
  [[nodiscard]] virtual std::pair<double, double> first_interval(double z_alpha) const;

  [[nodiscard]] double standard_error(std::size_t k) const { return scale(k) / overall_root(k); }
};

/// Nothing where the data are invalid.
[[nodiscard]] std::unique_ptr<StageEvidence> evidence_of(const MeansTrial& trial);
[[nodiscard]] std::unique_ptr<StageEvidence> evidence_of(const RatesTrial& trial);
[[nodiscard]] std::unique_ptr<StageEvidence> evidence_of(const SurvivalTrial& trial);

}  // namespace angiotrial::analysis
