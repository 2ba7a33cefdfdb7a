// SPDX-License-Identifier: Apache-2.0
// Questions: what does one replicate of ACT34-CMI cost with its analysis, what do twins and the
// decomposition add, and what do analysis and output take of it?
#include <angiotrial/analysis/analyse.hpp>
#include <angiotrial/campaign/campaign.hpp>
#include <angiotrial/dataset/tables.hpp>
#include <angiotrial/study/read_study.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace angiotrial {
namespace {

study::StudySpec shipped(bool twins, bool decomposition) {
  auto study =
      study::read_study_file(std::string(ANGIOTRIAL_SOURCE_DIR) + "/studies/act34-cmi.toml");
  study::StudySpec spec = study.value().spec;
  spec.run.twins = twins;
  spec.run.decomposition = decomposition;
  return spec;
}

void replicate(benchmark::State& state, bool twins, bool decomposition) {
  const trial::Trial trial(shipped(twins, decomposition));
  std::uint32_t index = 0;
  for (auto _ : state) benchmark::DoNotOptimize(campaign::run_replicate(trial, index++));
}
BENCHMARK_CAPTURE(replicate, plain, false, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replicate, with_twins, true, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replicate, with_twins_and_decomposition, true, true)
    ->Unit(benchmark::kMillisecond);

void analysis_of_one_trial(benchmark::State& state) {
  const trial::Trial trial(shipped(false, false));
  const trial::TrialRecord record = trial.conduct(0);
  for (auto _ : state) {
    benchmark::DoNotOptimize(analysis::analyse(record.observed, trial.conditions().spec.analysis));
  }
}
BENCHMARK(analysis_of_one_trial)->Unit(benchmark::kMillisecond);

void adam_tables_of_one_trial_as_csv(benchmark::State& state) {
  const trial::Trial trial(shipped(false, false));
  const trial::TrialRecord record = trial.conduct(0);
  for (auto _ : state) {
    for (const dataset::Table& table : dataset::to_tables(record.observed)) {
      benchmark::DoNotOptimize(dataset::to_csv(table));
    }
  }
}
BENCHMARK(adam_tables_of_one_trial_as_csv)->Unit(benchmark::kMillisecond);

void shard_of_five_replicates_as_json(benchmark::State& state) {
  const trial::Trial trial(shipped(false, false));
  const auto shard = campaign::run_shard(trial, {0, 5}, 1, [] { return true; });
  for (auto _ : state) benchmark::DoNotOptimize(campaign::to_json("hash", shard));
}
BENCHMARK(shard_of_five_replicates_as_json)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace angiotrial
