// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/schema/reader.hpp>
#include <angiotrial/schema/resolved.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <bit>
#include <cmath>

namespace angiotrial::schema {
namespace {

using diagnostics::Problem;

enum class Separator { isolex, clinimacs };
constexpr std::array<std::string_view, 2> separator_names{"isolex", "clinimacs"};

struct Bag {
  units::CellsPerKg dose_cells_per_kg{1e5};
  units::Ml volume_ml{2.0};
  units::Fraction loss_fraction{0.1};
  double hill = 0.7;
  int sites = 10;
  bool frozen = false;
  std::string note = "a \"quoted\" note";
  Separator separator = Separator::clinimacs;
};

void describe(Visitor& visit, Bag& p) {
  const Source source{Provenance::protocol, "ACT34-CMI", "NCT00300053"};
  visit("dose_cells_per_kg", p.dose_cells_per_kg, {0, 1e8}, "dose", source);
  visit("volume_ml", p.volume_ml, {.least = 0}, "volume", source);
  visit("loss_fraction", p.loss_fraction, {0, 1}, "share lost", source);
  visit("hill", p.hill, {}, "shape", source);
  visit("sites", p.sites, {1, 60}, "sites", source);
  visit("frozen", p.frozen, "frozen in transit", source);
  visit("note", p.note, "free text", source);
  visit("separator", p.separator, separator_names, "device", source);
}

struct Product {
  units::Days transit_days{1};
  Bag bag;
};

void describe(Visitor& visit, Product& p) {
  visit("transit_days", p.transit_days, {0, 7}, "days in transit", {});
  visit.group("bag", p.bag);
}

struct Read {
  Product product;
  Diagnosis diagnosis{"study.toml", {}, {}};
};

/// Reads a file whose root is described by Product.
Read read(std::string_view text) {
  Read done;
  const auto tree = formats::read_toml(text, "study.toml");
  if (tree) {
    read_group(&tree.value(), "", done.product, done.diagnosis);
  } else {
    done.diagnosis.problems = tree.problems();
  }
  return done;
}

Problem only_problem(std::string_view text) {
  const auto problems = read(text).diagnosis.problems;
  EXPECT_EQ(problems.size(), 1U) << text << '\n' << to_string(problems);
  return problems.empty() ? Problem{} : problems[0];
}

TEST(Reader, OverwritesWhatIsPresentAndKeepsTheRest) {
  const Read done = read(
      "transit_days = 2\n[bag]\ndose_cells_per_kg = 5e5\nsites = 12.0\nfrozen = true\n"
      "note = \"x\"\nseparator = \"isolex\"\n");
  ASSERT_TRUE(done.diagnosis.ok()) << to_string(done.diagnosis.problems);
  EXPECT_EQ(done.product.transit_days.value(), 2.0);
  EXPECT_EQ(done.product.bag.dose_cells_per_kg.value(), 5e5);
  EXPECT_EQ(done.product.bag.sites, 12);
  EXPECT_TRUE(done.product.bag.frozen);
  EXPECT_EQ(done.product.bag.note, "x");
  EXPECT_EQ(done.product.bag.separator, Separator::isolex);
  EXPECT_EQ(done.product.bag.hill, 0.7);
}

TEST(Reader, RecordsValueDefaultLineAndSource) {
  const Read done = read("[bag]\ndose_cells_per_kg = 5e5\n");
  ASSERT_EQ(done.diagnosis.ledger.size(), 9U);
  const LedgerRow& dose = done.diagnosis.ledger[1];
  EXPECT_EQ(dose.path, "bag.dose_cells_per_kg");
  EXPECT_EQ(dose.value, "500000.0");
  EXPECT_EQ(dose.default_value, "100000.0");
  EXPECT_EQ(dose.unit, "cells/kg");
  EXPECT_EQ(dose.line, 2);
  EXPECT_EQ(origin(dose), "study file, line 2");
  EXPECT_EQ(done.diagnosis.ledger[2].line, 0);
  EXPECT_EQ(origin(done.diagnosis.ledger[2]), "protocol: ACT34-CMI [NCT00300053]");
  EXPECT_EQ(origin(done.diagnosis.ledger[0]), "assumed");
}

TEST(Reader, TakesAnAbsentTableForAllDefaults) {
  Diagnosis diagnosis{"study.toml", {}, {}};
  Product product;
  read_group(nullptr, "product", product, diagnosis);
  EXPECT_TRUE(diagnosis.ok());
  EXPECT_EQ(diagnosis.ledger.at(1).path, "product.bag.dose_cells_per_kg");
}

struct Wrong {
  const char* line;
  const char* key;
  const char* rule;
};

TEST(Reader, ReportsEachWrongValueAndKeepsTheDefault) {
  const std::vector<Wrong> wrong{
      {"hill = \"0.7\"", "bag.hill", "must be a number, is a text"},
      {"hill = nan", "bag.hill", "must be a finite number"},
      {"hill = -inf", "bag.hill", "must be a finite number"},
      {"hill = [1]", "bag.hill", "must be a number, is an array"},
      {"volume_ml = -1", "bag.volume_ml", "must be at least 0 mL"},
      {"dose_cells_per_kg = 2e8", "bag.dose_cells_per_kg",
       "must be between 0 and 100000000 cells/kg"},
      {"loss_fraction = 10", "bag.loss_fraction", "must be between 0 and 1"},
      {"sites = 0", "bag.sites", "must be between 1 and 60"},
      {"sites = 1.5", "bag.sites", "must be a whole number, is a number"},
      {"sites = nan", "bag.sites", "must be a whole number, is a number"},
      {"sites = 9223372036854775807", "bag.sites", "must be between 1 and 60"},
      {"sites = true", "bag.sites", "must be a whole number, is a truth value"},
      {"frozen = 1", "bag.frozen", "must be true or false, is a whole number"},
      {"note = 2026-01-01", "bag.note", "must be a text, is a date or time"},
      {"separator = 1", "bag.separator", "must be one of \"isolex\", \"clinimacs\""},
      {"separator = \"clinimax\"", "bag.separator", "must be one of \"isolex\", \"clinimacs\""},
  };
  for (const Wrong& w : wrong) {
    const Read done = read("[bag]\n" + std::string(w.line));
    ASSERT_EQ(done.diagnosis.problems.size(), 1U) << w.line;
    const Problem& problem = done.diagnosis.problems[0];
    EXPECT_EQ(problem.file, "study.toml");
    EXPECT_EQ(problem.line, 2);
    EXPECT_EQ(problem.key, w.key);
    EXPECT_EQ(problem.rule, w.rule);
    EXPECT_FALSE(problem.value.empty());
    for (const LedgerRow& row : done.diagnosis.ledger) EXPECT_EQ(row.value, row.default_value);
  }
  EXPECT_EQ(only_problem("[bag]\nseparator = \"clinimax\"").hint, "did you mean \"clinimacs\"?");
}

TEST(Reader, SuggestsTheNearestKey) {
  const Problem problem = only_problem("[bag]\n\nhil = 1");
  EXPECT_EQ(to_string(problem),
            "study.toml:3: bag.hil = 1: is not a known key (did you mean hill?)");
  EXPECT_EQ(only_problem("[bga]\nhill = 1").hint, "did you mean bag?");
  EXPECT_EQ(only_problem("[bag]\nsomething_else = 1").hint, "");
}

TEST(Reader, SaysThatTheUnitIsPartOfTheKey) {
  for (const char* key :
       {"dose_cells_per_g", "dose_cells", "dose", "dose_cells_per_ml", "dose_mg"}) {
    EXPECT_EQ(only_problem("[bag]\n" + std::string(key) + " = 1").hint,
              "the unit is part of the key: write dose_cells_per_kg");
  }
  EXPECT_EQ(only_problem("[bag]\nvolume_l = 1").hint,
            "the unit is part of the key: write volume_ml");
  EXPECT_EQ(only_problem("[bag]\nloss_percent = 1").hint,
            "the unit is part of the key: write loss_fraction");
  // Not a unit: the suggestion must not claim so.
  EXPECT_EQ(only_problem("[bag]\ndose_schedule = 1").hint, "");
}

TEST(Reader, ReportsAGroupThatIsNoTableOnce) {
  EXPECT_EQ(to_string(only_problem("bag = 3")),
            "study.toml:1: bag = 3: must be a table, is a whole number");
  Diagnosis diagnosis{"study.toml", {}, {}};
  const auto tree = formats::read_toml("product = 3", "study.toml");
  Product product;
  read_group(tree.value().find("product"), "product", product, diagnosis);
  EXPECT_EQ(diagnosis.problems.size(), 1U);
}

TEST(Reader, ReportsAllProblemsInTheOrderOfLines) {
  const auto problems = read("odd = 1\n[bag]\nnot_known = 1\nhill = true\n").diagnosis.problems;
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].key, "odd");
  EXPECT_EQ(problems[1].key, "bag.not_known");
  EXPECT_EQ(problems[2].key, "bag.hill");
}

TEST(Reader, ListsManyUnknownKeysOnlyToAPoint) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "key_" + std::to_string(i) + " = 1\n";
  EXPECT_EQ(read(text).diagnosis.problems.size(), 51U);
}

TEST(Reader, LetsSeveralGroupsShareATable) {
  const auto tree = formats::read_toml("transit_days = 3\nhill = 2\nother = 1\n[bag]\n", "s");
  Diagnosis diagnosis{"s", {}, {}};
  Product product;
  Bag bag;
  Reader reader(&tree.value(), "", diagnosis);
  describe(static_cast<Visitor&>(reader), product);
  describe(static_cast<Visitor&>(reader), bag);
  reader.allow("other");
  reader.finish();
  EXPECT_TRUE(diagnosis.ok()) << to_string(diagnosis.problems);
  EXPECT_EQ(bag.hill, 2.0);
}

TEST(RequireKey, ReportsWhatIsMissing) {
  const auto tree = formats::read_toml("\n[trial]\nseed = 1\n", "study.toml");
  std::vector<Problem> problems;
  const formats::TomlNode* trial = tree.value().find("trial");
  EXPECT_TRUE(require_key(trial, "seed", "study.toml", "trial", problems));
  EXPECT_FALSE(require_key(trial, "name", "study.toml", "trial", problems));
  EXPECT_FALSE(require_key(nullptr, "x", "study.toml", "y", problems));
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(to_string(problems[0]),
            "study.toml:2: trial.name: is missing and has no default (add it to [trial])");
}

TEST(NamedTables, GiveEachTableWithItsPath) {
  const auto tree = formats::read_toml(
      "[arms.low]\nhill = 1\n[arms.\"high dose\"]\nhill = 2\n[arms]\nodd = 3\n", "study.toml");
  ASSERT_TRUE(tree.ok()) << to_string(tree.problems());
  Diagnosis diagnosis{"study.toml", {}, {}};
  const auto arms = named_tables(&tree.value(), "arms", "", diagnosis);
  ASSERT_EQ(arms.size(), 2U);
  EXPECT_EQ(arms[0].name, "low");
  EXPECT_EQ(arms[1].name, "high dose");
  EXPECT_EQ(arms[1].prefix, "arms.\"high dose\"");
  ASSERT_EQ(diagnosis.problems.size(), 1U);
  EXPECT_EQ(diagnosis.problems[0].key, "arms.odd");
  EXPECT_EQ(diagnosis.problems[0].line, 6);
  EXPECT_TRUE(named_tables(&tree.value(), "absent", "", diagnosis).empty());
  EXPECT_TRUE(named_tables(nullptr, "absent", "", diagnosis).empty());
}

TEST(ListedTables, GiveEachTableOfAnArray) {
  const auto tree = formats::read_toml("a = [{}, 1]\nb = 1\n[[c]]\n[[c]]\n", "study.toml");
  Diagnosis diagnosis{"study.toml", {}, {}};
  EXPECT_EQ(listed_tables(&tree.value(), "a", "", diagnosis).size(), 1U);
  EXPECT_EQ(listed_tables(&tree.value(), "b", "", diagnosis).size(), 0U);
  EXPECT_EQ(listed_tables(&tree.value(), "c", "", diagnosis).size(), 2U);
  ASSERT_EQ(diagnosis.problems.size(), 2U);
  EXPECT_EQ(diagnosis.problems[0].key, "a.2");
  EXPECT_EQ(diagnosis.problems[1].rule, "must be an array of tables, is a whole number");
}

TEST(CheckKeys, ReportsUnknownTables) {
  const auto tree = formats::read_toml("[trial]\n[prodct]\n", "study.toml");
  Diagnosis diagnosis{"study.toml", {}, {}};
  check_keys(tree.value(), "", {"trial", "product"}, diagnosis);
  ASSERT_EQ(diagnosis.problems.size(), 1U);
  EXPECT_EQ(to_string(diagnosis.problems[0]),
            "study.toml:2: prodct: is not a known key (did you mean product?)");
}

TEST(ToToml, WritesTablesWithUnitAndOrigin) {
  const Read done = read("transit_days = 2\n[bag]\nsites = 3");
  std::vector<LedgerRow> rows(done.diagnosis.ledger.begin(), done.diagnosis.ledger.begin() + 2);
  rows.push_back(rows[1]);
  rows[2].path = "arms.\"high.dose\".dose_cells_per_kg";
  rows[2].citation = "line\nbreak";
  EXPECT_EQ(to_toml(rows),
            "transit_days = 2.0  # days; study file, line 1\n"
            "\n[bag]\n"
            "dose_cells_per_kg = 100000.0  # cells/kg; protocol: ACT34-CMI [NCT00300053]\n"
            "\n[arms.\"high.dose\"]\n"
            "dose_cells_per_kg = 100000.0  # cells/kg; protocol: line break [NCT00300053]\n");
  EXPECT_EQ(to_toml({}), "");
}

TEST(ToToml, PutsRootKeysFirst) {
  auto rows = list(Bag{}, "bag");
  const auto root = list(Bag{}, "");
  rows.insert(rows.end(), root.begin(), root.end());
  const auto tree = formats::read_toml(to_toml(rows), "resolved.toml");
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(tree.value().members.size(), 9U);
}

/// Any finite double, by its bits.
rc::Gen<double> finite() {
  return rc::gen::suchThat(
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                   [](std::uint64_t bits) { return std::bit_cast<double>(bits); }),
      [](double value) { return std::isfinite(value); });
}

RC_GTEST_PROP(ToToml, ReadsBackToIdenticalValues, ()) {
  Product written;
  written.transit_days = units::Days(*rc::gen::inRange(0, 7000) / 1000.0);
  written.bag.volume_ml = units::Ml(std::abs(*finite()));
  written.bag.hill = *finite();
  written.bag.sites = *rc::gen::inRange(1, 61);
  written.bag.frozen = *rc::gen::arbitrary<bool>();
  written.bag.note = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  written.bag.separator = *rc::gen::element(Separator::isolex, Separator::clinimacs);
  const auto rows = list(written, "");
  const Read done = read(to_toml(rows));
  RC_ASSERT(done.diagnosis.ok());
  RC_ASSERT(std::bit_cast<std::uint64_t>(done.product.bag.hill) ==
            std::bit_cast<std::uint64_t>(written.bag.hill));
  RC_ASSERT(done.product.bag.note == written.bag.note);
  RC_ASSERT(done.diagnosis.ledger.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    RC_ASSERT(done.diagnosis.ledger[i].path == rows[i].path);
    RC_ASSERT(done.diagnosis.ledger[i].value == rows[i].value);
    RC_ASSERT(done.diagnosis.ledger[i].line > 0);
  }
}

RC_GTEST_PROP(Reader, AnswersAnyMutationOfAValidFile, ()) {
  std::string text = to_toml(list(Product{}, ""));
  const int edits = *rc::gen::inRange(1, 10);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::oneOf(rc::gen::arbitrary<char>(),
                               rc::gen::elementOf(std::string("[]{}=.\"#\n-+ein019")));
  }
  for (const Problem& problem : read(text).diagnosis.problems) {
    RC_ASSERT(problem.file == "study.toml");
    RC_ASSERT(problem.line > 0);
  }
}

}  // namespace
}  // namespace angiotrial::schema
