// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/io_error.hpp>
#include <angiotrial/formats/atomic_file.hpp>
#include <angiotrial/formats/sha256.hpp>
#include <angiotrial/formats/text_file.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace angiotrial::formats {
namespace {

namespace fs = std::filesystem;
using diagnostics::IoError;

class Files : public testing::Test {
 protected:
  Files()
      : folder(fs::path(testing::TempDir()) /
               ("angiotrial_files_" + std::to_string(getpid()) + "_" +
                testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~Files() override { fs::remove_all(folder); }

  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  fs::path folder;
};

// Messages and digests of FIPS 180-2, appendix B.
TEST(Sha256, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_F(Files, HashAsTheirBytesDo) {
  const std::string bytes(1'000'000, 'a');
  write_atomically(folder / "a", bytes);
  EXPECT_EQ(sha256_hex_of_file(folder / "a"), sha256_hex(bytes));
  EXPECT_THROW((void)sha256_hex_of_file(folder / "absent"), IoError);
  EXPECT_THROW((void)sha256_hex_of_file(folder), IoError);
}

TEST_F(Files, AreReplacedWholeAndLeaveNoTemporary) {
  const fs::path path = folder / "results.json";
  write_atomically(path, "old and longer");
  write_atomically(path, std::string_view("n\0w", 3));
  EXPECT_EQ(read_text_file(path, 100).value(), std::string("n\0w", 3));
  write_atomically(path, "");
  EXPECT_EQ(read_text_file(path, 100).value(), "");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, MayHaveTheLongestNameAndNoFolder) {
  write_atomically(folder / std::string(255, 'x'), "1");
  const fs::path before = fs::current_path();
  fs::current_path(folder);
  write_atomically("here", "2");
  fs::current_path(before);
  EXPECT_EQ(entries(), 2U);
}

TEST_F(Files, ThatCannotBeWrittenThrowWithPathAndReason) {
  fs::create_directory(folder / "taken");
  write_atomically(folder / "file", "x");
  // A folder that is absent, one that is a file, one that takes no files even from root.
  for (const fs::path& path :
       {folder / "taken", folder / "absent" / "a", folder / "file" / "a", fs::path("/proc/a")}) {
    try {
      write_atomically(path, "x");
      ADD_FAILURE() << path;
    } catch (const IoError& error) {
      EXPECT_EQ(error.path(), path.string());
      EXPECT_NE(std::string(error.what()).find("cannot be"), std::string::npos);
    }
  }
  EXPECT_EQ(entries(), 2U);  // the temporaries are gone
  EXPECT_TRUE(fs::is_directory(folder / "taken"));
}

TEST_F(Files, AreReadUpToTheirLimit) {
  const std::string bytes(200'000, 'b');
  write_atomically(folder / "b", bytes);
  EXPECT_EQ(read_text_file(folder / "b", 200'000).value(), bytes);
  EXPECT_EQ(read_text_file(folder / "b", 199'999).problems().size(), 1U);
  EXPECT_EQ(read_text_file(folder, 10).problems().size(), 1U);
  EXPECT_EQ(read_text_file(folder / "absent", 10).problems().size(), 1U);
}

}  // namespace
}  // namespace angiotrial::formats
