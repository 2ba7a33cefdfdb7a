// SPDX-License-Identifier: Apache-2.0
// Question: what does a year of vessel growth around ten sites cost in three dimensions, with and
// without uptake of factor by the new vessels, and what does the radial model cost beside it?
// Settings: `width_1mm` is that of the published prototypes (depots of SD 1 mm, decay length
// 0.707 mm), `depots_4x2x2` the recommended one (SD 4 x 2 x 2 mm along fibres, 0.6 mm). Cells of
// the boxes 0.5 mm, one core.
#include <angiotrial/tissue/response_table.hpp>
#include <angiotrial/tissue/voxel.hpp>

#include <benchmark/benchmark.h>

#include "../src/tissue/tests/synthetic_wall.hpp"

namespace angiotrial::tissue {
namespace {

enum Setting : std::int64_t { width_1mm, depots_4x2x2 };

const std::vector<units::Days> visits{units::Days(0.0), units::Days(91.0), units::Days(183.0),
                                      units::Days(365.0)};

synthetic::Shell wall() { return {}; }

/// A whole left ventricle, 1 mm, open at the base, with oxygen by region.
const Domain& ventricle() {
  static const Domain built = [] {
    const synthetic::Shell shell = wall();
    Domain d = synthetic::fill(
        {-38.0, -38.0, -58.0}, {38.0, 38.0, 30.0}, 1.0, 8.0,
        [&](double x, double y, double z) { return std::max(shell.level_mm(x, y, z), z - 26.0); });
    for (int r = 0; r < d.regions; ++r)
      d.region_oxygen_mmhg.push_back(10.0F + static_cast<float>(r % 20));
    return d;
  }();
  return built;
}

Parameters parameters(Setting setting) {
  Parameters p;
  if (setting == width_1mm) p.secretion.decay_length_mm = units::Mm(0.707);
  return p;
}

std::vector<Depot> ten(Setting setting) {
  std::vector<Depot> depots;
  for (const synthetic::Shell::Point& site : synthetic::ten_sites(wall(), 12.0)) {
    Depot d;
    d.position_mm = synthetic::below(site, 3.5);
    d.cells = units::Cells(1.7e5);
    d.wall_thickness_mm = units::Mm(9.5);
    d.depth_mm = units::Mm(3.5);
    if (setting == width_1mm) {
      d.sd_mm = units::Mm(1.0);
    } else {
      d.elongation = 2.0;
      d.fibre = site.along;
    }
    depots.push_back(d);
  }
  return depots;
}

void voxel(benchmark::State& state, const Parameters& p, const VoxelOptions& options) {
  const VoxelModel model(p, visits);
  const std::vector<Depot> depots = ten(static_cast<Setting>(state.range(0)));
  const Domain& domain = ventricle();
  VoxelCourse course;
  for (auto _ : state) {
    course = model.grow(domain, depots, options);
    benchmark::DoNotOptimize(course.total_gain_mm3.data());
  }
  state.counters["cells"] = static_cast<double>(course.cells_touched);
  state.counters["solves"] = course.field_solves;
  state.counters["gain_mm3"] = course.total_gain_mm3.back();
}

void voxel_table(benchmark::State& state) {
  voxel(state, parameters(static_cast<Setting>(state.range(0))), {});
}
BENCHMARK(voxel_table)->Arg(width_1mm)->Arg(depots_4x2x2)->Unit(benchmark::kMillisecond);

void voxel_stepped(benchmark::State& state) {
  VoxelOptions options;
  options.step_points = true;
  voxel(state, parameters(static_cast<Setting>(state.range(0))), options);
}
BENCHMARK(voxel_stepped)->Arg(width_1mm)->Arg(depots_4x2x2)->Unit(benchmark::kMillisecond);

/// The middle of the derived range of uptake.
void voxel_uptake(benchmark::State& state) {
  Parameters p = parameters(static_cast<Setting>(state.range(0)));
  p.uptake.vessel_uptake_fraction = units::Fraction(0.34);
  voxel(state, p, {});
}
BENCHMARK(voxel_uptake)->Arg(width_1mm)->Arg(depots_4x2x2)->Unit(benchmark::kMillisecond);

/// For populations: cells of 1 mm and a looser field.
VoxelOptions population() {
  VoxelOptions options;
  options.box_spacing_mm = 1.0;
  options.tolerance = 1.0e-3;
  return options;
}

void voxel_table_population(benchmark::State& state) {
  voxel(state, parameters(static_cast<Setting>(state.range(0))), population());
}
BENCHMARK(voxel_table_population)->Arg(width_1mm)->Arg(depots_4x2x2)->Unit(benchmark::kMillisecond);

void voxel_uptake_population(benchmark::State& state) {
  Parameters p = parameters(static_cast<Setting>(state.range(0)));
  p.uptake.vessel_uptake_fraction = units::Fraction(0.34);
  voxel(state, p, population());
}
BENCHMARK(voxel_uptake_population)
    ->Arg(width_1mm)
    ->Arg(depots_4x2x2)
    ->Unit(benchmark::kMillisecond);

void radial(benchmark::State& state) {
  const ResponseTable table(parameters(depots_4x2x2), visits);
  const std::vector<Depot> depots = ten(depots_4x2x2);
  for (auto _ : state) benchmark::DoNotOptimize(grow(table, depots).depots.data());
}
BENCHMARK(radial)->Unit(benchmark::kMillisecond);

void shared_tables(benchmark::State& state) {
  for (auto _ : state) {
    const VoxelModel model(Parameters{}, visits);
    benchmark::DoNotOptimize(&model);
  }
}
BENCHMARK(shared_tables)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace angiotrial::tissue
