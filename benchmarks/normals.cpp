// SPDX-License-Identifier: Apache-2.0
// Question: what does one standard normal cost, drawn singly and in a batch? A virtual patient
// draws hundreds for the microregions of the wall, so this sets the floor of an ensemble's cost.
#include <angiotrial/random/batch.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

namespace angiotrial::random {
namespace {

const Streams streams(0x5eedULL, 1, 2);

void normals_one_by_one(benchmark::State& state) {
  std::vector<double> normals(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    Stream stream = streams.at(Purpose::microregions);
    for (double& z : normals) z = stream.normal();
    benchmark::DoNotOptimize(normals.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(normals_one_by_one)->Arg(300);

void normals_in_a_batch(benchmark::State& state) {
  std::vector<double> normals(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    fill_normal(streams, Purpose::microregions, 0, normals);
    benchmark::DoNotOptimize(normals.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(normals_in_a_batch)->Arg(300);

}  // namespace
}  // namespace angiotrial::random
