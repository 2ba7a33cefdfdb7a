// SPDX-License-Identifier: Apache-2.0
// Question: what does one quasi-steady field cost? On a box of 128^3 cells, on a heart of a million
// voxels, and for the next day of that heart; beside it the machine's bandwidth and, where hypre is
// installed, its multigrid-preconditioned conjugate gradients on the same box in the same process.
// Decay length 1.414 cells throughout. Start from nothing unless said; set-up is not counted.
#include <angiotrial/numerics/helmholtz.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#ifdef ANGIOTRIAL_HYPRE
#include "helmholtz_hypre.hpp"
#endif

namespace angiotrial::numerics {
namespace {

constexpr double diffusivity_cm2_per_s = 1.0e-6, decay_per_s = 2.0e-4, spacing_cm = 0.05;

/// Half the shell of an ellipsoid, cut off at its base: 0.5 mm voxels, a wall of about 11 mm.
struct Heart {
  Grid grid{{150, 150, 150}, spacing_cm};
  std::vector<std::uint8_t> inside = std::vector<std::uint8_t>(grid.size());
  std::size_t voxels = 0;

  Heart() {
    for (int k = 0; k < 150; ++k) {
      for (int j = 0; j < 150; ++j) {
        for (int i = 0; i < 150; ++i) {
          const double x = i - 74.5, y = j - 74.5, z = k - 109.5;
          const double outer = std::hypot(x / 72.0, y / 72.0, z / 106.0);
          const double inner = std::hypot(x / 50.0, y / 50.0, z / 82.0);
          const bool muscle = outer < 1.0 && inner > 1.0 && z < 35.0;
          inside[grid.index(i, j, k)] = muscle ? 1 : 0;
          voxels += muscle ? 1 : 0;
        }
      }
    }
  }
};

const Heart& heart() {
  static const Heart the_heart;
  return the_heart;
}

/// Ten sites of 1 mm, as after an injection, in a field that is nowhere quite 0.
template <class Real>
std::vector<Real> sites(const Grid& grid) {
  std::vector<Real> source(grid.size());
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < grid.cells[1]; ++j) {
      for (int i = 0; i < grid.cells[0]; ++i) {
        double sum = 1e-3;
        for (int site = 0; site < 10; ++site) {
          const double x = i - 64.0 - 50.0 * std::cos(site), y = j - 64.0 - 50.0 * std::sin(site);
          const double r2 = x * x + y * y + std::pow(k - 20.0 - 9.0 * site, 2);
          if (r2 < 400.0) sum += std::exp(-r2 / 8.0);
        }
        source[grid.index(i, j, k)] = static_cast<Real>(sum);
      }
    }
  }
  return source;
}

template <class Real>
void measure(benchmark::State& state, const Grid& grid, const Walls& walls, std::size_t voxels,
             double tolerance) {
  Helmholtz<Real> solver(grid, walls, diffusivity_cm2_per_s);
  solver.set_decay(decay_per_s);
  const std::vector<Real> source = sites<Real>(grid);
  std::vector<Real> field(grid.size());
  Certificate proof;
  for (auto _ : state) {
    state.PauseTiming();
    std::fill(field.begin(), field.end(), Real{0});
    state.ResumeTiming();
    proof = solver.solve(source, field, {tolerance, 0}, static_cast<int>(state.range(0)));
  }
  state.counters["sweeps"] = proof.sweeps;
  state.counters["residual"] = proof.relative_residual;
  state.counters["balance"] = proof.balance_error;
  state.counters["s_per_voxel_sweep"] = benchmark::Counter(
      static_cast<double>(voxels) * proof.sweeps,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void box_to_1e8(benchmark::State& state) {
  const Grid grid{{128, 128, 128}, spacing_cm};
  measure<double>(state, grid, open_box(grid), grid.size(), 1e-8);
}
BENCHMARK(box_to_1e8)
    ->Arg(1)
    ->Arg(2)
    ->ArgName("threads")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void box_float_to_1e4(benchmark::State& state) {
  const Grid grid{{128, 128, 128}, spacing_cm};
  measure<float>(state, grid, open_box(grid), grid.size(), 1e-4);
}
BENCHMARK(box_float_to_1e4)
    ->Arg(1)
    ->Arg(2)
    ->ArgName("threads")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void heart_to_1e8(benchmark::State& state) {
  const Heart& h = heart();
  measure<double>(state, h.grid, staircase(h.grid, h.inside), h.voxels, 1e-8);
}
BENCHMARK(heart_to_1e8)
    ->Arg(1)
    ->Arg(2)
    ->ArgName("threads")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// The day after: sources 5 % weaker, decay up by 2 % where vessels grew, the field of the day
/// before to start from. Setting the decay counts.
void heart_next_day_to_1e4(benchmark::State& state) {
  const Heart& h = heart();
  Helmholtz<float> solver(h.grid, staircase(h.grid, h.inside), diffusivity_cm2_per_s);
  const std::vector<float> source = sites<float>(h.grid);
  std::vector<float> decay(h.grid.size(), static_cast<float>(decay_per_s));
  std::vector<float> yesterday(h.grid.size()), field(h.grid.size()), weaker = source;
  solver.set_decay(decay);
  solver.solve(source, yesterday, {1e-5, 0});
  for (std::size_t i = 0; i < source.size(); ++i) {
    weaker[i] *= 0.95F;
    decay[i] *= source[i] > 0.1F ? 1.02F : 1.0F;
  }
  Certificate proof;
  for (auto _ : state) {
    state.PauseTiming();
    field = yesterday;
    state.ResumeTiming();
    solver.set_decay(decay);
    proof = solver.solve(weaker, field, {1e-4, 0}, static_cast<int>(state.range(0)));
  }
  state.counters["sweeps"] = proof.sweeps;
  state.counters["residual"] = proof.relative_residual;
}
BENCHMARK(heart_next_day_to_1e4)
    ->Arg(1)
    ->Arg(2)
    ->ArgName("threads")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// One depot's box as the tissue room solves it.
void small_box_to_1e5(benchmark::State& state) {
  const Grid grid{{28, 28, 28}, spacing_cm};
  measure<float>(state, grid, open_box(grid), grid.size(), 1e-5);
}
BENCHMARK(small_box_to_1e5)
    ->Arg(1)
    ->ArgName("threads")
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

/// a = b + q c, 24 bytes an element, on arrays of the given number of MiB each.
void triad(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) * 1024 * 1024 / sizeof(double);
  std::vector<double> a(count, 1.0), b(count, 2.0), c(count, 3.0);
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) a[i] = b[i] + 0.5 * c[i];
    benchmark::DoNotOptimize(a.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(24 * count));
}
BENCHMARK(triad)->Arg(256)->Arg(4)->ArgName("MiB");

#ifdef ANGIOTRIAL_HYPRE
void hypre_box_to_1e8(benchmark::State& state) {
  const Grid grid{{128, 128, 128}, spacing_cm};
  HypreBox box(grid, diffusivity_cm2_per_s, decay_per_s, sites<double>(grid));
  int iterations = 0;
  for (auto _ : state) iterations = box.solve(1e-8);
  state.counters["iterations"] = iterations;
}
BENCHMARK(hypre_box_to_1e8)->UseRealTime()->Unit(benchmark::kMillisecond);
#endif

}  // namespace
}  // namespace angiotrial::numerics
