// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/random/stream.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/transforms.hpp>

#include <Random123/philox.h>

namespace angiotrial::random {
namespace {

constexpr std::uint32_t most_occasions = 1U << 16U;
constexpr std::uint32_t most_draws = 1U << 17U;

}  // namespace

std::array<std::uint32_t, 4> philox_block(std::array<std::uint32_t, 4> counter,
                                          std::array<std::uint32_t, 2> key) {
  const r123::Philox4x32 generator;
  const auto block =
      generator({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
  return {block[0], block[1], block[2], block[3]};
}

Stream::Stream(std::uint64_t seed, std::uint32_t replicate, std::uint32_t patient, Purpose purpose,
               std::uint32_t occasion)
    : counter_{occasion << 16U, static_cast<std::uint32_t>(purpose), patient, replicate},
      key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)} {
  ANGIOTRIAL_EXPECT(occasion < most_occasions, "an occasion fits 16 bits");
}

double Stream::uniform() {
  ANGIOTRIAL_EXPECT(next_ < most_draws, "a stream's occasion is used up");
  if ((next_ & 1U) == 0) {
    std::array<std::uint32_t, 4> counter = counter_;
    counter[0] |= next_ >> 1U;
    const auto words = philox_block(counter, key_);
    block_ = {uniform_from_bits(words[0], words[1]), uniform_from_bits(words[2], words[3])};
  }
  return block_[next_++ & 1U];
}

double Stream::at(std::uint32_t n) const {
  ANGIOTRIAL_EXPECT(n < most_draws, "a stream's occasion is used up");
  std::array<std::uint32_t, 4> counter = counter_;
  counter[0] |= n >> 1U;
  const auto words = philox_block(counter, key_);
  return (n & 1U) == 0 ? uniform_from_bits(words[0], words[1])
                       : uniform_from_bits(words[2], words[3]);
}

double Stream::normal() { return normal_quantile(uniform()); }

}  // namespace angiotrial::random
