// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace angiotrial::formats {

/// The text with ASCII letters in capitals.
[[nodiscard]] inline std::string in_capitals(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// The name of the data set that a file holds: its stem in capitals.
[[nodiscard]] inline std::string table_name(const std::filesystem::path& file) {
  return in_capitals(file.stem().string());
}

}  // namespace angiotrial::formats
