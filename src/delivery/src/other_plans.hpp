// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/make_plan.hpp>

/// Plans that need no model of the heart. Private.
namespace angiotrial::delivery {

[[nodiscard]] Plan even_plan(const Parameters& parameters, const ElectromechanicalMap& map);

[[nodiscard]] diagnostics::Result<Plan> listed_plan(const Parameters& parameters,
                                                    const Endocardium& wall,
                                                    const ElectromechanicalMap& map,
                                                    std::span<const PositionMm> sites,
                                                    const std::string& file);

}  // namespace angiotrial::delivery
