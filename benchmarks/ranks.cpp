// SPDX-License-Identifier: Apache-2.0
// Question: what does a rank test with its shift and interval cost? Target for 167 patients: 100
// microseconds.
#include <angiotrial/analysis/ranks/rank_tests.hpp>
#include <angiotrial/random/stream.hpp>

#include <benchmark/benchmark.h>

#include "allocations.hpp"

namespace angiotrial::analysis {
namespace {

struct Samples {
  std::vector<double> x, y;

  explicit Samples(std::uint32_t patients) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(9, 0, i).at(random::Purpose::diary);
      (i % 2 == 0 ? x : y).push_back(draw.normal() + (i % 2 == 0 ? 0.3 : 0.0));
    }
  }
};

/// range(1): whether the workspace, and with it the null distribution, is kept.
void wilcoxon_with_interval(benchmark::State& state) {
  const Samples samples(static_cast<std::uint32_t>(state.range(0)));
  WilcoxonWorkspace kept;
  benchmark::DoNotOptimize(wilcoxon(samples.x, samples.y, {}, kept).u);
  const Allocations count;
  for (auto _ : state) {
    const WilcoxonResult r = state.range(1) == 1 ? wilcoxon(samples.x, samples.y, {}, kept)
                                                 : wilcoxon(samples.x, samples.y);
    benchmark::DoNotOptimize(r.hodges_lehmann);
  }
  count.report(state);
}
BENCHMARK(wilcoxon_with_interval)
    ->Args({167, 1})
    ->Args({167, 0})
    ->Args({1000, 1})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace angiotrial::analysis
