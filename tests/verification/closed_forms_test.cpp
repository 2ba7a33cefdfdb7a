// SPDX-License-Identifier: Apache-2.0
// Cases V1 to V5 and V7 to V10 of docs/verification.md: numbers known in closed form.
#include "field.hpp"

#include <angiotrial/heart/krogh.hpp>
#include <angiotrial/numerics/closed_form.hpp>
#include <angiotrial/numerics/propagator.hpp>
#include <angiotrial/numerics/transient.hpp>

#include <functional>
#include <numbers>

namespace angiotrial::verification {
namespace {

using numerics::Grid;
using numerics::Scheme;

/// Values of three grids, the last two taken to the limit of no spacing, which must have order 2.
double limit_of(const std::string& what, double expected, const std::function<double(int)>& value) {
  const double coarse = value(1), middle = value(2), fine = value(4);
  EXPECT_NEAR(order(coarse - expected, middle - expected), 2.0, 0.05) << what;
  EXPECT_NEAR(order(middle - expected, fine - expected), 2.0, 0.05) << what;
  const double limit = fine + (fine - middle) / 3.0;
  report(what, expected, limit);
  return limit;
}

/// Field on a plane source of strength S that lies on a face, from the cells beside it at c: the
/// slope breaks there. Fourth order, so one grid is enough.
double at_plane(double beside, double slope_step, double h) {
  return (beside + 0.5 * h * slope_step) / (1.0 + decay * h * h / (8.0 * diffusivity));
}

/// V1: 10 mm between closed faces, a plane source of 1 per cm2 and s at 4 mm.
double slab(int finer, double x_cm) {
  const int n = 200 * finer;
  const Grid grid{{n, 1, 1}, 1.0 / n};
  std::vector<double> source(grid.size(), 0.0);
  const auto plane = static_cast<std::size_t>(2 * n / 5);
  source[plane - 1] = source[plane] = 0.5 / grid.spacing;
  const std::vector<double> c = solve(grid, numerics::open_box(grid), source, 1e-10);
  if (x_cm != 0.4) return at(grid, c, {x_cm, 0.0, 0.0});
  return at_plane(0.5 * (c[plane - 1] + c[plane]), 0.5 / diffusivity, grid.spacing);
}

TEST(V1, ASlabWithAPlaneSource) {
  const std::array<std::array<double, 2>, 5> known{
      {{0.0, 247.02701}, {0.2, 2097.0042}, {0.4, 35355.772}, {0.6, 2089.7547}, {1.0, 14.600893}}};
  for (const auto& [x, expected] : known) {
    const double l = decay_length;
    const double closed = std::cosh(std::min(x, 0.4) / l) *
                          std::cosh((1.0 - std::max(x, 0.4)) / l) /
                          (std::sqrt(diffusivity * decay) * std::sinh(1.0 / l));
    EXPECT_NEAR(closed / expected, 1.0, 5e-8);
    const std::string what = "V1 slab, x = " + std::to_string(x) + " cm";
    if (x == 0.4) {
      report(what, expected, slab(4, x));
      EXPECT_NEAR(slab(4, x) / expected, 1.0, 5e-8);
    } else {
      const double limit = limit_of(what, closed, [x = x](int finer) { return slab(finer, x); });
      EXPECT_NEAR(limit / expected, 1.0, 1e-7);
    }
  }
}

/// V2: both faces of a slab held at 1. The flow that holds them, sqrt(D k) tanh(L/l), goes in at
/// the outer cells of the half slab; that the face then stands at 1 is part of the case.
double held_slab(int finer, double x_cm) {
  const int n = 100 * finer;
  const Grid grid{{n, 1, 1}, 0.5 / n};
  std::vector<double> source(grid.size(), 0.0);
  const double flow = std::sqrt(diffusivity * decay) * std::tanh(0.5 / decay_length);
  source.back() = flow / grid.spacing;
  const std::vector<double> c = solve(grid, numerics::open_box(grid), source, 1e-10);
  if (x_cm < 0.5) return at(grid, c, {x_cm, 0.0, 0.0});
  return at_plane(c.back(), flow / diffusivity, grid.spacing);
}

TEST(V2, ASlabHeldAtItsFaces) {
  const double middle = limit_of("V2 held slab, mid-plane", 1.0 / std::cosh(0.5 / decay_length),
                                 [](int finer) { return held_slab(finer, 0.0); });
  EXPECT_NEAR(middle / 1.6986502e-3, 1.0, 1e-7);
  report("V2 held slab, face", 1.0, held_slab(4, 0.5));
  EXPECT_NEAR(held_slab(4, 0.5), 1.0, 5e-8);
}

TEST(V3, AUniformSourceInAnyRoom) {
  const Grid grid{{45, 30, 31}, 0.05};
  std::vector<std::uint8_t> inside(grid.size());
  std::vector<float> level;
  for (std::size_t i = 0; i < inside.size(); ++i) inside[i] = (i * i + i / 7) % 5 < 3 ? 1 : 0;
  for (int k = 0; k <= 31; ++k) {
    for (int j = 0; j <= 30; ++j) {
      for (int i = 0; i <= 45; ++i) {
        level.push_back(static_cast<float>(std::hypot(i - 22.3, j - 15.1, k - 14.2) - 12.7));
      }
    }
  }
  double worst = 0.0;
  for (const auto& walls : {numerics::open_box(grid), numerics::staircase(grid, inside),
                            numerics::cut_cells(grid, level)}) {
    const std::vector<double> c = solve(grid, walls, std::vector<double>(grid.size(), 1.0), 1e-14);
    for (std::size_t i = 0; i < c.size(); ++i) {
      if (walls.volume[i] > 0.0F) worst = std::max(worst, std::abs(c[i] * decay - 1.0));
    }
  }
  report("V3 uniform source, worst of three rooms", 0.0, worst);
  EXPECT_LT(worst, 1e-12);
}

TEST(V4, ADiscreteEigenmode) {
  const Grid grid{{32, 32, 32}, 0.05};
  const double theta = 8.0 * std::numbers::pi / 32.0, expected = 1107.4887306;
  std::vector<double> mode(grid.size());
  for_each_cell(grid, [&](std::size_t i, const Place& x) {
    mode[i] = std::cos(theta * x[0] / 0.05) * std::cos(theta * x[1] / 0.05) *
              std::cos(theta * x[2] / 0.05);
  });
  const std::vector<double> c = solve(grid, numerics::open_box(grid), mode, 1e-14);
  const double amplitude = 1.0 / (decay + 3.0 * 4.0e-4 * (2.0 - 2.0 * std::cos(theta)));
  EXPECT_NEAR(amplitude / expected, 1.0, 5e-11);
  double worst = 0.0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    worst = std::max(worst, std::abs(c[i] / amplitude - mode[i]));
  }
  report("V4 eigenmode, amplitude", expected, c[0] / mode[0]);
  report("V4 eigenmode, worst cell", 0.0, worst);
  EXPECT_LT(worst, 1e-12);
}

/// V5: a unit Gaussian of SD 1 mm after 5000 s, in one octant of a box of 16 mm.
std::vector<double> spread(const Grid& grid, int steps) {
  std::vector<double> c(grid.size());
  for_each_cell(grid, [&](std::size_t i, const Place& x) {
    const double r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
    c[i] = std::exp(-0.5 * r2 / 0.01) / std::pow(2.0 * std::numbers::pi * 0.01, 1.5);
  });
  numerics::Transient transient(grid, numerics::open_box(grid), diffusivity, decay, 5000.0 / steps,
                                Scheme::midpoint);
  const std::vector<double> none(grid.size(), 0.0);
  for (int step = 0; step < steps; ++step) transient.advance(none, c, 1e-9);
  return c;
}

TEST(V5, AGaussianThatSpreadsAndDecays) {
  std::array<std::array<double, 3>, 2> value{};
  for (std::size_t finer = 0; finer < 3; ++finer) {
    const int n = 20 << finer;
    const Grid grid{{n, n, n}, 0.8 / n};
    const std::vector<double> c = spread(grid, 25 << finer);
    value[0][finer] = at(grid, c, {0.0, 0.0, 0.0});
    value[1][finer] = at(grid, c, {0.2, 0.0, 0.0});
  }
  const std::array<double, 2> known{8.2583013, 3.0380593};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto [coarse, middle, fine] = value[i];
    EXPECT_NEAR(order(coarse - known[i], middle - known[i]), 2.0, 0.15);
    EXPECT_NEAR(order(middle - known[i], fine - known[i]), 2.0, 0.05);
    const double limit = fine + (fine - middle) / 3.0;
    report(i == 0 ? "V5 spreading Gaussian, centre" : "V5 spreading Gaussian, 2 mm", known[i],
           limit);
    EXPECT_NEAR(limit / known[i], 1.0, 4e-5);
  }
}

TEST(V7, TheKroghErlangDrop) {
  const std::array<std::array<double, 3>, 3> known{{{10.0, 1.0 / 600.0, 0.813426},
                                                    {18.0, 1.0 / 600.0, 4.261766},
                                                    {26.0, 1.0 / 150.0, 44.261905}}};
  for (const auto& [radius, use, expected] : known) {
    const double drop = heart::krogh_drop_mmhg(use, 9.4e-10, radius, 2.5);
    report("V7 Krogh drop, radius " + std::to_string(static_cast<int>(radius)) + " um", expected,
           drop);
    EXPECT_NEAR(drop, expected, 6e-7);
  }
}

TEST(V8, TheOxygenBalanceOfAVoxel) {
  const double p = numerics::balanced_pressure(0.02, 60.0, 1.1, 1.0);
  report("V8 oxygen balance", 10.0, p);
  EXPECT_NEAR(p, 10.0, 1e-13);
}

TEST(V9, ADailyDoseInThreeCompartments) {
  const double ka = 1.1, cl = 1.2, v2 = 20.0, q = 2.5, v3 = 40.0;
  const std::vector<double> a{-ka, 0.0, 0.0, ka, -(cl + q) / v2, q / v3, 0.0, q / v2, -q / v3};
  const numerics::Propagator day(a, std::vector<double>(3, 0.0), 1.0);
  std::vector<double> y(3, 0.0);
  double sum = 0.0;
  std::vector<double> concentration{0.0};
  for (int d = 1; d <= 365; ++d) {
    y[0] += 100.0;
    day.advance(y);
    concentration.push_back(y[1] / v2);
    sum += concentration.back();
  }
  const std::array<std::pair<std::size_t, double>, 3> known{
      {{1, 2.9998098565}, {30, 41.7869022731}, {365, 82.7060303138}}};
  for (const auto& [d, expected] : known) {
    report("V9 concentration, day " + std::to_string(d), expected, concentration[d]);
    EXPECT_NEAR(concentration[d], expected, 1e-10);
  }
  report("V9 mean of days 1 to 365", 71.5200187452, sum / 365.0);
  EXPECT_NEAR(sum / 365.0, 71.5200187452, 1e-10);
}

/// Total of the quasi-steady field with decay k.
double steady_total(const Grid& grid, const std::vector<double>& source, double k,
                    std::vector<double>& field) {
  numerics::Helmholtz<double> solver(grid, numerics::open_box(grid), diffusivity);
  solver.set_decay(k);
  solver.solve(source, field, {1e-12, 0});
  double total = 0.0;
  for (const double value : field) total += value;
  return total;
}

TEST(V10, ASourceThatFades) {
  const Grid grid{{16, 16, 16}, 0.05};
  std::vector<double> source(grid.size(), 0.0);
  for_each_cell(grid, [&](std::size_t i, const Place& x) {
    source[i] = std::exp(-0.5 * (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / 0.01);
  });
  for (const auto& [days, gap] : {std::pair{1.0, 0.058}, {4.0, 0.014}, {30.0, 0.0019}}) {
    const double tau = days * 86400.0, step = 600.0;
    std::vector<double> shifted(grid.size(), 0.0), plain = shifted;
    const double with = steady_total(grid, source, decay - 1.0 / tau, shifted);
    const double without = steady_total(grid, source, decay, plain);
    report("V10 unshifted k, tau = " + std::to_string(static_cast<int>(days)) + " d", gap,
           1.0 - without / with);
    EXPECT_NEAR(1.0 - without / with, gap, 0.05 * gap);
    std::vector<double> c = shifted, now = source;
    numerics::Transient transient(grid, numerics::open_box(grid), diffusivity, decay, step,
                                  Scheme::midpoint);
    for (int n = 0; n < 30; ++n) {
      for (std::size_t i = 0; i < now.size(); ++i) {
        now[i] = source[i] * std::exp(-(n + 0.5) * step / tau);
      }
      transient.advance(now, c);
    }
    const double fade = std::exp(-30 * step / tau);
    for (std::size_t i = 0; i < c.size(); ++i) {
      EXPECT_NEAR(c[i], shifted[i] * fade, 2e-5 * shifted[0]);
    }
  }
}

}  // namespace
}  // namespace angiotrial::verification
