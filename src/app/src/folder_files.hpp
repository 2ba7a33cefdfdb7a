// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/ending.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/text_file.hpp>

#include <filesystem>
#include <functional>
#include <vector>

/// Files of an output folder, read back.
namespace angiotrial::app {

inline constexpr std::size_t largest_folder_file_bytes = std::size_t{1} << 31U;

/// The file through `read(text, name)`, which answers with a Result.
template <class Reader>
[[nodiscard]] auto read_file(const std::filesystem::path& path, const Reader& read)
    -> std::invoke_result_t<Reader, std::string_view, const std::string&> {
  const auto text = formats::read_text_file(path, largest_folder_file_bytes);
  if (!text) return text.problems();
  return read(text.value(), path.string());
}

[[nodiscard]] inline Ending damaged(const std::vector<diagnostics::Problem>& problems) {
  return {Exit::bad_data, "", diagnostics::to_string(problems)};
}

}  // namespace angiotrial::app
