// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/perfusion.hpp>
#include <angiotrial/heart/ventricle.hpp>

#include <array>
#include <span>
#include <vector>

/// Figures a clinic or a picture asks for, from the same flows as RPP*.
namespace angiotrial::heart {

/// Scale of the index of microvascular resistance: what a wire would read where conductance is g0.
struct ResistanceScale {
  double index_at_reference = 15.8;  ///< units of the index, mmHg s
};
void describe(schema::Visitor& visit, ResistanceScale& p);

/// Index of microvascular resistance of each territory, IMR = IMR_ref g0/g with g the mass-weighted
/// mean conductance, gain included. Epicardial disease does not enter. Infinite without muscle.
[[nodiscard]] std::array<double, territory_count> microvascular_resistance(
    const Parameters& parameters, const Ventricle& ventricle,
    std::span<const double> conductance_gain, const ResistanceScale& scale = {});

/// B(RPP) at each of these rate-pressure products, in any order.
[[nodiscard]] std::vector<double> burden_curve(const Parameters& parameters,
                                               const Ventricle& ventricle,
                                               const Perfusion& perfusion,
                                               std::span<const units::BpmMmhg> rate_pressures);

}  // namespace angiotrial::heart
