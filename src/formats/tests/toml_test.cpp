// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/toml_tree.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace angiotrial::formats {
namespace {

namespace fs = std::filesystem;
using diagnostics::Problem;

constexpr std::string_view valid_study = R"(# A study with every kind of value.
name = "two arms"
seed = 7

[product]
volume_ml = 1.5e1
frozen = true
"made on" = 2026-03-01
sites = [10, 20,
         30]

[arms.low]
dose_cells_per_kg = 1e5
[arms.high]
dose_cells_per_kg = 5e5
notes = """several
lines"""
[[visits]]
month = 3
extras = { diary = 'yes', "é" = +inf, deep.er = nan }
[[visits]]
month = 6
)";

std::vector<Problem> problems_of(std::string_view text) {
  return read_toml(text, "study.toml").problems();
}

TEST(ReadToml, KeepsKindValueOrderAndLine) {
  const auto result = read_toml(valid_study, "study.toml");
  ASSERT_TRUE(result.ok()) << to_string(result.problems());
  const TomlNode& root = result.value();
  ASSERT_EQ(root.members.size(), 5U);
  EXPECT_EQ(root.members[0].key, "name");
  EXPECT_EQ(root.members[2].key, "product");
  EXPECT_EQ(root.members[2].value.line, 5);
  EXPECT_EQ(root.members[4].key, "visits");
  const TomlNode& product = *root.find("product");
  EXPECT_EQ(product.members[0].key, "volume_ml");  // file order, not alphabetical
  EXPECT_EQ(std::get<double>(product.find("volume_ml")->scalar), 15.0);
  EXPECT_EQ(product.find("volume_ml")->raw, "15.0");
  EXPECT_EQ(product.find("made on")->kind, TomlNode::Kind::datetime);
  EXPECT_EQ(product.find("made on")->raw, "2026-03-01");
  EXPECT_EQ(product.find("sites")->line, 9);
  EXPECT_EQ(product.find("sites")->elements[2].line, 10);
  EXPECT_EQ(product.find("sites")->raw, "[10, 20, 30]");
  EXPECT_EQ(root.find("arms")->find("low")->line, 12);
  EXPECT_EQ(std::get<std::string>(root.find("arms")->find("high")->find("notes")->scalar),
            "several\nlines");
  const TomlNode& extras = *root.find("visits")->elements[0].find("extras");
  EXPECT_EQ(extras.find("é")->raw, "inf");
  EXPECT_TRUE(std::isnan(std::get<double>(extras.find("deep")->find("er")->scalar)));
  EXPECT_EQ(root.find("visits")->elements[1].line, 21);
}

TEST(ReadToml, AcceptsAByteOrderMarkAndWindowsLineEnds) {
  const auto result = read_toml("\xEF\xBB\xBF[a]\r\nb = 1\r\n", "study.toml");
  ASSERT_TRUE(result.ok()) << to_string(result.problems());
  EXPECT_EQ(result.value().find("a")->find("b")->line, 2);
}

TEST(ReadToml, ShortensLongValuesInMessages) {
  const auto result = read_toml("a = \"" + std::string(500, 'x') + "\"", "study.toml");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().find("a")->raw.size(), 80U);
}

struct Malformed {
  const char* what;
  std::string text;
  int line;
};

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

std::vector<Malformed> malformed() {
  using namespace std::string_literals;
  return {
      {"nothing", "", 1},
      {"blanks", " \n\t\r\n", 1},
      {"duplicate key", "a = 1\nb = 2\na = 3\n", 3},
      {"duplicate table", "[a]\nb = 1\n[a]\n", 3},
      {"duplicate dotted key", "a.b = 1\na.b = 2\n", 2},
      {"table over value", "a = 1\n[a]\n", 2},
      {"Latin-1 text", "a = 1\nb = \"caf\xE9\"\n", 2},
      {"overlong UTF-8", "a = \"\xC0\xAF\"", 1},
      {"surrogate", "\n\na = \"\xED\xA0\x80\"", 3},
      {"10 MB of brackets", std::string(10'000'000, '['), 1},
      {"brackets below the size limit", "\na = " + std::string(3'000'000, '['), 2},
      {"inline tables", "a = " + repeated("{a=", 100'000), 1},
      {"mixed nesting", "a = " + repeated("[{b.c=", 65), 1},
      {"long dotted name", "a" + repeated(".a", 1'000'000) + " = 1", 1},
      {"long dotted header", "[a" + repeated(".a", 1'000'000) + "]", 1},
      {"many headers", repeated("[[a.b]]\n", 400'000), 5'001},
      {"header without a name", "b = 1\n[&", 2},
      {"header broken by a return", "b = 1\n[\r", 2},
      {"header broken by a line", "[\n]", 1},
      {"header not closed", "\n[a\nb = 1", 2},
      {"array closed by a brace", "a = [}", 1},
      {"value missing", "a = 1\nb =\n", 2},
      {"value is a brace", "a = }", 1},
      {"bracket not closed", "a = 1\nb = [1,\n2\n", 2},
      {"text not closed", "a = 1\nb = \"x\nc = 2", 2},
      {"long text not closed", "a = '''\nx\n", 1},
      {"letter beyond ASCII starts a key", "a = 1\né = 2", 2},
      {"letter beyond ASCII in a value", "a = é", 1},
      {"NUL", "a = 1\nb = \"\0\""s, 2},
      {"control character in a comment", "# \x01", 1},
      {"1e400", "a = 1\nb = 1e400", 2},
      {"huge integer", "a = 99999999999999999999999999", 1},
      {"surrogate escape", "a = \"\\uD800\"", 1},
      {"unknown escape", "a = \"\\q\"", 1},
      {"two values", "a = 1 2", 1},
      {"letter beyond ASCII after a number", "a = 5__7\"é\"", 1},
      {"letter beyond ASCII after a text", "a = 'b' \nc = 'd'é", 2},
      {"date that defeats the parser", "a = [\n1979-05-27Tinf07:;2:00Z,\n2]\nb = 3\n", 2},
      {"key only", "a", 1},
      {"no such day", "a = 2026-02-31", 1},
  };
}

TEST(ReadToml, ReportsMalformedTextWithItsLineWithinASecond) {
  for (const Malformed& wrong : malformed()) {
    const auto begin = std::chrono::steady_clock::now();
    const auto problems = problems_of(wrong.text);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    ASSERT_FALSE(problems.empty()) << wrong.what;
    EXPECT_EQ(problems[0].file, "study.toml") << wrong.what;
    EXPECT_EQ(problems[0].line, wrong.line) << wrong.what << ": " << to_string(problems);
    EXPECT_LT(took.count(), 1.0) << wrong.what;
  }
}

TEST(ReadToml, NamesTheDuplicate) {
  const auto problems = problems_of("[arms]\nlow = 1\nlow = 2\n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].key, "low");
  EXPECT_NE(problems[0].rule.find("duplicate"), std::string::npos);
}

TEST(ReadToml, AllowsWhatOnlyLooksDangerousInQuotesAndComments) {
  const std::string text =
      "# é [[[[[ {{{ \"\n"
      "a = \"" +
      std::string(1'000, '[') +
      " é \\\" \\\\\"\n"
      "b = ''']]]} \" ''' # '\n"
      "c = \"\"\"\"quoted\"\"\"\"\" # two more quotes\n"
      "d.e = [ # é }\n 1.5, { f = [] } ]\n";
  const auto result = read_toml(text, "study.toml");
  ASSERT_TRUE(result.ok()) << to_string(result.problems());
  EXPECT_EQ(std::get<std::string>(result.value().find("c")->scalar), "\"quoted\"\"");
}

TEST(ReadToml, TakesTheDeepestAllowedNesting) {
  const std::string text = "a = " + std::string(64, '[') + std::string(64, ']');
  EXPECT_TRUE(read_toml(text, "study.toml").ok());
}

TEST(ReadTomlFile, ReportsWhatCannotBeRead) {
  const fs::path folder = fs::path(testing::TempDir()) / "angiotrial_toml_test";
  fs::create_directories(folder);
  const fs::path big = folder / "big.toml";
  std::ofstream(big) << std::string(largest_toml_bytes + 1, ' ');
  std::ofstream(folder / "empty.toml") << "";
  for (const fs::path& path : {folder, folder / "absent.toml", folder / "empty.toml", big,
                               fs::path("/dev/zero"), fs::path("/proc/self/mem")}) {
    const auto result = read_toml_file(path);
    ASSERT_EQ(result.problems().size(), 1U) << path;
    EXPECT_EQ(result.problems()[0].file, path.string());
  }
  fs::remove_all(folder);
}

TEST(TomlKey, QuotesOnlyWhereNeeded) {
  EXPECT_EQ(toml_key("dose_cells-1"), "dose_cells-1");
  EXPECT_EQ(toml_key("my arm"), "\"my arm\"");
  EXPECT_EQ(toml_key(""), "\"\"");
}

/// The tree or problems: never neither, never an exception, and each problem names the file.
void expect_an_answer(const std::string& text) {
  const auto result = read_toml(text, "study.toml");
  if (result.ok()) return;
  RC_ASSERT(!result.problems().empty());
  RC_ASSERT(result.problems()[0].file == "study.toml");
  RC_ASSERT(result.problems()[0].line >= 1);
}

RC_GTEST_PROP(ReadToml, AnswersAnyBytes, ()) { expect_an_answer(*rc::gen::string<std::string>()); }

RC_GTEST_PROP(ReadToml, AnswersAnyTextOfTomlCharacters, ()) {
  expect_an_answer(*rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("[]{}=.,\"'#\\\n\r\t -+_:aeinftuxTZ019\xC3\xA9"))));
}

RC_GTEST_PROP(ReadToml, AnswersAnyMutationOfAValidStudy, ()) {
  std::string text(valid_study);
  const int edits = *rc::gen::inRange(1, 8);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto length = *rc::gen::inRange<std::size_t>(0, 20);
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        text.erase(at, length);
        break;
      default:
        text.insert(*rc::gen::inRange<std::size_t>(0, text.size()), text.substr(at, length));
    }
    if (text.empty()) text = "a";
  }
  expect_an_answer(text);
}

RC_GTEST_PROP(TomlQuoted, ReadsBack, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  const auto result = read_toml("a = " + toml_quoted(text), "study.toml");
  RC_ASSERT(result.ok());
  RC_ASSERT(std::get<std::string>(result.value().find("a")->scalar) == text);
}

}  // namespace
}  // namespace angiotrial::formats
