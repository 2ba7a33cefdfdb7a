// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/depot.hpp>
#include <angiotrial/tissue/parameters.hpp>

#include <span>

/// The radial model taken directly: each depot as spherical shells, each shell stepped through
/// time. Plain and slow (about 20 ms a depot and year); handles every switch, but ignores uptake of
/// factor by vessels. The fast way is response_table.hpp, tested against this one.
namespace angiotrial::tissue {

/// Expects `times` ascending and not negative. Zero cells give exactly zero, unless homing is on.
[[nodiscard]] VesselCourse grow_reference(const Parameters& p, std::span<const Depot> depots,
                                          std::span<const units::Days> times);

}  // namespace angiotrial::tissue
