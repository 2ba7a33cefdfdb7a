// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// Generalised linear models with canonical link, and ordinary and weighted least squares.
///
///   E y_i = mu_i,   g(mu_i) = o_i + x_i' beta,   var y_i proportional to V(mu_i) / w_i
///
/// The covariance of the coefficients is a choice made after the fit: model-based, robust to
/// heteroscedasticity, or by cluster.
namespace angiotrial::analysis {

enum class Family {
  gaussian,  ///< identity link
  binomial,  ///< logit link, y in 0 to 1
  poisson    ///< log link, y >= 0
};

enum class LinearStatus {
  fitted = 0,
  invalid_input = 1,  ///< a number that is not finite, a weight not above 0, y outside its range
  too_few_rows = 2,   ///< no more rows than columns
  collinear = 3,      ///< `aliased` names the columns
  separated = 4,      ///< the likelihood has no maximum: some group is all 0 or all 1
  not_converged = 5
};
[[nodiscard]] std::string_view name_of(LinearStatus status);

struct LinearModel {
  std::span<const double> response;
  std::span<const double> design;  ///< one row a response, `columns` numbers each
  std::size_t columns = 0;
  Family family = Family::gaussian;
  std::span<const double> weights;  ///< w; empty: 1
  std::span<const double> offset;   ///< o; empty: 0
  std::span<const int> cluster;     ///< any labels; for the cluster forms
};

struct LinearFit {
  LinearStatus status = LinearStatus::invalid_input;
  std::vector<std::size_t> aliased;  ///< columns that are combinations of earlier ones
  int iterations = 0;
  int degrees_of_freedom = 0;   ///< rows less columns
  double sigma = 0.0;           ///< gaussian: residual standard deviation; otherwise 1
  double log_likelihood = 0.0;  ///< with all constants; at the ML variance for gaussian
  std::vector<double> coefficients;
  std::vector<double> fitted;  ///< mu
  std::vector<double> bread;   ///< (X'WX)^-1, W = w V(mu); columns x columns
};

/// A refusal is a status, never an exception; only mismatched sizes violate the contract.
[[nodiscard]] LinearFit fit_linear_model(const LinearModel& model);

/// Buffers, kept between fits: a call on as many rows and columns as before allocates nothing.
class LinearWorkspace {
 public:
  LinearWorkspace();
  ~LinearWorkspace();
  LinearWorkspace(LinearWorkspace&&) noexcept;
  LinearWorkspace& operator=(LinearWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};
/// The result lives in the workspace until its next use.
const LinearFit& fit_linear_model(const LinearModel& model, LinearWorkspace& workspace);

enum class LinearVariance {
  model,  ///< sigma^2 (X'WX)^-1
  hc0,    ///< White 1980
  hc1,    ///< times n / (n - p)
  hc2,    ///< squared residuals over 1 - h
  hc3,    ///< over (1 - h)^2
  cr0,    ///< by cluster, Liang and Zeger 1986
  cr1,    ///< times G / (G - 1), G clusters
  cr2     ///< by cluster, bias-reduced: Bell and McCaffrey 2002
};

/// Columns x columns, of a fit that is `fitted`. The cluster forms need two clusters (a contract)
/// and have NaN for coefficients that rest on one cluster alone (leverage 1).
[[nodiscard]] std::vector<double> coefficient_covariance(const LinearModel& model,
                                                         const LinearFit& fit,
                                                         LinearVariance variance);
/// The same; the answer lives in the workspace, which may be that of the fit, until its next use.
/// Once warm it asks for no memory.
[[nodiscard]] std::span<const double> coefficient_covariance(const LinearModel& model,
                                                             const LinearFit& fit,
                                                             LinearVariance variance,
                                                             LinearWorkspace& workspace);

struct LinearContrast {
  double estimate = 0.0;
  double se = 0.0;
  double df = 0.0;  ///< infinity: normal reference
  double lower = 0.0;
  double upper = 0.0;
  double p_value = 1.0;  ///< two-sided, of 0
};

/// A linear combination of the coefficients. The reference is t with n - p degrees of freedom for
/// gaussian and normal for the others; clusters - 1 for cr0 and cr1; Bell and McCaffrey's for cr2.
/// By cluster or by row, all but the estimate is NaN where the combination rests on one cluster or
/// row alone.
[[nodiscard]] LinearContrast estimate_contrast(const LinearModel& model, const LinearFit& fit,
                                               std::span<const double> weights,
                                               LinearVariance variance = LinearVariance::model,
                                               double level = 0.95);
[[nodiscard]] LinearContrast estimate_contrast(const LinearModel& model, const LinearFit& fit,
                                               std::span<const double> weights,
                                               LinearVariance variance, double level,
                                               LinearWorkspace& workspace);

/// The share of the model-based variance of a combination of the coefficients, 0 to 1, that comes
/// from rows of leverage 1, such as the only patient of an arm. Such a row fits itself, so its
/// residual of 0 says nothing of its variance, and errors from residuals are too small by its part.
[[nodiscard]] double share_of_self_fitting_rows(const LinearModel& model, const LinearFit& fit,
                                                std::span<const double> weights);

}  // namespace angiotrial::analysis
