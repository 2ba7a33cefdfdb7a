// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/random/purpose.hpp>

#include <array>
#include <cstdint>

/// Random numbers as a pure function of who, when and what for.
///
///   Philox 4x32-10 (Salmon et al. 2011, SC'11, doi 10.1145/2063384.2063405)
///   key      the study's 64-bit seed
///   counter  (index, purpose, patient, replicate), 32 bits each
///   index    occasion in the upper 16 bits, block in the lower 16
///
/// Each block gives two uniforms of 52 bits, strictly inside (0, 1). A rejection loop uses up
/// blocks of its own occasion only, so it cannot shift the next visit.
namespace angiotrial::random {

/// One 128-bit Philox block.
[[nodiscard]] std::array<std::uint32_t, 4> philox_block(std::array<std::uint32_t, 4> counter,
                                                        std::array<std::uint32_t, 2> key);

/// The 52 upper bits of two words, centred: (k + 1/2) / 2^52, never 0 or 1.
[[nodiscard]] constexpr double uniform_from_bits(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(high) << 32U) | low;
  return (static_cast<double>(bits >> 12U) + 0.5) * 0x1.0p-52;
}

/// A small value: copy it freely. Draws count up; `at(n)` asks for a draw directly.
class Stream {
 public:
  Stream(std::uint64_t seed, std::uint32_t replicate, std::uint32_t patient, Purpose purpose,
         std::uint32_t occasion);

  /// The next uniform in (0, 1). At most 131 072 draws an occasion: our bug beyond that.
  double uniform();
  /// Draw n of this occasion, without moving the stream.
  [[nodiscard]] double at(std::uint32_t n) const;
  /// The next standard normal: one uniform through the inverse distribution function.
  double normal();
  /// The next draw of U < p.
  bool bernoulli(double p) { return uniform() < p; }

 private:
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 2> key_;
  std::array<double, 2> block_{};
  std::uint32_t next_ = 0;
};

/// Hands out streams of one replicate and one patient (or another 32-bit id).
class Streams {
 public:
  Streams(std::uint64_t seed, std::uint32_t replicate, std::uint32_t patient)
      : seed_(seed), replicate_(replicate), patient_(patient) {}

  /// Occasion below 65 536.
  [[nodiscard]] Stream at(Purpose purpose, std::uint32_t occasion = 0) const {
    return {seed_, replicate_, patient_, purpose, occasion};
  }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] std::uint32_t replicate() const { return replicate_; }
  [[nodiscard]] std::uint32_t patient() const { return patient_; }

 private:
  std::uint64_t seed_;
  std::uint32_t replicate_;
  std::uint32_t patient_;
};

}  // namespace angiotrial::random
