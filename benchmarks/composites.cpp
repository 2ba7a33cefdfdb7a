// SPDX-License-Identifier: Apache-2.0
// Question: what does a comparison of all pairs cost? Targets for two tiers with variance and
// intervals: 167, 600 and 3,000 patients in 20, 200 and 5,000 microseconds. Péron's scoring of
// three tiers of 167 patients in 1 millisecond, and a thousand bootstraps of it in 30.
#include <angiotrial/analysis/composites/finkelstein_schoenfeld.hpp>
#include <angiotrial/analysis/composites/peron_scoring.hpp>
#include <angiotrial/analysis/composites/win_statistics.hpp>
#include <angiotrial/random/stream.hpp>

#include <benchmark/benchmark.h>

#include <cmath>

#include "allocations.hpp"

namespace angiotrial::analysis {
namespace {

/// Death, then hospital admission, censored at two years; times to the day.
struct Trial {
  std::vector<double> death_time, admission_time, change;
  std::vector<int> treated, death, admission;

  explicit Trial(std::uint32_t patients) {
    for (std::uint32_t i = 0; i < patients; ++i) {
      random::Stream draw = random::Streams(7, 0, i).at(random::Purpose::events);
      const double hazard = i % 2 == 0 ? 0.0006 : 0.0008;
      const double death_at = std::ceil(-std::log(draw.uniform()) / hazard);
      const double admitted_at = std::ceil(-std::log(draw.uniform()) / (2.0 * hazard));
      treated.push_back(i % 2 == 0 ? 1 : 0);
      death.push_back(death_at <= 730.0 ? 1 : 0);
      death_time.push_back(std::min(death_at, 730.0));
      admission.push_back(admitted_at <= death_time.back() ? 1 : 0);
      admission_time.push_back(std::min(admitted_at, death_time.back()));
      change.push_back(std::floor(100.0 * draw.uniform()));
    }
  }
  [[nodiscard]] std::vector<WinTier> tiers() const {
    return {{TierKind::event_time, death_time, death},
            {TierKind::event_time, admission_time, admission}};
  }
  [[nodiscard]] std::vector<WinTier> three_tiers() const {
    auto out = tiers();
    out.push_back({TierKind::value, change, {}, WinDirection::higher, 10.0});
    return out;
  }
};

void win_ratio_two_tiers(benchmark::State& state) {
  const Trial trial(static_cast<std::uint32_t>(state.range(0)));
  const auto tiers = trial.tiers();
  WinWorkspace workspace;
  benchmark::DoNotOptimize(win_statistics({trial.treated, tiers, {}}, {}, workspace).counts);
  const Allocations count;
  for (auto _ : state) {
    benchmark::DoNotOptimize(win_statistics({trial.treated, tiers, {}}, {}, workspace).counts);
  }
  count.report(state);
}
BENCHMARK(win_ratio_two_tiers)
    ->Arg(167)
    ->Arg(600)
    ->Arg(3000)
    ->Arg(10000)
    ->Unit(benchmark::kMicrosecond);

void finkelstein_schoenfeld_two_tiers(benchmark::State& state) {
  const Trial trial(static_cast<std::uint32_t>(state.range(0)));
  const auto tiers = trial.tiers();
  WinWorkspace workspace;
  for (auto _ : state) {
    benchmark::DoNotOptimize(finkelstein_schoenfeld({trial.treated, tiers, {}}, {}, workspace).z);
  }
}
BENCHMARK(finkelstein_schoenfeld_two_tiers)->Arg(167)->Arg(600)->Unit(benchmark::kMicrosecond);

void peron_three_tiers(benchmark::State& state) {
  const Trial trial(static_cast<std::uint32_t>(state.range(0)));
  const auto tiers = trial.three_tiers();
  PeronWorkspace workspace;
  for (auto _ : state) {
    benchmark::DoNotOptimize(peron_statistics({trial.treated, tiers, {}}, {}, workspace).counts);
  }
}
BENCHMARK(peron_three_tiers)->Arg(167)->Arg(600)->Arg(3000)->Unit(benchmark::kMicrosecond);

void peron_thousand_bootstraps(benchmark::State& state) {
  const Trial trial(static_cast<std::uint32_t>(state.range(0)));
  const auto tiers = trial.three_tiers();
  PeronWorkspace workspace;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        peron_bootstrap({trial.treated, tiers, {}}, {}, 1, 1000, workspace).net_benefit.back());
  }
}
BENCHMARK(peron_thousand_bootstraps)->Arg(167)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace angiotrial::analysis
