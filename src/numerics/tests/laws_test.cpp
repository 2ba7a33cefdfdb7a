// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace angiotrial::numerics {
namespace {

Sample any_sample(std::array<int, 3> cells = {19, 8, 9}) {
  const auto kind = static_cast<Kind>(*rc::gen::inRange(0, 3));
  const auto seed = static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000000));
  return sample(kind, cells, seed);
}

std::vector<double> sum_of(double x, const std::vector<double>& a, double y,
                           const std::vector<double>& b) {
  std::vector<double> sum(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) sum[i] = x * a[i] + y * b[i];
  return sum;
}

double largest(const std::vector<double>& a) {
  double most = 0.0;
  for (const double value : a) most = std::max(most, std::abs(value));
  return most;
}

double product(const Sample& s, const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i] * double{s.walls.volume[i]};
  return sum;
}

RC_GTEST_PROP(Laws, TheFastSolverAgreesWithTheReference, ()) {
  const std::array<int, 3> cells{*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 9),
                                 *rc::gen::inRange(1, 9)};
  const Sample s = any_sample(cells);
  RC_PRE(s.amount(s.source) > 0.0);
  const std::vector<double> fast = solve(s, s.source);
  const std::vector<double> slow = reference_solve(s.reference(), s.source, 1e-13);
  // Two solutions with residuals of 1e-12 and a condition number below 50.
  RC_ASSERT(largest(sum_of(1.0, fast, -1.0, slow)) <= 1e-9 * largest(slow));
  RC_ASSERT(reference_residual(s.reference(), s.source, fast) < 1.0000001e-12);
}

RC_GTEST_PROP(Laws, WhatIsMadeDecays, ()) {
  const Sample s = any_sample();
  const std::vector<double> field = solve(s, s.source);
  std::vector<double> lost(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) lost[i] = s.decay[i] * field[i];
  RC_ASSERT(std::abs(s.amount(lost) / s.amount(s.source) - 1.0) < 1e-11);
}

RC_GTEST_PROP(Laws, NoFieldIsNegativeBeyondTheTolerance, ()) {
  const Sample s = any_sample();
  const std::vector<double> field = solve(s, s.source);
  RC_ASSERT(*std::min_element(field.begin(), field.end()) >= -1e-11 * largest(field));
}

RC_GTEST_PROP(Laws, SourceAndObserverMayChangePlaces, ()) {
  Sample s = any_sample();
  std::vector<double> other(s.source.rbegin(), s.source.rend());
  const std::vector<double> u = solve(s, s.source), v = solve(s, other);
  const double one = product(s, other, u), two = product(s, s.source, v);
  RC_ASSERT(std::abs(one - two) <= 1e-10 * (std::abs(one) + std::abs(two)) + 1e-13);
}

RC_GTEST_PROP(Laws, FieldsOfSeveralSourcesAdd, ()) {
  const Sample s = any_sample();
  const std::vector<double> other(s.source.rbegin(), s.source.rend());
  const std::vector<double> both = solve(s, sum_of(2.0, s.source, 0.5, other));
  const std::vector<double> apart = sum_of(2.0, solve(s, s.source), 0.5, solve(s, other));
  RC_ASSERT(largest(sum_of(1.0, both, -1.0, apart)) <= 1e-10 * largest(both));
}

RC_GTEST_PROP(Laws, AnyFirstGuessLeadsToTheSameAnswer, ()) {
  const Sample s = any_sample();
  const std::vector<double> cold = solve(s, s.source);
  Helmholtz<double> solver(s.grid, s.walls, s.diffusivity);
  solver.set_decay(s.float_decay());
  std::vector<double> warm(s.grid.size());
  for (std::size_t i = 0; i < warm.size(); ++i) warm[i] = noise(77, i);
  solver.solve(s.source, warm, {1e-12, 0});
  RC_ASSERT(largest(sum_of(1.0, warm, -1.0, cold)) <= 1e-9 * largest(cold));
}

/// Index of the cell that (x, y, z) -> (-y, x, z) brings to (i, j, k) of a box n wide.
template <class T>
std::vector<T> turned(const Grid& grid, const std::vector<T>& values) {
  const int n = grid.cells[0];
  std::vector<T> result(values.size());
  for (int k = 0; k < grid.cells[2]; ++k) {
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < n; ++i) result[grid.index(n - 1 - j, i, k)] = values[grid.index(i, j, k)];
    }
  }
  return result;
}

RC_GTEST_PROP(Laws, AQuarterTurnTurnsTheField, ()) {
  const Sample s = any_sample({11, 11, 6});
  Sample t = s;
  const Grid corners{{12, 12, 7}, 0.5};
  t.decay = turned(s.grid, s.decay);
  t.source = turned(s.grid, s.source);
  std::vector<std::uint8_t> inside(s.grid.size());
  for (std::size_t i = 0; i < inside.size(); ++i) inside[i] = s.walls.volume[i] > 0.5F ? 1 : 0;
  Sample stairs = s;
  stairs.walls = staircase(s.grid, inside);
  t.walls = staircase(s.grid, turned(s.grid, inside));
  const std::vector<double> field = turned(s.grid, solve(stairs, s.source));
  RC_ASSERT(largest(sum_of(1.0, field, -1.0, solve(t, t.source))) <=
            1e-11 * largest(field) + 1e-300);
}

TEST(Laws, AUniformSourceGivesSourceOverDecayInEveryKindOfRoom) {
  for (const Kind kind : {Kind::open, Kind::stairs, Kind::cut}) {
    const Sample s = sample(kind, {33, 14, 12}, 5, false);
    Helmholtz<double> solver(s.grid, s.walls, s.diffusivity);
    solver.set_decay(0.3);
    const std::vector<double> source(s.grid.size(), 0.6);
    std::vector<double> field(s.grid.size(), 0.0);
    solver.solve(source, field, {1e-14, 0});
    for (std::size_t i = 0; i < field.size(); ++i) {
      if (s.walls.volume[i] == 0.0F) {
        EXPECT_EQ(field[i], 0.0);
      } else {
        EXPECT_NEAR(field[i], 2.0, 1e-12);
      }
    }
  }
}

TEST(Laws, WhatStandsInSolidCellsIsIgnored) {
  const Sample s = sample(Kind::stairs, {12, 12, 12}, 3);
  std::vector<double> odd = s.source;
  for (std::size_t i = 0; i < odd.size(); ++i) {
    if (s.walls.volume[i] == 0.0F) odd[i] = std::nan("");
  }
  const std::vector<double> expected = solve(s, s.source);
  EXPECT_EQ(solve(s, odd), expected);
  Helmholtz<double> solver(s.grid, s.walls, s.diffusivity);
  solver.set_decay(s.float_decay());
  solver.solve(odd, odd, {1e-12, 0});
}

TEST(Laws, ACertificateTellsTheTruth) {
  for (const Kind kind : {Kind::open, Kind::stairs, Kind::cut}) {
    const Sample s = sample(kind, {21, 10, 10}, 4);
    Helmholtz<double> solver(s.grid, s.walls, s.diffusivity);
    solver.set_decay(s.float_decay());
    for (const double tolerance : {1e-2, 1e-5, 1e-9}) {
      std::vector<double> field(s.grid.size(), 0.0);
      const Certificate proof = solver.solve(s.source, field, {tolerance, 0});
      EXPECT_LT(proof.relative_residual, tolerance);
      const double residual = reference_residual(s.reference(), s.source, field);
      EXPECT_NEAR(proof.relative_residual / residual, 1.0, 1e-4);
      std::vector<double> lost(field.size());
      for (std::size_t i = 0; i < field.size(); ++i) lost[i] = s.decay[i] * field[i];
      const double balance = std::abs(s.amount(lost) / s.amount(s.source) - 1.0);
      EXPECT_NEAR(proof.balance_error, balance, 1e-13);
    }
  }
}

TEST(Laws, SinglePrecisionReachesWhatItCan) {
  const Sample s = sample(Kind::cut, {21, 16, 16}, 4);
  const std::vector<double> exact = solve(s, s.source);
  Helmholtz<float> solver(s.grid, s.walls, s.diffusivity);
  solver.set_decay(s.float_decay());
  const std::vector<float> source(s.source.begin(), s.source.end());
  std::vector<float> field(s.grid.size(), 0.0F);
  const Certificate proof = solver.solve(source, field, {2e-6, 0});
  EXPECT_LT(proof.relative_residual, 2e-6);
  for (std::size_t i = 0; i < field.size(); ++i) {
    EXPECT_NEAR(double{field[i]}, exact[i], 1e-5 * largest(exact));
  }
}

TEST(Laws, AnUnreachableToleranceEndsAllTheSame) {
  const Sample s = sample(Kind::stairs, {21, 16, 16}, 4);
  Helmholtz<float> solver(s.grid, s.walls, s.diffusivity);
  solver.set_decay(s.float_decay());
  const std::vector<float> source(s.source.begin(), s.source.end());
  std::vector<float> field(s.grid.size(), 0.0F);
  const Certificate proof = solver.solve(source, field, {1e-12, 0});
  EXPECT_GT(proof.relative_residual, 1e-12);
  EXPECT_LT(proof.relative_residual, 1e-5);
}

TEST(Laws, TinyAndHugeUnitsChangeNothing) {
  const Sample s = sample(Kind::open, {40, 16, 16}, 4);
  const std::vector<double> field = solve(s, s.source);
  for (const double factor : {1e-150, 1e150}) {
    std::vector<double> source = s.source;
    for (double& value : source) value *= factor;
    const std::vector<double> scaled = solve(s, source);
    EXPECT_LT(largest(sum_of(1.0 / factor, scaled, -1.0, field)), 1e-9 * largest(field));
  }
}

}  // namespace
}  // namespace angiotrial::numerics
