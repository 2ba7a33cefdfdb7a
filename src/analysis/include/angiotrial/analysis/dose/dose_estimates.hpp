// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_shape.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

/// The first stage of a dose-response analysis: an estimate at each dose and their covariance.
namespace angiotrial::analysis {

enum class DoseDataStatus {
  usable = 0,
  no_data = 1,             ///< no row, or a single dose
  not_finite = 2,          ///< a number that is not finite, a negative dose or count
  too_many_doses = 3,      ///< more than 12
  too_few_patients = 4,    ///< no degree of freedom left for sigma
  no_variation = 5,        ///< responses are constant within doses: sigma is 0
  collinear = 6,           ///< a covariate is a combination of doses and other covariates
  invalid_covariance = 7,  ///< not symmetric and positive definite
  doses_not_distinct = 8,
};
[[nodiscard]] std::string_view name_of(DoseDataStatus status);

/// Estimates by dose, rising from placebo (0).
struct DoseEstimates {
  std::vector<double> doses;
  std::vector<double> estimates;
  std::vector<double> covariance;  ///< S, row by row
  double df = 0.0;                 ///< of sigma^2; infinity where S is taken as known
  double patients = 0.0;           ///< N of normal data; 0 where S is not in units of sigma^2
  double pure_error = 0.0;         ///< residual sum of squares with a mean a dose; normal data only
  double sigma = 1.0;              ///< S is multiplied by sigma^2 in tests
  /// Covariates: estimates are at covariates of 0. Coefficients with a mean a dose, and their
  /// covariance with the estimates in units of sigma^2 (covariates x doses).
  std::vector<double> covariates;
  std::vector<double> covariate_covariance;
  DoseDataStatus status = DoseDataStatus::usable;
};

/// Means, diag(1 / n) and the pooled variance of single responses.
[[nodiscard]] DoseEstimates summarise_doses(std::span<const double> dose,
                                            std::span<const double> response);
/// Into estimates that are kept between trials, so that they ask for no memory once warm.
void summarise_doses(std::span<const double> dose, std::span<const double> response,
                     DoseEstimates& out);
/// The same with covariates (one row a response, `columns` numbers each, no constant): adjusted
/// means of the analysis of covariance, with their unscaled covariance. Fits to them are the least
/// squares fits to the responses with the covariates added.
[[nodiscard]] DoseEstimates summarise_doses(std::span<const double> dose,
                                            std::span<const double> response,
                                            std::span<const double> covariates,
                                            std::size_t columns);

/// Estimates of any model with a known covariance (log rates, log odds, adjusted means), in any
/// order of doses; returned rising.
[[nodiscard]] DoseEstimates given_estimates(std::span<const double> doses,
                                            std::span<const double> estimates,
                                            std::span<const double> covariance);

/// What to do with a dose at which no event was seen: its log rate is minus infinity.
enum class ZeroCount {
  leave_out,  ///< the maximum-likelihood answer: the dose carries no finite estimate
  add_half,   ///< half an event at every dose: Firth's correction of a rate, recommended
};

struct DoseLogRates {
  DoseEstimates estimates;             ///< of the doses kept; variance 1 / events
  std::vector<double> without_events;  ///< doses at which no event was seen
  double dispersion = 0.0;  ///< Pearson chi-square over its degrees of freedom; 0 without any
};
/// Log rates of Poisson counts, one parameter a dose. `exposure` empty: 1 each, otherwise > 0.
[[nodiscard]] DoseLogRates log_rates_by_dose(std::span<const double> dose,
                                             std::span<const double> count,
                                             std::span<const double> exposure, ZeroCount zero);

}  // namespace angiotrial::analysis
