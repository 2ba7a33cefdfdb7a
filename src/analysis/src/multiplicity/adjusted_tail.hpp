// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>

#include <cstddef>

/// Far tails of the largest of several statistics.
namespace angiotrial::analysis {

/// About what sums over a quadrature rule are off by.
inline constexpr double quadrature_rounding = 1.0e-12;

/// P(T > t), or P(|T| > |t|); df > 0, or infinity.
[[nodiscard]] double unadjusted_p(double t, double df, Sides sides);

/// 1 - P(all of `count` inside), where each alone is outside with probability `each`:
///   each <= P(any outside) <= count each.
/// The upper bound where the difference is within the error of P(all inside).
[[nodiscard]] Probability any_outside(const Probability& all_inside, double each,
                                      std::size_t count);

}  // namespace angiotrial::analysis
