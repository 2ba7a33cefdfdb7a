// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "byte_source.hpp"
#include "xpt_layout.hpp"

#include <readstat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace angiotrial::formats::xpt {

/// The bytes of one member as a file of its own: ReadStat reads the first member of a file and
/// takes what follows for rows. The head is ours, as ReadStat's parser of its time stamp trusts it.
class MemberFile {
 public:
  /// Both must outlive this.
  MemberFile(const ByteSource& source, const Member& member);

  [[nodiscard]] std::int64_t size() const;

  /// The place reached; -1 outside the file.
  std::int64_t seek(std::int64_t offset, readstat_io_flags_t whence);

  /// Bytes read, fewer only at the end; -1 when the disk refuses.
  std::int64_t read(char* to, std::size_t most);

 private:
  /// What is at hand from the present place on; empty when the disk refuses.
  std::string_view block();

  const ByteSource& source_;
  const Member& member_;
  std::string head_;
  std::int64_t at_ = 0;
  std::uint64_t from_ = 0;
  std::string block_;
};

}  // namespace angiotrial::formats::xpt
