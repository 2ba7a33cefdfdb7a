// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shape.hpp"

#include <angiotrial/random/stream.hpp>

/// One heart before it is filled: shared by both resolutions. Private.
namespace angiotrial::heart {

struct Plan {
  Shape shape;
  Rings rings{};
  units::Grams mass_g;
};

/// The ellipsoid of this patient. Expects a positive mass and volume.
[[nodiscard]] Plan plan_of(const Parameters& parameters, const cohort::Patient& patient);

/// Every field of `ventricle`, at the places and masses of segment resolution.
void furnish(const Parameters& parameters, const cohort::Patient& patient, const Plan& plan,
             const random::Streams& streams, Ventricle& ventricle);

}  // namespace angiotrial::heart
