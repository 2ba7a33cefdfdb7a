// SPDX-License-Identifier: Apache-2.0
#include "data_files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace angiotrial::app {
namespace {

namespace fs = std::filesystem;

const std::string dataset_json =
    R"({"datasetJSONCreationDateTime": "2026-01-01T00:00:00", "datasetJSONVersion": "1.1.0",
 "itemGroupOID": "IG.ADTTE", "records": 1, "name": "ADTTE", "label": "", "columns": [
 {"itemOID": "A", "name": "USUBJID", "label": "", "dataType": "string"}], "rows": [["S-1"]]})";

/// A folder of its own for each test, removed afterwards.
class DataFilesTest : public ::testing::Test {
 protected:
  DataFilesTest() {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    dir_ = fs::temp_directory_path() / ("angiotrial_data_files_" + name);
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  ~DataFilesTest() override { fs::remove_all(dir_); }

  fs::path write(const std::string& name, const std::string& bytes) const {
    const fs::path path = dir_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  /// The names of the tables, or the problems with the folder's name left out.
  [[nodiscard]] std::string read(const fs::path& path, const DataFileOptions& options = {}) const {
    const auto result = read_data_files(path, options);
    std::string all;
    if (result) {
      for (const formats::DataTable& table : result.value().tables) all += table.name + " ";
      return all;
    }
    all = diagnostics::to_string(result.problems());
    const std::string folder = dir_.string() + "/";
    for (std::size_t at = all.find(folder); at != std::string::npos; at = all.find(folder)) {
      all.erase(at, folder.size());
    }
    return all;
  }

  fs::path dir_;
};

TEST_F(DataFilesTest, ReadsOneFileOfEachKind) {
  EXPECT_EQ(read(write("adsl.csv", "USUBJID\nS-1\n")), "ADSL ");
  EXPECT_EQ(read(write("x.json", dataset_json)), "ADTTE ");
  EXPECT_EQ(read(write("adtte.txt", dataset_json)), "ADTTE ") << "the content tells";
}

TEST_F(DataFilesTest, ReadsAFolderAndPassesOverWhatIsNoData) {
  write("ADSL.CSV", "USUBJID\nS-1\n");
  write("adtte.json", dataset_json);
  write("results.json", "{\"rows\": [1, 2]}");
  write("notes.txt", "a;b");
  write(".hidden.csv", "\"");
  write("old/adsl.csv", "USUBJID\nS-1\n");
  EXPECT_EQ(read(dir_), "ADSL ADTTE ");
}

TEST_F(DataFilesTest, ReadsTheFolderAdamOfARun) {
  write("adam/ADSL.csv", "USUBJID\nS-1\n");
  write("manifest.json", "{}");
  write("table.csv", "A\n1\n");
  EXPECT_EQ(read(dir_), "ADSL ");
}

TEST_F(DataFilesTest, ReadsOnlyWhatIsWanted) {
  write("adsl.csv", "USUBJID\nS-1\n");
  write("broken.csv", "A,B\n1\n");
  DataFileOptions options;
  options.wanted = {"ADSL"};
  EXPECT_EQ(read(dir_, options), "ADSL ");
  EXPECT_EQ(read(dir_), "broken.csv:2: this row has 1 fields, the header has 2\n");
}

TEST_F(DataFilesTest, RefusesATableThatTwoFilesHold) {
  write("ADTTE.csv", "USUBJID\nS-1\n");
  write("x.json", dataset_json);
  EXPECT_EQ(read(dir_),
            "x.json: holds the table ADTTE a second time (the first is in ADTTE.csv)\n");
}

TEST_F(DataFilesTest, CollectsTheProblemsOfAllFiles) {
  write("a.csv", "A,B\n1\n");
  write("b.xpt", "no transport file");
  EXPECT_EQ(read(dir_),
            "a.csv:2: this row has 1 fields, the header has 2\n"
            "b.xpt: is not a SAS transport file of version 5, at byte 0\n");
}

TEST_F(DataFilesTest, SaysWhatItCannotRead) {
  EXPECT_EQ(read(dir_ / "none"), "none: there is no such file\n");
  EXPECT_NE(read(dir_).find("the folder holds no data"), std::string::npos);
  EXPECT_EQ(read(write("a.sas7bdat", "x")),
            "a.sas7bdat: is neither CSV, SAS transport nor Dataset-JSON (write it as SAS "
            "transport: libname out xport 'adsl.xpt')\n");
}

}  // namespace
}  // namespace angiotrial::app
