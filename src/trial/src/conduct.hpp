// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/trial/trial.hpp>

namespace angiotrial::trial {

/// One replicate, without its decompositions: screening, enrolment, treatment, follow-up, twins.
[[nodiscard]] TrialRecord conduct(const Conditions& conditions, std::uint32_t replicate,
                                  int threads);

}  // namespace angiotrial::trial
