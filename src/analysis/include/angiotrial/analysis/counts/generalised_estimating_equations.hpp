// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/linear_model.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// Generalised estimating equations of Liang and Zeger (1986) for repeated outcomes of patients.
///
///   sum over clusters of D' V^-1 (y - mu) = 0,   V = s A^(1/2) R(alpha) A^(1/2),
///   A = diag{V(mu) / w},   D = dmu / dbeta'
///
/// Mean, family, weights, offset and clusters are those of a LinearModel. Moment estimators without
/// correction for degrees of freedom, as geepack: with r the Pearson residuals of n rows,
/// s = sum r^2 / n; exchangeable alpha = mean of r_j r_k / s over all pairs within clusters; AR(1)
/// alpha minimises the sum over those pairs of (r_j r_k / s - alpha^|t_j - t_k|)^2.
namespace angiotrial::analysis {

enum class WorkingCorrelation { independence, exchangeable, autoregressive };

enum class GeeStatus {
  fitted = 0,
  invalid_input = 1,  ///< as LinearModel; a visit that a cluster has twice
  too_few_rows = 2,   ///< rows or clusters no more than columns
  collinear = 3,
  separated = 4,
  no_pairs = 5,             ///< a correlation to estimate, and no cluster with two rows
  correlation_invalid = 6,  ///< R(alpha) is not positive definite at the estimate
  not_converged = 7
};
[[nodiscard]] std::string_view name_of(GeeStatus status);

struct GeeModel {
  LinearModel mean;  ///< with `cluster`
  WorkingCorrelation correlation = WorkingCorrelation::exchangeable;
  /// t, for AR(1): equal steps apart; empty: rows of a cluster follow each other.
  std::span<const int> visit;
};

struct GeeFit {
  GeeStatus status = GeeStatus::invalid_input;
  int iterations = 0;
  int clusters = 0;
  double scale = 1.0;  ///< s
  double alpha = 0.0;  ///< 0 for independence
  std::vector<double> coefficients;
  std::vector<double> fitted;  ///< mu
  std::vector<double> bread;   ///< (sum D' V^-1 D)^-1 at s = 1; columns x columns
};

/// A refusal is a status, never an exception; only mismatched sizes violate the contract.
[[nodiscard]] GeeFit fit_gee(const GeeModel& model);

/// Buffers, kept between fits: a call on as many rows and columns as before allocates nothing.
class GeeWorkspace {
 public:
  GeeWorkspace();
  ~GeeWorkspace();
  GeeWorkspace(GeeWorkspace&&) noexcept;
  GeeWorkspace& operator=(GeeWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};
/// The result lives in the workspace until its next use for a fit.
const GeeFit& fit_gee(const GeeModel& model, GeeWorkspace& workspace);

enum class GeeVariance {
  model,              ///< s times bread: right only where V is
  robust,             ///< sandwich of Liang and Zeger
  kauermann_carroll,  ///< residuals by (I - H)^(-1/2), Kauermann and Carroll 2001
  mancl_derouen       ///< residuals by (I - H)^(-1), Mancl and DeRouen 2001
};

/// Columns x columns, of a fit that is `fitted`. The sandwiches have NaN for coefficients that rest
/// on one cluster alone (leverage 1).
[[nodiscard]] std::vector<double> gee_covariance(const GeeModel& model, const GeeFit& fit,
                                                 GeeVariance variance);
/// The same; the answer lives in the workspace, which may be that of the fit, until its next use.
[[nodiscard]] std::span<const double> gee_covariance(const GeeModel& model, const GeeFit& fit,
                                                     GeeVariance variance, GeeWorkspace& workspace);

/// A linear combination of coefficients. The reference is normal for `model` and `robust`, t with
/// clusters - columns degrees of freedom for the two corrected forms. With a sandwich, all but the
/// estimate is NaN where the combination rests on one cluster alone.
[[nodiscard]] LinearContrast gee_contrast(const GeeModel& model, const GeeFit& fit,
                                          std::span<const double> weights, GeeVariance variance,
                                          double level = 0.95);
[[nodiscard]] LinearContrast gee_contrast(const GeeModel& model, const GeeFit& fit,
                                          std::span<const double> weights, GeeVariance variance,
                                          double level, GeeWorkspace& workspace);

}  // namespace angiotrial::analysis
