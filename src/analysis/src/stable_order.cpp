// SPDX-License-Identifier: Apache-2.0
#include "stable_order.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace angiotrial::analysis {
namespace {

/// Below, comparisons are cheaper than the counts of every bucket.
constexpr std::size_t least_radix = 48;
/// From here on three wide digits are cheaper than four narrow ones.
constexpr std::size_t least_wide = 4096;
/// Longer runs of nearly equal keys are not sorted by insertion.
constexpr std::size_t longest_insertion = 16;

/// Unsigned numbers in the order of the doubles.
std::uint64_t rising_key(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);  // -0 becomes 0
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

}  // namespace

void StableOrder::reset(std::size_t n) {
  order_.resize(n);
  for (std::size_t i = 0; i < n; ++i) order_[i] = static_cast<std::uint32_t>(i);
}

void StableOrder::reset(std::span<const int> flag) {
  order_.resize(flag.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < flag.size(); ++i) {
    if (flag[i] != 0) order_[next++] = static_cast<std::uint32_t>(i);
  }
  for (std::size_t i = 0; i < flag.size(); ++i) {
    if (flag[i] == 0) order_[next++] = static_cast<std::uint32_t>(i);
  }
}

void StableOrder::by(std::span<const double> key, bool falling) {
  entries_.resize(order_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::uint64_t bits = rising_key(key[order_[i]]);
    entries_[i] = {falling ? ~bits : bits, order_[i]};
  }
  sort();
}

void StableOrder::by(std::span<const int> key) {
  entries_.resize(order_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    entries_[i] = {rising_key(key[order_[i]]), order_[i]};
  }
  sort();
}

void StableOrder::sort() {
  if (entries_.size() < least_radix) {
    compare(0, entries_.size());
  } else if (entries_.size() < least_wide) {
    if (spread()) {
      insert(0, entries_.size());
    } else {
      radix<8, 4>();
      sort_runs<32>();
    }
  } else {
    radix<11, 3>();
    sort_runs<33>();
  }
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = entries_[i].position;
}

/// Entries begin .. end - 1 by comparisons, equal keys in their present order.
void StableOrder::compare(std::size_t begin, std::size_t end) {
  // The place in the present order breaks ties: std::stable_sort would allocate.
  for (std::size_t i = begin; i < end; ++i) {
    order_[i] = entries_[i].position;
    entries_[i].position = static_cast<std::uint32_t>(i);
  }
  const auto first = entries_.begin();
  std::sort(first + static_cast<std::ptrdiff_t>(begin), first + static_cast<std::ptrdiff_t>(end),
            [](const Entry& a, const Entry& b) {
              return a.key != b.key ? a.key < b.key : a.position < b.position;
            });
  for (std::size_t i = begin; i < end; ++i) entries_[i].position = order_[entries_[i].position];
}

/// Entries begin .. end - 1 by insertion.
void StableOrder::insert(std::size_t begin, std::size_t end) {
  for (std::size_t i = begin + 1; i < end; ++i) {
    if (entries_[i - 1].key <= entries_[i].key) continue;
    const Entry moved = entries_[i];
    std::size_t to = i;
    for (; to > begin && entries_[to - 1].key > moved.key; --to) entries_[to] = entries_[to - 1];
    entries_[to] = moved;
  }
}

/// Into buckets of equal width between the least and the largest key, in one pass. False, with the
/// entries as they were, where a bucket is long.
bool StableOrder::spread() {
  constexpr int bits = 9;
  std::uint64_t least = entries_[0].key, most = least;
  for (const Entry& entry : entries_) {
    least = std::min(least, entry.key);
    most = std::max(most, entry.key);
  }
  const int shift = std::max(static_cast<int>(std::bit_width(most - least)) - bits, 0);
  counts_.assign(std::size_t{1} << bits, 0);
  for (const Entry& entry : entries_) ++counts_[(entry.key - least) >> shift];
  std::uint32_t before = 0;
  std::uint32_t longest = 0;
  for (std::uint32_t& count : counts_) {
    longest = std::max(longest, count);
    before += std::exchange(count, before);
  }
  if (longest > longest_insertion) return false;
  other_.resize(entries_.size());
  for (const Entry& entry : entries_) other_[counts_[(entry.key - least) >> shift]++] = entry;
  entries_.swap(other_);
  return true;
}

/// By the highest bits * digits bits of the keys, the lowest digit first.
template <unsigned bits, unsigned digits>
void StableOrder::radix() {
  constexpr std::size_t buckets = std::size_t{1} << bits;
  const auto digit = [](std::uint64_t key, unsigned d) {
    return static_cast<std::size_t>(key >> (64 - bits * (digits - d))) & (buckets - 1);
  };
  counts_.assign(digits * buckets, 0);
  for (const Entry& entry : entries_) {
    for (unsigned d = 0; d < digits; ++d) ++counts_[d * buckets + digit(entry.key, d)];
  }
  other_.resize(entries_.size());
  for (unsigned d = 0; d < digits; ++d) {
    std::uint32_t* count = &counts_[d * buckets];
    if (count[digit(entries_[0].key, d)] == entries_.size()) continue;
    std::uint32_t before = 0;
    for (std::size_t b = 0; b < buckets; ++b) {
      const std::uint32_t here = count[b];
      count[b] = before;
      before += here;
    }
    for (const Entry& entry : entries_) other_[count[digit(entry.key, d)]++] = entry;
    entries_.swap(other_);
  }
}

/// Sorts runs of entries that agree in their highest `known` bits by the others.
template <unsigned known>
void StableOrder::sort_runs() {
  const auto high = [](const Entry& entry) { return entry.key >> (64 - known); };
  for (std::size_t begin = 0; begin < entries_.size();) {
    std::size_t end = begin + 1;
    bool rising = true;
    for (; end < entries_.size() && high(entries_[end]) == high(entries_[begin]); ++end) {
      rising = rising && entries_[end].key >= entries_[end - 1].key;
    }
    if (!rising && end - begin > longest_insertion) compare(begin, end);
    if (!rising) insert(begin, end);
    begin = end;
  }
}

}  // namespace angiotrial::analysis
