// SPDX-License-Identifier: Apache-2.0
#include "ranks/rank_distribution.hpp"

#include <algorithm>
#include <functional>
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

std::vector<double> subset_sums(std::span<const int> scores, std::size_t m) {
  std::vector<int> largest(scores.begin(), scores.end());
  std::sort(largest.begin(), largest.end(), std::greater<>());
  const auto top = static_cast<std::size_t>(
      std::accumulate(largest.begin(), largest.begin() + static_cast<std::ptrdiff_t>(m), 0));
  const std::size_t width = top + 1;
  // p[k][s]: after i scores, k of them chosen with sum s, chosen with the chance of a random
  // subset.
  std::vector<double> p((m + 1) * width, 0.0);
  p[0] = 1.0;
  const auto total = static_cast<double>(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto s = static_cast<std::size_t>(scores[i]);
    const double left = total - static_cast<double>(i);
    for (std::size_t k = std::min(m, i + 1) + 1; k-- > 0;) {
      // In place: row k takes from row k - 1, which has not yet changed.
      const double stay =
          std::max(0.0, 1.0 - (static_cast<double>(m) - static_cast<double>(k)) / left);
      const double move =
          k > 0 ? (static_cast<double>(m) - static_cast<double>(k) + 1.0) / left : 0.0;
      double* row = p.data() + k * width;
      for (std::size_t v = 0; v < width; ++v) row[v] *= stay;
      if (move <= 0.0 || k == 0) continue;
      const double* below = p.data() + (k - 1) * width;
      for (std::size_t v = s; v < width; ++v) row[v] += move * below[v - s];
    }
  }
  return {p.begin() + static_cast<std::ptrdiff_t>(m * width), p.end()};
}

}  // namespace angiotrial::analysis::ranks
