// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/survival_data.hpp"

/// Events after randomisation (ICH E9(R1)) in analyses of times.
namespace angiotrial::analysis {

/// A composite strategy makes the event an outcome that ends the time; hypothetical and while on
/// treatment censor there. False, with problems, where the plan does not say enough.
[[nodiscard]] bool apply_strategies(TimeData& data, double days_per_time, Task& task);

}  // namespace angiotrial::analysis
