// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>

// Each lane is summed in the order of the rows and lanes one after the other, and nothing is
// contracted, so every clone gives the same bytes.
#ifndef ANGIOTRIAL_VECTOR_CLONES  // the build may have named one: none, under sanitizers
#define ANGIOTRIAL_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
// What a clone calls has to be part of it.
#define ANGIOTRIAL_ALWAYS_INLINE __attribute__((always_inline)) inline

namespace angiotrial::analysis {

/// Rows side by side.
constexpr std::size_t lanes = 8;
using Lanes [[gnu::vector_size(lanes * sizeof(double))]] = double;

/// Rows side by side. The last block of a column ends with the column, so that it holds some rows
/// of the block before again: `fresh` is 0 for those and 1 for others. A column shorter than
/// `lanes` is one block, whose lanes past the last row are 0.
struct Block {
  std::size_t first;
  std::size_t rows = lanes;
  Lanes fresh = Lanes{} + 1.0;
};

/// Calls `visit(block, whole)` for rows begin to end - 1 of a column of `end` or more; `begin` is a
/// multiple of `lanes`. Where `whole` all rows are fresh.
template <class Visit>
ANGIOTRIAL_ALWAYS_INLINE void for_each_block(std::size_t begin, std::size_t end, Visit visit) {
  std::size_t i = begin;
  for (; i + lanes <= end; i += lanes) visit(Block{i}, true);
  if (i == end) return;
  if (end < lanes) {
    visit(Block{0, end}, false);
    return;
  }
  Block last{end - lanes};
  for (std::size_t k = 0; k < lanes - (end - i); ++k) last.fresh[k] = 0.0;
  visit(last, false);
}

ANGIOTRIAL_ALWAYS_INLINE void load(const double* column, const Block& block, Lanes& out) {
  if (block.rows == lanes) {
    std::memcpy(&out, column + block.first, sizeof out);
  } else {
    out = Lanes{};
    std::memcpy(&out, column + block.first, block.rows * sizeof(double));
  }
}

ANGIOTRIAL_ALWAYS_INLINE void store(const Lanes& values, const Block& block, double* column) {
  std::memcpy(column + block.first, &values, block.rows * sizeof(double));
}

/// The sum over lanes, in their order.
ANGIOTRIAL_ALWAYS_INLINE double total(const Lanes& values) {
  double sum = 0.0;
  for (std::size_t k = 0; k < lanes; ++k) sum += values[k];
  return sum;
}

}  // namespace angiotrial::analysis
