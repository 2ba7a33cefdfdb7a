// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/schema/ledger.hpp>

#include <gtest/gtest.h>

#include <array>

namespace angiotrial::schema {
namespace {

enum class Separator { isolex, clinimacs };
constexpr std::array<std::string_view, 2> separator_names{"isolex", "clinimacs"};

struct Bag {
  units::CellsPerKg dose_cells_per_kg{1e5};
  double hill = 0.7;
  int sites = 10;
  bool frozen = false;
  std::string note = "a \"quoted\" note";
  Separator separator = Separator::clinimacs;
};

void describe(Visitor& visit, Bag& p) {
  const Source source{Provenance::protocol, "ACT34-CMI", "NCT00300053"};
  visit("dose_cells_per_kg", p.dose_cells_per_kg, {0, 1e8}, "dose", source);
  visit("hill", p.hill, {0, 5}, "shape", source);
  visit("sites", p.sites, {1, 60}, "sites", source);
  visit("frozen", p.frozen, "frozen in transit", source);
  visit("note", p.note, "free text", source);
  visit("separator", p.separator, separator_names, "device", source);
}

struct Outer {
  Bag bag;
};
void describe(Visitor& visit, Outer& p) { visit.group("bag", p.bag); }

struct Wrong {
  units::CellsPerKg dose_cells{1e9};
  int sites = 0;
};
void describe(Visitor& visit, Wrong& p) {
  visit("dose_cells", p.dose_cells, {0, 1e8}, "", {Provenance::seen, "", ""});
  visit("sites", p.sites, {1, 60}, "sites", {});
}

TEST(Lister, WritesEachFieldAsTomlUnderItsPath) {
  const auto rows = list(Outer{}, "product");
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_EQ(rows[0].path, "product.bag.dose_cells_per_kg");
  EXPECT_EQ(rows[0].value, "100000.0");
  EXPECT_EQ(rows[0].unit, "cells/kg");
  EXPECT_EQ(rows[1].value, "0.7");
  EXPECT_EQ(rows[2].value, "10");
  EXPECT_EQ(rows[3].value, "false");
  EXPECT_EQ(rows[4].value, "\"a \\\"quoted\\\" note\"");
  EXPECT_EQ(rows[5].value, "\"clinimacs\"");
}

TEST(Auditor, PassesAGoodDescription) { EXPECT_TRUE(audit(Outer{}).empty()); }

TEST(Auditor, FindsWrongSuffixRangeMeaningAndSource) { EXPECT_EQ(audit(Wrong{}).size(), 5U); }

TEST(TomlNumber, RoundTrips) {
  EXPECT_EQ(toml_number(0.1), "0.1");
  EXPECT_EQ(toml_number(-3), "-3.0");
  EXPECT_EQ(toml_number(1e300), "1e+300");
  EXPECT_EQ(toml_number(2.5e-9), "2.5e-09");
}

}  // namespace
}  // namespace angiotrial::schema
