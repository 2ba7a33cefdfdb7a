// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/study/read_study.hpp>

#include <string>

namespace angiotrial::app {

/// What follows from a study before any trial is run: cells of each arm, geometry of the depots,
/// what the cell process promises over a fixed sample of candidates, where the numbers come from.
[[nodiscard]] std::string derived_quantities(const study::Study& study);

}  // namespace angiotrial::app
