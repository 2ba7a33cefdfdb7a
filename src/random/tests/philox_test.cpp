// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <set>

namespace angiotrial::random {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers of the generator's authors (Random123 1.14, kat_vectors, philox4x32 10).
TEST(Philox, AuthorsKnownAnswers) {
  EXPECT_EQ(philox_block({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(
      philox_block({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
      (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      philox_block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Stream, IsAFunctionOfItsKeyAlone) {
  Stream a(42, 3, 17, Purpose::diary, 5);
  Stream b(42, 3, 17, Purpose::diary, 5);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.uniform(), b.uniform());
}

TEST(Stream, AtAgreesWithCounting) {
  Stream counting(7, 1, 2, Purpose::microregions, 0);
  const Stream direct = counting;
  for (std::uint32_t n = 0; n < 64; ++n) EXPECT_EQ(counting.uniform(), direct.at(n));
}

TEST(Stream, EveryPartOfTheKeyMatters) {
  std::set<double> firsts;
  firsts.insert(Stream(1, 0, 0, Purpose::traits, 0).uniform());
  firsts.insert(Stream(2, 0, 0, Purpose::traits, 0).uniform());
  firsts.insert(Stream(1ULL << 32U, 0, 0, Purpose::traits, 0).uniform());
  firsts.insert(Stream(1, 1, 0, Purpose::traits, 0).uniform());
  firsts.insert(Stream(1, 0, 1, Purpose::traits, 0).uniform());
  firsts.insert(Stream(1, 0, 0, Purpose::ventricle, 0).uniform());
  firsts.insert(Stream(1, 0, 0, Purpose::traits, 1).uniform());
  EXPECT_EQ(firsts.size(), 7U);
}

TEST(Stream, RefusesAnOccasionThatWouldOverlapAnother) {
  EXPECT_THROW(Stream(1, 0, 0, Purpose::traits, 65536), diagnostics::ContractViolation);
}

TEST(Uniform, StaysInsideTheOpenInterval) {
  EXPECT_GT(uniform_from_bits(0, 0), 0.0);
  EXPECT_LT(uniform_from_bits(0xffffffff, 0xffffffff), 1.0);
}

}  // namespace
}  // namespace angiotrial::random
