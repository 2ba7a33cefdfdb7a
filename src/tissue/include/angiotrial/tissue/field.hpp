// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/parameters.hpp>

#include <span>
#include <vector>

/// The quasi-steady field of a growth factor around a depot:
///
///   D Lap c - k c + S n(r) = 0,   lambda = sqrt(D/k),   n Gaussian with SD s
///
/// Lengths and times may be in any units, as long as they are the same ones throughout.
namespace angiotrial::tissue {

/// exp(x^2) erfc(x) without overflow for x >= 0; relative error below 1e-13.
[[nodiscard]] double scaled_erfc(double x);

/// Field of a unit Gaussian source in a medium without end, per unit of volume. Expects sd,
/// diffusivity and decay > 0, distance >= 0.
[[nodiscard]] double gaussian_field(double distance, double sd, double diffusivity, double decay);

/// The same by finite volumes on equal shells with a closed outer face: field at the middle of
/// each shell, for `source` per unit of volume in each shell.
[[nodiscard]] std::vector<double> shell_field(std::span<const double> source, double shell_width,
                                              double diffusivity, double decay);

/// k - 1/tau of a source that decays with time constant tau, per day (numerics V10), and
/// D = k lambda^2. `slow` and `fast` are the two components of cell survival.
struct Transport {
  double diffusivity_mm2_per_day = 0.0;
  double decay_per_day = 0.0;
  double slow_loss_per_day = 0.0;
  double fast_loss_per_day = 0.0;
};

/// Expects the factor to decay faster than the cells do.
[[nodiscard]] Transport transport(const Parameters& p);

}  // namespace angiotrial::tissue
