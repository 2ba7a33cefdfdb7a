// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/survival_trial.hpp>
#include <angiotrial/analysis/design/trial_size.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/sequential_options.hpp"

/// What a sample size is planned for, one table an endpoint. Rates and times are in one unit of
/// time, whichever it is.
namespace angiotrial::analysis {

enum class AnalysisOfMeans { final_values, ancova, change };

struct SizeOfMeans {
  double difference = 0.0, sd = 1.0;
  AnalysisOfMeans comparison = AnalysisOfMeans::final_values;
  double baseline_correlation = 0.0;
  bool operator==(const SizeOfMeans&) const = default;
};
struct SizeOfRates {
  double treatment = 0.0, control = 0.0, margin = 0.0;
  bool operator==(const SizeOfRates&) const = default;
};
struct SizeOfCounts {
  double control_rate = 0.0, rate_ratio = 1.0, null_ratio = 1.0, dispersion = 0.0;
  double accrual = 0.0, accrual_speed = 1.0, follow_up = 1.0;
  bool same_exposure = false;
  bool operator==(const SizeOfCounts&) const = default;
};
struct SizeOfSurvival {
  std::vector<double> control_hazard, hazard_from{0.0};
  double hazard_ratio = 1.0;
  double control_dropout = 0.0, treatment_dropout = 0.0;
  double accrual = 0.0, follow_up = 0.0;
  std::vector<double> accrual_rate{1.0}, accrual_from{0.0};
  SurvivalFormula formula = SurvivalFormula::schoenfeld;
  bool operator==(const SizeOfSurvival&) const = default;
};

void describe(schema::Visitor& visit, SizeOfMeans& o);
void describe(schema::Visitor& visit, SizeOfRates& o);
void describe(schema::Visitor& visit, SizeOfCounts& o);
void describe(schema::Visitor& visit, SizeOfSurvival& o);

/// A key of such a table that keeps a size from being planned, and why.
struct Offence {
  std::string_view key;
  std::string value, rule;
};
[[nodiscard]] std::optional<Offence> offence(const SizeOfMeans& o);
[[nodiscard]] std::optional<Offence> offence(const SizeOfRates& o);
[[nodiscard]] std::optional<Offence> offence(const SizeOfCounts& o);
[[nodiscard]] std::optional<Offence> offence(const SizeOfSurvival& o);

/// The standard deviation is that of what is compared, given the baseline.
[[nodiscard]] MeansDesign of_means(const SizeOfMeans& o, double allocation);
[[nodiscard]] CountTrial of_counts(const SizeOfCounts& o, double allocation);
[[nodiscard]] SurvivalTrialPlan of_survival(const SizeOfSurvival& o, double allocation);

}  // namespace angiotrial::analysis
