// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

/// What is asked of a cumulative link model once it is fitted.
namespace angiotrial::analysis {

/// Sandwich V (sum_c s_c s_c') V by cluster, s_c the weighted score of a cluster's rows; no
/// small-sample factor (Huber 1967; as rms::robcov). `cluster` holds a label a row, of any values.
/// Parameters x parameters, of a fit that is `fitted`.
[[nodiscard]] std::vector<double> cluster_covariance(const CumulativeModel& model,
                                                     const CumulativeFit& fit,
                                                     std::span<const int> cluster);

struct LikelihoodRatioTest {
  double statistic = 0.0;
  int df = 0;
  double p_value = 1.0;
};
/// Twice the difference of log-likelihoods of nested models, chi-squared with the difference of
/// their numbers of parameters; both `fitted`, `larger` with more parameters.
[[nodiscard]] LikelihoodRatioTest likelihood_ratio_test(const CumulativeFit& larger,
                                                        const CumulativeFit& smaller);

/// P(Y = j) at each row of `at` (its designs, K, link and sign; its response is not read):
/// rows x K.
[[nodiscard]] std::vector<double> category_probabilities(const CumulativeModel& at,
                                                         std::span<const double> coefficients);

/// Concordance of the linear predictor x'beta with the response over pairs of rows that differ in
/// response; ties in the predictor count one half. Models without z.
[[nodiscard]] double concordance(const CumulativeModel& model, const CumulativeFit& fit);

struct Contrast {
  double estimate = 0.0;
  double se = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double p_value = 1.0;  ///< two-sided, of 0; normal reference
};
[[nodiscard]] Contrast normal_contrast(double estimate, double se, double level = 0.95);
/// weights' coefficients with a covariance of this module; level in (0, 1).
[[nodiscard]] Contrast linear_contrast(std::span<const double> coefficients,
                                       std::span<const double> covariance,
                                       std::span<const double> weights, double level = 0.95);

}  // namespace angiotrial::analysis
