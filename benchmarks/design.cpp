// SPDX-License-Identifier: Apache-2.0
// Question: what do sequential designs, borrowing and simulated two-stage trials cost? A search
// over designs asks for thousands. Targets are those of the statistics notes, in brackets.
#include <angiotrial/analysis/borrowing/robust_map.hpp>
#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>
#include <angiotrial/analysis/design/adaptive_analysis.hpp>
#include <angiotrial/analysis/design/response_adaptive_simulation.hpp>
#include <angiotrial/analysis/design/trial_size.hpp>
#include <angiotrial/analysis/design/two_stage_simulation.hpp>

#include <benchmark/benchmark.h>

namespace angiotrial::analysis {
namespace {

AdaptiveDesign looks_at(std::vector<double> information) {
  AdaptivePlan plan;
  plan.information = std::move(information);
  return plan_adaptive(plan);
}

/// Lan-DeMets O'Brien-Fleming bounds of two looks [0.05 ms].
void spending_two_looks(benchmark::State& state) {
  const std::vector<double> information{0.5, 1.0};
  for (auto _ : state) benchmark::DoNotOptimize(spending_bounds(information, 0.025, {}));
}
BENCHMARK(spending_two_looks)->Unit(benchmark::kMicrosecond);

/// O'Brien-Fleming bounds of five looks, power and expected sizes [0.3 ms].
void obrien_fleming_five_looks(benchmark::State& state) {
  const std::vector<double> information{0.2, 0.4, 0.6, 0.8, 1.0};
  for (auto _ : state) {
    const auto z = wang_tsiatis_bounds(information, 0.025, 0.0);
    benchmark::DoNotOptimize(characterise(z, {}, information, 0.025, 0.8));
  }
}
BENCHMARK(obrien_fleming_five_looks)->Unit(benchmark::kMicrosecond);

/// Counts with staggered entry, three looks: bounds, size and calendar [0.2 ms].
void count_design_three_looks(benchmark::State& state) {
  CountTrial trial;
  trial.control_rate = 0.125;
  trial.rate_ratio = 0.7;
  trial.dispersion = 5.0;
  trial.accrual = 1.25;
  trial.end = 4.0;
  for (auto _ : state) {
    const AdaptiveDesign looks = looks_at({0.4, 0.7, 1.0});
    benchmark::DoNotOptimize(plan_counts(trial, {0.025, 0.8}, &looks));
  }
}
BENCHMARK(count_design_three_looks)->Unit(benchmark::kMicrosecond);

/// Interim analysis of means, two of three stages.
void interim_analysis(benchmark::State& state) {
  const AdaptiveDesign design = looks_at({0.3, 0.6, 1.0});
  const std::vector<MeansStage> stages{{28, 27, 1.91, 1.05, 1.7, 1.6},
                                       {26, 29, 2.2, 1.3, 1.5, 1.9}};
  for (auto _ : state) benchmark::DoNotOptimize(analyse_stages(design, MeansTrial{stages}));
}
BENCHMARK(interim_analysis)->Unit(benchmark::kMicrosecond);

/// 10,000 two-stage trials of means; range(0): second stage re-estimated [1.5 ms].
void simulated_means(benchmark::State& state) {
  TwoStageMeans trial;
  trial.plan.design = looks_at({0.5, 1.0});
  trial.plan.first = trial.plan.second = 84.0;
  trial.difference = 0.5;
  trial.sd = 1.2;
  if (state.range(0) == 1) trial.plan.again = SecondStageRule{0.8, 40.0, 400.0, {}};
  for (auto _ : state) benchmark::DoNotOptimize(simulate(trial, 10000, 1));
}
BENCHMARK(simulated_means)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

/// The same of rates [2 ms].
void simulated_rates(benchmark::State& state) {
  TwoStageRates trial;
  trial.plan.design = looks_at({0.5, 1.0});
  trial.plan.first = trial.plan.second = 90.0;
  trial.treatment = 0.5;
  trial.control = 0.3;
  if (state.range(0) == 1) trial.plan.again = SecondStageRule{0.8, 40.0, 400.0, {}};
  for (auto _ : state) benchmark::DoNotOptimize(simulate(trial, 10000, 1));
}
BENCHMARK(simulated_rates)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

/// 1,000 trials of three arms, ten looks of 100 patients, response-adaptive; range(0): equivalence
/// is assessed too [60 ms].
void response_adaptive_trials(benchmark::State& state) {
  AdaptiveArms trial;
  trial.arms = 3;
  for (int look = 1; look <= 10; ++look) trial.looks.push_back(100 * look);
  if (state.range(0) == 1) {
    trial.equivalence = {0.9};
    trial.equivalence_margin = 0.05;
  }
  const ArmsTruth truth{{0.25, 0.25, 0.25}, {}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(simulate_adaptive_arms(trial, truth, ArmsFallback::best, 1000, 1));
  }
}
BENCHMARK(response_adaptive_trials)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// Dual criterion, 24 treated and 12 controls under a robust MAP prior: boundary and 20 points of
/// the operating characteristics [1 ms].
void robust_map_characteristics(benchmark::State& state) {
  const Mixture map{MixtureFamily::beta, {{0.6, 8.0, 22.0}, {0.4, 2.2, 5.6}}, 1.0};
  const Mixture flat{MixtureFamily::beta, {{1.0, 1.0, 1.0}}, 1.0};
  const Mixture robust = robustify(map, {0.2, 0.5, 1.0}).mixture;
  for (auto _ : state) {
    const DecisionBoundary rule({flat, robust, 24.0, 12.0, {{0.95, 0.0}, {0.5, 0.1}}, false});
    double sum = 0.0;
    for (int i = 1; i <= 20; ++i) sum += rule.success(0.03 * i + 0.3, 0.03 * i);
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(robust_map_characteristics)->Unit(benchmark::kMicrosecond);

/// MAP prior of eight historical rates, fitted by three betas [50 ms].
void map_of_eight_studies(benchmark::State& state) {
  const std::vector<HistoricalRate> studies{{23, 107}, {12, 44}, {19, 51}, {9, 39},
                                            {39, 139}, {6, 20},  {9, 78},  {10, 35}};
  for (auto _ : state) {
    const MapPrior map = map_prior(studies, {1.0, 0.0, 2.0});
    benchmark::DoNotOptimize(fit_mixture(map.theta, MixtureFamily::beta, 3));
  }
}
BENCHMARK(map_of_eight_studies)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace angiotrial::analysis
