// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/analysis/survival/cox.hpp>

#include <span>
#include <vector>

/// Regression on the subdistribution hazard (Fine and Gray 1999, doi:10.1080/01621459.1999.
/// 10474144):
///
///   -d log(1 - F(t | x)) = l_0(t) exp(x'beta)
///
/// A subject with a competing event at T stays in the risk set with weight G(t-) / G(T-), G the
/// Kaplan-Meier estimate of the time to censoring. Breslow's ties.
namespace angiotrial::analysis {

struct FineGrayData {
  std::span<const CompetingObservation> sample = {};  ///< any cause above 0 competes with `cause`
  int cause = 1;
  std::span<const double> design = {};  ///< one row an observation, `columns` numbers each
  std::size_t columns = 0;
  std::span<const int> censoring_group = {};  ///< any labels: G by group; empty: one G
};

struct FineGrayFit {
  CoxStatus status = CoxStatus::invalid_input;
  std::size_t events = 0;
  int iterations = 0;
  std::vector<std::size_t> aliased;
  std::vector<double> coefficients;  ///< log subdistribution hazard ratios
  std::vector<double> covariance;    ///< robust, with the estimation of G; columns x columns
  std::vector<double> se;
  std::vector<double> se_model;  ///< from the inverse information: too small or too large
  double log_likelihood_null = 0.0;
  double log_likelihood = 0.0;
  std::vector<double> time;               ///< of the events of the cause, rising
  std::vector<double> cumulative_hazard;  ///< of the subdistribution at covariates 0
};
[[nodiscard]] FineGrayFit fit_fine_gray(const FineGrayData& data);

/// 1 - exp(-L_0(time) exp(x'beta)) of a fit that is `fitted`.
[[nodiscard]] double predicted_incidence(const FineGrayFit& fit, std::span<const double> x,
                                         double time);

}  // namespace angiotrial::analysis
