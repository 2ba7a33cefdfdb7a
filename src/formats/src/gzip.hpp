// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace angiotrial::formats {

struct Inflated {
  enum class End {
    complete,   ///< the stream ended and its check sums agree
    more,       ///< there is more than was asked for
    truncated,  ///< the input ended before the stream
    corrupt     ///< not gzip, or a check sum that disagrees
  };
  std::string bytes;
  End end = End::corrupt;
};

/// Whether the bytes begin as gzip does (RFC 1952).
[[nodiscard]] bool is_gzip(std::string_view bytes);

/// Inflates at most `most` bytes, of one or several gzip members. Memory grows with what comes out,
/// never with what a header claims. Throws std::bad_alloc only.
[[nodiscard]] Inflated gunzip(std::string_view bytes, std::size_t most);

}  // namespace angiotrial::formats
