// SPDX-License-Identifier: Apache-2.0
#include "ranks/rank_distribution.hpp"

#include <algorithm>
#include <numeric>

namespace angiotrial::analysis::ranks {
namespace {

std::vector<std::size_t> sorted_order(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

/// f(first, last, value) for each run of equal values.
template <class F>
void for_each_run(std::span<const double> values, const std::vector<std::size_t>& order, F&& f) {
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1;
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    f(first, last);
    first = last;
  }
}

}  // namespace

std::vector<double> mid_ranks(std::span<const double> values) {
  const auto order = sorted_order(values);
  std::vector<double> rank(values.size());
  for_each_run(values, order, [&](std::size_t first, std::size_t last) {
    const double mid = 0.5 * static_cast<double>(first + last + 1);
    for (std::size_t i = first; i < last; ++i) rank[order[i]] = mid;
  });
  return rank;
}

double tie_sum(std::span<const double> values) {
  const auto order = sorted_order(values);
  double sum = 0.0;
  for_each_run(values, order, [&](std::size_t first, std::size_t last) {
    const auto t = static_cast<double>(last - first);
    sum += t * t * t - t;
  });
  return sum;
}

namespace {

/// p[u] -= p[u - s] for u = top .. s, all from old values: in pieces no longer than s, from above.
void multiply_factor(double* p, std::size_t top, std::size_t s) {
  for (std::size_t end = top + 1; end > s;) {
    const std::size_t width = std::min(s, end - s);
    const double* __restrict from = p + (end - width - s);
    double* __restrict to = p + (end - width);
    for (std::size_t k = 0; k < width; ++k) to[k] -= from[k];
    end -= width;
  }
}

/// p[u] += p[u - s] for u = s .. top, from new values: in pieces of s, from below.
void divide_factor(double* p, std::size_t top, std::size_t s) {
  for (std::size_t begin = s; begin <= top; begin += s) {
    const std::size_t width = std::min(s, top + 1 - begin);
    const double* __restrict from = p + (begin - s);
    double* __restrict to = p + begin;
    for (std::size_t k = 0; k < width; ++k) to[k] += from[k];
  }
}

}  // namespace

// The generating function of U is prod_{i=1}^{m} (1 - q^(n+i)) / (1 - q^i). Only the lower half is
// built, where counts are exact or relatively accurate; the upper half is its mirror. After i
// factors the degree is i n, so nothing beyond it is touched.
std::vector<double> mann_whitney(std::size_t m, std::size_t n) {
  if (m > n) std::swap(m, n);
  const std::size_t top = m * n;
  const std::size_t half = top / 2;
  std::vector<double> p(top + 1, 0.0);
  p[0] = 1.0;
  for (std::size_t i = 1; i <= m; ++i) {
    const std::size_t reach = std::min(half, i * n);
    multiply_factor(p.data(), reach, n + i);
    divide_factor(p.data(), reach, i);
  }
  for (std::size_t u = half + 1; u <= top; ++u) p[u] = p[top - u];
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& value : p) value /= total;
  return p;
}

std::vector<double> sign_sums(std::span<const int> scores) {
  const int total = std::accumulate(scores.begin(), scores.end(), 0);
  std::vector<double> p(static_cast<std::size_t>(total) + 1, 0.0);
  p[0] = 1.0;
  std::size_t reach = 0;
  for (const int score : scores) {
    const auto s = static_cast<std::size_t>(score);
    reach += s;
    for (std::size_t v = reach + 1; v-- > 0;) {
      const double with = v >= s ? p[v - s] : 0.0;
      p[v] = 0.5 * (p[v] + with);
    }
  }
  return p;
}

std::vector<double> signed_ranks(std::size_t n) {
  std::vector<int> scores(n);
  std::iota(scores.begin(), scores.end(), 1);
  return sign_sums(scores);
}

namespace {

/// Sums of k of the scores seen so far, each with the chance that a random subset of size m begins
/// so. Scores come in ascending order, so k of the first i sum to between the k smallest of all and
/// the k largest of the first i; nothing outside is kept or touched.
class SubsetSums {
 public:
  SubsetSums(std::span<const int> ascending, std::size_t m)
      : scores_(ascending), m_(m), prefix_(ascending.size() + 1, 0), rows_(m + 1) {
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      prefix_[i + 1] = prefix_[i] + static_cast<std::size_t>(scores_[i]);
    }
    for (std::size_t k = 0; k <= m; ++k) rows_[k].assign(width(k, scores_.size()), 0.0);
    rows_[0][0] = 1.0;
    for (std::size_t i = 0; i < scores_.size(); ++i) add(i);
  }

  /// By sum, from 0.
  [[nodiscard]] std::vector<double> all() const {
    std::vector<double> out(prefix_[m_], 0.0);
    out.insert(out.end(), rows_[m_].begin(), rows_[m_].end());
    return out;
  }

 private:
  /// Of row k after i scores.
  [[nodiscard]] std::size_t width(std::size_t k, std::size_t i) const {
    return prefix_[i] - prefix_[i - k] - prefix_[k] + 1;
  }

  // Score i is chosen with chance (m - k) / (N - i) where k of those before it were. In place: row
  // k takes from row k - 1, which has not yet changed.
  void add(std::size_t i) {
    const std::size_t left = scores_.size() - i;
    const std::size_t least = m_ + 1 > left ? m_ + 1 - left : 0;
    for (std::size_t k = std::min(m_, i + 1) + 1; k-- > least;) {
      double* __restrict row = rows_[k].data();
      if (k <= i) {
        const double stay = 1.0 - static_cast<double>(m_ - k) / static_cast<double>(left);
        const std::size_t own = width(k, i);
        for (std::size_t v = 0; v < own; ++v) row[v] *= stay;
      }
      if (k == 0) continue;
      const double move = static_cast<double>(m_ - k + 1) / static_cast<double>(left);
      const double* __restrict from = rows_[k - 1].data();
      // Sums of row k count from prefix_[k]; this score is at least the k-th smallest.
      const std::size_t shift = prefix_[k - 1] + static_cast<std::size_t>(scores_[i]) - prefix_[k];
      const std::size_t below = width(k - 1, i);
      for (std::size_t v = 0; v < below; ++v) row[v + shift] += move * from[v];
    }
  }

  std::span<const int> scores_;
  std::size_t m_;
  std::vector<std::size_t> prefix_;
  std::vector<std::vector<double>> rows_;
};

}  // namespace

std::vector<double> subset_sums(std::span<const int> scores, std::size_t m) {
  std::vector<int> ascending(scores.begin(), scores.end());
  std::sort(ascending.begin(), ascending.end());
  if (2 * m <= scores.size()) return SubsetSums(ascending, m).all();
  // What is left out is the smaller subset, and its sum the rest of the total.
  std::vector<double> p = SubsetSums(ascending, scores.size() - m).all();
  const auto total =
      static_cast<std::size_t>(std::accumulate(ascending.begin(), ascending.end(), 0));
  p.resize(total + 1, 0.0);
  std::reverse(p.begin(), p.end());
  return p;
}

}  // namespace angiotrial::analysis::ranks
