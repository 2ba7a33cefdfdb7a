// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/tissue/field.hpp>
#include <angiotrial/tissue/kinetics.hpp>
#include <angiotrial/tissue/reference.hpp>
#include <angiotrial/tissue/voxel.hpp>
#include <angiotrial/tissue/voxel_reference.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "lattice.hpp"
#include "point_kernel.hpp"
#include "site_box.hpp"
#include "synthetic_wall.hpp"

namespace angiotrial::tissue {
namespace {

using synthetic::slab;
using units::Cells;
using units::Days;
using units::Mm;

constexpr double low_cells = 1.7e5;

Depot depot(double cells, PositionMm position) {
  Depot d;
  d.cells = Cells(cells);
  d.position_mm = position;
  return d;
}

/// 4 x 2 x 2 mm along a slanting fibre.
Depot fibrous(double cells, PositionMm position) {
  Depot d = depot(cells, position);
  d.elongation = 2.0;
  d.fibre = {0.8, 0.6, 0.0};
  return d;
}

/// Narrow depots for patches that a plain method can afford.
Depot narrow(double cells, PositionMm position) {
  Depot d = fibrous(cells, position);
  d.sd_mm = Mm(1.2);
  return d;
}

std::vector<Days> visits() { return {Days(0.0), Days(28.0), Days(91.0), Days(365.0)}; }

double relative(double a, double b) { return a == b ? 0.0 : std::abs(a - b) / std::abs(b); }

/// Largest difference of drives, region gains (against the largest one) and totals.
double difference(const VoxelCourse& a, const VoxelCourse& b) {
  double worst = 0.0;
  for (std::size_t t = 0; t < a.times.size(); ++t) {
    worst = std::max(worst, relative(a.total_gain_mm3[t], b.total_gain_mm3[t]));
    double most = 1.0e-12;
    for (const double g : b.region_gain[t]) most = std::max(most, g);
    for (std::size_t r = 0; r < b.region_gain[t].size(); ++r) {
      worst = std::max(worst, std::abs(a.region_gain[t][r] - b.region_gain[t][r]) / most);
    }
    for (std::size_t j = 0; j < b.depot_drive[t].size(); ++j) {
      worst = std::max(worst, std::abs(a.depot_drive[t][j] - b.depot_drive[t][j]));
    }
  }
  return worst;
}

TEST(SiteBox, HoldsAllCellsInTissueEvenAtTheEdgeOfTheWall) {
  const Domain domain = slab(40.0, 9.5);
  const Lattice lattice(domain, 2);
  for (const double depth : {0.0, 0.7, 4.75, 9.4}) {
    const Depot d = fibrous(low_cells, {1.3, -2.1, depth});
    const SiteBox site = make_site_box({}, lattice, d);
    EXPECT_NEAR(site.placed_cells, low_cells, 1.0e-6 * low_cells);
    double sum = 0.0;
    double core = 0.0;
    for (std::size_t i = 0; i < site.shape.size(); ++i) {
      sum += site.peak_per_mm3 * static_cast<double>(site.shape[i]) *
             static_cast<double>(site.walls.volume[i]) * lattice.cell_mm3();
    }
    for (const CoreCell& c : site.core) core += static_cast<double>(c.weight);
    EXPECT_NEAR(sum, low_cells, 1.0e-6 * low_cells);
    EXPECT_NEAR(core, 1.0, 1.0e-5);
  }
}

TEST(SiteBox, CoreHasTheVolumeOfTheEllipsoidOfOneSd) {
  const Domain domain = slab(40.0, 36.0);
  const Lattice lattice(domain, 2);
  const SiteBox site = make_site_box({}, lattice, fibrous(low_cells, {0.2, 0.1, 18.0}));
  // Weights are shares of the core: the largest is that of a whole cell.
  float whole = 0.0F;
  for (const CoreCell& c : site.core) whole = std::max(whole, c.weight);
  const double exact = 4.0 / 3.0 * std::numbers::pi * std::pow(2.52, 3);
  EXPECT_NEAR(lattice.cell_mm3() / static_cast<double>(whole), exact, 0.02 * exact);
}

TEST(Lattice, CornersHaveTheSameLevelInEveryBoxAndFollowAPlane) {
  const Domain domain = slab(20.0, 9.5);
  const Lattice lattice(domain, 3);
  const FineBox all = lattice.whole();
  const FineBox part{{6, 9, 3}, {12, 6, 15}};
  const std::vector<float> whole_levels = lattice.corner_levels(all);
  const std::vector<float> part_levels = lattice.corner_levels(part);
  std::size_t at = 0;
  for (int k = 3; k <= 18; ++k) {
    for (int j = 9; j <= 15; ++j) {
      for (int i = 6; i <= 18; ++i, ++at) {
        const auto nx = static_cast<std::size_t>(all.count[0] + 1);
        const auto ny = static_cast<std::size_t>(all.count[1] + 1);
        const std::size_t same =
            static_cast<std::size_t>(i) +
            nx * (static_cast<std::size_t>(j) + ny * static_cast<std::size_t>(k));
        ASSERT_EQ(part_levels[at], whole_levels[same]);
        const double z = -2.0 + k / 3.0;
        if (z < 4.0) {
          ASSERT_NEAR(part_levels[at], -z, 1.0e-5);
        }
      }
    }
  }
}

TEST(PointKernel, ExponentialsAndLogarithmsKeepSinglePrecision) {
  std::vector<float> x, y(2000), z(2000);
  for (int i = 0; i < 2000; ++i) x.push_back(static_cast<float>(-86.0 + 0.0861 * i));
  exp_of(x, y);
  log_of(y, z);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact = std::exp(static_cast<double>(x[i]));
    EXPECT_NEAR(static_cast<double>(y[i]) / exact, 1.0, 6.0e-6);  // of x itself, near |x| = 86
    EXPECT_NEAR(z[i], x[i], 1.0e-5);
  }
  exp_of(std::vector<float>{-88.0F}, std::span(y).first(1));
  EXPECT_EQ(y[0], 0.0F);
}

TEST(PointKernel, FollowsTheEquationsOfAPointForAnyExponents) {
  Parameters usual;
  Parameters odd;
  odd.relay.hill_exponent = 1.2;
  odd.vessels.growth_hill_exponent = 2.0;
  odd.vessels.maturation_from_cells = 0.5;
  odd.vessels.mature_loss_per_year = units::PerYear(2.0);
  const std::vector<Days> times{Days(91.0), Days(365.0)};
  for (const Parameters& p : {usual, odd}) {
    const PointKernel kernel(p);
    const PointModel model(p);
    const Transport t = transport(p);
    PointArrays cells(PointKernel::lanes);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells.slow[i] = static_cast<float>(std::pow(10.0, 0.4 * static_cast<double>(i) - 4.0));
      cells.fast[i] = 0.6F * cells.slow[i];
    }
    kernel.advance(point_steps(p, times), cells);
    std::vector<float> gains(cells.size());
    kernel.gains(cells, gains);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      PointState y;
      const auto at = [&](double time) {
        return model.signal(
            static_cast<double>(cells.slow[i]) * std::exp(-t.slow_loss_per_day * time) +
            static_cast<double>(cells.fast[i]) * std::exp(-t.fast_loss_per_day * time));
      };
      for (int s = 0; s < 7300; ++s) {
        model.advance(y, 0.05, at(0.05 * s), at(0.05 * (s + 0.5)), at(0.05 * (s + 1)));
      }
      EXPECT_NEAR(gains[i], model.gain(y), 2.0e-3 * model.gain(y) + 1.0e-7) << i;
      EXPECT_NEAR(cells.drive[i], y.drive, 3.0e-3 * y.drive + 1.0e-7) << i;
    }
  }
}

TEST(Voxel, IsotropicDepotDeepInThickTissueGrowsAsTheRadialOneDoes) {
  const Domain domain = slab(28.0, 26.0);
  const std::vector<Depot> one{depot(low_cells, {0.3, 0.2, 13.1})};
  const VoxelCourse voxel = grow_voxel({}, domain, one, visits());
  const VesselCourse radial = grow_reference({}, one, visits());
  EXPECT_NEAR(voxel.placed_cells[0], low_cells, 1.0e-6 * low_cells);
  for (std::size_t t = 1; t < visits().size(); ++t) {
    // Measured 0.1 %.
    EXPECT_NEAR(voxel.total_gain_mm3[t] / radial.depots[0].density_gain_mm3[t], 1.0, 0.01);
    EXPECT_NEAR(voxel.depot_drive[t][0], radial.depots[0].arteriolar_drive[t], 0.003);
  }
  EXPECT_EQ(voxel.total_gain_mm3[0], 0.0);
}

TEST(Voxel, NoCellsGiveExactlyNothing) {
  const Domain domain = slab(30.0, 9.5);
  VoxelOptions options;
  options.keep_fields = true;
  for (const bool step : {false, true}) {
    options.step_points = step;
    const VoxelCourse course = grow_voxel(
        {}, domain, std::vector{depot(0.0, {0, 0, 4}), depot(0.0, {6, 0, 4})}, visits(), options);
    for (std::size_t t = 0; t < visits().size(); ++t) {
      EXPECT_EQ(course.total_gain_mm3[t], 0.0);
      for (const double g : course.region_gain[t]) EXPECT_EQ(g, 0.0);
      for (const double d : course.depot_drive[t]) EXPECT_EQ(d, 0.0);
      for (const float g : course.fields[t].density_gain) EXPECT_EQ(g, 0.0F);
    }
  }
}

TEST(Voxel, AnEmptyDepotBesideAFullOneChangesNothing) {
  const Domain domain = slab(40.0, 9.5);
  const VoxelCourse alone =
      grow_voxel({}, domain, std::vector{depot(low_cells, {0, 0, 4})}, visits());
  const VoxelCourse beside = grow_voxel(
      {}, domain, std::vector{depot(0.0, {5, 0, 4}), depot(low_cells, {0, 0, 4})}, visits());
  EXPECT_EQ(alone.total_gain_mm3, beside.total_gain_mm3);
  EXPECT_EQ(beside.depot_drive[2][0], 0.0);
  EXPECT_EQ(beside.depot_drive[2][1], alone.depot_drive[2][0]);
}

TEST(Voxel, ADepotOutsideTheWallPutsItsCellsInsideOrIsCounted) {
  const Domain domain = slab(60.0, 9.5);
  Domain far = domain;
  for (float& level : far.level_mm) level = 1.0F;
  const std::vector<Depot> outside{depot(low_cells, {0, 0, -1.5})};
  const VoxelCourse course = grow_voxel({}, domain, outside, visits());
  EXPECT_NEAR(course.placed_cells[0], low_cells, 1.0e-6 * low_cells);
  EXPECT_GT(course.total_gain_mm3[2], 0.0);
  EXPECT_GT(course.depot_drive[2][0], 0.0);
  const VoxelCourse lost = grow_voxel({}, far, outside, visits());
  EXPECT_EQ(lost.unplaced_depots, 1);
  EXPECT_EQ(lost.placed_cells[0], 0.0);
  EXPECT_EQ(lost.total_gain_mm3[2], 0.0);
  EXPECT_EQ(lost.depot_drive[2][0], 0.0);
}

TEST(Voxel, ConservesFactorAndGivesTheSameBytesTwice) {
  const Domain domain = slab(44.0, 8.3);
  const std::vector<Depot> two{fibrous(low_cells, {-6, 0, 3}), fibrous(3.0e5, {6, 1, 5})};
  Parameters p;
  p.uptake.vessel_uptake_fraction = units::Fraction(0.34);
  for (const Parameters& q : {Parameters{}, p}) {
    const VoxelCourse a = grow_voxel(q, domain, two, visits());
    const VoxelCourse b = grow_voxel(q, domain, two, visits());
    EXPECT_LT(a.worst_residual, 1.0e-5);
    EXPECT_LT(a.worst_balance_error, 1.0e-5);
    EXPECT_EQ(a.total_gain_mm3, b.total_gain_mm3);
    EXPECT_EQ(a.region_gain, b.region_gain);
    EXPECT_EQ(a.depot_drive, b.depot_drive);
  }
}

TEST(Voxel, OrderOfDepotsDoesNotMatter) {
  const Domain domain = slab(50.0, 9.5);
  std::vector<Depot> depots;
  synthetic::Uniform uniform(5);
  for (int i = 0; i < 4; ++i) {
    depots.push_back(fibrous(low_cells * uniform(0.3, 3.0),
                             {uniform(-12, 12), uniform(-12, 12), uniform(1, 8)}));
  }
  const VoxelCourse a = grow_voxel({}, domain, depots, visits());
  const VoxelCourse b =
      grow_voxel({}, domain, std::vector<Depot>(depots.rbegin(), depots.rend()), visits());
  for (std::size_t t = 1; t < visits().size(); ++t) {
    EXPECT_NEAR(a.total_gain_mm3[t] / b.total_gain_mm3[t], 1.0, 1.0e-6);
    for (std::size_t j = 0; j < 4; ++j) {
      EXPECT_NEAR(a.depot_drive[t][j], b.depot_drive[t][3 - j], 1.0e-6);
    }
  }
}

TEST(Voxel, SignalsOfOverlappingSitesAddUp) {
  const Domain domain = slab(44.0, 9.5);
  const std::vector<Depot> both{fibrous(low_cells, {-4, 0, 3}), depot(3.0e5, {4, 2, 5})};
  const std::vector<Days> times{Days(1.0)};
  VoxelOptions options;
  options.keep_fields = true;
  const auto fields = [&](const std::vector<Depot>& depots) {
    return grow_voxel({}, domain, depots, times, options).fields[0];
  };
  const VoxelFields sum = fields(both);
  const VoxelFields a = fields({both[0]});
  const VoxelFields b = fields({both[1]});
  double cells = 0.0;
  for (std::size_t i = 0; i < sum.signal.size(); ++i) {
    EXPECT_NEAR(sum.signal[i], a.signal[i] + b.signal[i], 1.0e-5F * sum.signal[i] + 2.0e-6F);
    EXPECT_NEAR(sum.cells_per_mm3[i], a.cells_per_mm3[i] + b.cells_per_mm3[i],
                1.0e-5F * sum.cells_per_mm3[i] + 1.0e-3F);
    cells += static_cast<double>(sum.cells_per_mm3[i]);
  }
  // Of the slab's ten layers the last is half tissue, so its mean counts twice: within 5 %.
  const double alive = surviving_share({}, times[0]) * (low_cells + 3.0e5);
  EXPECT_NEAR(cells, alive, 0.05 * alive);
}

TEST(Voxel, RegionGainsAddUpToTheTotal) {
  const Domain domain = slab(44.0, 9.0);
  const std::vector<Depot> two{fibrous(low_cells, {-6, 0, 3}), fibrous(3.0e5, {6, 1, 5})};
  const VoxelCourse course = grow_voxel({}, domain, two, visits());
  // Blocks of 8 mm, cut by the box's sides and by the wall, which lies on faces of domain cells.
  double sum = 0.0;
  for (int r = 0; r < domain.regions; ++r) {
    double cells = 0.0;
    for (std::size_t i = 0; i < domain.region.size(); ++i) {
      cells += domain.region[i] == r && domain.level_mm[i] < 0.0F ? 1.0 : 0.0;
    }
    sum += cells * course.region_gain[2][static_cast<std::size_t>(r)];
  }
  EXPECT_NEAR(sum / course.total_gain_mm3[2], 1.0, 1.0e-5);
  Domain counted = domain;
  counted.region_tissue_mm3.assign(static_cast<std::size_t>(domain.regions), 100.0);
  const VoxelCourse other = grow_voxel({}, counted, two, visits());
  EXPECT_NEAR(
      std::accumulate(other.region_gain[2].begin(), other.region_gain[2].end(), 0.0) * 100.0,
      course.total_gain_mm3[2], 1.0e-5 * course.total_gain_mm3[2]);
}

TEST(Voxel, TableAndSteppedPointsAgree) {
  const Domain domain = slab(44.0, 9.5);
  const std::vector<Depot> two{fibrous(low_cells, {-6, 0, 3}), fibrous(8.5e5, {6, 1, 5})};
  Parameters shunting;
  shunting.aberrant.aberrant = true;
  shunting.aberrant.threshold = 20.0;
  shunting.relay.hill_exponent = 0.8;
  VoxelOptions step;
  step.step_points = true;
  for (const Parameters& p : {Parameters{}, shunting}) {
    EXPECT_LT(difference(grow_voxel(p, domain, two, visits(), step),
                         grow_voxel(p, domain, two, visits())),
              1.5e-3);
  }
}

TEST(Voxel, HalvingTheStepsOfPointsChangesLittle) {
  const Domain domain = slab(36.0, 9.5);
  const std::vector<Depot> one{fibrous(low_cells, {0, 0, 3})};
  Parameters p;
  p.uptake.vessel_uptake_fraction = units::Fraction(0.34);
  VoxelOptions once, twice, often;
  once.step_points = twice.step_points = often.step_points = true;
  twice.step_refinement = 2.0;
  often.step_refinement = 8.0;
  const VoxelCourse fine = grow_voxel({}, domain, one, visits(), often);
  const double coarse_error = difference(grow_voxel({}, domain, one, visits(), once), fine);
  const double half_error = difference(grow_voxel({}, domain, one, visits(), twice), fine);
  EXPECT_LT(coarse_error, 1.5e-3);
  EXPECT_LT(half_error, 0.4 * coarse_error);  // second order: a quarter
  EXPECT_LT(difference(grow_voxel(p, domain, one, visits(), once),
                       grow_voxel(p, domain, one, visits(), twice)),
            2.0e-3);
}

TEST(Voxel, RefiningTheGridConvergesAtSecondOrder) {
  const Domain domain = slab(24.0, 8.5);
  const std::vector<Depot> one{narrow(low_cells, {0.3, 0.2, 3.2})};
  const std::vector<Days> times{Days(91.0)};
  std::vector<double> gain;
  for (const double spacing : {1.0, 0.5, 0.25}) {
    VoxelOptions options;
    options.tolerance = 1.0e-7;
    options.box_spacing_mm = spacing;
    gain.push_back(grow_voxel({}, domain, one, times, options).total_gain_mm3[0]);
  }
  const double order = std::log2(std::abs(gain[1] - gain[0]) / std::abs(gain[2] - gain[1]));
  const double limit = gain[2] + (gain[2] - gain[1]) / 3.0;
  std::printf("gain %.4f %.4f %.4f mm3 at 1, 0.5, 0.25 mm: order %.2f, limit %.4f, error %.3f %%\n",
              gain[0], gain[1], gain[2], order, limit, 100.0 * (gain[1] / limit - 1.0));
  // The stepped edge of the reach, 0.1 % of the gain, hides the full order here.
  EXPECT_GT(order, 1.2);
  EXPECT_LT(order, 2.8);
  EXPECT_LT(std::abs(gain[1] / limit - 1.0), 0.005);
}

TEST(Voxel, RejectsWhatIsNotADepotADomainOrATimeLine) {
  const Domain domain = slab(30.0, 9.5);
  const auto throws = [&](const Domain& d, const Depot& one, std::vector<Days> times) {
    EXPECT_THROW((void)grow_voxel({}, d, std::vector{one}, times), diagnostics::ContractViolation);
  };
  throws(domain, depot(-1.0, {0, 0, 4}), visits());
  throws(domain, depot(1.0, {0, 0, 40}), visits());
  throws(domain, depot(1.0, {0, 0, 4}), {Days(5.0), Days(1.0)});
  Depot crooked = depot(1.0, {0, 0, 4});
  crooked.fibre = {1.0, 1.0, 0.0};
  throws(domain, crooked, visits());
  Domain torn = domain;
  torn.level_mm.pop_back();
  throws(torn, depot(1.0, {0, 0, 4}), visits());
}

/// Two narrow depots in a thin wall, small enough for the plain method; boxes reach its sides.
struct Patch {
  Domain domain = slab(16.0, 6.5, 1.0, 4.0);
  std::vector<Depot> depots{narrow(4.0e4, {-2.6, 0.4, 2.2}), narrow(2.0e4, {2.7, -0.3, 4.1})};
  std::vector<Days> times{Days(14.0), Days(60.0)};

  [[nodiscard]] double error(const Parameters& p, VoxelOptions options = {}) const {
    options.box_spacing_mm = 1.0;
    return difference(grow_voxel(p, domain, depots, times, options),
                      grow_voxel_reference(p, domain, depots, times));
  }
};

// Bounds: steps, table and single precision by the first, fields up to 2 % old in k by the others.
TEST(VoxelReference, AgreesWithThePlainMethodByTheTableAndWithOxygen) {
  Patch patch;
  EXPECT_LT(patch.error({}), 0.004);
  for (int r = 0; r < patch.domain.regions; ++r) {
    patch.domain.region_oxygen_mmhg.push_back(static_cast<float>(2 + 5 * (r % 5)));
  }
  EXPECT_LT(patch.error({}), 0.004);
}

TEST(VoxelReference, SaysWhatTheReachOfADepotLeavesOut) {
  const Patch patch;
  const auto total = [&](bool cut_off) {
    return grow_voxel_reference({}, patch.domain, patch.depots, patch.times, 1, cut_off)
        .total_gain_mm3[1];
  };
  const double left_out = 1.0 - total(true) / total(false);
  std::printf("beyond the reach: %.2f %% of the total gain\n", 100.0 * left_out);
  EXPECT_GT(left_out, 0.0);
  EXPECT_LT(left_out, 0.06);
}

TEST(VoxelReference, AgreesWithThePlainMethodUnderUptake) {
  Parameters p;
  p.uptake.vessel_uptake_fraction = units::Fraction(0.8);
  p.vessels.growth_per_day = units::PerDay(0.06);  // twice the default, so that uptake acts
  const double usual = Patch{}.error(p);
  VoxelOptions often;
  often.largest_change = 0.004;
  EXPECT_LT(usual, 0.015);
  EXPECT_LT(Patch{}.error(p, often), 0.7 * usual);
}

TEST(VoxelReference, AgreesWithThePlainMethodUnderCrowding) {
  Parameters p;
  p.crowding.crowding = true;
  p.crowding.half_density_cells_per_ml = units::CellsPerMl(8.0e5);
  EXPECT_LT(Patch{}.error(p), 0.006);
}

TEST(VoxelReference, AgreesWithThePlainMethodUnderHomingAndAberrantGrowth) {
  Parameters p;
  p.homing.homing = true;
  p.homing.extraction = 1.0e-4;
  p.aberrant.aberrant = true;
  p.aberrant.threshold = 2.0;
  EXPECT_LT(Patch{}.error(p), 0.004);
}

TEST(Voxel, UptakeByNewVesselsShortensTheReachOfTheFactorAndOnlyThere) {
  const Domain domain = slab(36.0, 9.5);
  const std::vector<Depot> one{fibrous(low_cells, {0, 0, 3})};
  Parameters p;
  const double off = grow_voxel(p, domain, one, visits()).total_gain_mm3[3];
  const double radial_off = grow_reference(p, one, visits()).depots[0].density_gain_mm3[3];
  p.uptake.vessel_uptake_fraction = units::Fraction(0.34);
  const VoxelCourse on = grow_voxel(p, domain, one, visits());
  EXPECT_LT(on.total_gain_mm3[3], off);
  EXPECT_GT(on.total_gain_mm3[3], 0.95 * off);
  EXPECT_GT(on.field_solves, 1);
  EXPECT_EQ(grow_reference(p, one, visits()).depots[0].density_gain_mm3[3], radial_off);
}

}  // namespace
}  // namespace angiotrial::tissue
