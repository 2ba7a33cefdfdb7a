// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/perfusion.hpp>
#include <angiotrial/heart/ventricle.hpp>

#include <vector>

/// Oxygen pressure of the muscle at rest.
///
///   D      = q1 RPP_rest / 1e4                      flow need at E_rest
///   Q      = min(D, Q_i),  E = min(E_max, E_rest D/Q)
///   P_v    = P50 [S/(1-S)]^(1/n),  S = S_a (1 - E)  venous end of the capillary
///   P      = s max(P_v - drop, 0),  s = Q E / (D E_rest)
///   drop   mean over the Krogh cylinder at the resting consumption C_a Q E, below the voxel
///   s      share of the need that is met: the rest of the muscle counts as without oxygen
///
/// The venous end and the mean of the cylinder are a choice: tissue near the arterial end has more,
/// the rim of the cylinder less.
namespace angiotrial::heart {

/// S(P) = P^n/(P^n + P50^n), for P >= 0.
[[nodiscard]] double saturation(const Oxygen& parameters, double pressure_mmhg);

/// The inverse, for S in [0, 1).
[[nodiscard]] double pressure_at_mmhg(const Oxygen& parameters, double saturation);

/// Of one microregion, mmHg. Expects demand above 0.
[[nodiscard]] double resting_oxygen_mmhg(const Parameters& parameters,
                                         double demand_ml_per_min_per_g,
                                         double hyperaemic_ml_per_min_per_g,
                                         units::Fraction maximal_extraction,
                                         double capillary_density_relative);

/// Of each microregion, mmHg, for tissue::Domain::region_oxygen_mmhg.
[[nodiscard]] std::vector<float> resting_oxygen_mmhg(const Parameters& parameters,
                                                     const Ventricle& ventricle,
                                                     const Perfusion& perfusion,
                                                     double capillary_density_relative);

}  // namespace angiotrial::heart
