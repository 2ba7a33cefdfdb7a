// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/map.hpp>
#include <angiotrial/heart/anatomy.hpp>

#include <cstdint>
#include <span>
#include <vector>

/// What a map says about a heart: hearts of the prior, weighted by the map's readings.
///
/// Known: sex, mass, volume (echo), and from the angiogram the stenoses, occlusions, collaterals
/// and what each artery feeds, all without error. Not known, drawn afresh: segment and microregion
/// factors, scar and f_pat; the arteries too where planning.arteries_known is off. With C the
/// averaging kernel over recorded places times the tissue kernel,
///
///   E UPV_i = sum_p C_ip V_p e^(s^2/2)        E LLS_i = sum_p C_ip L_p
///   var_i   = sum_j A_ij^2 var_j              A the averaging kernel alone
///   ln w    = tau_0 tau sum_i ln N(UPV_i) + ln N(LLS_i)
///
/// Neighbouring values share readings: tau_0 = n / sum_ij rho_ij^2, the number of independent
/// values over n, where rho = A A' scaled to a unit diagonal. tau <= 1 holds the effective sample
/// size at its floor.
namespace angiotrial::delivery {

/// What the optimiser may know of a patient. `ventricle` lends geometry, territories and arteries;
/// its conductances and scar are not read.
struct KnownHeart {
  const heart::Parameters& heart;
  const heart::Ventricle& ventricle;
  const cohort::Patient& patient;
  /// People like this one, whose conductance_factor stands for the unknown f_pat; not empty.
  std::span<const cohort::Patient> population;
};

/// Equally weighted hearts, drawn from the weighted ones.
struct Posterior {
  std::vector<heart::Ventricle> hearts;
  std::vector<double> ischaemic_share;  ///< of the posterior, for each patch: ischaemic and viable
  double overlap_temper = 1.0;          ///< tau_0
  double temper = 1.0;                  ///< tau
  double effective_hearts = 0.0;        ///< after tempering
};

/// Draws Purpose::planning, from which a key of its own feeds heart::build. The arm is in neither.
[[nodiscard]] Posterior hearts_given_map(const Parameters& parameters, const KnownHeart& known,
                                         const ElectromechanicalMap& map,
                                         const random::Streams& streams);

}  // namespace angiotrial::delivery
