// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include "ranks/rank_common.hpp"
#include "ranks/rank_distribution.hpp"
#include "ranks/sorted_matrix.hpp"

namespace angiotrial::analysis {

SignedRankResult signed_rank(std::span<const double> differences, double level) {
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
  out.p_exact = ranks::exact_without_ties(ranks::sign_sums(scores), 2.0 * out.v);

  std::sort(kept.begin(), kept.end());
  ranks::SelectionBuffers buffers;
  const auto walsh = [&](std::size_t i, std::size_t j) { return 0.5 * (kept[i] + kept[j]); };
  ranks::SortedMatrix matrix(walsh, kept.size(), kept.size(), true, buffers);
  out.pseudomedian = matrix.median();
  double achieved = 0.0;
  const std::size_t k =
      ranks::lower_rank(ranks::signed_ranks(kept.size()), 0.5 * (1.0 - level), achieved);
  if (achieved >= level) {
    out.exact_interval = {matrix.select(k - 1), matrix.select(matrix.size() - k), k, achieved};
  }
  return out;
}

}  // namespace angiotrial::analysis
