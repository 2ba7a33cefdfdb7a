// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <limits>

#include "ranks/rank_common.hpp"
#include "ranks/rank_distribution.hpp"
#include "ranks/sorted_matrix.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// With n values and ties of sizes t, S = V - n (n + 1) / 4:
///
///   var S = n (n + 1) (2 n + 1) / 24 - sum (t^3 - t) / 48
///   t = S sqrt(n - 1) / sqrt(n var S - S^2)
void approximate(double tie, SignedRankResult& out) {
  const auto n = static_cast<double>(out.count);
  const double s = out.v - 0.25 * n * (n + 1.0);
  const double variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - tie / 48.0;
  const double sd = std::sqrt(variance);
  out.z = s / sd;
  out.p_asymptotic = ranks::two_sided(out.z);
  const double step = s > 0.0 ? 0.5 : s < 0.0 ? -0.5 : 0.0;
  out.z_continuity = (s - step) / sd;
  out.p_continuity = ranks::two_sided(out.z_continuity);
  if (out.count < 2) {
    out.t = out.p_t = nan;
    return;
  }
  const double left = n * variance - s * s;
  out.t = left > 0.0 ? s * std::sqrt((n - 1.0) / left)
                     : std::copysign(std::numeric_limits<double>::infinity(), s);
  out.p_t = std::isfinite(out.t) ? 2.0 * student_tail(n - 1.0, std::fabs(out.t)) : 0.0;
}

/// The pseudo-median and the intervals of order statistics of the Walsh averages.
void walsh_averages(std::vector<double>& kept, double level, bool exact, SignedRankResult& out) {
  std::sort(kept.begin(), kept.end());
  ranks::SelectionBuffers buffers;
  const auto walsh = [&](std::size_t i, std::size_t j) { return 0.5 * (kept[i] + kept[j]); };
  ranks::SortedMatrix matrix(walsh, kept.size(), kept.size(), true, buffers);
  out.pseudomedian = matrix.median();
  const double tail = 0.5 * (1.0 - level);
  const auto interval = [&](std::size_t k, double achieved) {
    return ShiftInterval{matrix.select(k - 1), matrix.select(matrix.size() - k), k, achieved};
  };
  const std::vector<double> null = exact ? ranks::signed_ranks(kept.size()) : std::vector<double>();
  if (exact) {
    double achieved = 0.0;
    const std::size_t k = ranks::lower_rank(null, tail, achieved);
    if (achieved >= level) out.exact_interval = interval(k, achieved);
  }
  const auto n = static_cast<double>(kept.size());
  const double sd = std::sqrt(n * (n + 1.0) * (2.0 * n + 1.0) / 24.0);
  const double c = 0.25 * n * (n + 1.0) + 0.5 - quadrature::upper_quantile(tail) * sd;
  if (c < 1.0) return;
  const auto k = static_cast<std::size_t>(c);
  double below = 0.0;
  for (std::size_t v = 0; exact && v < k; ++v) below += null[v];
  out.asymptotic_interval = interval(k, exact ? 1.0 - 2.0 * below : level);
}

}  // namespace

SignedRankResult signed_rank(std::span<const double> differences, double level,
                             std::size_t exact_limit) {
  SignedRankResult out;
  if (!ranks::finite(differences)) return out;
  std::vector<double> kept, size;
  for (const double d : differences) {
    if (d == 0.0) continue;
    kept.push_back(d);
    size.push_back(std::fabs(d));
  }
  out.count = kept.size();
  out.status = differences.empty() ? RankStatus::empty_sample : RankStatus::no_variation;
  if (kept.empty()) return out;
  out.status = RankStatus::fitted;
  const std::vector<double> rank = ranks::mid_ranks(size);
  std::vector<int> scores;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    scores.push_back(static_cast<int>(std::lround(2.0 * rank[i])));
    if (kept[i] > 0.0) out.v += rank[i];
  }
  const bool exact = kept.size() <= exact_limit;
  out.p_exact = exact ? ranks::exact_without_ties(ranks::sign_sums(scores), 2.0 * out.v) : nan;
  const double tie = ranks::tie_sum(size);
  out.ties = tie > 0.0;
  approximate(tie, out);
  walsh_averages(kept, level, exact, out);
  return out;
}

}  // namespace angiotrial::analysis
