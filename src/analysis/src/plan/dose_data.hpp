// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_estimates.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/regression.hpp"
#include "plan/task.hpp"

/// What every dose-response analysis of a plan begins with: an estimate a dose, or an arm.
namespace angiotrial::analysis {

enum class DoseFamily {
  gaussian,           ///< means, adjusted for covariates
  poisson,            ///< log rates
  negative_binomial,  ///< log rates, joint maximum likelihood
  estimates           ///< the response column holds estimates, another their standard errors
};
enum class Better { increase, decrease };
enum class ZeroRule { preset, leave_out, add_half };

struct DoseTerms {
  RegressionTerms terms;
  DoseFamily family = DoseFamily::gaussian;
  std::string standard_error;
  ZeroRule zero_counts = ZeroRule::preset;
  std::string dose;           ///< column; empty: `doses`, or the order of the arms
  std::vector<double> doses;  ///< of each arm
  Better better = Better::increase;
};

/// What the groups compared are.
enum class DoseScale {
  dose,   ///< doses, as numbers
  order,  ///< doses, or arms that rise in their order
  arm     ///< arms, the reference first
};

/// The keys of the terms; those on doses but for DoseScale::arm.
void describe_dose_terms(schema::Visitor& visit, DoseTerms& terms, DoseScale scale);

struct DoseTrial {
  DoseEstimates estimates;          ///< by dose, or 0, 1, .. where groups are arms
  std::vector<double> sizes;        ///< rows of each group; 1 / variance of given estimates
  std::vector<std::string> labels;  ///< arms; empty where groups are doses
  bool rates = false;               ///< estimates are log rates
  double dispersion = 0.0;          ///< Pearson's, or the negative binomial one; 0: none
  std::string conventions;          ///< of the estimates
  std::string note;
  std::size_t rows = 0;
  std::size_t missing = 0;

  [[nodiscard]] double se(std::size_t group) const;
  /// df, or none where the reference is normal.
  [[nodiscard]] std::optional<double> df() const;
  /// The arm, or "dose 5".
  [[nodiscard]] std::string name(std::size_t group) const;
};

/// None, with problems or a refusal, where the rows cannot be used. Sets the conventions of `task`.
[[nodiscard]] std::optional<DoseTrial> dose_trial(const DoseTerms& terms, DoseScale scale,
                                                  Task& task);

/// Puts the rows that follow at a group: its arm, or its dose.
void at_group(const DoseTrial& trial, std::size_t group, Task& task);
void at_no_group(Task& task);

/// Mean or rate of each group with its interval; n, n_missing and the dispersion.
void put_groups(const DoseTrial& trial, Task& task);

}  // namespace angiotrial::analysis
