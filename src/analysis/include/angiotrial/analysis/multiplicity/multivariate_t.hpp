// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

/// Probabilities of the multivariate normal and multivariate t distributions, without randomness:
/// the same arguments give the same bytes.
///
///   T = Z / S,   Z ~ N(delta, R),   nu S^2 ~ chi-square(nu);   nu = infinity is the normal
///
/// Up to rank 4 of R (five arms) the answer is exact to quadrature, about ten digits: Z = A x
/// with independent x, nested Gauss-Legendre rules broken at the corners of the region, and the
/// last two dimensions as the exact probability of a polygon. Beyond rank 4 a fixed lattice (Genz
/// and Bretz 2009, doi:10.1007/978-3-642-01689-9) gives about four digits and says its error.
namespace angiotrial::analysis {

enum class Sides { one, two };  ///< reject for large T, or for large |T|

/// A correlation matrix, row by row. May be singular (more contrasts than doses).
struct CorrelationMatrix {
  std::span<const double> values;
  std::size_t dimension = 0;  ///< 1 to 12
};

struct Probability {
  double value = 0.0;
  double error = 0.0;  ///< estimated absolute error
};

/// P(T_i <= upper_i for all i), central T; df > 0, or infinity. Bounds may be infinite.
[[nodiscard]] Probability box_probability(std::span<const double> upper,
                                          const CorrelationMatrix& correlation, double df);
/// P(lower_i <= T_i <= upper_i for all i), central T.
[[nodiscard]] Probability box_probability(std::span<const double> lower,
                                          std::span<const double> upper,
                                          const CorrelationMatrix& correlation, double df);

/// P(max T_i <= c), or of |T_i|, central T. c may be negative for one side.
[[nodiscard]] Probability max_t_probability(double c, const CorrelationMatrix& correlation,
                                            double df, Sides sides);
/// The same with means delta of Z: 1 minus the power of a test that rejects where max T > c.
[[nodiscard]] Probability max_t_probability(double c, const CorrelationMatrix& correlation,
                                            double df, Sides sides, std::span<const double> delta);
/// P(max T_i > t), or of |T_i|: the adjusted p-value of t. At least that of one variable and at
/// most Bonferroni's sum, which stands where 1 - P(max T_i <= t) has no digits left.
[[nodiscard]] Probability max_t_p_value(double t, const CorrelationMatrix& correlation, double df,
                                        Sides sides);
/// Equicoordinate quantile: c with P(max T_i <= c) = p, 0 < p < 1.
[[nodiscard]] double max_t_quantile(double p, const CorrelationMatrix& correlation, double df,
                                    Sides sides);

/// The case of correlation lambda_i lambda_j (many comparisons with one control: Dunnett), any
/// dimension, |lambda| < 1, by one integral (two with a finite df). About twelve digits.
[[nodiscard]] double product_max_t_probability(double c, std::span<const double> lambda, double df,
                                               Sides sides);
[[nodiscard]] double product_max_t_p_value(double t, std::span<const double> lambda, double df,
                                           Sides sides);
[[nodiscard]] double product_max_t_quantile(double p, std::span<const double> lambda, double df,
                                            Sides sides);

}  // namespace angiotrial::analysis
