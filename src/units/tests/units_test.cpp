// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/units/names.hpp>

#include <gtest/gtest.h>

#include <concepts>
#include <set>
#include <string>

namespace angiotrial::units {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) { a + b; };
template <class A, class B>
concept Comparable = requires(A a, B b) { a < b; };
template <class A, class B>
concept Convertible = requires(A a) { a.template to<B>(); };

static_assert(Addable<Cells, Cells>);
static_assert(!Addable<Cells, Kilograms>, "cells and kilograms do not add");
static_assert(!Addable<Hours, Days>, "convert first, so that the reader sees it");
static_assert(!Addable<Fraction, Met>, "what has no dimension still has a kind");
static_assert(!Addable<Cells, double>);
static_assert(!Comparable<Mm, Mm3>);
static_assert(Convertible<Hours, Days>);
static_assert(!Convertible<Hours, Mm>);
static_assert(!std::convertible_to<double, Cells>, "a bare number is not a quantity");
static_assert(std::same_as<decltype(CellsPerKg(1) * Kilograms(1)), Cells>);
static_assert(std::same_as<decltype(Cells(1) / Kilograms(1)), CellsPerKg>);
static_assert(std::same_as<decltype(Mm(1) * Mm(1) * Mm(1)), Mm3>);
static_assert(std::same_as<decltype(Bpm(1) * Mmhg(1)), BpmMmhg>);
static_assert(sizeof(Cells) == sizeof(double));

TEST(Quantity, ConvertsBetweenUnitsOfOneDimension) {
  EXPECT_DOUBLE_EQ(Hours(36).to<Days>().value(), 1.5);
  EXPECT_DOUBLE_EQ(Weeks(9).to<Days>().value(), 63.0);
  EXPECT_DOUBLE_EQ(Days(365.25).to<Years>().value(), 1.0);
  EXPECT_DOUBLE_EQ(Months(12).to<Years>().value(), 1.0);
  EXPECT_DOUBLE_EQ(Ml(0.2).to<Mm3>().value(), 200.0);
  EXPECT_DOUBLE_EQ(Grams(150).to<Kilograms>().value(), 0.15);
  EXPECT_DOUBLE_EQ(CellsPerMl(2e3).to<CellsPerUl>().value(), 2.0);
  EXPECT_DOUBLE_EQ(PerYear(365.25).to<PerDay>().value(), 1.0);
}

TEST(Quantity, DoseTimesMassIsCells) {
  const Cells dose = CellsPerKg(1e5) * Kilograms(82);
  EXPECT_DOUBLE_EQ(dose.value(), 8.2e6);
}

TEST(Suffixes, AreUniqueAndStartWithAnUnderscore) {
  std::set<std::string> seen;
  for (const Suffix& row : suffixes) {
    EXPECT_EQ(row.suffix.front(), '_');
    EXPECT_TRUE(seen.insert(std::string(row.suffix)).second) << row.suffix << " stands twice";
  }
  EXPECT_EQ(suffix_of<CellsPerKg::unit>().suffix, "_cells_per_kg");
}

}  // namespace
}  // namespace angiotrial::units
