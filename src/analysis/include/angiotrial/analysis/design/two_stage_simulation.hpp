// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

/// Two-arm trials in two stages, simulated through their sufficient statistics: what a rule for the
/// second stage's size does to level, power and size. Philox normals and uniforms, so that the same
/// seed gives the same trials however many are asked for.
namespace angiotrial::analysis {

enum class SimulationStatus {
  simulated = 0,
  invalid_design,     ///< refused, not of two stages, or Fisher's
  invalid_parameter,  ///< a size, spread, rate or allocation outside its range, or no trial
};
[[nodiscard]] std::string_view name_of(SimulationStatus status);

/// Size of the second stage, both arms: as planned, or for a conditional power.
struct SecondStageRule {
  double target = 0.8;             ///< conditional power aimed at
  double least = 0.0, most = 0.0;  ///< limits of the second stage's size
  std::optional<double> assumed;   ///< effect; none: as observed
};
struct TwoStagePlan {
  AdaptiveDesign design;             ///< two stages; inverse normal keeps the level under `again`
  double first = 0.0, second = 0.0;  ///< planned sizes of the stages, both arms
  double allocation = 1.0;           ///< n treatment / n control
  std::optional<SecondStageRule> again;
};
struct TwoStageOutcome {
  SimulationStatus status = SimulationStatus::invalid_design;
  double rejected = 0.0, rejected_first = 0.0, futile = 0.0;  ///< shares of the trials
  double expected_size = 0.0;
  double se_rejected = 0.0;  ///< Monte Carlo standard errors
  double se_size = 0.0;
};

/// Means with known spread: z_k of each stage is normal.
struct TwoStageMeans {
  TwoStagePlan plan;
  double difference = 0.0;
  double sd = 1.0;
};
[[nodiscard]] TwoStageOutcome simulate(const TwoStageMeans& trial, int trials, std::uint64_t seed);

/// Rates: binomial events, z with the pooled rate; sizes of arms are rounded to whole patients.
struct TwoStageRates {
  TwoStagePlan plan;
  double treatment = 0.0, control = 0.0;
};
[[nodiscard]] TwoStageOutcome simulate(const TwoStageRates& trial, int trials, std::uint64_t seed);

}  // namespace angiotrial::analysis
