// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace angiotrial::formats {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

/// The same of a file's content, read in blocks. Throws diagnostics::IoError.
[[nodiscard]] std::string sha256_hex_of_file(const std::filesystem::path& path);

}  // namespace angiotrial::formats
