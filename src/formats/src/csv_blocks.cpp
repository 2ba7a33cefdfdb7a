// SPDX-License-Identifier: Apache-2.0
#include "csv_blocks.hpp"

#include <algorithm>

namespace angiotrial::formats {
namespace {

// One record may be this long; one longer is a quote that was never closed.
constexpr std::size_t longest_record = std::size_t{64} << 20U;

}  // namespace

CsvBlocks::Step CsvBlocks::next(std::string_view& piece) {
  buffer_.erase(0, used_);
  scanned_ -= used_;
  complete_ = used_ = 0;
  while (complete_ == 0) {
    if (offset_ == source_.size() || buffer_.size() > longest_record) {
      complete_ = buffer_.size();
      break;
    }
    if (!fill()) return Step::unreadable;
    for (; scanned_ < buffer_.size(); ++scanned_) {
      if (buffer_[scanned_] == '"') quoted_ = !quoted_;
      if (buffer_[scanned_] == '\n' && !quoted_) complete_ = scanned_ + 1;
    }
  }
  scanned_ = std::max(scanned_, complete_);
  used_ = complete_;
  piece = std::string_view(buffer_).substr(0, complete_);
  return piece.empty() ? Step::end : Step::piece;
}

bool CsvBlocks::fill() {
  const std::size_t kept = buffer_.size();
  const auto block =
      static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes_, source_.size() - offset_));
  buffer_.resize(kept + block);
  const auto got = source_.read(offset_, buffer_.data() + kept, block);
  buffer_.resize(kept + got.value_or(0));
  if (!got || *got == 0) return false;  // a file that shrinks while it is read ends too early
  offset_ += *got;
  return true;
}

}  // namespace angiotrial::formats
