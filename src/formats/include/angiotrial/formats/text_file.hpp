// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace angiotrial::formats {

/// The bytes of a file that a user named. A directory, a file that cannot be read and one of more
/// than `most_bytes` are problems. Never reads more than `most_bytes` + 1 bytes.
[[nodiscard]] diagnostics::Result<std::string> read_text_file(const std::filesystem::path& path,
                                                              std::size_t most_bytes);

}  // namespace angiotrial::formats
