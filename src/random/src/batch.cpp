// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/random/batch.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/transforms.hpp>

#include <cstddef>

#ifndef ANGIOTRIAL_VECTOR_CLONES  // the build may have named one: none, under sanitizers
#define ANGIOTRIAL_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif

namespace angiotrial::random {
namespace {

// Multipliers and Weyl constants of Philox 4x32 (Salmon et al. 2011, table 2).
constexpr std::uint32_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
constexpr std::uint32_t w0 = 0x9E3779B9, w1 = 0xBB67AE85;
constexpr std::size_t lanes = 16;

/// The same ten rounds as philox_block, for `lanes` consecutive blocks side by side.
/// Integer arithmetic and one exact conversion: every clone gives the same bytes.
ANGIOTRIAL_VECTOR_CLONES void sixteen_blocks(std::uint32_t index, std::array<std::uint32_t, 3> rest,
                                             std::array<std::uint32_t, 2> key, double* out) {
  std::uint32_t c0[lanes], c1[lanes], c2[lanes], c3[lanes];
  for (std::size_t i = 0; i < lanes; ++i) {
    c0[i] = index + static_cast<std::uint32_t>(i);
    c1[i] = rest[0];
    c2[i] = rest[1];
    c3[i] = rest[2];
  }
  std::uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 1  // -O3 would unroll it before it can see vectors
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint64_t p0 = static_cast<std::uint64_t>(m0) * c0[i];
      const std::uint64_t p1 = static_cast<std::uint64_t>(m1) * c2[i];
      const std::uint32_t n0 = static_cast<std::uint32_t>(p1 >> 32U) ^ c1[i] ^ k0;
      const std::uint32_t n2 = static_cast<std::uint32_t>(p0 >> 32U) ^ c3[i] ^ k1;
      c1[i] = static_cast<std::uint32_t>(p1);
      c3[i] = static_cast<std::uint32_t>(p0);
      c0[i] = n0;
      c2[i] = n2;
    }
    k0 += w0;
    k1 += w1;
  }
  for (std::size_t i = 0; i < lanes; ++i) {
    out[2 * i] = uniform_from_bits(c0[i], c1[i]);
    out[2 * i + 1] = uniform_from_bits(c2[i], c3[i]);
  }
}

}  // namespace

void fill_uniform(const Streams& streams, Purpose purpose, std::uint32_t occasion,
                  std::span<double> out) {
  ANGIOTRIAL_EXPECT(occasion < (1U << 16U), "an occasion fits 16 bits");
  ANGIOTRIAL_EXPECT(out.size() <= (1U << 17U), "a stream's occasion is used up");
  const std::array<std::uint32_t, 3> rest{static_cast<std::uint32_t>(purpose), streams.patient(),
                                          streams.replicate()};
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(streams.seed()),
                                         static_cast<std::uint32_t>(streams.seed() >> 32U)};
  std::uint32_t index = occasion << 16U;
  std::size_t done = 0;
  for (; done + 2 * lanes <= out.size(); done += 2 * lanes, index += lanes) {
    sixteen_blocks(index, rest, key, out.data() + done);
  }
  if (done < out.size()) {
    std::array<double, 2 * lanes> tail{};
    sixteen_blocks(index, rest, key, tail.data());
    for (std::size_t i = done; i < out.size(); ++i) out[i] = tail[i - done];
  }
}

void fill_normal(const Streams& streams, Purpose purpose, std::uint32_t occasion,
                 std::span<double> out) {
  fill_uniform(streams, purpose, occasion, out);
  for (double& draw : out) draw = normal_quantile(draw);
}

}  // namespace angiotrial::random
