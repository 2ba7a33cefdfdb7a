// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/trial/latent.hpp>
#include <angiotrial/trial/screening.hpp>

#include <cstdint>
#include <string>

namespace angiotrial::trial {

/// The expectation and drift terms of `symptoms`, switched on one after the other. Step 0 is
/// enrolment itself and has no parameters; step 1 has none of them, the last has all.
[[nodiscard]] symptoms::Parameters with_terms_up_to(const symptoms::Parameters& all,
                                                    std::size_t step);

/// Adds one enrolled patient, run without cells under each step, at visit `visit`. Nobody misses a
/// visit here: the same patients stand in every step.
void add_to(Decomposition& decomposition, const Conditions& conditions, const Candidate& candidate,
            const random::Streams& streams, std::size_t visit);

/// As many eligible patients as the trial randomises, without cells, under each step, at month 6
/// (else at the last visit).
[[nodiscard]] Decomposition decompose(const Conditions& conditions, const std::string& scenario,
                                      std::uint32_t replicate);

}  // namespace angiotrial::trial
