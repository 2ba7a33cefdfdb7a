// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

#include "multiplicity/quadrature.hpp"
#include "ranks/rank_distribution.hpp"

namespace angiotrial::analysis {
namespace {

bool finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

double two_sided(double z) { return 2.0 * quadrature::normal_cdf(-std::fabs(z)); }

double mean(std::span<const double> values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// The k-th smallest, k from 0, among values whose first `done` are already in place.
double select(std::vector<double>& values, std::size_t k) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(k);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double median(std::vector<double>& values) {
  const std::size_t n = values.size();
  const double high = select(values, n / 2);
  if (n % 2 == 1) return high;
  const double low =
      *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n / 2));
  return 0.5 * (low + high);
}

/// Largest k with P(X <= k - 1) <= tail, at least 1; with the level reached. From R's qwilcox:
/// the smallest k with P(X <= k) >= tail.
std::size_t lower_rank(const std::vector<double>& p, double tail, double& achieved) {
  double below = 0.0;
  std::size_t k = 0;
  while (k < p.size() && below + p[k] < tail) below += p[k++];
  if (k == 0) {
    k = 1;
    below = p[0];
  }
  achieved = 1.0 - 2.0 * below;
  return k;
}

ShiftInterval interval(std::vector<double>& values, std::size_t rank, double achieved) {
  ShiftInterval out;
  out.rank = rank;
  out.lower = select(values, rank - 1);
  out.upper = select(values, values.size() - rank);
  out.achieved_level = achieved;
  return out;
}

std::optional<BrunnerMunzel> brunner_munzel(std::span<const double> x, std::span<const double> y,
                                            std::span<const double> ranks) {
  const auto m = static_cast<double>(x.size());
  const auto n = static_cast<double>(y.size());
  if (x.size() < 2 || y.size() < 2) return std::nullopt;
  const auto rx = ranks.first(x.size());
  const auto ry = ranks.subspan(x.size());
  const auto spread = [](std::span<const double> values, std::span<const double> all) {
    const std::vector<double> own = ranks::mid_ranks(values);
    const auto count = static_cast<double>(values.size());
    const double centre = mean(all) - 0.5 * (count + 1.0);
    double sum = 0.0;
    for (std::size_t i = 0; i < own.size(); ++i) {
      const double e = all[i] - own[i] - centre;
      sum += e * e;
    }
    return sum / (count - 1.0);
  };
  const double vx = m * spread(x, rx);
  const double vy = n * spread(y, ry);
  if (!(vx + vy > 0.0)) return std::nullopt;
  BrunnerMunzel out;
  const double difference = mean(ry) - mean(rx);
  out.probability = difference / (m + n) + 0.5;
  out.t = m * n * difference / ((m + n) * std::sqrt(vx + vy));
  out.df = (vx + vy) * (vx + vy) / (vx * vx / (m - 1.0) + vy * vy / (n - 1.0));
  const boost::math::students_t_distribution<double> t(out.df);
  out.p_value = 2.0 * cdf(complement(t, std::fabs(out.t)));
  return out;
}

/// Two-sided permutation p-value of the rank sum of the first m ranks.
double permutation_p(std::span<const double> ranks, std::size_t m) {
  std::vector<int> scores;
  int observed = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    scores.push_back(static_cast<int>(std::lround(2.0 * ranks[i])));
    if (i < m) observed += scores.back();
  }
  const std::vector<double> p = ranks::subset_sums(scores, m);
  // Twice the mean rank sum is m (N + 1): compare doubled distances in whole numbers.
  const int centre = static_cast<int>(m * (ranks.size() + 1));
  const int distance = std::abs(observed - centre);
  double sum = 0.0;
  for (std::size_t s = 0; s < p.size(); ++s) {
    if (std::abs(static_cast<int>(s) - centre) >= distance) sum += p[s];
  }
  return std::min(1.0, sum);
}

double exact_without_ties(const std::vector<double>& p, double statistic) {
  const auto at = static_cast<std::size_t>(std::lround(statistic));
  double below = 0.0;
  double above = 0.0;
  for (std::size_t u = 0; u < p.size(); ++u) {
    if (u <= at) below += p[u];
    if (u >= at) above += p[u];
  }
  return std::min(1.0, 2.0 * std::min(below, above));
}

void shift(std::span<const double> x, std::span<const double> y, const WilcoxonOptions& options,
           const std::vector<double>& null, WilcoxonResult& out) {
  std::vector<double> differences;
  differences.reserve(x.size() * y.size());
  for (const double a : x) {
    for (const double b : y) differences.push_back(a - b);
  }
  out.hodges_lehmann = median(differences);
  const double tail = 0.5 * (1.0 - options.level);
  const auto mn = static_cast<double>(differences.size());
  if (!null.empty()) {
    double achieved = 0.0;
    const std::size_t rank = lower_rank(null, tail, achieved);
    if (achieved >= options.level) out.exact_interval = interval(differences, rank, achieved);
  }
  const double variance = mn * static_cast<double>(x.size() + y.size() + 1) / 12.0;
  const double c = 0.5 * mn - quadrature::upper_quantile(tail) * std::sqrt(variance);
  if (c < 1.0) return;
  const auto rank = static_cast<std::size_t>(c);
  double below = 0.0;
  for (std::size_t u = 0; u < std::min(rank, null.size()); ++u) below += null[u];
  out.asymptotic_interval =
      interval(differences, rank, null.empty() ? options.level : 1.0 - 2.0 * below);
}

}  // namespace

WilcoxonResult wilcoxon(std::span<const double> x, std::span<const double> y,
                        const WilcoxonOptions& options) {
  ANGIOTRIAL_EXPECT(options.level > 0.0 && options.level < 1.0, "a confidence level");
  WilcoxonResult out;
  if (!finite(x) || !finite(y)) return out;
  out.status = RankStatus::empty_sample;
  if (x.empty() || y.empty()) return out;
  std::vector<double> all(x.begin(), x.end());
  all.insert(all.end(), y.begin(), y.end());
  const auto m = static_cast<double>(x.size());
  const auto n = static_cast<double>(y.size());
  const double total = m + n;
  const std::vector<double> rank = ranks::mid_ranks(all);
  for (std::size_t i = 0; i < x.size(); ++i) out.rank_sum += rank[i];
  out.u = out.rank_sum - 0.5 * m * (m + 1.0);
  out.probability = out.u / (m * n);
  const double tie = ranks::tie_sum(all);
  out.ties = tie > 0.0;
  const bool small = all.size() <= options.exact_limit;
  const std::vector<double> null =
      small ? ranks::mann_whitney(x.size(), y.size()) : std::vector<double>{};
  shift(x, y, options, null, out);
  const double variance = m * n / 12.0 * (total + 1.0 - tie / (total * (total - 1.0)));
  out.status = RankStatus::no_variation;
  if (!(variance > 1.0e-12 * m * n)) return out;
  out.status = RankStatus::fitted;
  const double distance = out.u - 0.5 * m * n;
  out.z = distance / std::sqrt(variance);
  out.p_asymptotic = two_sided(out.z);
  const double correction = distance > 0.0 ? 0.5 : distance < 0.0 ? -0.5 : 0.0;
  out.z_continuity = (distance - correction) / std::sqrt(variance);
  out.p_continuity = two_sided(out.z_continuity);
  if (small) {
    out.p_exact = out.ties ? permutation_p(rank, x.size()) : exact_without_ties(null, out.u);
  }
  out.brunner_munzel = brunner_munzel(x, y, rank);
  return out;
}

SignedRankResult signed_rank(std::span<const double> differences, double level) {
  SignedRankResult out;
  if (!finite(differences)) return out;
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
  out.p_exact = exact_without_ties(ranks::sign_sums(scores), 2.0 * out.v);
  std::vector<double> walsh;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    for (std::size_t j = i; j < kept.size(); ++j) walsh.push_back(0.5 * (kept[i] + kept[j]));
  }
  out.pseudomedian = median(walsh);
  double achieved = 0.0;
  const std::size_t k = lower_rank(ranks::signed_ranks(kept.size()), 0.5 * (1.0 - level), achieved);
  if (achieved >= level) out.exact_interval = interval(walsh, k, achieved);
  return out;
}

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
  const boost::math::chi_squared_distribution<double> chi(out.df);
  out.p_value = cdf(complement(chi, std::max(0.0, out.chi_square)));
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
