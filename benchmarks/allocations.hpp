// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include "../src/analysis/tests/counted_allocations.hpp"

namespace angiotrial::analysis {

/// Counts, from where it is made, what the iterations ask of the heap: counter `news`, shared out
/// over the trials of an iteration.
class Allocations {
 public:
  void report(benchmark::State& state, double trials = 1.0) const {
    const auto asked = static_cast<double>(allocations_so_far() - before_);
    state.counters["news"] = asked / (static_cast<double>(state.iterations()) * trials);
  }

 private:
  std::size_t before_ = allocations_so_far();
};

}  // namespace angiotrial::analysis
