// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/arguments.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/trial/treatable.hpp>

#include <vector>

/// What a user brings to `heart`: a map or a list of sites in place of the simulated ones.
namespace angiotrial::app {

/// Puts the map and the sites of --map and --sites into the patient's placement; every problem of
/// both files at once.
[[nodiscard]] std::vector<diagnostics::Problem> take_inputs(const Heart& command,
                                                            const trial::Conditions& conditions,
                                                            trial::Treatable& patient);

}  // namespace angiotrial::app
