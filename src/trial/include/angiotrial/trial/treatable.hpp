// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/trial/simulate_patient.hpp>

#include <cstdint>
#include <vector>

/// Patients of a study without its trial: those who pass screening and have a product to inject.
namespace angiotrial::trial {

struct Treatable {
  Candidate candidate;
  Preparation preparation;
};

/// The first `patients` of a replicate; fewer only if the candidates of the study run out.
[[nodiscard]] std::vector<Treatable> find_treatable(const Conditions& conditions,
                                                    std::uint32_t replicate, int patients);

/// The n-th of them, from 1; none if the candidates run out.
[[nodiscard]] std::optional<Treatable> find_treatable_one(const Conditions& conditions,
                                                          std::uint32_t replicate, int n);

/// The same patient with the heart of a mask in place of the ellipsoid, mapped and planned anew.
/// Expects a mask that heart::problems_of finds nothing in.
void adopt_mask(const Conditions& conditions, std::uint32_t replicate, const heart::Mask& mask,
                Treatable& patient);

}  // namespace angiotrial::trial
