// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include "descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::formats {

/// Bytes that may be read from any place: those of a file, or some in memory.
class ByteSource {
 public:
  /// Keeps a view of the bytes.
  explicit ByteSource(std::string_view bytes) : bytes_(bytes), size_(bytes.size()) {}

  /// A regular file; anything else that the path may name is a problem.
  [[nodiscard]] static diagnostics::Result<ByteSource> open(const std::filesystem::path& path);

  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Up to `most` bytes from `offset` on, fewer only at the end; none when the disk refuses.
  [[nodiscard]] std::optional<std::size_t> read(std::uint64_t offset, char* to,
                                                std::size_t most) const;

 private:
  ByteSource(std::shared_ptr<Descriptor> file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}

  std::shared_ptr<Descriptor> file_;
  std::string_view bytes_;
  std::uint64_t size_ = 0;
};

}  // namespace angiotrial::formats
