// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/trial_dataset.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace angiotrial::report {

/// One file of the output folder: its path inside the folder, with '/', and its bytes.
struct OutputFile {
  std::string path;
  std::string bytes;
};

using OutputFiles = std::vector<OutputFile>;

/// adam/ADSL.csv and its five companions.
[[nodiscard]] OutputFiles adam_files(const dataset::TrialDataset& data);

/// Writes each file whole or not at all, in the order given, making folders as needed. Expects
/// relative paths that stay inside `dir`. Throws diagnostics::IoError.
void write_output(const std::filesystem::path& dir, const OutputFiles& files);

}  // namespace angiotrial::report
