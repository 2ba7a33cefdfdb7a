// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/parameters.hpp>

/// One epicardial artery with its territory as a lumped circuit.
///
///   dP = A q + B q^2                   pressure loss in the stenosis, q in mL/s
///   A  = 8 pi mu L / As^2
///   B  = (Kt rho / 2) (1/As - 1/An)^2
namespace angiotrial::heart {

struct StenosisLaw {
  double linear_mmhg_s_per_ml = 0.0;       ///< A
  double quadratic_mmhg_s2_per_ml2 = 0.0;  ///< B
};

/// Diameter stenosis in [0, 1), as a fraction of the reference diameter.
[[nodiscard]] StenosisLaw stenosis_law(const Arteries& parameters, double diameter_fraction);

/// What an artery feeds: sums over its territory.
struct TerritoryLoad {
  double conductance_ml_per_s_per_mmhg = 0.0;             ///< G
  double collateral_conductance_ml_per_s_per_mmhg = 0.0;  ///< Gc, from the aorta
  double back_pressure_mmhg = 0.0;                        ///< Pz, weighted by conductance
};

/// Antegrade flow q, mL/s: the root of A q + B q^2 = (Q0 - q)/H with H = G + Gc and
/// Q0 = G (Pa - Pz). Written so that B = 0 needs no case of its own. 0 without a load.
[[nodiscard]] double antegrade_flow_ml_per_s(const StenosisLaw& law, const TerritoryLoad& load,
                                             double aortic_pressure_mmhg);

/// Pd = Pa - (Q0 - q)/H; Pa where there is no load.
[[nodiscard]] double distal_pressure_mmhg(const TerritoryLoad& load, double aortic_pressure_mmhg,
                                          double antegrade_flow_ml_per_s);

}  // namespace angiotrial::heart
