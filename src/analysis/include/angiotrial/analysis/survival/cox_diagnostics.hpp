// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/cox.hpp>

#include <span>
#include <vector>

/// What follows a Cox fit: residuals, baseline hazard, proportionality, concordance. Every function
/// takes the data and the options of the fit again; the fit must be `fitted`, and the ties Efron's
/// or Breslow's (the contract).
namespace angiotrial::analysis {

/// One entry, or `columns` entries, a row of the data, in its order.
struct CoxResiduals {
  std::vector<double> martingale;  ///< events less the expected number; their sum is 0
  std::vector<double> score;       ///< sum of a column is the score, 0 at the estimate
  std::vector<double> dfbeta;      ///< score residual times the model covariance, unweighted
};
[[nodiscard]] CoxResiduals cox_residuals(const CoxData& data, const CoxOptions& options,
                                         const CoxFit& fit);

/// A step of the baseline hazard, that of a row with every covariate and offset 0.
struct BaselineStep {
  int stratum = 0;  ///< label; 0 without strata
  double time = 0.0;
  double cumulative_hazard = 0.0;  ///< through `time`
};
/// By stratum, times rising. Breslow's estimate; with Efron's ties, Efron's increments.
[[nodiscard]] std::vector<BaselineStep> cox_baseline(const CoxData& data, const CoxOptions& options,
                                                     const CoxFit& fit);
/// Of `steps` at `time` in one stratum; 0 before its first step.
[[nodiscard]] double baseline_hazard_at(std::span<const BaselineStep> steps, int stratum,
                                        double time);

/// g(t) of the alternative h exp(theta g(t) x), centred at the events' mean.
enum class TimeTransform {
  kaplan_meier,  ///< 1 - S(t-) of all rows together; R's default
  rank,          ///< mid-rank of `stop` among all rows
  identity,
  log  ///< times above 0
};

/// Score tests of proportional hazards (Grambsch and Therneau 1994, doi:10.1093/biomet/81.3.515)
/// with the information of (beta, theta) kept whole, as R's cox.zph since survival 3.0.
struct CoxProportionality {
  CoxStatus status = CoxStatus::invalid_input;
  std::vector<ChiSquareTest> terms;  ///< one a term
  ChiSquareTest global;
};
/// `term`: the term of each column, 0 .. terms - 1; empty: a column each.
[[nodiscard]] CoxProportionality cox_proportionality(const CoxData& data, const CoxOptions& options,
                                                     const CoxFit& fit, TimeTransform transform,
                                                     std::span<const int> term = {});

/// Harrell's C: among pairs where one is at risk at the other's event, the share in which the one
/// with the event had the higher `risk`, ties one half. Standard error by infinitesimal jackknife.
struct Concordance {
  double concordant = 0.0;  ///< pairs, weighted
  double discordant = 0.0;
  double tied = 0.0;   ///< pairs of equal risk
  double value = 0.5;  ///< 0.5 where there is no pair
  double se = 0.0;
};
/// `data.design` is not read. Clusters add up in the standard error.
[[nodiscard]] Concordance concordance(const CoxData& data, std::span<const double> risk);

}  // namespace angiotrial::analysis
