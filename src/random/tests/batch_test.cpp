// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/random/batch.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace angiotrial::random {
namespace {

TEST(Batch, GivesTheVeryNumbersOfTheStream) {
  const Streams streams(0x123456789abcdefULL, 9, 4711);
  for (const std::size_t size : {1U, 2U, 31U, 32U, 33U, 306U, 1000U}) {
    std::vector<double> uniforms(size), normals(size);
    fill_uniform(streams, Purpose::microregions, 3, uniforms);
    fill_normal(streams, Purpose::microregions, 3, normals);
    Stream one_by_one = streams.at(Purpose::microregions, 3);
    Stream normal_stream = streams.at(Purpose::microregions, 3);
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_EQ(uniforms[i], one_by_one.uniform()) << i << " of " << size;
      ASSERT_EQ(normals[i], normal_stream.normal()) << i << " of " << size;
    }
  }
}

}  // namespace
}  // namespace angiotrial::random
