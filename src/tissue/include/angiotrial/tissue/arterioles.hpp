// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/units/names.hpp>

#include <span>

/// How far and how much small arteries remodel around the depots. `heart` calls these for each of
/// its microregions. That cells do this at all is an input: see docs/rooms/tissue.md.
namespace angiotrial::tissue {

/// K(d) = exp(-d^2 / (2 reach^2)), 1 at a depot. Expects reach > 0.
[[nodiscard]] double kernel(double distance_mm, double reach_mm);

/// A = A_max [ 1 - prod_j (1 - K_j a_j) ]: relative gain of arteriolar conductance where the
/// depots' drives, each times its kernel, are `pulls` (in [0, 1]). 0 without depots.
[[nodiscard]] double arteriolar_gain(std::span<const double> pulls, units::Fraction ceiling);

}  // namespace angiotrial::tissue
