// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <span>
#include <vector>

/// Contrasts of arms whose estimates are correlated: adjusted means, log rates, log odds.
namespace angiotrial::analysis {

/// Estimates m ~ N(mu, sigma^2 S), the control first.
struct ArmEstimates {
  std::span<const double> estimates;
  std::span<const double> covariance;  ///< S, row by row
  double sigma = 1.0;                  ///< > 0
  double df = 0.0;                     ///< > 0; infinity where sigma is known
};

/// Any contrasts, row by row, each summing to zero; up to 12.
[[nodiscard]] ManyToOne contrast_test(const ArmEstimates& arms, std::span<const double> contrasts,
                                      Sides sides, double level = 0.95);

/// Each arm against the control, single-step and step-down: Dunnett's test with the correlation of
/// S. Independent arms have the exact product form, as `dunnett` of ArmMeans.
[[nodiscard]] ManyToOne dunnett(const ArmEstimates& arms, Sides sides, double level = 0.95);

/// Contrasts of `williams` and `umbrella`, row by row, for arms of these sizes.
[[nodiscard]] std::vector<double> williams_contrasts(std::span<const double> sizes);
[[nodiscard]] std::vector<double> umbrella_contrasts(std::span<const double> sizes);

}  // namespace angiotrial::analysis
