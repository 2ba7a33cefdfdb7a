// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/dataset_json.hpp>
#include <angiotrial/formats/json.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace angiotrial::formats {
namespace {

using Kind = DataColumn::Kind;

const std::string attributes =
    R"("datasetJSONCreationDateTime": "2026-01-01T00:00:00", "datasetJSONVersion": "1.1.0",
 "itemGroupOID": "IG.ADSL", "name": "ADSL", "label": "Subjects", "sourceSystem": {"name": "x"})";
const std::string columns = R"("columns": [
 {"itemOID": "IT.A", "name": "USUBJID", "label": "Subject", "dataType": "string", "length": 8},
 {"itemOID": "IT.B", "name": "AGE", "label": "Age", "dataType": "integer"},
 {"itemOID": "IT.C", "name": "W", "label": "Weight", "dataType": "double"},
 {"itemOID": "IT.D", "name": "D", "label": "Dose", "dataType": "decimal"},
 {"itemOID": "IT.E", "name": "DIAB", "label": "Diabetes", "dataType": "boolean"},
 {"itemOID": "IT.F", "name": "DT", "label": "Date", "dataType": "date", "targetDataType": "integer"}])";
const std::string row_1 = R"(["S-1", 61, 70.5, "0.10", true, "2006-04-01"])";
const std::string row_2 = R"(["S-2", null, 70, null, false, null])";

std::string whole(const std::string& rows, int records) {
  return "{" + attributes + ", \"records\": " + std::to_string(records) + ",\n" + columns +
         ",\n\"rows\": [" + rows + "]}";
}

std::string lines(const std::string& rows, int records) {
  std::string head =
      "{" + attributes + ", \"records\": " + std::to_string(records) + "," + columns + "}";
  std::erase(head, '\n');
  return head + "\n" + rows;
}

DataTable read_or_fail(const std::string& text) {
  auto table = parse_dataset_json(text, "a.json");
  if (!table) throw std::runtime_error(diagnostics::to_string(table.problems()));
  return std::move(table).value();
}

std::string refusal(const std::string& text, const TableLimits& limits = {}) {
  return diagnostics::to_string(parse_dataset_json(text, "a.json", limits).problems());
}

void expect_two_subjects(const DataTable& t) {
  EXPECT_EQ(t.name, "ADSL");
  EXPECT_EQ(t.label, "Subjects");
  EXPECT_EQ(t.lines, (std::vector{1, 2}));
  EXPECT_EQ(t.find("USUBJID")->texts, (TextCells{"S-1", "S-2"}));
  EXPECT_EQ(t.find("AGE")->label, "Age");
  EXPECT_EQ(t.find("AGE")->numbers[0], 61.0);
  EXPECT_TRUE(t.find("AGE")->missing(1));
  EXPECT_EQ(t.find("W")->numbers, (std::vector{70.5, 70.0}));
  EXPECT_EQ(t.find("D")->numbers[0], 0.1);
  EXPECT_TRUE(t.find("D")->missing(1));
  EXPECT_EQ(t.find("DIAB")->numbers, (std::vector{1.0, 0.0}));
  EXPECT_EQ(t.find("DT")->texts, (TextCells{"2006-04-01", ""}));
}

TEST(DatasetJson, ReadsOneObject) {
  expect_two_subjects(read_or_fail(whole(row_1 + ",\n" + row_2, 2)));
  EXPECT_EQ(read_or_fail(whole("", 0)).rows(), 0U);
}

TEST(DatasetJson, ReadsLines) {
  expect_two_subjects(read_or_fail(lines(row_1 + "\n" + row_2 + "\n", 2)));
  expect_two_subjects(read_or_fail(lines(row_1 + "\r\n" + row_2, 2)));
  EXPECT_EQ(read_or_fail(lines("", 0)).rows(), 0U);
}

TEST(DatasetJson, ReadsRowsThatStandBeforeTheColumns) {
  expect_two_subjects(read_or_fail("{\"rows\": [" + row_1 + "," + row_2 + "], \"records\": 2, " +
                                   columns + "," + attributes + "}"));
}

TEST(DatasetJson, IsTheSameFromAFile) {
  const auto path = std::filesystem::temp_directory_path() / "angiotrial_dataset_json_test.json";
  std::string rows;
  for (int i = 0; i < 50000; ++i) rows += (i > 0 ? ",\n" : "") + row_1;
  std::ofstream(path, std::ios::binary) << whole(rows, 50000);
  const auto table = read_dataset_json(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(table) << diagnostics::to_string(table.problems());
  EXPECT_EQ(table.value().rows(), 50000U);
  EXPECT_EQ(table.value().find("W")->numbers[49999], 70.5);
}

TEST(DatasetJson, NamesLineRowAndColumnOfEachWrongValue) {
  EXPECT_EQ(refusal(whole(row_1 + ",\n" + R"([7, 1.5, "70", "ten", "Y", 3])", 2)),
            "a.json:11: USUBJID = 7: row 2: must be a text or null\n"
            "a.json:11: AGE = 1.500000: row 2: must be a whole number or null\n"
            "a.json:11: W = 70: row 2: must be a number or null\n"
            "a.json:11: D = ten: row 2: must be a number in a text or null\n"
            "a.json:11: DIAB = Y: row 2: must be true, false or null\n"
            "a.json:11: DT = 3: row 2: must be a text or null\n");
  EXPECT_EQ(refusal(lines(row_1 + "\n[\"S-2\"]\n", 2)),
            "a.json:3: row 2: the row has 1 values, there are 6 columns\n");
}

TEST(DatasetJson, RefusesAnotherNumberOfRowsThanTheFileSays) {
  EXPECT_EQ(refusal(whole(row_1, 2)), "a.json: records = 2: the file holds 1 rows\n");
  EXPECT_EQ(refusal(lines(row_1 + "\n", 2)), "a.json: records = 2: the file holds 1 rows\n");
}

TEST(DatasetJson, RefusesWhatTheAttributesLack) {
  EXPECT_NE(refusal("{\"datasetJSONVersion\": \"1.0.0\", \"rows\": []}")
                .find("version 1.1 of Dataset-JSON is read"),
            std::string::npos);
  const std::string missing = refusal(R"({"datasetJSONversion": "1.1.0", "rows": []})");
  EXPECT_NE(missing.find("datasetJSONVersion: the attribute is missing (the nearest is "
                         "datasetJSONversion)"),
            std::string::npos)
      << missing;
  for (const char* name :
       {"datasetJSONCreationDateTime", "itemGroupOID", "records", "name", "label", "columns"}) {
    EXPECT_NE(missing.find(std::string(name) + ": the attribute is missing"), std::string::npos);
  }
  std::string text = whole(row_1, 1);
  text.replace(text.find("\"integer\""), 9, "\"intger\"");
  EXPECT_NE(refusal(text).find("columns.2.dataType = intger: is no data type of Dataset-JSON 1.1 "
                               "(the nearest is integer)"),
            std::string::npos);
  text = whole(row_1, 1);
  text.replace(text.find("\"AGE\""), 5, "\"USUBJID\"");
  EXPECT_NE(refusal(text).find("the column is named twice"), std::string::npos);
}

TEST(DatasetJson, RefusesOtherShapes) {
  EXPECT_NE(refusal("[1]").find("must be an object"), std::string::npos);
  EXPECT_NE(refusal("").find("ends too early"), std::string::npos);
  EXPECT_NE(refusal(whole("", 0) + "x").find("text follows the object"), std::string::npos);
  EXPECT_NE(refusal(whole("5", 1)).find("each row must be an array"), std::string::npos);
  EXPECT_NE(refusal(whole("[[1]]", 1)).find("a value of a row must be"), std::string::npos);
  EXPECT_NE(refusal("{\"rows\": 5}").find("must be an array of rows"), std::string::npos);
  EXPECT_NE(refusal(lines("{}", 1)).find("must be a row, an array"), std::string::npos);
  const std::string text = whole(row_1 + "," + row_2, 2);
  for (std::size_t size = 0; size < text.size(); size += 3) {
    EXPECT_NE(refusal(text.substr(0, size)), "") << size;
  }
}

TEST(DatasetJson, RefusesMoreThanItsLimits) {
  TableLimits limits;
  limits.most_rows = 1;
  EXPECT_NE(refusal(whole(row_1 + "," + row_2, 2), limits).find("more than 1 rows"),
            std::string::npos);
  limits = {};
  limits.most_bytes = 16;
  EXPECT_NE(refusal(whole(row_1, 1), limits).find("more than 16 bytes"), std::string::npos);
}

RC_GTEST_PROP(DatasetJson, ReadsBackWhatWasWritten,
              (std::vector<std::pair<double, std::string>> rows)) {
  JsonWriter json;
  json.begin_object().member("datasetJSONCreationDateTime", "2026-01-01T00:00:00");
  json.member("datasetJSONVersion", "1.1.0").member("itemGroupOID", "IG.T").member("name", "T");
  json.member("label", "").member("records", rows.size()).key("columns").begin_array();
  for (const auto& [name, type] : {std::pair{"X", "double"}, std::pair{"T", "string"}}) {
    json.begin_object().member("itemOID", name).member("name", name).member("label", "");
    json.member("dataType", type).end_object();
  }
  json.end_array().key("rows").begin_array();
  for (const auto& [number, text] : rows) {
    RC_PRE(std::isfinite(number));
    json.begin_array().value(number).value(std::to_string(text.size())).end_array();
  }
  json.end_array().end_object();
  const DataTable t = read_or_fail(json.take());
  RC_ASSERT(t.rows() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    RC_ASSERT(t.columns[0].numbers[i] == rows[i].first);
    RC_ASSERT(t.columns[1].texts[i] == std::to_string(rows[i].second.size()));
  }
}

}  // namespace
}  // namespace angiotrial::formats
