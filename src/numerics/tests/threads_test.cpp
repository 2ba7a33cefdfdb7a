// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <gtest/gtest.h>

namespace angiotrial::numerics {
namespace {

template <class Real>
std::vector<Real> solved_by(const Sample& s, int threads, Certificate& proof) {
  Helmholtz<Real> solver(s.grid, s.walls, s.diffusivity);
  solver.set_decay(s.float_decay());
  const std::vector<Real> source(s.source.begin(), s.source.end());
  std::vector<Real> field(s.grid.size(), Real{0});
  proof = solver.solve(source, field, {1e-5, 0}, threads);
  proof = solver.solve(source, field, {sizeof(Real) == 4 ? 2e-6 : 1e-11, 0}, threads);
  return field;
}

template <class Real>
void expect_the_same_bytes(Kind kind, std::array<int, 3> cells) {
  const Sample s = sample(kind, cells, 12);
  Certificate alone, together;
  const std::vector<Real> expected = solved_by<Real>(s, 1, alone);
  for (const int threads : {2, 3, 8}) {
    EXPECT_EQ(solved_by<Real>(s, threads, together), expected) << threads;
    EXPECT_EQ(together.relative_residual, alone.relative_residual);
    EXPECT_EQ(together.balance_error, alone.balance_error);
    EXPECT_EQ(together.sweeps, alone.sweeps);
  }
}

TEST(Threads, AnyNumberGivesTheSameBytes) {
  for (const Kind kind : {Kind::open, Kind::stairs, Kind::cut}) {
    expect_the_same_bytes<float>(kind, {40, 70, 21});
    expect_the_same_bytes<double>(kind, {40, 70, 21});
  }
}

TEST(Threads, MoreThreadsThanPlanesOrRowsAreNoTrouble) {
  expect_the_same_bytes<double>(Kind::open, {30, 2, 3});
  expect_the_same_bytes<double>(Kind::open, {3, 30, 1});
}

TEST(Threads, ASolverUsedAgainGivesTheSameBytesAsAFreshOne) {
  const Sample s = sample(Kind::cut, {24, 18, 21}, 2);
  Helmholtz<double> solver(s.grid, s.walls, s.diffusivity);
  solver.set_decay(9.0);
  std::vector<double> other(s.grid.size(), 0.0);
  solver.solve(s.source, other, {1e-6, 0}, 2);
  solver.set_decay(s.float_decay());
  std::vector<double> field(s.grid.size(), 0.0);
  solver.solve(s.source, field, {1e-12, 0}, 2);
  EXPECT_EQ(field, solve(s, s.source));
}

TEST(Threads, ASolverRebuiltForAnotherGeometryGivesTheSameBytesAsAFreshOne) {
  const Sample first = sample(Kind::cut, {24, 18, 21}, 2);
  Helmholtz<double> solver(first.grid, first.walls, first.diffusivity);
  for (const Kind kind : {Kind::cut, Kind::stairs, Kind::open, Kind::cut}) {
    for (const int nx : {9, 40, 23}) {  // rows that end within a vector, and with it
      const Sample s = sample(kind, {nx, 11, 14}, 5);
      solver.rebuild(s.grid, s.walls, s.diffusivity);
      solver.set_decay(s.float_decay());
      std::vector<double> field(s.grid.size(), 0.0);
      solver.solve(s.source, field, {1e-12, 0}, 1);
      EXPECT_EQ(field, solve(s, s.source)) << nx;
    }
  }
}

}  // namespace
}  // namespace angiotrial::numerics
