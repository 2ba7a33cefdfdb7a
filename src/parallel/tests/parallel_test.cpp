// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/parallel/for_each_index.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace angiotrial::parallel {
namespace {

TEST(ForEachIndex, VisitsEveryIndexOnceAtAnyThreadCount) {
  for (const int threads : {1, 2, 8}) {
    std::vector<int> visits(1000, 0);
    EXPECT_TRUE(for_each_index(visits.size(), threads, [&](std::size_t i) {
      ++visits[i];
      return true;
    }));
    EXPECT_EQ(visits, std::vector<int>(1000, 1));
  }
}

TEST(ForEachIndex, StopsWhenAskedTo) {
  std::vector<int> visits(1000, 0);
  EXPECT_FALSE(for_each_index(visits.size(), 1, [&](std::size_t i) {
    ++visits[i];
    return i < 9;
  }));
  EXPECT_EQ(visits[9], 1);
  EXPECT_EQ(visits[10], 0);
}

TEST(ForEachIndex, ThrowsTheErrorOfACall) {
  EXPECT_THROW(for_each_index(100, 4,
                              [](std::size_t i) {
                                if (i == 37) throw std::runtime_error("37");
                                return true;
                              }),
               std::runtime_error);
}

TEST(ForEachIndex, NothingToDoIsDone) {
  EXPECT_TRUE(for_each_index(0, 2, [](std::size_t) { return false; }));
}

}  // namespace
}  // namespace angiotrial::parallel
