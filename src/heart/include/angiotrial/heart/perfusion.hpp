// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/ventricle.hpp>

#include <array>
#include <span>
#include <vector>

/// From conductances to flow, and from flow to the ischaemic threshold, in closed form:
///
///   Q_i    = g_i max(Pd_k - Pz_i, 0)           k is the territory of microregion i
///   RPP*_i = 1e4 Q_i E_max / (q1 E_rest)
///   B(RPP) = sum of m_i over viable i with RPP*_i < RPP, over the whole LV mass
///   RPP*   = inf{ RPP : B(RPP) >= B_c }
///
/// Known limit: a microregion whose distal pressure falls below its back pressure gets no flow,
/// yet stays in the territory's conductance.
namespace angiotrial::heart {

/// What the coronary tree and the microcirculation deliver at maximal vasodilation, and the
/// rate-pressure product at which ischaemia begins.
struct Perfusion {
  std::array<double, territory_count> distal_pressure_mmhg{};     ///< Pd
  std::array<double, territory_count> fractional_flow_reserve{};  ///< FFR = (Pd - Pv)/(Pa - Pv)
  std::vector<double> hyperaemic_flow;  ///< Q_i, mL/min/g, per microregion
  units::BpmMmhg threshold;             ///< RPP*; infinite if less than B_c of the LV is viable
  double mean_hyperaemic_flow = 0.0;    ///< mass-weighted over the wall, mL/min/g
  double mean_resting_flow = 0.0;       ///< demand at rest, capped by Q_i, mL/min/g
  double coronary_flow_reserve = 0.0;   ///< ratio of the two means
  double endo_epi_ratio = 0.0;          ///< of hyperaemic flow, inner third over outer third
  double burden_at_15000 = 0.0;         ///< ischaemic share of the LV at RPP 15 000
};

/// `conductance_gain` multiplies g_i (1 is no change), or is empty for none. It acts downstream of
/// the collaterals: their conductance Gc = G CFI/(1 - CFI) is that of the heart without gain,
/// unless growth.collateral_following_fraction says otherwise. Expects a ventricle of at least one
/// microregion, and as many gains or none.
void perfuse(const Parameters& parameters, const Ventricle& ventricle,
             std::span<const double> conductance_gain, Perfusion& perfusion);

/// B(RPP): share of the LV mass, in [0, 1], that is viable and ischaemic at this rate-pressure
/// product. Never falls as it rises.
[[nodiscard]] double burden(const Parameters& parameters, const Ventricle& ventricle,
                            const Perfusion& perfusion, units::BpmMmhg rate_pressure);

}  // namespace angiotrial::heart
