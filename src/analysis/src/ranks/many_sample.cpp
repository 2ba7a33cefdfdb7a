// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

#include "ranks/rank_common.hpp"
#include "ranks/rank_distribution.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

using ranks::finite;
using ranks::two_sided;

double mean(std::span<const double> values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

}  // namespace

ChiSquareResult kruskal_wallis(std::span<const double> values, std::span<const int> group,
                               int groups) {
  ANGIOTRIAL_EXPECT(values.size() == group.size() && groups >= 2, "a group a value");
  ChiSquareResult out;
  if (!finite(values)) return out;
  const std::vector<double> rank = ranks::mid_ranks(values);
  std::vector<double> sum(static_cast<std::size_t>(groups)), count(sum.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ANGIOTRIAL_EXPECT(group[i] >= 0 && group[i] < groups, "a known group");
    sum[static_cast<std::size_t>(group[i])] += rank[i];
    count[static_cast<std::size_t>(group[i])] += 1.0;
  }
  out.status = RankStatus::empty_sample;
  const auto n = static_cast<double>(values.size());
  double between = 0.0;
  for (std::size_t g = 0; g < sum.size(); ++g) {
    if (count[g] == 0.0) return out;
    between += sum[g] * sum[g] / count[g];
  }
  out.status = RankStatus::no_variation;
  const double correction = 1.0 - ranks::tie_sum(values) / (n * n * n - n);
  if (!(correction > 0.0)) return out;
  out.chi_square = (12.0 * between / (n * (n + 1.0)) - 3.0 * (n + 1.0)) / correction;
  out.df = groups - 1;
  out.p_value = chi_square_tail(out.df, std::max(0.0, out.chi_square));
  out.status = RankStatus::fitted;
  return out;
}

StratifiedRankResult stratified_wilcoxon(std::span<const double> values, std::span<const int> in_x,
                                         std::span<const int> stratum, int strata,
                                         StratumWeights weights) {
  ANGIOTRIAL_EXPECT(values.size() == in_x.size() && values.size() == stratum.size(),
                    "a sample and a stratum a value");
  StratifiedRankResult out;
  if (!finite(values)) return out;
  const std::vector<double> overall = ranks::mid_ranks(values);
  double numerator = 0.0;
  double variance = 0.0;
  for (int h = 0; h < strata; ++h) {
    std::vector<double> own, score;
    std::vector<bool> first;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (stratum[i] != h) continue;
      own.push_back(values[i]);
      score.push_back(overall[i]);
      first.push_back(in_x[i] != 0);
    }
    const auto total = static_cast<double>(own.size());
    const auto m = static_cast<double>(std::count(first.begin(), first.end(), true));
    if (m == 0.0 || m == total) continue;
    if (weights != StratumWeights::overall) score = ranks::mid_ranks(own);
    const double centre = mean(score);
    double sum = 0.0;
    double square = 0.0;
    for (std::size_t i = 0; i < own.size(); ++i) {
      const double e = score[i] - centre;
      if (first[i]) sum += e;
      square += e * e;
    }
    if (!(square > 0.0)) continue;
    const double weight = weights == StratumWeights::van_elteren ? 1.0 / (total + 1.0) : 1.0;
    numerator += weight * sum;
    variance += weight * weight * m * (total - m) / (total * (total - 1.0)) * square;
    ++out.strata_used;
  }
  out.status = RankStatus::no_variation;
  if (!(variance > 0.0)) return out;
  out.status = RankStatus::fitted;
  out.z = numerator / std::sqrt(variance);
  out.p_value = two_sided(out.z);
  return out;
}

}  // namespace angiotrial::analysis
