// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/csv.hpp>
#include <angiotrial/formats/csv_table.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

namespace angiotrial::formats {
namespace {

using Kind = DataColumn::Kind;

DataTable read_or_fail(std::string_view text, const CsvTableOptions& options = {}) {
  auto table = parse_csv_table(text, "data/adeff.csv", options);
  if (!table) throw std::runtime_error(diagnostics::to_string(table.problems()));
  return std::move(table).value();
}

std::string refusal(std::string_view text, const CsvTableOptions& options = {}) {
  return diagnostics::to_string(parse_csv_table(text, "a.csv", options).problems());
}

TEST(CsvTable, GivesNumbersAndTextsWithTheirLines) {
  const DataTable t =
      read_or_fail("USUBJID,X,NOTE\nS-1,1.5,fine\n\nS-2,-2e3,\"two\nlines\"\nS-3,,\n");
  EXPECT_EQ(t.name, "ADEFF");
  EXPECT_EQ(t.file, "data/adeff.csv");
  EXPECT_EQ(t.lines, (std::vector{2, 4, 6}));
  ASSERT_EQ(t.columns.size(), 3U);
  EXPECT_EQ(t.find("X")->kind, Kind::number);
  EXPECT_EQ(t.find("X")->numbers[1], -2000.0);
  EXPECT_TRUE(t.find("X")->missing(2));
  EXPECT_EQ(t.find("NOTE")->texts[1], "two\nlines");
  EXPECT_TRUE(t.find("NOTE")->missing(2));
  EXPECT_EQ(t.find("x"), nullptr);
}

TEST(CsvTable, TakesEmptyNaAndPointForMissing) {
  const DataTable t = read_or_fail("A,B\n1,x\nNA,NA\n.,.\n,\"\"\n\"NA\", . \n 3 , z \n");
  EXPECT_EQ(t.find("A")->kind, Kind::number);
  for (const std::size_t row : {1U, 2U, 3U, 4U}) {
    EXPECT_TRUE(t.find("A")->missing(row)) << row;
    EXPECT_TRUE(t.find("B")->missing(row)) << row;
  }
  EXPECT_EQ(t.find("A")->numbers[5], 3.0);
  EXPECT_EQ(t.find("B")->texts[5], " z ");
}

TEST(CsvTable, KeepsIdentifiersAsTheyAreSpelt) {
  const DataTable t =
      read_or_fail("SITEID,ID,LONG,ZERO,MINUS\n12,007,1234567890123456,0,-1\n1e5,8,2,0.5,-02\n");
  EXPECT_EQ(t.find("SITEID")->texts, (TextCells{"12", "1e5"}));
  EXPECT_EQ(t.find("ID")->texts, (TextCells{"007", "8"}));
  EXPECT_EQ(t.find("LONG")->texts, (TextCells{"1234567890123456", "2"}));
  EXPECT_EQ(t.find("ZERO")->kind, Kind::number);
  EXPECT_EQ(t.find("MINUS")->texts, (TextCells{"-1", "-02"}));
}

TEST(CsvTable, ReadsAgainWhatWasSpeltOtherwiseBeforeATextCame) {
  const DataTable t = read_or_fail("A,B\n1.50,1\n+2,2\nNA,3\nnone,4\n1e1,5\n");
  EXPECT_EQ(t.find("A")->texts, (TextCells{"1.50", "+2", "", "none", "1e1"}));
  EXPECT_EQ(t.find("B")->numbers, (std::vector{1.0, 2.0, 3.0, 4.0, 5.0}));
}

TEST(CsvTable, RefusesWhatIsNoNumberOnlyWhereNumbersAreWanted) {
  std::string text = "AVAL,N\n";
  for (int i = 0; i < 30; ++i) text += i == 3 ? "007,1\n" : "\"1,5\",1\n";
  const DataTable t = read_or_fail(text);
  std::vector<diagnostics::Problem> problems;
  EXPECT_EQ(require_numbers(t, "N", problems)->size(), 30U);
  EXPECT_FALSE(require_numbers(t, "AVAL", problems));
  ASSERT_EQ(problems.size(), 21U);
  EXPECT_EQ(problems[0], (diagnostics::Problem{"data/adeff.csv", 2, "AVAL", "1,5",
                                               "must be a number", "the decimal sign is a point"}));
  EXPECT_EQ(problems[20].rule, "9 more of the same kind: must be a number");
  problems.clear();
  EXPECT_FALSE(require_numbers(t, "AVALL", problems));
  EXPECT_EQ(diagnostics::to_string(problems[0]),
            "data/adeff.csv: AVALL: the column is missing (the nearest column is AVAL)");
}

TEST(CsvTable, NumbersOfATextColumnCountWhenTheyAreWanted) {
  const DataTable t = read_or_fail("A\n007\n8\nNA\n");
  std::vector<diagnostics::Problem> problems;
  const auto numbers = require_numbers(t, "A", problems);
  ASSERT_TRUE(numbers);
  EXPECT_EQ((*numbers)[0], 7.0);
  EXPECT_TRUE(std::isnan((*numbers)[2]));
}

TEST(CsvTable, NamesTheLineOfEachFault) {
  EXPECT_EQ(refusal("A,B\n1,2\n3\n4,5\n6,7,8\n"),
            "a.csv:3: this row has 1 fields, the header has 2\n"
            "a.csv:5: this row has 3 fields, the header has 2\n");
  EXPECT_EQ(refusal("A,A\n1,2\n"), "a.csv:1: the column A is named twice\n");
  EXPECT_EQ(refusal(""), "a.csv:1: the file is empty\n");
  EXPECT_EQ(refusal("A;B\n1;2\n"),
            "a.csv:1: the header has one column only: A;B (fields are separated by commas)\n");
  EXPECT_NE(refusal("A,B\n1,\"2\n3,4\n").find("a.csv:2: a quoted field is opened here"),
            std::string::npos);
  EXPECT_NE(refusal("A,B\n1,2\n3,\xFF\n").find("a.csv:3: the byte 0xFF is not UTF-8"),
            std::string::npos);
}

TEST(CsvTable, RefusesMoreThanItsLimits) {
  CsvTableOptions options;
  options.limits.most_rows = 2;
  EXPECT_NE(refusal("A\n1\n2\n3\n", options).find("more than 2 rows"), std::string::npos);
  options.limits = {};
  options.limits.most_bytes = 64;
  EXPECT_NE(refusal("A,B\n1,x\n2,y\n3,z\n", options).find("more than 64 bytes of memory"),
            std::string::npos);
}

TEST(CsvTable, RefusesWhatIsNoRegularFile) {
  EXPECT_NE(diagnostics::to_string(read_csv_table("/dev/null").problems()).find("regular file"),
            std::string::npos);
  EXPECT_NE(
      diagnostics::to_string(read_csv_table("/no/such.csv").problems()).find("cannot be opened"),
      std::string::npos);
  EXPECT_NE(diagnostics::to_string(read_csv_table("/").problems()).find("is a directory"),
            std::string::npos);
}

TEST(CsvTable, IsTheSameFromAFileByBlocks) {
  const auto path = std::filesystem::temp_directory_path() / "angiotrial_csv_table_test.csv";
  std::string text = "\xEF\xBB\xBFID,X,T\r\n";
  for (int i = 0; i < 2000; ++i) {
    text += "S" + std::to_string(i) + "," + std::to_string(i) + ".25,\"a, \"\"b\"\"\r\nc\"\r\n";
  }
  std::ofstream(path, std::ios::binary) << text;
  CsvTableOptions options;
  options.block_bytes = 1000;
  const auto table = read_csv_table(path, options);
  std::filesystem::remove(path);
  ASSERT_TRUE(table) << diagnostics::to_string(table.problems());
  const DataTable& t = table.value();
  ASSERT_EQ(t.rows(), 2000U);
  EXPECT_EQ(t.lines.back(), 2 * 2000);
  EXPECT_EQ(t.columns[0].name, "ID");
  EXPECT_EQ(t.columns[1].numbers[1999], 1999.25);
  EXPECT_EQ(t.columns[2].texts.levels(), (std::vector<std::string>{"a, \"b\"\r\nc"}));
}

RC_GTEST_PROP(CsvTable, DoesNotDependOnTheBlocks, (std::vector<std::string> pieces)) {
  static const std::vector<std::string> words{"1",     ",",    "\n",         "\"",      "\"\"",
                                              "a,b\n", "\r\n", "x",          "\"q\n\"", "2.5",
                                              "NA",    "007",  "\"a,\"\"b\""};
  std::string text = "A,B\n";
  for (const std::string& piece : pieces) {
    for (const char c : piece) {
      text += words[static_cast<unsigned char>(c) % words.size()];
    }
  }
  const auto whole = parse_csv_table(text, "a.csv");
  for (const std::size_t block : {1U, 2U, 3U, 7U, 16U}) {
    CsvTableOptions options;
    options.block_bytes = block;
    const auto parts = parse_csv_table(text, "a.csv", options);
    RC_ASSERT(parts.ok() == whole.ok());
    if (!whole.ok()) continue;
    RC_ASSERT(parts.value().lines == whole.value().lines);
    for (std::size_t c = 0; c < 2; ++c) {
      const DataColumn& a = parts.value().columns[c];
      const DataColumn& b = whole.value().columns[c];
      RC_ASSERT(a.kind == b.kind);
      RC_ASSERT(a.texts == b.texts);
      for (std::size_t r = 0; r < whole.value().rows(); ++r) RC_ASSERT(a.text(r) == b.text(r));
    }
  }
}

RC_GTEST_PROP(CsvTable, ReadsBackEachFiniteNumber, (std::vector<std::uint64_t> bits)) {
  std::string text = "X,Y\n";
  std::vector<double> values;
  for (const std::uint64_t b : bits) {
    const auto value = std::bit_cast<double>(b);
    if (!std::isfinite(value) || std::abs(value) >= 1e15) continue;
    values.push_back(value);
    text += shortest(value) + ",1\n";
  }
  const DataTable t = read_or_fail(text);
  RC_ASSERT(t.columns[0].kind == Kind::number);
  RC_ASSERT(t.columns[0].numbers == values);
}

RC_GTEST_PROP(TextCells, KeepEachTextInItsRow, (std::vector<std::string> texts)) {
  TextCells cells;
  for (const std::string& text : texts) cells.push_back(text.substr(0, text.size() % 3));
  RC_ASSERT(cells.size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    RC_ASSERT(cells[i] == texts[i].substr(0, texts[i].size() % 3));
  }
  const std::set<std::string> different(cells.levels().begin(), cells.levels().end());
  RC_ASSERT(different.size() == cells.levels().size());
}

TEST(CellNumber, ReadsDecimalTextsOnly) {
  EXPECT_EQ(cell_number(" +1.5e2 "), 150.0);
  EXPECT_EQ(cell_number("-.5"), -0.5);
  for (const char* text : {"", "1,5", "0x10", "inf", "nan", "1 2", "+-1", "--1", "1e999", "ten"}) {
    EXPECT_FALSE(cell_number(text)) << text;
  }
}

}  // namespace
}  // namespace angiotrial::formats
