// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// Counts what a program asks of the heap: operator new, and malloc and its kin called from its own
/// objects, which is where Eigen takes its memory. What a shared library takes by malloc for itself
/// is not seen. See angiotrial_count_allocations in cmake/AngioTrialModule.cmake.
namespace angiotrial::analysis {

/// Since the program began.
[[nodiscard]] std::size_t allocations_so_far();

/// By one call of `work`.
template <class Work>
[[nodiscard]] std::size_t allocations_of(Work&& work) {
  const std::size_t before = allocations_so_far();
  work();
  return allocations_so_far() - before;
}

}  // namespace angiotrial::analysis
