// SPDX-License-Identifier: Apache-2.0
// Question: can reference-based imputation and the mixed model run inside a simulation of thousands
// of trials? Targets (CPU time, one core, 167 patients, 3 visits): jump to reference with jackknife
// 30 ms; 100 draws 50 ms; mixed model unstructured with Satterthwaite 0.4 ms, Kenward-Roger 0.7 ms;
// AR(1), compound symmetry 0.4 ms; random intercept 0.1 ms.
#include <angiotrial/analysis/imputation/reference_based.hpp>
#include <angiotrial/analysis/imputation/tipping_point.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <benchmark/benchmark.h>

#include <array>

#include "../src/analysis/tests/incomplete_rows.hpp"
#include "allocations.hpp"

namespace angiotrial::analysis {
namespace {

constexpr std::array jump{ImputationStrategy::jump_to_reference};

void mixed(benchmark::State& state, CovarianceStructure structure, MixedInference inference) {
  const IncompleteRows data(3, 167, 0.2);
  const Rows rows = data.as_rows();
  MixedWorkspace workspace;
  const std::array weights{unit(9, 1), unit(9, 4), unit(9, 7)};
  fit_mixed_model(rows.model(structure), workspace);
  const Allocations count;
  for (auto _ : state) {
    const MixedFit& fit = fit_mixed_model(rows.model(structure), workspace);
    if (fit.status != MixedStatus::fitted) state.SkipWithError("not fitted");
    for (std::size_t v = 0; v < 3; ++v) {
      benchmark::DoNotOptimize(estimate_contrast(workspace, weights[v], inference));
    }
  }
  count.report(state);
}
BENCHMARK_CAPTURE(mixed, unstructured_satterthwaite, Structures::unstructured,
                  MixedInference::satterthwaite)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(mixed, unstructured_kenward_roger, Structures::unstructured,
                  MixedInference::kenward_roger)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(mixed, ar1, Structures::ar1, MixedInference::satterthwaite)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(mixed, random_intercept, Structures::compound_symmetry,
                  MixedInference::satterthwaite)
    ->Unit(benchmark::kMicrosecond);

void jump_with_jackknife(benchmark::State& state) {
  const IncompleteRows data(3, 167, 0.3);
  IncompleteTrial trial = data.trial();
  trial.strategy = jump;
  ImputationWorkspace workspace;
  impute_conditional_means(trial, workspace);
  const Allocations count;
  for (auto _ : state) {
    const ImputationResult& result = impute_conditional_means(trial, workspace);
    if (result.status != ImputationStatus::imputed) state.SkipWithError("not imputed");
  }
  count.report(state);
}
BENCHMARK(jump_with_jackknife)->Unit(benchmark::kMillisecond);

void jump_by_draws(benchmark::State& state, ParameterDraw draw) {
  const IncompleteRows data(3, 167, 0.3);
  IncompleteTrial trial = data.trial();
  trial.strategy = jump;
  ImputationWorkspace workspace;
  impute_multiply(trial, {100, draw, 0}, 1, workspace);
  const Allocations count;
  for (auto _ : state) {
    const ImputationResult& result = impute_multiply(trial, {100, draw, 0}, 1, workspace);
    if (result.status != ImputationStatus::imputed) state.SkipWithError("not imputed");
  }
  count.report(state);
}
BENCHMARK_CAPTURE(jump_by_draws, bootstrap, ParameterDraw::bootstrap)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(jump_by_draws, normal_approximation, ParameterDraw::normal_approximation)
    ->Unit(benchmark::kMillisecond);

void tipping(benchmark::State& state) {
  const IncompleteRows data(3, 167, 0.3);
  IncompleteTrial trial = data.trial();
  trial.strategy = jump;
  ImputationWorkspace workspace;
  TippingPointPlan plan;
  const std::vector<double> direction{0, 0, 0, 1, 1, 1};
  plan.visit = 2;
  plan.direction = direction;
  plan.limit = -10.0;
  for (auto _ : state) benchmark::DoNotOptimize(find_tipping_point(trial, plan, workspace));
}
BENCHMARK(tipping)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace angiotrial::analysis
