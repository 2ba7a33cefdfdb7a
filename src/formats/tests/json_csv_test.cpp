// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/formats/csv.hpp>
#include <angiotrial/formats/json.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace angiotrial::formats {
namespace {

using diagnostics::ContractViolation;

TEST(Shortest, WritesWholeNumbersPlainly) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(100000), "100000");
  EXPECT_EQ(shortest(1e300), "1e+300");
  EXPECT_EQ(shortest(0.0), "0");
  EXPECT_EQ(shortest(-0.0), "-0.0");
  EXPECT_THROW((void)shortest(std::nan("")), ContractViolation);
}

TEST(SixDigits, RoundsWhatWasComputedAndLeavesWhatIsShort) {
  EXPECT_EQ(six_digits(1.9599639845400545), "1.95996");
  EXPECT_EQ(six_digits(399.09933757018524), "399.099");
  EXPECT_EQ(six_digits(1.0 / 3.0), "0.333333");
  EXPECT_EQ(six_digits(0.025), "0.025");
  EXPECT_EQ(six_digits(12345678), "12345700");
  EXPECT_EQ(six_digits(0.0), "0");
  EXPECT_THROW((void)six_digits(std::nan("")), ContractViolation);
}

RC_GTEST_PROP(Shortest, ReadsBackToTheSameBits, (std::uint64_t bits)) {
  const auto value = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(value));
  const std::string text = shortest(value);
  double back = 0;
  std::from_chars(text.data(), text.data() + text.size(), back);
  RC_ASSERT(std::bit_cast<std::uint64_t>(back) == bits);
}

TEST(JsonWriter, WritesCompactText) {
  JsonWriter json;
  json.begin_object().member("a", 1).member("b", true).member("c", "x").key("d").begin_array();
  json.value(0.5).value(std::nan("")).null().value(-std::numeric_limits<double>::infinity());
  json.end_array().key("e").begin_object().end_object().end_object();
  EXPECT_TRUE(json.complete());
  EXPECT_EQ(json.take(), R"({"a":1,"b":true,"c":"x","d":[0.5,null,null,null],"e":{}})");
}

TEST(JsonWriter, WritesIndentedText) {
  JsonWriter json(JsonWriter::Layout::indented);
  json.begin_object().key("a").begin_array().value(1).value(2).end_array();
  json.key("b").begin_array().end_array().end_object();
  EXPECT_EQ(json.take(), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": []\n}");
}

TEST(JsonWriter, EscapesSoThatHtmlMayHoldIt) {
  JsonWriter json;
  json.value(std::string("</script><!-- \"\\\n\x01 \xE2\x82\xAC \xFF", 24));
  EXPECT_EQ(json.take(), "\"<\\/script>\\u003c!-- \\\"\\\\\\n\\u0001 \xE2\x82\xAC \xEF\xBF\xBD\"");
}

TEST(JsonWriter, RefusesCallsOutOfOrder) {
  EXPECT_THROW(JsonWriter().begin_object().value(1), ContractViolation);
  EXPECT_THROW(JsonWriter().begin_object().end_array(), ContractViolation);
  EXPECT_THROW(JsonWriter().begin_object().key("a").end_object(), ContractViolation);
  EXPECT_THROW(JsonWriter().begin_array().key("a"), ContractViolation);
  EXPECT_THROW(JsonWriter().value(1).value(2), ContractViolation);
  EXPECT_FALSE(JsonWriter().begin_array().complete());
}

TEST(ReadJson, KeepsOrderKindAndLine) {
  const auto result = read_json("{\"z\": 1,\n\"a\": [2\n, 2.5, \"t\"],\n\"n\": null}", "a.json");
  ASSERT_TRUE(result.ok()) << to_string(result.problems());
  const JsonValue& root = result.value();
  EXPECT_EQ(root.members[0].key, "z");
  EXPECT_EQ(std::get<std::int64_t>(root.find("z")->scalar), 1);
  const JsonValue& list = *root.find("a");
  EXPECT_EQ(list.line, 2);
  EXPECT_EQ(list.elements[0].line, 2);
  EXPECT_EQ(list.elements[1].line, 3);
  EXPECT_EQ(std::get<double>(list.elements[1].scalar), 2.5);
  EXPECT_EQ(root.find("n")->line, 4);
  EXPECT_EQ(root.find("absent"), nullptr);
}

TEST(ReadJson, ReportsMalformedTextWithItsLine) {
  const std::vector<std::pair<std::string, int>> wrong{
      {"", 1},
      {"{\n\"a\": }", 2},
      {"[1,\n2", 2},
      {"\n[1e400]", 2},
      {"{\"a\": 1,\n\"a\": 2}", 2},
      {"[\"\xFF\"]", 1},
      {"[NaN]", 1},
      {"1 2", 1},
      {"[\"\\uD800\"]", 1},
      {std::string(101, '[') + std::string(101, ']'), 1},
      {std::string(2'000'000, '['), 1},
  };
  for (const auto& [text, line] : wrong) {
    const auto problems = read_json(text, "a.json").problems();
    ASSERT_EQ(problems.size(), 1U) << text.substr(0, 40);
    EXPECT_EQ(problems[0].file, "a.json");
    EXPECT_EQ(problems[0].line, line) << to_string(problems);
  }
  EXPECT_TRUE(read_json(std::string(100, '[') + std::string(100, ']'), "a.json").ok());
}

RC_GTEST_PROP(ReadJson, AnswersAnyBytes, ()) {
  const auto text = *rc::gen::string<std::string>();
  const auto result = read_json(text, "a.json");
  RC_ASSERT(result.ok() || result.problems().size() == 1U);
}

RC_GTEST_PROP(Json, ReadsBackWhatWasWritten, (std::vector<double> numbers, bool indented)) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  JsonWriter json(indented ? JsonWriter::Layout::indented : JsonWriter::Layout::compact);
  json.begin_object().key("n").begin_array();
  for (const double number : numbers) json.value(number);
  json.end_array().member(text + "!", text).end_object();
  const auto result = read_json(json.take(), "a.json");
  RC_ASSERT(result.ok());
  RC_ASSERT(std::get<std::string>(result.value().members[1].value.scalar) == text);
  const auto& read = result.value().members[0].value.elements;
  RC_ASSERT(read.size() == numbers.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    const bool whole = read[i].kind == JsonValue::Kind::integer;
    const double back = whole ? static_cast<double>(std::get<std::int64_t>(read[i].scalar))
                              : std::get<double>(read[i].scalar);
    RC_ASSERT(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(numbers[i]));
  }
}

TEST(CsvField, QuotesWhatNeedsIt) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv_field("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv_field("\xEF\xBB\xBFx"), "\"\xEF\xBB\xBFx\"");
}

TEST(CsvWriter, WritesEachKindOfCell) {
  CsvWriter csv({"USUBJID", "AVAL", "N", "NOTE"});
  csv.row({std::string("001"), 0.1, 12L, Missing{}});
  csv.row({std::string(), std::nan(""), -3L, std::string("a,b")});
  EXPECT_EQ(csv.take(), "USUBJID,AVAL,N,NOTE\n001,0.1,12,\n\"\",,-3,\"a,b\"\n");
  EXPECT_THROW(csv.row({1L}), ContractViolation);
  EXPECT_THROW(CsvWriter({"a", "a"}), ContractViolation);
}

TEST(ReadCsv, ReadsQuotesLineEndsAndMissingCells) {
  const auto result = read_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x \"\"1\"\"\ny\",\r\n\r\nz,2",
      "a.csv");
  ASSERT_TRUE(result.ok()) << to_string(result.problems());
  const CsvTable& table = result.value();
  EXPECT_EQ(table.header, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"x \"1\"\ny", ""}));
  EXPECT_EQ(table.lines, (std::vector<int>{2, 5}));
  EXPECT_EQ(table.column("b"), 1U);
  EXPECT_FALSE(table.column("c").has_value());
}

TEST(ReadCsv, ReadsTabsWhenAsked) {
  EXPECT_EQ(read_csv("a\tb\n1,5\t2\n", "a.tsv", '\t').value().rows[0][0], "1,5");
}

TEST(ReadCsv, ReportsEachProblemWithItsLine) {
  const auto problems = read_csv("a,a,\n1,2,3\n1,2\nx\"y,2,3\n\"z\"w,2,3\n", "a.csv").problems();
  ASSERT_EQ(problems.size(), 5U) << to_string(problems);
  EXPECT_EQ(problems[0].line, 1);
  EXPECT_EQ(problems[1].line, 1);
  EXPECT_EQ(problems[2].line, 3);
  EXPECT_EQ(problems[3].line, 4);
  EXPECT_EQ(problems[4].line, 5);
  EXPECT_EQ(read_csv("a\n1\n\"x\n\n\n", "a.csv").problems().at(0).line, 3);
  EXPECT_EQ(read_csv("", "a.csv").problems().size(), 1U);
  EXPECT_EQ(read_csv("a\n\xFF", "a.csv").problems().at(0).line, 2);
}

TEST(ReadCsv, StopsListingProblemsAtSomePoint) {
  std::string text = "a,b\n";
  for (int i = 0; i < 1000; ++i) text += "1\n";
  EXPECT_EQ(read_csv(text, "a.csv").problems().size(), 51U);
}

RC_GTEST_PROP(Csv, ReadsBackWhatWasWritten, ()) {
  const auto cells = *rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\"\r\n; \0", 9))));
  RC_PRE(!cells.empty());
  std::vector<std::string> header;
  for (std::size_t i = 0; i < cells.size(); ++i) header.push_back("column " + std::to_string(i));
  CsvWriter csv(header);
  csv.row(std::vector<CsvCell>(cells.begin(), cells.end()));
  const auto result = read_csv(csv.take(), "a.csv");
  RC_ASSERT(result.ok());
  RC_ASSERT(result.value().rows.size() == 1U);
  RC_ASSERT(result.value().rows[0] == cells);
}

RC_GTEST_PROP(ReadCsv, AnswersAnyBytes, ()) {
  const auto result = read_csv(*rc::gen::string<std::string>(), "a.csv");
  RC_ASSERT(result.ok() || !result.problems().empty());
}

}  // namespace
}  // namespace angiotrial::formats
