// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace angiotrial::analysis {

/// Rows of a count regression at (mu, phi); arrays of `n`.
struct CountRows {
  std::size_t n;
  const double* y;
  const double* eta;
  const double* mu;
  /// Bit b of y, 0 or 1, at b n + i for b < `width`.
  const double* bits;
  std::size_t width;
  // Written.
  double* d;  ///< 1 / (1 + phi mu)
  double* r;  ///< dl / dln mu = (y - mu) d
  double* c;  ///< d2l / dln mu dphi = -mu (y - mu) d^2
  double* w;  ///< -d2l / dln mu2 = mu (1 + phi y) d^2
};

/// Their sums:
///   l = sum [y ln mu - (y + 1/phi) ln(1 + x)],  x = phi mu
///   dl/dphi = sum [mu^2 bend(x) - y mu d],  bend(x) = (ln(1 + x) - x / (1 + x)) / x^2
struct CountRowSums {
  double log_likelihood, score_phi, curvature_phi;
};

/// phi >= 0, 0 being the limit. Where a mean is not finite, the log-likelihood is not. Sums are in
/// the same order on every machine.
[[nodiscard]] CountRowSums take_rows(const CountRows& rows, double phi);

}  // namespace angiotrial::analysis
