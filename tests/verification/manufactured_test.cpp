// SPDX-License-Identifier: Apache-2.0
// Manufactured solutions: c = 2 + cos(px) cos(py) cos(pz) on a box of 6.4 cm with p = pi/6.4 cm,
// and the source that makes it so for constant k, k(x), D(x), and in time.
#include "field.hpp"

#include <angiotrial/numerics/transient.hpp>

#include <functional>
#include <numbers>

namespace angiotrial::verification {
namespace {

using numerics::Grid;
using numerics::Scheme;

constexpr double side = 6.4;
constexpr double p = std::numbers::pi / side;
constexpr std::array<int, 3> sizes{16, 32, 64};

double wave(const Place& x) { return std::cos(p * x[0]) * std::cos(p * x[1]) * std::cos(p * x[2]); }

/// Root mean square error for one number of cells along the side.
using Error = std::function<double(const Grid& grid)>;

void expect_order_two(const std::string& what, const Error& error) {
  std::array<double, 3> e{};
  for (std::size_t i = 0; i < 3; ++i) {
    const int n = sizes[i];
    e[i] = error({{n, n, n}, side / n});
    report(what + ", " + std::to_string(n) + " cells, error", 0.0, e[i]);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    report(what + ", order", 2.0, order(e[i], e[i + 1]));
    EXPECT_NEAR(order(e[i], e[i + 1]), 2.0, 0.05) << what;
  }
}

double error_of(const Grid& grid, const numerics::Walls& walls, const std::vector<float>& k,
                const std::vector<double>& source) {
  numerics::Helmholtz<double> solver(grid, walls, diffusivity);
  solver.set_decay(k);
  std::vector<double> c(grid.size(), 0.0);
  solver.solve(source, c, {1e-13, 0});
  double squares = 0.0;
  for_each_cell(grid, [&](std::size_t i, const Place& x) {
    squares += (c[i] - 2.0 - wave(x)) * (c[i] - 2.0 - wave(x));
  });
  return std::sqrt(squares / static_cast<double>(grid.size()));
}

TEST(Manufactured, ConstantDecay) {
  expect_order_two("MMS constant k", [](const Grid& grid) {
    const std::vector<float> k(grid.size(), static_cast<float>(decay));
    std::vector<double> source(grid.size());
    for_each_cell(grid, [&](std::size_t i, const Place& x) {
      source[i] = double{k[i]} * (2.0 + wave(x)) + 3.0 * diffusivity * p * p * wave(x);
    });
    return error_of(grid, numerics::open_box(grid), k, source);
  });
}

TEST(Manufactured, DecayThatVaries) {
  expect_order_two("MMS k(x)", [](const Grid& grid) {
    std::vector<float> k(grid.size());
    std::vector<double> source(grid.size());
    for_each_cell(grid, [&](std::size_t i, const Place& x) {
      k[i] = static_cast<float>(decay * (1.0 + 0.5 * std::cos(p * x[0])));
      source[i] = double{k[i]} * (2.0 + wave(x)) + 3.0 * diffusivity * p * p * wave(x);
    });
    return error_of(grid, numerics::open_box(grid), k, source);
  });
}

/// Relative diffusivity of D(x) = D (1 + 0.5 cos px), carried by the faces.
double relative_diffusivity(double x) { return 1.0 + 0.5 * std::cos(p * x); }

TEST(Manufactured, DiffusivityThatVaries) {
  expect_order_two("MMS D(x)", [](const Grid& grid) {
    const std::vector<float> k(grid.size(), static_cast<float>(decay));
    std::vector<double> source(grid.size());
    numerics::Walls walls = numerics::open_box(grid);
    for_each_cell(grid, [&](std::size_t i, const Place& x) {
      const double here = relative_diffusivity(x[0]), sine = std::sin(p * x[0]);
      walls.face[0][i] = static_cast<float>(relative_diffusivity(x[0] + 0.5 * grid.spacing));
      walls.face[1][i] = walls.face[2][i] = static_cast<float>(here);
      const double spread =
          -3.0 * here * wave(x) + 0.5 * sine * sine * std::cos(p * x[1]) * std::cos(p * x[2]);
      source[i] = double{k[i]} * (2.0 + wave(x)) - diffusivity * p * p * spread;
    });
    return error_of(grid, walls, k, source);
  });
}

/// Error in time alone: the space part uses the grid's own eigenvalue. c fades as exp(-t/tau).
double error_in_time(Scheme scheme, int steps) {
  const Grid grid{{8, 8, 8}, side / 8};
  const double tau = 30000.0, end = 20000.0, step = end / steps;
  const double ph = p * grid.spacing;
  const double eigenvalue =
      3.0 * diffusivity / (grid.spacing * grid.spacing) * (2.0 - 2.0 * std::cos(ph));
  std::vector<double> c(grid.size()), source(grid.size());
  for_each_cell(grid, [&](std::size_t i, const Place& x) { c[i] = 2.0 + wave(x); });
  numerics::Transient transient(grid, numerics::open_box(grid), diffusivity, decay, step, scheme);
  for (int n = 0; n < steps; ++n) {
    const double t = (n + (scheme == Scheme::midpoint ? 0.5 : 1.0)) * step;
    for_each_cell(grid, [&](std::size_t i, const Place& x) {
      source[i] =
          std::exp(-t / tau) * ((decay - 1.0 / tau) * (2.0 + wave(x)) + eigenvalue * wave(x));
    });
    transient.advance(source, c, 1e-13);
  }
  double worst = 0.0;
  for_each_cell(grid, [&](std::size_t i, const Place& x) {
    worst = std::max(worst, std::abs(c[i] - std::exp(-end / tau) * (2.0 + wave(x))));
  });
  return worst;
}

TEST(Manufactured, StepsInTime) {
  for (const auto& [scheme, declared, what] :
       {std::tuple{Scheme::backward_euler, 1.0, "MMS in time, backward Euler, order"},
        {Scheme::midpoint, 2.0, "MMS in time, midpoint, order"}}) {
    const double coarse = error_in_time(scheme, 40), middle = error_in_time(scheme, 80),
                 fine = error_in_time(scheme, 160);
    report(what, declared, order(coarse, middle));
    report(what, declared, order(middle, fine));
    EXPECT_NEAR(order(coarse, middle), declared, 0.05);
    EXPECT_NEAR(order(middle, fine), declared, 0.05);
  }
}

}  // namespace
}  // namespace angiotrial::verification
