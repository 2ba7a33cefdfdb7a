// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/output.hpp>

#include <angiotrial/dataset/tables.hpp>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/diagnostics/io_error.hpp>
#include <angiotrial/formats/atomic_file.hpp>

#include <algorithm>
#include <system_error>

namespace angiotrial::report {

OutputFiles adam_files(const dataset::TrialDataset& data) {
  OutputFiles files;
  for (const dataset::Table& table : dataset::to_tables(data)) {
    files.push_back({"adam/" + table.name + ".csv", dataset::to_csv(table)});
  }
  return files;
}

void write_output(const std::filesystem::path& dir, const OutputFiles& files) {
  for (const OutputFile& file : files) {
    const std::filesystem::path inside(file.path);
    ANGIOTRIAL_EXPECT(inside.is_relative() && !file.path.empty() &&
                          std::ranges::find(inside, "..") == inside.end(),
                      "an output file stays inside its folder");
    const std::filesystem::path path = dir / inside;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) throw diagnostics::IoError(path.parent_path().string(), error.message());
    formats::write_atomically(path, file.bytes);
  }
}

}  // namespace angiotrial::report
