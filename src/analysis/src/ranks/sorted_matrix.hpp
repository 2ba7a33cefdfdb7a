// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

/// Order statistics of all sums a_i + b_j without forming them: a and b in ascending order make a
/// matrix sorted along rows and columns. Rounded sums are monotone too, so the answer is the very
/// number that sorting all sums would give.
namespace angiotrial::analysis::ranks {

/// Buffers that outlive a matrix.
struct SelectionBuffers {
  std::vector<std::size_t> low, high, below, upto;
  std::vector<double> few;
};

/// `Value` gives v(i, j), not falling in i and in j, for i and j below `size_i` and `size_j`. With
/// `triangle`, only j >= i count.
template <class Value>
class SortedMatrix {
 public:
  SortedMatrix(Value value, std::size_t size_i, std::size_t size_j, bool triangle,
               SelectionBuffers& buffers)
      : value_(value), rows_(size_i), columns_(size_j), triangle_(triangle), buffers_(buffers) {}

  [[nodiscard]] std::size_t size() const {
    return triangle_ ? rows_ * (rows_ + 1) / 2 : rows_ * columns_;
  }

  /// The k-th smallest, k from 0. Each turn a pivot from among the candidates splits them; what is
  /// left in the end is small enough to be written out.
  [[nodiscard]] double select(std::size_t k) {
    start();
    for (;;) {
      const std::size_t left = candidates();
      if (left <= 2 * rows_ + 64) return finish(k);
      const double p = pivot();
      const std::size_t below = count(p, false, buffers_.below);
      if (k < below) {
        std::swap(buffers_.high, buffers_.below);
        continue;
      }
      const std::size_t upto = count(p, true, buffers_.upto);
      if (k < upto) return p;
      std::swap(buffers_.low, buffers_.upto);
    }
  }

  /// Median: the middle one, or the mean of the two in the middle.
  [[nodiscard]] double median() {
    const std::size_t n = size();
    const double low = select((n - 1) / 2);
    if (n % 2 == 1) return low;
    if (count(low, true, buffers_.upto) > n / 2) return low;
    double high = value_(rows_ - 1, columns_ - 1);
    for (std::size_t i = 0; i < rows_; ++i) {
      if (buffers_.upto[i] < columns_) high = std::min(high, value_(i, buffers_.upto[i]));
    }
    return 0.5 * (low + high);
  }

 private:
  [[nodiscard]] std::size_t first(std::size_t i) const { return triangle_ ? i : 0; }

  void start() {
    for (auto* each : {&buffers_.low, &buffers_.high, &buffers_.below, &buffers_.upto}) {
      each->resize(rows_);
    }
    for (std::size_t i = 0; i < rows_; ++i) {
      buffers_.low[i] = first(i);
      buffers_.high[i] = columns_;
    }
  }

  [[nodiscard]] std::size_t candidates() const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < rows_; ++i) sum += buffers_.high[i] - buffers_.low[i];
    return sum;
  }

  /// Median of the middles of up to nine rows, evenly spread over the candidates.
  [[nodiscard]] double pivot() const {
    std::array<double, 9> middles{};
    std::size_t taken = 0;
    std::size_t seen = 0;
    const std::size_t step = candidates() / middles.size() + 1;
    for (std::size_t i = 0; i < rows_ && taken < middles.size(); ++i) {
      const std::size_t width = buffers_.high[i] - buffers_.low[i];
      seen += width;
      if (width == 0 || seen <= taken * step) continue;
      middles[taken++] = value_(i, buffers_.low[i] + width / 2);
    }
    const auto middle = middles.begin() + static_cast<std::ptrdiff_t>(taken / 2);
    std::nth_element(middles.begin(), middle, middles.begin() + static_cast<std::ptrdiff_t>(taken));
    return *middle;
  }

  /// Entries below p (or up to p), in all and as the first column past them, by one walk along the
  /// staircase.
  std::size_t count(double p, bool including, std::vector<std::size_t>& end) const {
    std::size_t sum = 0;
    std::size_t j = columns_;
    for (std::size_t i = 0; i < rows_; ++i) {
      if (including) {
        while (j > 0 && value_(i, j - 1) > p) --j;
      } else {
        while (j > 0 && value_(i, j - 1) >= p) --j;
      }
      end[i] = std::max(j, first(i));
      sum += end[i] - first(i);
    }
    return sum;
  }

  [[nodiscard]] double finish(std::size_t k) {
    buffers_.few.clear();
    for (std::size_t i = 0; i < rows_; ++i) {
      k -= buffers_.low[i] - first(i);
      for (std::size_t j = buffers_.low[i]; j < buffers_.high[i]; ++j) {
        buffers_.few.push_back(value_(i, j));
      }
    }
    const auto at = buffers_.few.begin() + static_cast<std::ptrdiff_t>(k);
    std::nth_element(buffers_.few.begin(), at, buffers_.few.end());
    return *at;
  }

  Value value_;
  std::size_t rows_;
  std::size_t columns_;
  bool triangle_;
  SelectionBuffers& buffers_;
};

}  // namespace angiotrial::analysis::ranks
