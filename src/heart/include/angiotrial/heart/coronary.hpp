// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/ventricle.hpp>

#include <array>

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

/// All three territories at once, for when their collaterals also join them to each other.
struct CoupledFlow {
  std::array<double, territory_count> distal_pressure_mmhg{};  ///< Pd
  std::array<double, territory_count> antegrade_ml_per_s{};    ///< q
  int steps = 0;                                               ///< of Newton's method
};

/// A share w of each territory's collateral conductance hangs on the distal pressures of the other
/// two, half on each, instead of on the aorta:
///
///   L_kj = w (Gc_k + Gc_j)/2
///   q_k + (1-w) Gc_k (Pa - Pd_k) + sum over j of L_kj (Pd_j - Pd_k) = G_k (Pd_k - Pz_k)
///   Pa - Pd_k = A_k q_k + B_k q_k |q_k|, or q_k = 0 where the artery is closed
///
/// A link takes from one territory what it gives to the other. Newton's method from the solution
/// without links; w in [0, 1]. A territory without load keeps the aortic pressure.
[[nodiscard]] CoupledFlow coupled_flow(const std::array<StenosisLaw, territory_count>& laws,
                                       const std::array<bool, territory_count>& occluded,
                                       const std::array<TerritoryLoad, territory_count>& loads,
                                       double aortic_pressure_mmhg, double interterritory_fraction);

}  // namespace angiotrial::heart
