// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/survival.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// Accelerated failure time models by maximum likelihood, right censoring:
///
///   log T = x'beta + sigma W
namespace angiotrial::analysis {

enum class FailureDistribution {
  weibull,      ///< W: smallest extreme value
  exponential,  ///< the same with sigma = 1
  lognormal,
  loglogistic
};

struct AcceleratedFailureData {
  std::span<const Observation> sample;  ///< times above 0
  std::span<const double> design = {};  ///< one row an observation, the intercept among the columns
  std::size_t columns = 0;
  FailureDistribution distribution = FailureDistribution::weibull;
};

struct AcceleratedFailureFit {
  /// As for Cox: `separated` where the likelihood has no maximum, such as a group without events.
  CoxStatus status = CoxStatus::invalid_input;
  std::size_t events = 0;
  int iterations = 0;
  std::vector<std::size_t> aliased;
  std::vector<double> coefficients;  ///< log time ratios
  double sigma = 1.0;
  /// Inverse observed information of (beta, log sigma), without log sigma for the exponential.
  std::vector<double> covariance;
  std::vector<double> se;       ///< of (beta, log sigma)
  double log_likelihood = 0.0;  ///< of the times, not of their logarithms
};
[[nodiscard]] AcceleratedFailureFit fit_accelerated_failure(const AcceleratedFailureData& data);

}  // namespace angiotrial::analysis
