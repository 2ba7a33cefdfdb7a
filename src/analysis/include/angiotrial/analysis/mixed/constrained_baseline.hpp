// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// Constrained longitudinal data analysis: the baseline is a response too, with one mean for all
/// arms, as randomisation has it (Liang and Zeger 2000, Sankhya B 62:134; Lu 2010, Biometrics
/// 66:891).
///
///   E y_i0 = mu_0 + x_i' eta,   E y_iv = mu_v + tau_va + x_i' eta_v,   tau_v0 = 0
///
/// A patient without a baseline, or without anything else, still counts with what there is.
namespace angiotrial::analysis {

struct BaselineTrial {
  std::size_t patients = 0;
  int visits = 0;                    ///< after baseline, 1 to 63
  std::span<const double> baseline;  ///< by patient; NaN: missing
  std::span<const double>
      outcome;               ///< patients x visits, on the scale of the baseline; NaN: missing
  std::span<const int> arm;  ///< 0 to arms - 1
  int arms = 2;
  std::span<const double>
      covariates;                     ///< patients x columns, each with a coefficient at each visit
  std::size_t covariate_columns = 0;  ///< and at baseline
};

/// Rows of a RepeatedModel, visit 0 the baseline; it owns what the model refers to.
class ConstrainedBaseline {
 public:
  /// Only mismatched sizes and arms out of range violate the contract.
  explicit ConstrainedBaseline(const BaselineTrial& trial);

  /// Unstructured REML; change what you like. Valid while this lives.
  [[nodiscard]] RepeatedModel model() const;
  [[nodiscard]] std::size_t columns() const { return columns_; }
  /// Weights of tau: an arm less arm 0 at a visit, 1 to visits; also as a difference of changes.
  [[nodiscard]] std::vector<double> contrast(int visit, int arm) const;
  /// Weights of an arm's mean at a visit, 0 to visits, at mean covariates of all patients.
  [[nodiscard]] std::vector<double> mean(int visit, int arm) const;
  /// Weights of an arm's mean change from baseline.
  [[nodiscard]] std::vector<double> mean_change(int visit, int arm) const;

 private:
  [[nodiscard]] std::size_t first_of(int visit) const;

  int visits_ = 0;
  int arms_ = 0;
  std::size_t covariates_ = 0;
  std::size_t columns_ = 0;
  std::vector<double> response_, design_;
  std::vector<int> patient_, visit_;
};

}  // namespace angiotrial::analysis
