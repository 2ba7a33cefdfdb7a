// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "byte_source.hpp"

#include <string>
#include <string_view>

namespace angiotrial::formats {

/// Hands out the bytes of a CSV file by pieces that end where a record ends, so that a piece can be
/// parsed on its own. A line end within quotes ends no record.
class CsvBlocks {
 public:
  enum class Step { piece, end, unreadable };

  CsvBlocks(const ByteSource& source, std::size_t block_bytes)
      : source_(source), block_bytes_(block_bytes) {}

  /// The next piece, good until the next call. Text with quotes astray may come in pieces that end
  /// within a record, each of which a parser refuses.
  [[nodiscard]] Step next(std::string_view& piece);

 private:
  [[nodiscard]] bool fill();

  const ByteSource& source_;
  std::size_t block_bytes_;
  std::uint64_t offset_ = 0;
  std::string buffer_;
  std::size_t used_ = 0;      ///< bytes of the buffer that were handed out
  std::size_t scanned_ = 0;   ///< bytes of the buffer that were looked at
  std::size_t complete_ = 0;  ///< bytes of the buffer up to the last record's end
  bool quoted_ = false;       ///< whether the next byte stands within quotes
};

}  // namespace angiotrial::formats
