// SPDX-License-Identifier: Apache-2.0
#include "gzip.hpp"

#define ZLIB_CONST  // zlib then promises not to write to its input
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace angiotrial::formats {
namespace {

/// Owns zlib's state.
class Stream {
 public:
  Stream() {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (::inflateInit2(&state, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { ::inflateEnd(&state); }

  z_stream state{};
};

/// zlib counts in 32 bits.
uInt part(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

/// Appends up to `room` bytes to `out`; zlib's answer.
int inflate_some(z_stream& state, std::string& out, std::size_t room) {
  const std::size_t before = out.size();
  out.resize(before + room);
  state.next_out = reinterpret_cast<Bytef*>(out.data() + before);
  state.avail_out = part(room);
  const uInt offered = state.avail_out;
  const int answer = ::inflate(&state, Z_NO_FLUSH);
  out.resize(before + (offered - state.avail_out));
  return answer;
}

/// After a member's end: nothing, another member, or garbage.
Inflated::End after_member(z_stream& state, std::size_t left) {
  if (left == 0) return Inflated::End::complete;
  return ::inflateReset(&state) == Z_OK ? Inflated::End::more : Inflated::End::corrupt;
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }

Inflated gunzip(std::string_view bytes, std::size_t most) {
  constexpr std::size_t block = std::size_t{1} << 16U;
  Stream stream;
  Inflated out;
  std::size_t at = 0;
  // One byte of room beyond `most` tells an end from more to come.
  while (out.bytes.size() <= most) {
    stream.state.next_in = reinterpret_cast<const Bytef*>(bytes.data() + at);
    stream.state.avail_in = part(bytes.size() - at);
    const uInt offered = stream.state.avail_in;
    const std::size_t room =
        std::min(most + 1 - out.bytes.size(), std::max(block, out.bytes.size()));
    const int answer = inflate_some(stream.state, out.bytes, room);
    at += offered - stream.state.avail_in;
    if (answer == Z_MEM_ERROR) throw std::bad_alloc();
    if (answer == Z_STREAM_END) {
      out.end = after_member(stream.state, bytes.size() - at);
      if (out.end != Inflated::End::more) return out;
    } else if (answer != Z_OK) {
      out.end = answer == Z_BUF_ERROR && at == bytes.size() ? Inflated::End::truncated
                                                            : Inflated::End::corrupt;
      return out;
    }
  }
  out.bytes.resize(most);
  out.end = Inflated::End::more;
  return out;
}

}  // namespace angiotrial::formats
