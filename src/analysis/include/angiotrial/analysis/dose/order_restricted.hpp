// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_estimates.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Order-restricted tests of dose means without a curve: is it flat, does it rise, does it fall?
///
///   umbrella with peak h:   mu_0 <= .. <= mu_h >= .. >= mu_(k-1)
///
/// h = k - 1 is the simple (rising) order, h = 0 the falling one. Likelihood-ratio tests of
/// Bartholomew 1961 (Barlow, Bartholomew, Bremner and Brunk 1972; general S: Kudo 1963,
/// doi:10.1093/biomet/50.3-4.403): chi-bar-square where S is known, E-bar-square where sigma is
/// estimated. Level probabilities by exact orthant probabilities, no simulation.
namespace angiotrial::analysis {

enum class OrderStatus {
  tested = 0,
  too_few_doses = 1,   ///< fewer than two
  too_many_doses = 2,  ///< more than six for the likelihood-ratio tests
  not_estimable = 3,   ///< estimates or covariance refused
};
[[nodiscard]] std::string_view name_of(OrderStatus status);

/// Weighted isotonic (rising) regression by pooling adjacent violators; weights > 0.
[[nodiscard]] std::vector<double> isotonic_regression(std::span<const double> values,
                                                      std::span<const double> weights);

struct OrderRestrictedTest {
  OrderStatus status = OrderStatus::not_estimable;
  std::vector<double> means;  ///< restricted maximum-likelihood estimates
  /// w_j: probability that the restricted fit of equal means has j + 1 levels.
  std::vector<double> level_probabilities;
  /// Flat against the order: (Q_flat - Q_order) / sigma^2 with S known, and its share of
  /// Q_flat + df sigma^2 with sigma estimated.
  double flat_statistic = 0.0;
  double p_flat = 1.0;
  /// The order against any means: Q_order / sigma^2, or its share of Q_order + df sigma^2. A small
  /// p-value says that the means leave the order: with h = k - 1, that they fall somewhere.
  double order_statistic = 0.0;
  double p_order = 1.0;  ///< at equal means, the least favourable case
};

/// `peak` below the number of doses. One-sided: negate the estimates for the other direction.
[[nodiscard]] OrderRestrictedTest order_restricted_test(const DoseEstimates& data,
                                                        std::size_t peak);

struct PeakTest {
  std::size_t peak = 0;
  std::vector<double> contrast;  ///< unit length
  double t = 0.0;
  double p_adjusted = 1.0;
};

/// Umbrella with unknown peak: one contrast a peak, equally efficient against every step of that
/// order (Abelson and Tukey 1963, doi:10.1214/aoms/1177703869), adjusted for the choice of the peak
/// by the joint t distribution.
struct UmbrellaTest {
  OrderStatus status = OrderStatus::not_estimable;
  std::vector<PeakTest> peaks;
  std::size_t estimated_peak = 0;  ///< of the largest t
  double p = 1.0;
};

/// `falling`: also peak 0, placebo the best. 2 to 12 doses; exact up to five, about four digits
/// beyond.
[[nodiscard]] UmbrellaTest umbrella_test(const DoseEstimates& data, bool falling = false);

/// Level probabilities w_0 .. w_p of the cone theta >= 0 for y ~ N(0, V), V p x p row by row,
/// p at most 5. Empty where V is not positive definite.
[[nodiscard]] std::vector<double> level_probabilities(std::span<const double> covariance,
                                                      std::size_t dimension);

}  // namespace angiotrial::analysis
