// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/ventricle.hpp>
#include <angiotrial/random/stream.hpp>

/// From a patient to a left ventricle with its arteries.
///
///   sex, mass, volume -> ellipsoid -> 17 segments x 3 layers x patches
///   Purpose::ventricle     stenoses, collaterals, borders, dominance, segments, scar
///   Purpose::microregions  draw i is microregion i
///
/// g_i = g0 f_pat s_segment v_i, where s and v are lognormal of mean one. The coefficient of
/// variation of v is that of the microregion's mass m, RD(m) = RD(m_ref) (m/m_ref)^(1-D), never
/// of a mass below microregion_mass_g.
namespace angiotrial::heart {

/// Expects lv_mass_g, end_diastolic_volume_ml, conductance_factor and capillary_density_relative
/// above 0 and parameters in their described ranges; else ContractViolation.
[[nodiscard]] Ventricle build(const Parameters& parameters, const cohort::Patient& patient,
                              const random::Streams& streams);

/// The same into `ventricle`, whose memory is used again.
void build_into(const Parameters& parameters, const cohort::Patient& patient,
                const random::Streams& streams, Ventricle& ventricle);

}  // namespace angiotrial::heart
