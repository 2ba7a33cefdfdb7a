// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/allocation/randomisation.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <numeric>

namespace angiotrial::allocation {

Allocator::Allocator(const Randomisation& parameters, std::vector<int> ratio, std::uint64_t seed,
                     std::uint32_t replicate)
    : parameters_(parameters), ratio_(std::move(ratio)), seed_(seed), replicate_(replicate) {
  ANGIOTRIAL_EXPECT(!ratio_.empty(), "at least one arm");
  ANGIOTRIAL_EXPECT(std::ranges::all_of(ratio_, [](int r) { return r > 0; }),
                    "every arm has a positive share");
}

int Allocator::next(std::uint32_t patient, std::span<const int> strata) {
  switch (parameters_.scheme) {
    case Scheme::permuted_blocks:
      return from_block(0);
    case Scheme::stratified_blocks: {
      int stratum = 0;
      for (const int level : strata) stratum = stratum * 100 + level;
      return from_block(stratum);
    }
    case Scheme::minimisation:
      return by_minimisation(patient, strata);
  }
  diagnostics::violate("scheme", "an allocation scheme that exists");
}

int Allocator::from_block(int stratum) {
  List& list = lists_[stratum];
  if (list.used == list.block.size()) {
    list.block.clear();
    list.used = 0;
    for (std::size_t arm = 0; arm < ratio_.size(); ++arm) {
      list.block.insert(list.block.end(),
                        static_cast<std::size_t>(ratio_[arm]) *
                            static_cast<std::size_t>(parameters_.blocks_of_each_arm),
                        static_cast<int>(arm));
    }
    random::Stream stream(seed_, replicate_, static_cast<std::uint32_t>(stratum),
                          random::Purpose::allocation, list.blocks_made++);
    for (std::size_t i = list.block.size(); i-- > 1;) {  // Fisher and Yates
      const auto j = static_cast<std::size_t>(stream.uniform() * static_cast<double>(i + 1));
      std::swap(list.block[i], list.block[j]);
    }
  }
  return list.block[list.used++];
}

double Allocator::imbalance_if(int arm, std::span<const int> strata) const {
  double sum = 0.0;
  for (std::size_t factor = 0; factor < strata.size(); ++factor) {
    const auto found = counts_.find({static_cast<int>(factor), strata[factor]});
    double least = 1e300, most = -1e300;
    for (std::size_t other = 0; other < ratio_.size(); ++other) {
      double n = found == counts_.end() ? 0.0 : found->second[other];
      if (static_cast<int>(other) == arm) n += 1.0;
      const double share = n / ratio_[other];
      least = std::min(least, share);
      most = std::max(most, share);
    }
    sum += most - least;
  }
  return sum;
}

int Allocator::by_minimisation(std::uint32_t patient, std::span<const int> strata) {
  random::Stream stream(seed_, replicate_, patient, random::Purpose::allocation, 1);
  double best = 1e300;
  std::vector<double> imbalance(ratio_.size());
  for (std::size_t arm = 0; arm < ratio_.size(); ++arm) {
    imbalance[arm] = imbalance_if(static_cast<int>(arm), strata);
    best = std::min(best, imbalance[arm]);
  }
  const bool favour = stream.bernoulli(parameters_.minimisation_coin_fraction.value());
  std::vector<int> pool;
  for (std::size_t arm = 0; arm < ratio_.size(); ++arm) {
    const bool favoured = imbalance[arm] <= best + 1e-12;
    if (favoured == favour) {
      pool.insert(pool.end(), static_cast<std::size_t>(ratio_[arm]), static_cast<int>(arm));
    }
  }
  if (pool.empty()) {  // all arms tie and the coin said otherwise
    for (std::size_t arm = 0; arm < ratio_.size(); ++arm) {
      pool.insert(pool.end(), static_cast<std::size_t>(ratio_[arm]), static_cast<int>(arm));
    }
  }
  const auto pick = static_cast<std::size_t>(stream.uniform() * static_cast<double>(pool.size()));
  const int arm = pool[pick];
  for (std::size_t factor = 0; factor < strata.size(); ++factor) {
    auto& counts = counts_[{static_cast<int>(factor), strata[factor]}];
    counts.resize(ratio_.size(), 0);
    ++counts[static_cast<std::size_t>(arm)];
  }
  return arm;
}

}  // namespace angiotrial::allocation
