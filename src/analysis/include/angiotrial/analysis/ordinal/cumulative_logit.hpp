// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// Cumulative link models for ordered categories (McCullagh 1980), by maximum likelihood.
///
///   P(Y_i <= j) = F(theta_j + z_i' gamma_j - x_i' beta),   j = 0 .. K - 2
///
/// Columns in x are proportional (one coefficient), columns in z have a coefficient a threshold
/// (partial proportional odds, Peterson and Harrell 1990). Weights are frequencies, so that rows
/// that are equal may be given once.
namespace angiotrial::analysis {

enum class CumulativeLink {
  logit,
  probit,
  cloglog,  ///< F(t) = 1 - exp(-exp(t))
  loglog,   ///< F(t) = exp(-exp(-t))
  cauchit
};

/// Trap: the packages differ in sign.
enum class ThresholdSign {
  at_most,  ///< P(Y <= j) = F(theta_j + z'gamma_j - x'beta): R's ordinal and MASS::polr
  at_least  ///< P(Y > j) = 1 - F(-(alpha_j + z'delta_j + x'beta)): rms::lrm, SAS descending
};

enum class OrdinalStatus {
  fitted = 0,
  invalid_input = 1,   ///< a number that is not finite, a weight below 0, a category out of range
  empty_category = 2,  ///< a category without weight: its thresholds have no finite estimate
  collinear = 3,       ///< `aliased` names the columns: nominal ones first, then proportional
  separated = 4,       ///< the likelihood has no maximum at finite coefficients
  not_converged = 5,
  no_variance = 6,       ///< random intercept: the likelihood is highest at standard deviation 0
  single_rows = 7,       ///< random intercept: as many groups as rows
  coarse_quadrature = 8  ///< random intercept: the likelihood at the maximum moves with the nodes
};
[[nodiscard]] std::string_view name_of(OrdinalStatus status);

/// Rows n, categories K.
struct CumulativeModel {
  std::span<const int> response;         ///< 0 .. K - 1
  int categories = 0;                    ///< K, at least 2
  std::span<const double> proportional;  ///< x, row by row; no column of ones
  std::size_t proportional_columns = 0;
  std::span<const double> nominal;  ///< z, row by row; no column of ones
  std::size_t nominal_columns = 0;
  std::span<const double> weights;  ///< w >= 0; empty: 1
  CumulativeLink link = CumulativeLink::logit;
  ThresholdSign sign = ThresholdSign::at_most;
  /// Where theta_-1 and theta_(K-1) stand, on both sides of x'beta = 0. R's ordinal::clm has 1e5,
  /// which for cauchit cuts 3e-6 off each tail and shows in the fifth digit of a standard error.
  double outermost = std::numeric_limits<double>::infinity();
};

/// Parameters stand in the order: theta_0 .. theta_(K-2), then the same for each column of z, then
/// beta; under `at_least` the first two groups have the other sign.
struct CumulativeFit {
  OrdinalStatus status = OrdinalStatus::invalid_input;
  std::vector<std::size_t> aliased;
  int iterations = 0;
  double weight = 0.0;  ///< sum of w
  double log_likelihood = 0.0;
  double null_log_likelihood = 0.0;  ///< thresholds only
  double largest_gradient = 0.0;
  std::vector<double> coefficients;
  std::vector<double> se;
  std::vector<double> covariance;  ///< inverse observed information; parameters x parameters
};

/// Buffers, kept between fits: a call on data no larger than before allocates nothing.
class CumulativeWorkspace {
 public:
  CumulativeWorkspace();
  ~CumulativeWorkspace();
  CumulativeWorkspace(CumulativeWorkspace&&) noexcept;
  CumulativeWorkspace& operator=(CumulativeWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// The result lives in the workspace until its next use. A refusal is a status, never an exception;
/// only mismatched sizes violate the contract.
const CumulativeFit& fit_cumulative_model(const CumulativeModel& model,
                                          CumulativeWorkspace& workspace);
[[nodiscard]] CumulativeFit fit_cumulative_model(const CumulativeModel& model);

/// Rows that agree in response, x and z given once, with the sum of their weights, in order of
/// first appearance. The fit is the same.
struct AggregatedRows {
  std::vector<int> response;
  std::vector<double> proportional;
  std::vector<double> nominal;
  std::vector<double> weights;

  /// `model` with these rows in place of its own; refers to this object.
  [[nodiscard]] CumulativeModel in_place_of(const CumulativeModel& model) const;
};
[[nodiscard]] AggregatedRows aggregate_rows(const CumulativeModel& model);

}  // namespace angiotrial::analysis
