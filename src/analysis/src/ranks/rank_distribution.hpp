// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Null distributions of rank statistics.
namespace angiotrial::analysis::ranks {

/// Mid-ranks, from 1.
std::vector<double> mid_ranks(std::span<const double> values);
/// sum over ties of t^3 - t
double tie_sum(std::span<const double> values);

/// P(U = 0), P(U = 1), ... m n, of the Mann-Whitney count without ties.
std::vector<double> mann_whitney(std::size_t m, std::size_t n);
/// P(V = 0 .. n (n + 1) / 2) of the signed rank sum without ties.
std::vector<double> signed_ranks(std::size_t n);
/// P(sum of the scores of a random subset of size m = 0 .. ), scores whole and not negative.
std::vector<double> subset_sums(std::span<const int> scores, std::size_t m);
/// P(sum of scores with random signs kept when positive).
std::vector<double> sign_sums(std::span<const int> scores);

}  // namespace angiotrial::analysis::ranks
