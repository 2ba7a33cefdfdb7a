// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive_analysis.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/sequential_options.hpp"

/// The rule of a trial in stages, and what its stages brought, one table an endpoint.
namespace angiotrial::analysis {

struct RuleOptions {
  StageRule rule = StageRule::inverse_normal;
  LookOptions looks;
  FisherLevels fisher_levels = FisherLevels::equal;
  std::vector<double> futility;
  bool binding = false;
};
void describe_rule(schema::Visitor& visit, RuleOptions& o);
[[nodiscard]] std::optional<AdaptiveDesign> rule_design(const RuleOptions& o, const Task& task);
/// A problem with the rule that pools all data. False if so.
bool combines_stages(const RuleOptions& o, const Task& task);
[[nodiscard]] std::string rule_in_words(const RuleOptions& o, const AdaptivePlan& plan,
                                        Preset preset);

/// The effect that conditional power counts on.
enum class EffectChoice { observed, assumed };
inline constexpr std::array<std::string_view, 2> effect_names{"observed", "assumed"};
inline constexpr std::string_view with_assumed = "effect = \"assumed\"";

enum class VarianceChoice { preset, pooled, welch, known };

/// Lists have a number a stage; empty lists of controls: a single arm.
struct StagesOfMeans {
  std::vector<double> n_treatment, n_control, mean_treatment, mean_control, sd_treatment,
      sd_control;
  double null_difference = 0.0;
  VarianceChoice variance = VarianceChoice::preset;
  double assumed_difference = 0.0, assumed_sd = 1.0;
  bool operator==(const StagesOfMeans&) const = default;
};
struct StagesOfRates {
  std::vector<double> n_treatment, n_control, events_treatment, events_control;
  double null_difference = 0.0;
  double assumed_treatment = 0.5, assumed_control = 0.5;
  bool operator==(const StagesOfRates&) const = default;
};
struct StagesOfSurvival {
  std::vector<double> events, log_rank;
  double allocation = 1.0, null_ratio = 1.0, assumed_ratio = 1.0;
  bool operator==(const StagesOfSurvival&) const = default;
};
void describe(schema::Visitor& visit, StagesOfMeans& o);
void describe(schema::Visitor& visit, StagesOfRates& o);
void describe(schema::Visitor& visit, StagesOfSurvival& o);

[[nodiscard]] StageVariance chosen_variance(const StagesOfMeans& o, Preset preset);

/// Empty, with problems, where the lists do not match.
[[nodiscard]] std::vector<MeansStage> stages_of(const StagesOfMeans& o, const Task& task);
[[nodiscard]] std::vector<RatesStage> stages_of(const StagesOfRates& o, const Task& task);
[[nodiscard]] std::vector<SurvivalStage> stages_of(const StagesOfSurvival& o, const Task& task);

/// Difference and pooled standard deviation of all patients so far.
struct ObservedMeans {
  double difference = 0.0, sd = 0.0;
};
[[nodiscard]] ObservedMeans observed(const std::vector<MeansStage>& stages);

}  // namespace angiotrial::analysis
