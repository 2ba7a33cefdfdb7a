// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace angiotrial::formats {

/// Writes a whole file, or leaves what was there: a temporary file beside it is written, synced to
/// disk and renamed over `path`, then the folder is synced. A reader sees the old bytes or the new
/// ones, never a part. Throws diagnostics::IoError with path and reason and removes the temporary.
void write_atomically(const std::filesystem::path& path, std::string_view bytes);

}  // namespace angiotrial::formats
