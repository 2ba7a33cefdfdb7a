// SPDX-License-Identifier: Apache-2.0
// Question: what does one survival analysis of a trial cost? A campaign fits thousands. Targets on
// one core: Cox (Efron, 3 covariates) 0.03, 0.15 and 2 ms at n = 167, 1,000 and 10,000; log-rank
// and Kaplan-Meier each 0.01 and 0.6 ms at n = 167 and 10,000.
#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/analysis/survival/survival.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "allocations.hpp"

namespace angiotrial::analysis {
namespace {

/// Exponential times in whole days (so that there are ties), a third censored.
struct Trial {
  std::vector<double> stop, design;
  std::vector<int> event, arm;
  std::vector<Observation> sample;

  explicit Trial(std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) {
      random::Stream draw = random::Streams(9, 0, i).at(random::Purpose::diary);
      const double x1 = draw.normal();
      const double x2 = draw.normal();
      arm.push_back(static_cast<int>(i % 2));
      design.insert(design.end(), {static_cast<double>(arm.back()), x1, x2});
      const double rate = 0.001 * std::exp(0.3 * x1 - 0.2 * x2 - 0.4 * arm.back());
      const double death = std::ceil(-std::log(draw.uniform()) / rate);
      const double end = std::ceil(400.0 + 1600.0 * draw.uniform());
      stop.push_back(std::min(death, end));
      event.push_back(death <= end ? 1 : 0);
      sample.push_back({stop.back(), death <= end});
    }
  }
};

void cox_efron(benchmark::State& state) {
  const Trial trial(static_cast<std::uint32_t>(state.range(0)));
  CoxWorkspace workspace;
  CoxData data;
  data.stop = trial.stop;
  data.event = trial.event;
  data.design = trial.design;
  data.columns = 3;
  benchmark::DoNotOptimize(fit_cox(data, {}, workspace).log_likelihood);
  const Allocations count;
  for (auto _ : state) {
    benchmark::DoNotOptimize(fit_cox(data, {}, workspace).log_likelihood);
  }
  count.report(state);
}
BENCHMARK(cox_efron)->Arg(167)->Arg(1000)->Arg(10000)->Unit(benchmark::kMicrosecond);

void log_rank_test(benchmark::State& state) {
  const Trial trial(static_cast<std::uint32_t>(state.range(0)));
  SurvivalWorkspace workspace;
  benchmark::DoNotOptimize(log_rank(trial.sample, trial.arm, 2, workspace));
  const Allocations count;
  for (auto _ : state) {
    benchmark::DoNotOptimize(log_rank(trial.sample, trial.arm, 2, workspace).chi_squared);
  }
  count.report(state);
}
BENCHMARK(log_rank_test)->Arg(167)->Arg(10000)->Unit(benchmark::kMicrosecond);

void kaplan_meier_curve(benchmark::State& state) {
  const Trial trial(static_cast<std::uint32_t>(state.range(0)));
  SurvivalWorkspace workspace;
  benchmark::DoNotOptimize(kaplan_meier(trial.sample, workspace));
  const Allocations count;
  for (auto _ : state) benchmark::DoNotOptimize(kaplan_meier(trial.sample, workspace).size());
  count.report(state);
}
BENCHMARK(kaplan_meier_curve)->Arg(167)->Arg(10000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace angiotrial::analysis
