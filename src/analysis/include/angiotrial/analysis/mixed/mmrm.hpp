// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// Mixed model for repeated measures, by restricted or full maximum likelihood.
///
///   y_i = X_i beta + e_i,   e_i ~ N(0, Sigma_i),   patients i independent
///
/// Sigma_i is the block of Sigma(theta) of the visits that patient i has. Visits that are missing
/// are rows that are not there: the likelihood is that of the rows present.
namespace angiotrial::analysis {

enum class CovarianceStructure {
  unstructured = 0,
  heterogeneous_toeplitz = 1,
  toeplitz = 2,
  heterogeneous_ante_dependence = 3,
  ante_dependence = 4,
  heterogeneous_ar1 = 5,
  ar1 = 6,
  heterogeneous_compound_symmetry = 7,
  compound_symmetry = 8,
  spatial_exponential = 9,  ///< sigma^2 rho^|t_a - t_b|, needs `times`
  random_slope = 10,        ///< random intercept and slope on `times`, independent residuals
  random_intercept = 11     ///< compound symmetry of a correlation of 0 or above; one group only
};
[[nodiscard]] std::string_view name_of(CovarianceStructure structure);
[[nodiscard]] bool needs_times(CovarianceStructure structure);

enum class Criterion { reml, ml };

enum class MixedStatus {
  fitted = 0,
  /// A number that is not finite, a visit or group out of range, groups of a random_intercept.
  invalid_input = 1,
  too_few_rows = 2,         ///< no more rows than columns
  collinear = 3,            ///< `aliased` names the columns
  repeated_visit = 4,       ///< two rows of one patient at one visit
  split_patient = 5,        ///< one patient in two covariance groups
  not_estimable = 6,        ///< no patient has both visits of some pair, or too few have a visit
  singular_covariance = 7,  ///< the likelihood has its maximum at a singular covariance, or none
  not_converged = 8
};
[[nodiscard]] std::string_view name_of(MixedStatus status);

struct RepeatedModel {
  std::span<const double> response;
  std::span<const double> design;  ///< one row a response, `columns` numbers each
  std::size_t columns = 0;
  std::span<const int> patient;  ///< any labels
  std::span<const int> visit;    ///< 0 to visits - 1
  int visits = 0;                ///< 1 to 64
  std::span<const int> group;    ///< covariance group of a row; empty: one group
  int groups = 1;
  std::span<const double> times;  ///< by visit; for spatial_exponential and random_slope
  CovarianceStructure structure = CovarianceStructure::unstructured;
  Criterion criterion = Criterion::reml;
  /// Structures to try in this order where one before gives no answer; the fit says which it was.
  std::span<const CovarianceStructure> fallbacks;
  /// By row, in place of `times`: patients seen at times of their own. `visit` then only tells the
  /// rows of a patient apart.
  std::span<const double> row_times;
};

struct MixedAttempt {
  CovarianceStructure structure = CovarianceStructure::unstructured;
  MixedStatus status = MixedStatus::invalid_input;
};

struct MixedFit {
  MixedStatus status = MixedStatus::invalid_input;
  CovarianceStructure structure = CovarianceStructure::unstructured;  ///< the one fitted
  std::vector<MixedAttempt> attempts;                                 ///< more than one: fell back
  std::vector<std::size_t> aliased;  ///< columns that are combinations of earlier ones
  std::size_t patients = 0;
  std::size_t patterns = 0;  ///< distinct sets of visits
  int iterations = 0;
  double largest_gradient = 0.0;  ///< of -2 log-likelihood in theta
  double decrement = 0.0;         ///< of the last Newton step: -2 log-likelihood still to gain
  double condition = 0.0;         ///< of the scaled observed information of theta
  double least_eigenvalue = 0.0;  ///< of the correlation matrix: 0 is singular
  double log_likelihood = 0.0;    ///< restricted under REML
  double aic = 0.0;               ///< parameters of the covariance only under REML
  double bic = 0.0;               ///< with the number of patients
  std::vector<double> theta;      ///< by group; log standard deviations first
  std::vector<double> sigma;      ///< by group, visits x visits; at mean times with `row_times`
  std::vector<double> coefficients;
  std::vector<double> covariance;  ///< of the coefficients, model-based, columns x columns
  std::vector<double> se;          ///< its diagonal's root
};

/// The data and the fit; kept between fits so that memory is used again.
class MixedWorkspace {
 public:
  MixedWorkspace();
  ~MixedWorkspace();
  MixedWorkspace(MixedWorkspace&&) noexcept;
  MixedWorkspace& operator=(MixedWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// Fits the model. The result lives in the workspace until its next use. A refusal is a status,
/// never an exception; only mismatched sizes violate the contract.
const MixedFit& fit_mixed_model(const RepeatedModel& model, MixedWorkspace& workspace);

}  // namespace angiotrial::analysis
