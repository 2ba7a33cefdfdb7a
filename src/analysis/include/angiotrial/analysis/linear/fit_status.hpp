// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// What became of an analysis of covariance, or of a negative binomial regression.
namespace angiotrial::analysis {

enum class FitStatus {
  fitted = 0,
  poisson_boundary = 1,  ///< counts no more variable than Poisson: dispersion 0
  too_few_rows = 2,      ///< fewer rows than parameters plus one
  separated = 3,         ///< no event in some group: its rate has no finite estimate
  collinear = 4,         ///< a column is a combination of earlier ones
  invalid_input = 5,     ///< a negative or huge count, a number that is not finite
  not_converged = 6
};

[[nodiscard]] constexpr bool usable(FitStatus status) {
  return status == FitStatus::fitted || status == FitStatus::poisson_boundary;
}

[[nodiscard]] std::string_view name_of(FitStatus status);

}  // namespace angiotrial::analysis
