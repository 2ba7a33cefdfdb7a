// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gain_model.hpp"

#include <angiotrial/delivery/parameters.hpp>
#include <angiotrial/heart/anatomy.hpp>

/// The dose for which plans are made and compared. Private.
namespace angiotrial::delivery {

[[nodiscard]] units::Cells nominal_cells(const Parameters& parameters,
                                         const cohort::Patient& patient);

/// What the median site keeps of its share.
[[nodiscard]] NominalDepot nominal_depot(const Parameters& parameters,
                                         const cohort::Patient& patient);

[[nodiscard]] std::size_t horizon_index(const std::vector<units::Days>& times, units::Days horizon);

}  // namespace angiotrial::delivery
