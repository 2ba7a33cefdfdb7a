// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>

#include <cstddef>
#include <span>

/// Cumulative link models whose latent variable also changes its spread (McCullagh 1980, section 6;
/// `scale` of R's ordinal::clm):
///
///   P(Y_i <= j) = F((theta_j + z_i' gamma_j - x_i' beta) / exp(s_i' zeta)),   j = 0 .. K - 2
namespace angiotrial::analysis {

struct CumulativeScaleModel {
  CumulativeModel location;
  std::span<const double> scale;  ///< s, row by row; no column of ones
  std::size_t scale_columns = 0;  ///< at least 1
};

/// Parameters are those of the location and then zeta. Newton's method from the fit without scale,
/// whose status is returned where that is not fitted. `collinear`: `aliased` counts columns of s
/// after those of z and x. The likelihood need not be concave: `not_converged` where Newton's
/// method ends at no maximum. Only mismatched sizes violate the contract.
[[nodiscard]] CumulativeFit fit_cumulative_scale(const CumulativeScaleModel& model);

}  // namespace angiotrial::analysis
