// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

/// Inference after a negative binomial fit: covariances, tests and intervals from the likelihood,
/// rates by arm. Each function takes the model and its fit, which must be usable (a contract). A
/// workspace may be the one that the fit lives in: the fit is left as it is.
namespace angiotrial::analysis {

/// With mu, phi at the fit: w = mu / (1 + phi mu), u = (y - mu) / (1 + phi mu), B = (X'WX)^-1 and
/// h the leverage w x'Bx. The bread of every sandwich is B, as in MASS and sandwich.
enum class CountVariance {
  expected,  ///< B: expected information, phi held (MASS::glm.nb)
  observed,  ///< joint observed information of (beta, log theta) (SAS, Stata, glmmTMB)
  hc0,       ///< B X' diag(u^2) X B
  hc1,       ///< times n / (n - p)
  hc2,       ///< u^2 / (1 - h)
  hc3,       ///< u^2 / (1 - h)^2
  cr0,       ///< by cluster (sandwich::vcovCL, type HC0, cadjust FALSE)
  cr1,       ///< times G / (G - 1), G clusters (cadjust TRUE)
  cr2,       ///< scores by (I - H)^(-1/2)
  cr3        ///< scores by (I - H)^(-1)
};
[[nodiscard]] std::string_view name_of(CountVariance variance);

/// Columns x columns; 0 in rows and columns of dropped coefficients. `cluster` holds any labels,
/// one a count, for the cluster forms; these need two clusters (a contract). NaN for coefficients
/// that rest on one cluster alone, and for hc0 to hc3 on one row (leverage 1): its residual says
/// nothing of their variance.
[[nodiscard]] std::vector<double> count_covariance(const CountModel& model,
                                                   const NegativeBinomialFit& fit,
                                                   CountVariance variance,
                                                   std::span<const int> cluster = {});
/// The same; the answer lives in the workspace until its next use. Once warm it asks for no memory,
/// but for cr2 and cr3: a block a cluster.
[[nodiscard]] std::span<const double> count_covariance(const CountModel& model,
                                                       const NegativeBinomialFit& fit,
                                                       CountVariance variance,
                                                       std::span<const int> cluster,
                                                       NegativeBinomialWorkspace& workspace);

/// A linear combination of coefficients: a log rate ratio. Normal reference. All but the estimate
/// is NaN where it rests on one cluster alone, or for hc0 to hc3 on one row.
struct CountContrast {
  double estimate = 0.0;
  double se = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double p_value = 1.0;  ///< two-sided, of 0
};
[[nodiscard]] CountContrast count_contrast(const CountModel& model, const NegativeBinomialFit& fit,
                                           std::span<const double> weights, CountVariance variance,
                                           std::span<const int> cluster = {}, double level = 0.95);
[[nodiscard]] CountContrast count_contrast(const CountModel& model, const NegativeBinomialFit& fit,
                                           std::span<const double> weights, CountVariance variance,
                                           std::span<const int> cluster, double level,
                                           NegativeBinomialWorkspace& workspace);

/// Goodness of fit and the error of theta that R prints.
struct CountSummary {
  double aic = 0.0;  ///< parameters: coefficients kept and, off the boundary, theta
  double deviance = 0.0;
  double pearson = 0.0;   ///< sum (y - mu)^2 / (mu + phi mu^2)
  double se_theta = 0.0;  ///< observed information of theta, beta held; 0 at the boundary
};
[[nodiscard]] CountSummary summarise_counts(const CountModel& model, const NegativeBinomialFit& fit,
                                            NegativeBinomialWorkspace& workspace);

struct CountLikelihoodRatio {
  FitStatus status = FitStatus::not_converged;  ///< of the smaller model
  double statistic = 0.0;                       ///< 2 (l - l0), phi estimated in both
  int df = 0;
  double p_value = 1.0;
};
/// Of coefficient 0 in all `columns` (indices below model.columns, none twice).
[[nodiscard]] CountLikelihoodRatio count_likelihood_ratio(const CountModel& model,
                                                          const NegativeBinomialFit& fit,
                                                          std::span<const std::size_t> columns,
                                                          NegativeBinomialWorkspace& workspace);

struct LikelihoodInterval {
  FitStatus status = FitStatus::not_converged;
  double lower = 0.0;  ///< - infinity where the likelihood gives no bound
  double upper = 0.0;
};
/// Values b of one coefficient with 2 (l - l_p(b)) below the chi-square quantile of `level`; all
/// other coefficients and phi are estimated at each b. A dropped column is refused as collinear.
[[nodiscard]] LikelihoodInterval count_profile_interval(const CountModel& model,
                                                        const NegativeBinomialFit& fit,
                                                        std::size_t column,
                                                        NegativeBinomialWorkspace& workspace,
                                                        double level = 0.95);

struct DispersionInference {
  FitStatus status = FitStatus::not_converged;
  double lower = 0.0;  ///< 0 where the Poisson model is not rejected at the level
  double upper = 0.0;  ///< may be infinite
  /// Test of phi = 0: under it the statistic is 0 or chi-square of 1 df, half of the time each.
  double poisson_statistic = 0.0;
  double poisson_p_value = 1.0;
};
/// Profile-likelihood interval of the dispersion phi.
[[nodiscard]] DispersionInference count_dispersion(const CountModel& model,
                                                   const NegativeBinomialFit& fit,
                                                   NegativeBinomialWorkspace& workspace,
                                                   double level = 0.95);

/// Standardised rates: m_a = mean over patients of exp(log t + x_ia' beta), every patient at the
/// same exposure t > 0, not at his own. `designs` holds the arms one after the other, each a design
/// of all patients. Covariance by the influence functions of mean and coefficients (bread B), which
/// takes patients as sampled.
[[nodiscard]] MarginalMeans marginal_rates(const CountModel& model, const NegativeBinomialFit& fit,
                                           std::span<const double> designs, int arms,
                                           double exposure);

/// The first arm whose log ratio of standardised rates, (d ln m_a / dbeta - d ln m_0 / dbeta)'beta,
/// rests on a row of leverage 1, as an arm of one patient does; -1 if none. Its error is not that
/// of marginal_rates or standardise, which take the row's residual of 0 for how it varies.
[[nodiscard]] int arm_on_one_row(const CountModel& model, const NegativeBinomialFit& fit,
                                 std::span<const double> designs, int arms, int reference);

/// exp(o_i + x_ia' beta), each patient at his own exposure, a row a patient: predictions that agree
/// with the counts, for `standardise`, which adds the mean residual of the arm.
[[nodiscard]] std::vector<double> predict_counts(const CountModel& model,
                                                 const NegativeBinomialFit& fit,
                                                 std::span<const double> designs, int arms);
/// The same into `out`.
void predict_counts(const CountModel& model, const NegativeBinomialFit& fit,
                    std::span<const double> designs, int arms, std::vector<double>& out);

}  // namespace angiotrial::analysis
