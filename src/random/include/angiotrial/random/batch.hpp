// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/random/stream.hpp>

#include <span>

namespace angiotrial::random {

/// Fills `out` with draws 0, 1, 2 ... of the stream's occasion: the very numbers Stream::at would
/// give, made in blocks that the compiler can turn into vector code. Bitwise equal on every path.
void fill_uniform(const Streams& streams, Purpose purpose, std::uint32_t occasion,
                  std::span<double> out);

/// Standard normals of the same draws, through normal_quantile.
void fill_normal(const Streams& streams, Purpose purpose, std::uint32_t occasion,
                 std::span<double> out);

}  // namespace angiotrial::random
