// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Distributions that statistics are referred to, through Boost.Math: compiled once, since each of
/// them takes seconds.
namespace angiotrial::analysis {

/// P(T > t) of Student's t; df above 0.
[[nodiscard]] double student_tail(double df, double t);
/// t with P(T > t) = tail; tail in (0, 1).
[[nodiscard]] double student_tail_quantile(double df, double tail);
/// P(X > x) of chi-square; df above 0, x at least 0.
[[nodiscard]] double chi_square_tail(double df, double x);
/// x with P(X <= x) = p.
[[nodiscard]] double chi_square_quantile(double df, double p);
/// x with P(X > x) = tail.
[[nodiscard]] double chi_square_tail_quantile(double df, double tail);
/// P(F > x); degrees of freedom above 0, x at least 0.
[[nodiscard]] double f_tail(double numerator_df, double denominator_df, double x);

}  // namespace angiotrial::analysis
