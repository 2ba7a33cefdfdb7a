// SPDX-License-Identifier: Apache-2.0
#include "xpt_member.hpp"

#include <algorithm>
#include <cstring>

namespace angiotrial::formats::xpt {

MemberFile::MemberFile(const ByteSource& source, const Member& member)
    : source_(source), member_(member) {
  head_ = "HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + std::string(30, '0') + "  ";
  head_ += "SAS     SAS     SASLIB  9.4" + std::string(53, ' ');
  head_ += "01JAN70:00:00:00" + std::string(64, ' ');
}

std::int64_t MemberFile::size() const {
  return static_cast<std::int64_t>(head_.size() + member_.end - member_.begin);
}

std::int64_t MemberFile::seek(std::int64_t offset, readstat_io_flags_t whence) {
  if (whence == READSTAT_SEEK_CUR) offset += at_;
  if (whence == READSTAT_SEEK_END) offset += size();
  if (offset < 0 || offset > size()) return -1;
  return at_ = offset;
}

std::int64_t MemberFile::read(char* to, std::size_t most) {
  std::size_t filled = 0;
  while (filled < most && at_ < size()) {
    const std::string_view left = block();
    if (left.empty()) return -1;
    const std::size_t bytes = std::min(most - filled, left.size());
    std::memcpy(to + filled, left.data(), bytes);
    filled += bytes;
    at_ += static_cast<std::int64_t>(bytes);
  }
  return static_cast<std::int64_t>(filled);
}

std::string_view MemberFile::block() {
  const auto at = static_cast<std::uint64_t>(at_);
  if (at < head_.size()) return std::string_view(head_).substr(at);
  const std::uint64_t byte = member_.begin + at - head_.size();
  if (byte < from_ || byte >= from_ + block_.size()) {
    block_.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(std::uint64_t{1} << 20U, member_.end - byte)));
    from_ = byte;
    block_.resize(source_.read(byte, block_.data(), block_.size()).value_or(0));
  }
  return std::string_view(block_).substr(static_cast<std::size_t>(byte - from_));
}

}  // namespace angiotrial::formats::xpt
