// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace angiotrial::analysis {

/// Stable orders by number and by label. Keeps its buffers.
class StableOrder {
 public:
  /// Positions 0 .. n - 1 in their own order.
  void reset(std::size_t n);
  /// Those whose `flag` is not 0, then the others.
  void reset(std::span<const int> flag);
  /// Sorts the present order by `key[position]`; equal keys keep their order. No key is NaN.
  void by(std::span<const double> key, bool falling = false);
  void by(std::span<const int> key);

  [[nodiscard]] const std::vector<std::uint32_t>& positions() const { return order_; }

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t position = 0;
  };
  void sort();
  void compare(std::size_t begin, std::size_t end);
  void insert(std::size_t begin, std::size_t end);
  [[nodiscard]] bool spread();
  template <unsigned bits, unsigned digits>
  void radix();
  template <unsigned known>
  void sort_runs();

  std::vector<std::uint32_t> order_;
  std::vector<Entry> entries_, other_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace angiotrial::analysis
