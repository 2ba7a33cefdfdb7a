// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/administer.hpp>

/// The whole procedure in one call: wall -> map -> plan -> injection.
namespace angiotrial::delivery {

/// What the catheter laboratory did to one patient, with the map for pictures.
struct Procedure {
  ElectromechanicalMap map;
  Plan plan;
  Administration administration;
};

/// Map and plan are the same for every bag of a patient.
[[nodiscard]] Procedure deliver(const Parameters& parameters, const heart::Ventricle& ventricle,
                                const heart::Perfusion& perfusion, const product::Bag& bag,
                                const cohort::Patient& patient, const random::Streams& streams,
                                const tissue::RetentionSaturation& saturation = {});

}  // namespace angiotrial::delivery
