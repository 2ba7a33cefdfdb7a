// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/imputation/reference_based.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/repeated.hpp"
#include "plan/subject_table.hpp"

/// The trial that an imputation of a plan works on.
namespace angiotrial::analysis {

inline constexpr std::array<std::string_view, 5> strategy_names{
    "missing_at_random", "jump_to_reference", "copy_reference", "copy_increments",
    "last_mean_carried_forward"};
inline constexpr std::array<std::string_view, 2> scope_names{"after_event", "every_missing"};

struct ImputationOptions {
  std::string response, visit;
  std::vector<std::string> visits;
  std::vector<std::string> covariates, common_covariates, adjustment, classes;
  ImputationStrategy strategy = ImputationStrategy::jump_to_reference;
  std::string strategy_column, event_visit;
  CovarianceOptions covariance;
  bool covariance_by_arm = false;
  DeltaScope delta_scope = DeltaScope::after_event;
};
/// Every key but those of one method.
void describe_imputation(schema::Visitor& visit, ImputationOptions& o);

/// Owns what `trial()` refers to.
struct ImputationData {
  SubjectTable table;
  Design by_visit, constant, adjustment;
  std::vector<int> event, label;
  std::vector<ImputationStrategy> strategy;  ///< by subject, or one for all
  std::vector<CovarianceStructure> fallbacks;
  std::vector<int> missing;  ///< outcomes that are missing, arms x visits
  std::vector<double> delta;

  [[nodiscard]] IncompleteTrial trial(const ImputationOptions& o, double level) const;
};

/// None, with problems.
[[nodiscard]] std::optional<ImputationData> imputation_data(const ImputationOptions& o, Task& task);

/// `strategy: ...; covariance: ...; criterion: ...; ...`.
[[nodiscard]] std::string imputation_words(const ImputationOptions& o, const MixedFit& fit);
/// Says why nothing was imputed.
void refuse_imputation(ImputationStatus status, const ImputationResult* result,
                       const ImputationData& data, Task& task);

}  // namespace angiotrial::analysis
