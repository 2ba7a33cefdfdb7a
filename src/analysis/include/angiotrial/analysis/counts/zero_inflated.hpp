// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/linear/standardisation.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

/// Counts with a zero part of their own: zero-inflated (Lambert 1992) and hurdle (Mullahy 1986)
/// regression with Poisson or NB2 counts, by joint maximum likelihood.
///
///   log mu_i = o_i + x_i' beta,   logit p_i = z_i' gamma,   f the Poisson or NB2 density
///   inflated:  P(0) = p + (1 - p) f(0),   P(y) = (1 - p) f(y)        p: a structural zero
///   hurdle:    P(0) = 1 - p,              P(y) = p f(y) / {1 - f(0)}  p: over the hurdle
///
/// Note that gamma has opposite meanings in the two, as in R's pscl.
namespace angiotrial::analysis {

enum class ZeroPart { inflated, hurdle };

enum class ZeroStatus {
  fitted = 0,
  poisson_boundary = 1,      ///< the likelihood is highest at phi = 0
  no_excess_zeros = 2,       ///< inflated: highest at p = 0, the fit without a zero part
  too_few_rows = 3,          ///< no more rows (hurdle: positive counts) than parameters
  separated = 4,             ///< a coefficient of either part runs to infinity
  collinear = 5,             ///< in either design
  no_zeros = 6,              ///< no count is 0: the zero part has nothing to say
  unbounded_dispersion = 7,  ///< hurdle: positive counts as of a logarithmic series
  invalid_input = 8,
  not_converged = 9
};
[[nodiscard]] constexpr bool usable(ZeroStatus status) {
  return status <= ZeroStatus::no_excess_zeros;
}
[[nodiscard]] std::string_view name_of(ZeroStatus status);

struct ZeroCountModel {
  CountModel counts;  ///< y, x, o; collinear columns are refused, whatever `aliased` says
  std::span<const double> zero_design;  ///< z, a row a count, `zero_columns` numbers each
  std::size_t zero_columns = 0;
  ZeroPart part = ZeroPart::inflated;
  bool negative_binomial = true;  ///< false: Poisson
};

struct ZeroCountFit {
  ZeroStatus status = ZeroStatus::invalid_input;
  int iterations = 0;
  double log_likelihood = 0.0;
  double dispersion = 0.0;                ///< phi = 1 / theta; 0: Poisson
  double se_log_theta = 0.0;              ///< 0 without a dispersion
  std::vector<double> coefficients;       ///< beta
  std::vector<double> zero_coefficients;  ///< gamma; - infinity where there are no excess zeros
  std::vector<double> se, zero_se;        ///< observed joint information
  /// Of (beta, gamma), (columns + zero_columns) squared; rows of gamma 0 without excess zeros.
  std::vector<double> covariance;
  std::vector<double> mean;  ///< E y_i of each row: (1 - p) mu, or p mu / {1 - f(0)}
};

/// The maximum from several starts: the likelihood may have more than one. A refusal is a status,
/// never an exception; only mismatched sizes violate the contract.
[[nodiscard]] ZeroCountFit fit_zero_counts(const ZeroCountModel& model);

/// Mean count had everyone been in an arm, at his own offset, of a fit that is `usable`: averages
/// of (1 - p) mu, or p mu / {1 - f(0)}, over the rows. `designs` and `zero_designs` hold the arms
/// one after the other, each a design of all rows. Covariance by the delta method from the observed
/// joint information, covariates held.
[[nodiscard]] MarginalMeans zero_count_means(const ZeroCountModel& model, const ZeroCountFit& fit,
                                             std::span<const double> designs,
                                             std::span<const double> zero_designs, int arms);

struct ZeroCountDerivatives {
  double log_likelihood = 0.0;
  std::vector<double> gradient;  ///< by beta, gamma, ln phi (absent for Poisson)
  std::vector<double> hessian;   ///< square of that
};
/// At (beta, gamma, ln phi).
[[nodiscard]] ZeroCountDerivatives zero_count_likelihood(const ZeroCountModel& model,
                                                         std::span<const double> parameters);

}  // namespace angiotrial::analysis
