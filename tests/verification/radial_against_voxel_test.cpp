// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/tissue/response_table.hpp>
#include <angiotrial/tissue/voxel.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "synthetic_wall.hpp"

/// What the radial model gives up: on sampled walls, site by site, against the voxel model with the
/// same equations, cells and wall. docs/rooms/tissue.md tells how far it may be trusted.
namespace angiotrial::tissue {
namespace {

using synthetic::Shell;
using synthetic::Uniform;
using units::Cells;
using units::Days;
using units::Mm;

std::vector<Days> visits() { return {Days(183.0)}; }

/// A mean and a standard deviation of relative differences, radial over voxel minus 1.
class Spread {
 public:
  void add(double radial, double voxel) {
    const double x = radial / voxel - 1.0;
    ++n_;
    sum_ += x;
    squares_ += x * x;
    worst_ = std::max(worst_, std::abs(x));
  }
  [[nodiscard]] double bias() const { return sum_ / n_; }
  [[nodiscard]] double sd() const {
    return std::sqrt(std::max(0.0, squares_ / n_ - bias() * bias()));
  }
  void print(const char* what) const {
    std::printf("| %s | %+.2f | %.2f | %.1f | %d |\n", what, 100.0 * bias(), 100.0 * sd(),
                100.0 * worst_, static_cast<int>(n_));
  }

 private:
  double n_ = 0.0, sum_ = 0.0, squares_ = 0.0, worst_ = 0.0;
};

struct Effect {
  Spread gain, drive;
  void print(const char* what) const {
    gain.print((std::string(what) + ", gain").c_str());
    drive.print((std::string(what) + ", drive").c_str());
  }
};

/// One sampled patient: a wall, ten sites in it and the same depots for every comparison.
struct Sample {
  Shell shell;
  double depth_mm = 3.5;
  std::vector<Shell::Point> points;
  std::vector<Depot> depots;  ///< isotropic
  std::vector<PositionMm> fibres;
};

Sample draw(Uniform& uniform, double spacing_mm) {
  Sample s;
  s.shell = {uniform(20.0, 35.0), uniform(40.0, 60.0), uniform(6.0, 13.0)};
  s.points = synthetic::ten_sites(s.shell, spacing_mm);
  const double most_depth = std::min(6.0, s.shell.thickness_mm - 1.0);
  for (const Shell::Point& point : s.points) {
    Depot d;
    const double depth = uniform(2.0, most_depth);
    d.position_mm = synthetic::below(point, depth);
    d.cells = Cells(1.7e5 * std::exp(uniform(-1.0, 1.0) * 0.5 * std::log(30.0)));
    d.wall_thickness_mm = Mm(s.shell.thickness_mm);
    d.depth_mm = Mm(depth);
    s.depots.push_back(d);
    // Helix angle between -60 and 60 degrees across the wall: in the plane of the wall.
    const double helix = uniform(-60.0, 60.0) * std::numbers::pi / 180.0;
    const PositionMm& n = point.normal;
    const PositionMm& a = point.along;
    const PositionMm up{n[1] * a[2] - n[2] * a[1], n[2] * a[0] - n[0] * a[2],
                        n[0] * a[1] - n[1] * a[0]};
    PositionMm f{};
    for (std::size_t i = 0; i < 3; ++i) f[i] = std::cos(helix) * a[i] + std::sin(helix) * up[i];
    s.fibres.push_back(f);
  }
  return s;
}

Domain curved(const Shell& shell) {
  // Around the sites (four across at 12 mm) with room for the reach of a depot.
  const double high = shell.radius_mm + shell.thickness_mm + 3.0;
  return synthetic::fill({shell.radius_mm * 0.25, -36.0, -28.0}, {std::ceil(high), 36.0, 28.0}, 1.0,
                         8.0,
                         [&](double x, double y, double z) { return shell.level_mm(x, y, z); });
}

/// Region gains are not looked at here, so none need be counted.
Domain without_regions(Domain d) {
  d.region_tissue_mm3.assign(static_cast<std::size_t>(d.regions), 0.0);
  return d;
}

Depot fibrous(const Depot& d, const PositionMm& fibre) {
  Depot e = d;
  e.elongation = 2.0;
  e.fibre = fibre;
  return e;
}

/// The same depot in a slab, with its fibre turned into the slab's plane.
Depot laid_flat(const Depot& d) {
  Depot e = d;
  e.position_mm = {0.13, -0.21, d.depth_mm.value()};
  return e;
}

class Agreement {
 public:
  explicit Agreement(double spacing_mm) : spacing_mm_(spacing_mm) {}

  /// `apart`: in how many of the walls causes are told apart, site by site (slower).
  void run(int walls, int apart) {
    Uniform uniform(29);
    for (int w = 0; w < walls; ++w) {
      const Sample s = draw(uniform, spacing_mm_);
      const Domain wall = without_regions(curved(s.shell));
      const VesselCourse radial = grow(table_, s.depots);
      compare_all(s, wall, radial);
      if (w < apart) tell_apart(s, wall, radial);
    }
  }

  Effect flat, anisotropy, curvature, overlap, all;

 private:
  static double total(const VesselCourse& course) {
    double sum = 0.0;
    for (const DepotCourse& d : course.depots) sum += d.density_gain_mm3[0];
    return sum;
  }

  void compare_all(const Sample& s, const Domain& wall, const VesselCourse& radial) {
    std::vector<Depot> real;
    for (std::size_t j = 0; j < s.depots.size(); ++j) {
      real.push_back(fibrous(s.depots[j], s.fibres[j]));
    }
    const VoxelCourse truth = model_.grow(wall, real);
    all.gain.add(total(radial), truth.total_gain_mm3[0]);
    for (std::size_t j = 0; j < s.depots.size(); ++j) {
      all.drive.add(radial.depots[j].arteriolar_drive[0], truth.depot_drive[0][j]);
    }
  }

  void tell_apart(const Sample& s, const Domain& wall, const VesselCourse& together) {
    const Domain flat_wall = without_regions(synthetic::slab(36.0, s.shell.thickness_mm));
    double alone = 0.0;
    double radial_alone = 0.0;
    for (const Depot& depot : s.depots) {
      const std::vector<Depot> one{depot};
      const DepotCourse radial = grow(table_, one).depots[0];
      const Depot here = laid_flat(depot);
      const VoxelCourse slab = model_.grow(flat_wall, std::vector{here});
      const VoxelCourse oval = model_.grow(flat_wall, std::vector{fibrous(here, {0.8, 0.6, 0.0})});
      const VoxelCourse bent = model_.grow(wall, one);
      add(flat, radial.density_gain_mm3[0], radial.arteriolar_drive[0], slab);
      add(anisotropy, slab.total_gain_mm3[0], slab.depot_drive[0][0], oval);
      add(curvature, slab.total_gain_mm3[0], slab.depot_drive[0][0], bent);
      alone += bent.total_gain_mm3[0];
      radial_alone += radial.density_gain_mm3[0];
    }
    // What radial makes of neighbours against what they do, both beside sites alone.
    const VoxelCourse ten = model_.grow(wall, s.depots);
    overlap.gain.add(total(together) / radial_alone, ten.total_gain_mm3[0] / alone);
    for (std::size_t j = 0; j < s.depots.size(); ++j) {
      overlap.drive.add(together.depots[j].arteriolar_drive[0], ten.depot_drive[0][j]);
    }
  }

  static void add(Effect& effect, double gain, double drive, const VoxelCourse& voxel) {
    effect.gain.add(gain, voxel.total_gain_mm3[0]);
    effect.drive.add(drive, voxel.depot_drive[0][0]);
  }

  double spacing_mm_;
  ResponseTable table_{Parameters{}, visits()};
  VoxelModel model_{Parameters{}, visits()};
};

void expect_within(const Spread& spread, double least, double most, double most_sd) {
  EXPECT_GT(spread.bias(), least);
  EXPECT_LT(spread.bias(), most);
  EXPECT_LT(spread.sd(), most_sd);
}

// Bounds: the measured biases and SDs with a margin of about half; docs/rooms/tissue.md.
TEST(Agreement, RadialGrowsWhatVoxelGrowsOnAThousandSampledSites) {
  Agreement agreement(12.0);
  agreement.run(100, 12);
  agreement.flat.print("12 mm, slab");
  agreement.anisotropy.print("12 mm, anisotropy");
  agreement.curvature.print("12 mm, curvature");
  agreement.overlap.print("12 mm, overlap");
  agreement.all.print("12 mm, all");
  expect_within(agreement.flat.gain, -0.02, 0.005, 0.006);
  expect_within(agreement.flat.drive, -0.005, 0.005, 0.005);
  expect_within(agreement.anisotropy.gain, -0.14, -0.06, 0.04);
  expect_within(agreement.anisotropy.drive, 0.0, 0.02, 0.01);
  expect_within(agreement.curvature.gain, -0.015, 0.01, 0.03);
  expect_within(agreement.curvature.drive, -0.005, 0.005, 0.005);
  expect_within(agreement.overlap.gain, 0.02, 0.08, 0.04);
  expect_within(agreement.overlap.drive, -0.005, 0.005, 0.005);
  expect_within(agreement.all.gain, -0.02, 0.02, 0.04);
  expect_within(agreement.all.drive, 0.0, 0.02, 0.012);
}

TEST(Agreement, CloserSitesCostTheRadialModelMore) {
  Agreement agreement(8.0);
  agreement.run(8, 1);
  agreement.overlap.print("8 mm, overlap");
  agreement.all.print("8 mm, all");
  EXPECT_LT(std::abs(agreement.all.gain.bias()), 0.15);
  EXPECT_LT(std::abs(agreement.all.drive.bias()), 0.05);
}

}  // namespace
}  // namespace angiotrial::tissue
