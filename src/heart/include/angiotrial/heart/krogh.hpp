// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/parameters.hpp>

/// Diffusion of oxygen from a capillary into its Krogh cylinder.
namespace angiotrial::heart {

/// R = 1/sqrt(pi N), in um, for N > 0.
[[nodiscard]] double krogh_radius_um(units::PerMm2 capillary_density);

/// Krogh-Erlang drop of oxygen pressure, mmHg, from capillary wall to the rim of the cylinder:
///   M/(4K) [2 R^2 ln(R/r_c) - (R^2 - r_c^2)]
/// M in mL O2 per mL and second, K in mL O2/(cm s mmHg), radii in um with R >= r_c > 0.
[[nodiscard]] double krogh_drop_mmhg(double consumption_per_s, double coefficient,
                                     double tissue_radius_um, double capillary_radius_um);

/// Mean of that drop over the muscle of the cylinder, mmHg:
///   M/(4K) { 2 R^2 [R^2 ln(R/r_c)/(R^2 - r_c^2) - 1/2] - (R^2 - r_c^2)/2 }
[[nodiscard]] double krogh_mean_drop_mmhg(double consumption_per_s, double coefficient,
                                          double tissue_radius_um, double capillary_radius_um);

/// Largest extraction that leaves the critical pressure at the rim:
///   E = 1 - S(P_crit + drop)/S_a with Hill's S(P) = P^n/(P^n + P50^n); 0 at the least.
[[nodiscard]] units::Fraction diffusion_limited_extraction(const Oxygen& parameters,
                                                           units::PerMm2 capillary_density);

/// E_max of a heart: min(E_max, diffusion limit), the limit only below
/// diffusion_limit_density_per_mm2. `relative_density` is that of control hearts, > 0.
[[nodiscard]] units::Fraction maximal_extraction(const Oxygen& parameters, double relative_density);

}  // namespace angiotrial::heart
