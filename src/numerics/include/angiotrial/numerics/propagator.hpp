// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace angiotrial::numerics {

/// Exact steps of a small linear system between events (doses, changes of a rate):
///
///   dy/dt = A y + b,   y(t + h) = P y(t) + p
///
/// P and p come from one matrix exponential (scaling and squaring with Pade approximants, Higham
/// 2005), so no step is too long; rounding is the only error.
class Propagator {
 public:
  /// A by rows, n times n for n = b.size() >= 1; step >= 0.
  Propagator(std::span<const double> a, std::span<const double> b, double step);

  /// One step, in place; expects n values.
  void advance(std::span<double> y) const;

 private:
  std::size_t size_;
  std::vector<double> matrix_, shift_;  ///< P by rows, p
};

}  // namespace angiotrial::numerics
