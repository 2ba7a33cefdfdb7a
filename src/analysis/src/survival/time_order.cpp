// SPDX-License-Identifier: Apache-2.0
#include "survival/time_order.hpp"

#include <algorithm>
#include <bit>

namespace angiotrial::analysis {
namespace {

constexpr unsigned digit_bits = 11;
constexpr std::size_t digits = 6;
constexpr std::size_t buckets = std::size_t{1} << digit_bits;
/// Below, comparisons are cheaper than the counts of every bucket.
constexpr std::size_t least_radix = 512;

/// Unsigned numbers in the order of the doubles.
std::uint64_t rising_key(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);  // -0 becomes 0
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

std::size_t digit_of(std::uint64_t key, std::size_t digit) {
  return static_cast<std::size_t>(key >> (digit * digit_bits)) & (buckets - 1);
}

}  // namespace

void TimeOrder::reset(std::size_t n) {
  order_.resize(n);
  for (std::size_t i = 0; i < n; ++i) order_[i] = static_cast<std::uint32_t>(i);
}

void TimeOrder::reset(std::span<const int> flag) {
  order_.resize(flag.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < flag.size(); ++i) {
    if (flag[i] != 0) order_[next++] = static_cast<std::uint32_t>(i);
  }
  for (std::size_t i = 0; i < flag.size(); ++i) {
    if (flag[i] == 0) order_[next++] = static_cast<std::uint32_t>(i);
  }
}

void TimeOrder::by(std::span<const double> key, bool falling) {
  entries_.resize(order_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::uint64_t bits = rising_key(key[order_[i]]);
    entries_[i] = {falling ? ~bits : bits, order_[i]};
  }
  sort();
}

void TimeOrder::by(std::span<const int> key) {
  entries_.resize(order_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    entries_[i] = {rising_key(key[order_[i]]), order_[i]};
  }
  sort();
}

void TimeOrder::sort() {
  if (entries_.size() >= least_radix) {
    radix();
  } else {
    // The place in the present order breaks ties: std::stable_sort would allocate.
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      entries_[i].position = static_cast<std::uint32_t>(i);
    }
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return a.key != b.key ? a.key < b.key : a.position < b.position;
    });
    for (Entry& entry : entries_) entry.position = order_[entry.position];
  }
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = entries_[i].position;
}

void TimeOrder::radix() {
  counts_.assign(digits * buckets, 0);
  for (const Entry& entry : entries_) {
    for (std::size_t d = 0; d < digits; ++d) ++counts_[d * buckets + digit_of(entry.key, d)];
  }
  other_.resize(entries_.size());
  for (std::size_t d = 0; d < digits; ++d) {
    std::uint32_t* count = &counts_[d * buckets];
    if (count[digit_of(entries_[0].key, d)] == entries_.size()) continue;
    std::uint32_t before = 0;
    for (std::size_t b = 0; b < buckets; ++b) {
      const std::uint32_t here = count[b];
      count[b] = before;
      before += here;
    }
    for (const Entry& entry : entries_) other_[count[digit_of(entry.key, d)]++] = entry;
    entries_.swap(other_);
  }
}

}  // namespace angiotrial::analysis
