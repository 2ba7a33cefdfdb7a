// SPDX-License-Identifier: Apache-2.0
// Questions: what does a heart of voxels cost to build, to perfuse and to grow for a year, as a
// share of the same at segments and shells? What does a whole trial of such hearts cost?
//
// Setting: the shipped ACT34-CMI study, arm low, ten depots of SD 4 x 2 x 2 mm, decay length 0.6
// mm, boxes of 0.5 mm, visits at 3, 6 and 12 months.
#include <angiotrial/heart/anatomy.hpp>
#include <angiotrial/study/read_study.hpp>
#include <angiotrial/trial/treatable.hpp>
#include <angiotrial/trial/trial.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

namespace angiotrial {
namespace {

study::StudySpec shipped() {
  auto study = study::read_study_file(
      std::string(ANGIOTRIAL_SOURCE_DIR) + "/studies/act34-cmi.toml", {}, study::Resolution::voxel);
  return study.value().spec;
}

const trial::Conditions& conditions() {
  static const trial::Conditions all(shipped());
  return all;
}

const trial::Treatable& patient() {
  static const trial::Treatable one = *trial::find_treatable_one(conditions(), 0, 4);
  return one;
}

random::Streams streams() { return conditions().streams(0, patient().candidate.patient.id); }

trial::VoxelHeart heart_of(double spacing_mm) {
  return trial::voxel_heart(conditions(), patient().candidate.patient, streams(),
                            units::Mm(spacing_mm));
}

void build_segments(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        heart::build(conditions().spec.heart, patient().candidate.patient, streams()));
  }
}
BENCHMARK(build_segments)->Unit(benchmark::kMillisecond);

void build_voxels(benchmark::State& state, double spacing_mm) {
  std::size_t voxels = 0;
  for (auto _ : state) voxels = heart_of(spacing_mm).organ.size();
  state.counters["voxels"] = static_cast<double>(voxels);
}
BENCHMARK_CAPTURE(build_voxels, of_1_mm, 1.0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(build_voxels, of_half_mm, 0.5)->Unit(benchmark::kMillisecond);

void perfusion_threshold_and_flow_of_each_voxel(benchmark::State& state, double spacing_mm) {
  const trial::VoxelHeart heart = heart_of(spacing_mm);
  heart::Perfusion flow;
  std::vector<float> voxels(heart.organ.size());
  for (auto _ : state) {
    heart::perfuse(conditions().spec.heart, heart.organ.ventricle, {}, flow);
    heart::voxel_flow(conditions().spec.heart, heart.organ, {}, flow.distal_pressure_mmhg, voxels);
    benchmark::DoNotOptimize(voxels.data());
  }
  state.counters["voxels"] = static_cast<double>(voxels.size());
}
BENCHMARK_CAPTURE(perfusion_threshold_and_flow_of_each_voxel, of_half_mm, 0.5)
    ->Unit(benchmark::kMillisecond);

void year_of_growth_to_threshold(benchmark::State& state, bool voxel) {
  trial::Preparation preparation = patient().preparation;
  if (voxel) preparation.heart = heart_of(1.0);
  trial::Workspace workspace;
  for (auto _ : state) {
    benchmark::DoNotOptimize(trial::simulate_patient(conditions(), patient().candidate, preparation,
                                                     conditions().spec.arms[1], streams(),
                                                     workspace));
  }
}
BENCHMARK_CAPTURE(year_of_growth_to_threshold, radial, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(year_of_growth_to_threshold, voxel, true)->Unit(benchmark::kMillisecond);

void trial_of_168(benchmark::State& state, bool twins) {
  study::StudySpec spec = shipped();
  spec.run.twins = twins;
  spec.run.decomposition = false;
  const trial::Trial trial(spec);
  for (auto _ : state) benchmark::DoNotOptimize(trial.conduct(0, 2));
}
BENCHMARK_CAPTURE(trial_of_168, two_threads, false)
    ->Unit(benchmark::kSecond)
    ->Iterations(1)
    ->UseRealTime();
BENCHMARK_CAPTURE(trial_of_168, two_threads_and_twins, true)
    ->Unit(benchmark::kSecond)
    ->Iterations(1)
    ->UseRealTime();

}  // namespace
}  // namespace angiotrial
