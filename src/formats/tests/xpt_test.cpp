// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/xpt.hpp>

#include "sas_dates.hpp"
#include "xpt_fixture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

namespace angiotrial::formats {
namespace {

using Kind = DataColumn::Kind;
using tests::xpt_bytes;
using tests::XptCell;
using tests::XptMember;

XptMember small_adsl() {
  return {"ADSL",
          "Subjects",
          {{"USUBJID", "Unique subject identifier", true, 12},
           {"AGE", "Age (years)"},
           {"RANDDT", "Date of randomisation", false, 8, "DATE9"},
           {"DTM", "", false, 8, "DATETIME20"},
           {"SHORT", "", false, 4}},
          {{"S-001", 61.5, 16892.0, 0.0, 0.5},
           {"S-002", {}, {}, {}, -3.0},
           {"", 'A', 'Z', 86399.0, '_'}}};
}

XptMember small_adtte() {
  return {"ADTTE", "", {{"USUBJID", "", true, 12}, {"CNSR", ""}}, {{"S-001", 1.0}, {"S-002", 0.0}}};
}

std::vector<DataTable> read_or_fail(const std::string& bytes) {
  auto tables = parse_xpt(bytes, "a.xpt");
  if (!tables) throw std::runtime_error(diagnostics::to_string(tables.problems()));
  return std::move(tables).value();
}

std::string refusal(const std::string& bytes, const TableLimits& limits = {}) {
  return diagnostics::to_string(parse_xpt(bytes, "a.xpt", limits).problems());
}

TEST(Xpt, GivesNamesLabelsTextsNumbersAndDates) {
  const auto tables = read_or_fail(xpt_bytes(small_adsl()));
  ASSERT_EQ(tables.size(), 1U);
  const DataTable& t = tables[0];
  EXPECT_EQ(t.name, "ADSL");
  EXPECT_EQ(t.label, "Subjects");
  EXPECT_EQ(t.lines, (std::vector{1, 2, 3}));
  EXPECT_EQ(t.find("USUBJID")->label, "Unique subject identifier");
  EXPECT_EQ(t.find("USUBJID")->texts, (TextCells{"S-001", "S-002", ""}));
  EXPECT_EQ(t.find("AGE")->numbers[0], 61.5);
  EXPECT_EQ(t.find("RANDDT")->texts, (TextCells{"2006-04-01", "", ""}));
  EXPECT_EQ(t.find("DTM")->texts, (TextCells{"1960-01-01T00:00:00", "", "1960-01-01T23:59:59"}));
  EXPECT_EQ(t.find("SHORT")->numbers[0], 0.5);
  EXPECT_EQ(t.find("SHORT")->numbers[1], -3.0);
}

TEST(Xpt, TakesEachMissingValueOfSasForMissing) {
  XptMember member{"T", "", {{"X", ""}}, {{XptCell{}}, {'_'}}};
  for (char tag = 'A'; tag <= 'Z'; ++tag) member.rows.push_back({tag});
  member.rows.push_back({1.0});
  const auto tables = read_or_fail(xpt_bytes(member));
  const std::vector<double>& x = tables[0].columns[0].numbers;
  ASSERT_EQ(x.size(), 29U);
  for (std::size_t i = 0; i < 28; ++i) EXPECT_TRUE(std::isnan(x[i])) << i;
  EXPECT_EQ(x[28], 1.0);
}

TEST(Xpt, GivesEachDataSetOfAFile) {
  const auto tables = read_or_fail(xpt_bytes({small_adsl(), small_adtte(), small_adsl()}));
  ASSERT_EQ(tables.size(), 3U);
  EXPECT_EQ(tables[1].name, "ADTTE");
  EXPECT_EQ(tables[1].find("CNSR")->numbers, (std::vector{1.0, 0.0}));
  EXPECT_EQ(tables[2].rows(), 3U);
}

TEST(Xpt, TakesTextThatIsNotUtf8ForLatin1) {
  const XptMember member{
      "T", "", {{"A", "", true, 8}, {"B", "", true, 8}}, {{"caf\xE9", "caf\xC3\xA9"}}};
  const auto tables = read_or_fail(xpt_bytes(member));
  EXPECT_EQ(tables[0].columns[0].texts[0], "caf\xC3\xA9");
  EXPECT_EQ(tables[0].columns[1].texts[0], "caf\xC3\xA9");
}

TEST(Xpt, IsTheSameFromAFile) {
  const auto path = std::filesystem::temp_directory_path() / "angiotrial_xpt_test.xpt";
  XptMember member{"BIG", "", {{"ID", "", true, 10}, {"X", ""}}, {}};
  for (int i = 0; i < 100000; ++i) member.rows.push_back({std::to_string(i % 7), 0.1 * i});
  std::ofstream(path, std::ios::binary) << xpt_bytes(member);
  const auto tables = read_xpt(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(tables) << diagnostics::to_string(tables.problems());
  const DataTable& t = tables.value()[0];
  ASSERT_EQ(t.rows(), 100000U);
  EXPECT_EQ(t.columns[0].texts.levels().size(), 7U);
  // IBM's float keeps at least 53 bits of a double that has them all.
  EXPECT_EQ(t.columns[1].numbers[99999], 0.1 * 99999);
}

TEST(Xpt, SaysWhereAFileIsCutShort) {
  XptMember member = small_adsl();
  member.variables[0].bytes = 13;  // rows of 41 bytes, which no record's end meets soon
  const std::string whole = xpt_bytes(member);
  EXPECT_EQ(refusal(whole.substr(0, whole.size() - 7)),
            "a.xpt: the file is cut short: its length is no multiple of 80, at byte " +
                std::to_string(whole.size() - 7) + "\n");
  EXPECT_NE(refusal(whole.substr(0, whole.size() - 80)).find("cut short in its record 2"),
            std::string::npos);
  const std::size_t rows_from = 1440;  // a file that ends here is one without rows
  for (std::size_t size = 0; size < whole.size(); size += 80) {
    EXPECT_EQ(refusal(whole.substr(0, size)).empty(), size == rows_from) << size;
  }
}

TEST(Xpt, RefusesOtherFiles) {
  for (const char* bytes : {"", "HEADER RECORD*******", "HEADER RECORD*******LIBRARO"}) {
    EXPECT_NE(refusal(bytes).find("is not a SAS transport file"), std::string::npos) << bytes;
  }
  EXPECT_NE(refusal("USUBJID,AGE\n").find("is not a SAS transport file of version 5, at byte 0"),
            std::string::npos);
  EXPECT_NE(refusal(xpt_bytes(small_adtte(), 8)).find("of version 8; version 5 is read"),
            std::string::npos);
  EXPECT_NE(diagnostics::to_string(read_xpt("/no/such.xpt").problems()).find("cannot be opened"),
            std::string::npos);
}

TEST(Xpt, RefusesVariablesThatDoNotFitTheRecord) {
  const std::string whole = xpt_bytes(small_adtte());
  const std::size_t first = 8 * 80;  // the description of the first variable
  std::string bad = whole;
  bad[first + 1] = 3;
  EXPECT_NE(refusal(bad).find("the variable USUBJID is neither number (1) nor text (2)"),
            std::string::npos);
  bad = whole;
  bad[first + 140 + 5] = 9;
  EXPECT_NE(refusal(bad).find("the variable CNSR has a length of 9 bytes"), std::string::npos);
  bad = whole;
  bad[first + 140 + 87] = 4;
  EXPECT_NE(refusal(bad).find("CNSR must follow the one before it"), std::string::npos);
  bad = whole;
  bad = whole;
  bad.replace(first + 8, 8, 8, ' ');
  EXPECT_NE(refusal(bad).find("a variable has no name"), std::string::npos);
  bad = whole;
  bad.replace(7 * 80 + 53, 5, "99999");
  EXPECT_NE(refusal(bad).find("the file ends within the header"), std::string::npos);
  bad.replace(7 * 80 + 53, 5, "00000");
  EXPECT_NE(refusal(bad).find("at least 1"), std::string::npos);
}

TEST(Xpt, RefusesMoreThanItsLimits) {
  TableLimits limits;
  limits.most_rows = 2;
  EXPECT_NE(refusal(xpt_bytes(small_adsl()), limits).find("more than 2 rows"), std::string::npos);
  limits = {};
  limits.most_bytes = 16;
  EXPECT_NE(refusal(xpt_bytes(small_adsl()), limits).find("or 16 bytes"), std::string::npos);
}

RC_GTEST_PROP(Xpt, ReadsBackNumbersAndTexts,
              (std::vector<std::pair<std::int32_t, std::string>> rows)) {
  XptMember member{"T", "", {{"X", ""}, {"T", "", true, 16}}, {}};
  std::vector<double> numbers;
  std::vector<std::string> texts;
  for (const auto& [number, text] : rows) {
    std::string plain;
    for (const char c : text.substr(0, 16)) {
      plain += static_cast<char>('a' + static_cast<unsigned char>(c) % 26);
    }
    numbers.push_back(number / 1024.0);
    texts.push_back(plain);
    member.rows.push_back({numbers.back(), plain});
  }
  const auto tables = read_or_fail(xpt_bytes(member));
  RC_ASSERT(tables[0].columns[0].numbers == numbers);
  for (std::size_t i = 0; i < texts.size(); ++i)
    RC_ASSERT(tables[0].columns[1].texts[i] == texts[i]);
}

RC_GTEST_PROP(Xpt, NeverBreaksOnChangedBytes,
              (std::vector<std::pair<std::uint16_t, char>> changes)) {
  std::string bytes = xpt_bytes({small_adsl(), small_adtte()});
  for (const auto& [at, byte] : changes) bytes[at % bytes.size()] = byte;
  const auto tables = parse_xpt(bytes, "a.xpt");
  RC_ASSERT(tables.ok() == tables.problems().empty());
}

TEST(SasDates, KnowsTheFormatsOfDatesAndOfTimes) {
  for (const char* format : {"DATE9", "DATE9.", "DATE", "YYMMDD10", "YYMMDDN8.", "E8601DA10."}) {
    EXPECT_EQ(sas_time(format), SasTime::date) << format;
  }
  EXPECT_EQ(sas_time("DATETIME20."), SasTime::date_time);
  for (const char* format : {"", "8.2", "BEST12.", "F5", "$CHAR8.", "TIME8."}) {
    EXPECT_EQ(sas_time(format), SasTime::none) << format;
  }
  EXPECT_EQ(iso_of_sas(SasTime::date, -1.0), "1959-12-31");
  EXPECT_EQ(iso_of_sas(SasTime::date_time, -1.0), "1959-12-31T23:59:59");
  EXPECT_FALSE(iso_of_sas(SasTime::date, 1e9));
  EXPECT_FALSE(iso_of_sas(SasTime::date, std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace
}  // namespace angiotrial::formats
