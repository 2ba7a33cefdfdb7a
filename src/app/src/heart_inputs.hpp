// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/arguments.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/trial/treatable.hpp>

#include <optional>
#include <vector>

/// What a user brings to `heart` in place of what is simulated: a segmented wall, a map, sites.
namespace angiotrial::app {

/// Reads the mask of --mask, if any, which the patient then adopts, and puts the map and the sites
/// of --map and --sites into the patient's placement. A mask with problems stops the rest; else
/// every problem of both files at once.
[[nodiscard]] std::vector<diagnostics::Problem> take_inputs(const Heart& command,
                                                            const trial::Conditions& conditions,
                                                            trial::Treatable& patient,
                                                            std::optional<heart::Mask>& mask);

}  // namespace angiotrial::app
