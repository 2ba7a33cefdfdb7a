// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/fit_status.hpp>
#include <angiotrial/analysis/plan.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

/// Analysis of covariance by ordinary least squares.
///
///   y_i = sum over arms of alpha_arm [i in arm] + z_i' gamma + e_i
///
/// Contrasts are alpha_arm - alpha_reference. An adjusted (LS) mean is the fitted mean of an arm at
/// the sample mean of each covariate. Intervals and p-values use t with n - p degrees of freedom.
namespace angiotrial::analysis {

struct AncovaModel {
  std::span<const double> response;
  std::span<const int> arm;  ///< 0 to arms - 1, one a row
  int arms = 0;
  int reference = 0;
  std::span<const double> covariates;  ///< row by row, `covariate_count` numbers each
  std::size_t covariate_count = 0;
  Variance variance = Variance::model;  ///< model-based, or HC3 (Long and Ervin 2000)
  double level = 0.95;
};

struct LinearEstimate {
  double estimate = 0.0;
  double se = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double p_value = 1.0;  ///< of 0
};

struct AncovaFit {
  FitStatus status = FitStatus::invalid_input;
  int degrees_of_freedom = 0;
  double sigma = 0.0;  ///< residual standard deviation
  /// By arm: empty for the reference and for an arm without rows.
  std::vector<std::optional<LinearEstimate>> contrasts;
  std::vector<std::optional<LinearEstimate>> adjusted_means;  ///< empty for an arm without rows
  std::vector<LinearEstimate> covariates;                     ///< gamma
};

/// Refuses (by status) data that are not finite, too few rows, or collinear columns; mismatched
/// sizes or an arm out of range violate the contract.
[[nodiscard]] AncovaFit fit_ancova(const AncovaModel& model);

/// Buffers, kept between fits: a call on as many rows and columns as before allocates nothing.
class AncovaWorkspace {
 public:
  AncovaWorkspace();
  ~AncovaWorkspace();
  AncovaWorkspace(AncovaWorkspace&&) noexcept;
  AncovaWorkspace& operator=(AncovaWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};
/// The result lives in the workspace until its next use.
const AncovaFit& fit_ancova(const AncovaModel& model, AncovaWorkspace& workspace);

}  // namespace angiotrial::analysis
