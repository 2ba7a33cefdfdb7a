// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/allocation_schemes.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/stream.hpp>

#include <algorithm>
#include <numeric>

#include "randomisation/margins.hpp"

namespace angiotrial::analysis {
namespace {

/// Random numbers of one replicate and one stratum. An occasion of a stream holds so many draws;
/// one that is used up is followed by the next, so that trials and blocks may be of any size.
class LongStream {
 public:
  LongStream(std::uint64_t seed, std::uint32_t replicate, int stratum)
      : streams_(seed, replicate, static_cast<std::uint32_t>(stratum)),
        stream_(streams_.at(random::Purpose::rerandomisation)) {}

  double uniform() {
    if (used_ == draws_of_an_occasion) {
      stream_ = streams_.at(random::Purpose::rerandomisation, ++occasion_);
      used_ = 0;
    }
    ++used_;
    return stream_.uniform();
  }
  bool bernoulli(double p) { return uniform() < p; }

 private:
  static constexpr std::uint32_t draws_of_an_occasion = 1U << 17U;

  random::Streams streams_;
  random::Stream stream_;
  std::uint32_t occasion_ = 0;
  std::uint32_t used_ = 0;
};

/// Whole number from 0 to below `limit`.
std::size_t below(LongStream& draw, std::size_t limit) {
  return static_cast<std::size_t>(draw.uniform() * static_cast<double>(limit));
}

void shuffle(std::span<int> arms, LongStream& draw) {
  for (std::size_t i = arms.size(); i-- > 1;) std::swap(arms[i], arms[below(draw, i + 1)]);
}

void expect_positive(const std::vector<int>& numbers) {
  ANGIOTRIAL_EXPECT(!numbers.empty(), "at least one number");
  ANGIOTRIAL_EXPECT(std::all_of(numbers.begin(), numbers.end(), [](int r) { return r > 0; }),
                    "positive whole numbers");
}

int strata_of(const std::vector<int>& stratum) {
  ANGIOTRIAL_EXPECT(std::all_of(stratum.begin(), stratum.end(), [](int h) { return h >= 0; }),
                    "strata from 0");
  return stratum.empty() ? 1 : *std::max_element(stratum.begin(), stratum.end()) + 1;
}

/// each(i) for the patients of stratum h, in order.
template <class Each>
void for_each_in(const std::vector<int>& stratum, int h, std::size_t patients, Each&& each) {
  ANGIOTRIAL_EXPECT(stratum.empty() || stratum.size() == patients, "a stratum a patient");
  for (std::size_t i = 0; i < patients; ++i) {
    if (stratum.empty() || stratum[i] == h) each(i);
  }
}

/// Every arm as often as its number says.
std::vector<int> expand(const std::vector<int>& numbers, int multiple) {
  std::vector<int> out;
  for (std::size_t a = 0; a < numbers.size(); ++a) {
    out.insert(out.end(), static_cast<std::size_t>(numbers[a] * multiple), static_cast<int>(a));
  }
  return out;
}

/// Arms as often as their ratio says: those with the least imbalance, or those with more.
void fill_pool(const std::vector<int>& ratio, const std::vector<bool>& least, bool favoured,
               std::vector<int>& pool) {
  pool.clear();
  for (std::size_t a = 0; a < ratio.size(); ++a) {
    if (least[a] != favoured) continue;
    pool.insert(pool.end(), static_cast<std::size_t>(ratio[a]), static_cast<int>(a));
  }
}

void minimise(const MinimisationAllocation& scheme, LongStream& draw, std::span<int> arm) {
  Margins margins(scheme);
  std::vector<double> imbalance(scheme.ratio.size());
  std::vector<bool> least(scheme.ratio.size());
  std::vector<int> pool;
  for (std::size_t i = 0; i < arm.size(); ++i) {
    for (std::size_t a = 0; a < imbalance.size(); ++a) imbalance[a] = margins.imbalance_if(a, i);
    const double best = *std::min_element(imbalance.begin(), imbalance.end());
    for (std::size_t a = 0; a < least.size(); ++a) least[a] = margins.equal(imbalance[a], best);
    const bool favour = draw.bernoulli(scheme.coin);
    fill_pool(scheme.ratio, least, favour, pool);
    if (pool.empty()) fill_pool(scheme.ratio, least, !favour, pool);
    arm[i] = pool[below(draw, pool.size())];
    margins.add(static_cast<std::size_t>(arm[i]), i);
  }
}

}  // namespace

Assign replay(SimpleAllocation scheme, std::uint64_t seed) {
  expect_positive(scheme.ratio);
  return [pool = expand(scheme.ratio, 1), seed](std::uint32_t replicate, std::span<int> arm) {
    LongStream draw(seed, replicate, 0);
    for (int& a : arm) a = pool[below(draw, pool.size())];
  };
}

Assign replay(CompleteAllocation scheme, std::uint64_t seed) {
  const auto strata = static_cast<std::size_t>(strata_of(scheme.stratum));
  ANGIOTRIAL_EXPECT(!scheme.sizes.empty() && scheme.sizes.size() % strata == 0,
                    "the size of each arm in each stratum");
  ANGIOTRIAL_EXPECT(
      std::ranges::all_of(scheme.sizes, [&](int n) { return n > 0 || (n == 0 && strata > 1); }),
      "patients in each arm");
  const std::size_t arms = scheme.sizes.size() / strata;
  std::vector<std::vector<int>> lists;
  for (std::size_t h = 0; h < strata; ++h) {
    const auto first = scheme.sizes.begin() + static_cast<std::ptrdiff_t>(h * arms);
    lists.push_back(expand({first, first + static_cast<std::ptrdiff_t>(arms)}, 1));
  }
  return [lists = std::move(lists), stratum = std::move(scheme.stratum), seed](
             std::uint32_t replicate, std::span<int> arm) {
    for (std::size_t h = 0; h < lists.size(); ++h) {
      LongStream draw(seed, replicate, static_cast<int>(h));
      std::vector<int> list = lists[h];
      shuffle(list, draw);
      std::size_t next = 0;
      for_each_in(stratum, static_cast<int>(h), arm.size(), [&](std::size_t i) {
        ANGIOTRIAL_EXPECT(next < list.size(), "as many patients as the sizes say");
        arm[i] = list[next++];
      });
      ANGIOTRIAL_EXPECT(next == list.size(), "as many patients as the sizes say");
    }
  };
}

Assign replay(BlockAllocation scheme, std::uint64_t seed) {
  expect_positive(scheme.ratio);
  expect_positive(scheme.multiples);
  const int strata = strata_of(scheme.stratum);
  return [scheme = std::move(scheme), strata, seed](std::uint32_t replicate, std::span<int> arm) {
    for (int h = 0; h < strata; ++h) {
      LongStream draw(seed, replicate, h);
      std::vector<int> block;
      std::size_t used = 0;
      for_each_in(scheme.stratum, h, arm.size(), [&](std::size_t i) {
        if (used == block.size()) {
          const std::size_t kinds = scheme.multiples.size();
          block = expand(scheme.ratio, scheme.multiples[kinds > 1 ? below(draw, kinds) : 0]);
          shuffle(block, draw);
          used = 0;
        }
        arm[i] = block[used++];
      });
    }
  };
}

Assign replay(MinimisationAllocation scheme, std::uint64_t seed) {
  expect_positive(scheme.ratio);
  ANGIOTRIAL_EXPECT(scheme.coin > 0.0 && scheme.coin <= 1.0, "a coin in (0, 1]");
  ANGIOTRIAL_EXPECT(scheme.factor_count > 0, "at least one factor");
  ANGIOTRIAL_EXPECT(scheme.weights.empty() || scheme.weights.size() == scheme.factor_count,
                    "a weight a factor");
  static_cast<void>(strata_of(scheme.factors));
  return [scheme = std::move(scheme), seed](std::uint32_t replicate, std::span<int> arm) {
    ANGIOTRIAL_EXPECT(scheme.factors.size() == arm.size() * scheme.factor_count,
                      "levels of each patient");
    LongStream draw(seed, replicate, 0);
    minimise(scheme, draw, arm);
  };
}

Assign replay(BiasedCoinAllocation scheme, std::uint64_t seed) {
  ANGIOTRIAL_EXPECT(scheme.coin >= 0.5 && scheme.coin <= 1.0, "a coin from one half to 1");
  const int strata = strata_of(scheme.stratum);
  return [scheme = std::move(scheme), strata, seed](std::uint32_t replicate, std::span<int> arm) {
    for (int h = 0; h < strata; ++h) {
      LongStream draw(seed, replicate, h);
      int lead = 0;  // patients in arm 1 less those in arm 0
      for_each_in(scheme.stratum, h, arm.size(), [&](std::size_t i) {
        const double chance = lead == 0 ? 0.5 : lead < 0 ? scheme.coin : 1.0 - scheme.coin;
        arm[i] = draw.bernoulli(chance) ? 1 : 0;
        lead += arm[i] == 1 ? 1 : -1;
      });
    }
  };
}

Assign replay(UrnAllocation scheme, std::uint64_t seed) {
  ANGIOTRIAL_EXPECT(scheme.initial > 0 && scheme.added >= 0, "an urn with balls");
  return [scheme, seed](std::uint32_t replicate, std::span<int> arm) {
    LongStream draw(seed, replicate, 0);
    double zero = scheme.initial;
    double one = scheme.initial;
    for (int& a : arm) {
      a = draw.bernoulli(one / (zero + one)) ? 1 : 0;
      (a == 1 ? zero : one) += scheme.added;
    }
  };
}

}  // namespace angiotrial::analysis
