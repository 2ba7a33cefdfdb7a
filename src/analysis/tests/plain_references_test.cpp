// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/win_statistics.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

/// Estimators against their definitions written out as sums, where no outside reference has them.
namespace angiotrial::analysis {
namespace {

random::Stream draws(std::uint32_t replicate) {
  return random::Streams(5, replicate, 0).at(random::Purpose::diary);
}

/// Patients of three arms in two strata, with ties and censoring.
struct Times {
  std::vector<Observation> sample;
  std::vector<int> group, stratum;

  explicit Times(std::uint32_t replicate) {
    random::Stream draw = draws(replicate);
    for (int i = 0; i < 60; ++i) {
      sample.push_back({std::ceil(12.0 * draw.uniform()), draw.uniform() < 0.6});
      group.push_back(static_cast<int>(3.0 * draw.uniform()));
      stratum.push_back(i % 2);
    }
  }
};

/// U_g = sum_t (d_g - d n_g / n) and its hypergeometric covariance, a stratum at a time.
struct Scores {
  std::array<double, 3> u{};
  std::array<std::array<double, 3>, 3> v{};

  explicit Scores(const Times& data) {
    for (int h = 0; h < 2; ++h) {
      std::set<double> times;
      for (std::size_t i = 0; i < data.sample.size(); ++i) {
        if (data.stratum[i] == h && data.sample[i].event) times.insert(data.sample[i].time);
      }
      for (const double t : times) add(data, h, t);
    }
  }
  void add(const Times& data, int h, double t) {
    std::array<double, 3> at_risk{}, died{};
    double n = 0.0, d = 0.0;
    for (std::size_t i = 0; i < data.sample.size(); ++i) {
      const auto g = static_cast<std::size_t>(data.group[i]);
      if (data.stratum[i] != h || data.sample[i].time < t) continue;
      ++at_risk[g];
      ++n;
      if (data.sample[i].time != t || !data.sample[i].event) continue;
      ++died[g];
      ++d;
    }
    const double share = n > 1.0 ? d * (n - d) / (n - 1.0) / n : 0.0;
    for (std::size_t g = 0; g < 3; ++g) {
      u[g] += died[g] - d * at_risk[g] / n;
      for (std::size_t k = 0; k < 3; ++k) {
        v[g][k] += share * ((g == k ? at_risk[g] : 0.0) - at_risk[g] * at_risk[k] / n);
      }
    }
  }
};

/// z = s'U / sqrt(s'V s).
TEST(PlainReferences, LogRankTestForTrendOfThreeArmsInStrata) {
  const std::array<double, 3> score{0.0, 1.0, 5.0};
  for (std::uint32_t r = 0; r < 20; ++r) {
    const Times data(r);
    const Scores plain(data);
    double along = 0.0, variance = 0.0;
    for (std::size_t g = 0; g < 3; ++g) {
      along += score[g] * plain.u[g];
      for (std::size_t k = 0; k < 3; ++k) variance += score[g] * plain.v[g][k] * score[k];
    }
    const LogRankTrend trend = log_rank_trend(
        {.sample = data.sample, .group = data.group, .groups = 3, .stratum = data.stratum}, score);
    ASSERT_EQ(trend.status, LogRankStatus::fitted);
    EXPECT_NEAR(trend.z, along / std::sqrt(variance), 1e-12);
    EXPECT_NEAR(trend.p_value, std::erfc(std::fabs(trend.z) / std::sqrt(2.0)), 1e-12);
  }
}

/// A death time and a score in three strata of unequal sizes.
struct Hierarchy {
  std::vector<int> treated, event, stratum;
  std::vector<double> time, score;

  explicit Hierarchy(std::uint32_t replicate) {
    random::Stream draw = draws(replicate);
    for (int i = 0; i < 90; ++i) {
      treated.push_back(draw.uniform() < 0.6 ? 1 : 0);
      stratum.push_back(i < 20 ? 0 : (i < 50 ? 1 : 2));
      time.push_back(std::ceil(10.0 * draw.uniform()));
      event.push_back(draw.uniform() < 0.5 ? 1 : 0);
      score.push_back(std::floor(6.0 * draw.uniform()) + treated.back());
    }
  }
  /// 1 where i wins over j, -1 where it loses.
  [[nodiscard]] int compare(std::size_t i, std::size_t j) const {
    if (event[j] == 1 && time[i] > time[j]) return 1;
    if (event[i] == 1 && time[j] > time[i]) return -1;
    return score[i] > score[j] ? 1 : (score[i] < score[j] ? -1 : 0);
  }
};

/// Weighted sums over strata of wins, losses and pairs, and the covariance of the first two by the
/// projections of a U-statistic:
///   m / (m - 1) sum_i (R_i - n p)(S_i - n q) + n / (n - 1) sum_j (C_j - m p)(D_j - m q)
struct Pairs {
  double wins = 0.0, losses = 0.0, pairs = 0.0;
  double ww = 0.0, wl = 0.0, ll = 0.0;
};

/// Of each patient of a stratum, the wins and the losses of the treated side.
using Counts = std::vector<std::pair<double, double>>;

void add_projections(const Counts& counts, double other, std::pair<double, double> share,
                     double weight, Pairs& out) {
  const auto size = static_cast<double>(counts.size());
  const double factor = weight * weight * size / (size - 1.0);
  for (const auto& [wins, losses] : counts) {
    const double a = wins - other * share.first, b = losses - other * share.second;
    out.ww += factor * a * a;
    out.wl += factor * a * b;
    out.ll += factor * b * b;
  }
}

Pairs pairs_of(const Hierarchy& data, WinWeights weights) {
  Pairs out;
  for (int h = 0; h < 3; ++h) {
    std::vector<std::size_t> sides[2];
    for (std::size_t i = 0; i < data.treated.size(); ++i) {
      if (data.stratum[i] == h) sides[data.treated[i]].push_back(i);
    }
    Counts treated(sides[1].size()), control(sides[0].size());
    double wins = 0.0, losses = 0.0;
    for (std::size_t i = 0; i < treated.size(); ++i) {
      for (std::size_t j = 0; j < control.size(); ++j) {
        const int result = data.compare(sides[1][i], sides[0][j]);
        if (result > 0) ++wins, ++treated[i].first, ++control[j].first;
        if (result < 0) ++losses, ++treated[i].second, ++control[j].second;
      }
    }
    const auto m = static_cast<double>(treated.size()), n = static_cast<double>(control.size());
    const double weight = weights == WinWeights::mantel_haenszel ? 1.0 / (m + n)
                          : weights == WinWeights::strata        ? 1.0 / (m * n)
                                                                 : 1.0;
    out.wins += weight * wins;
    out.losses += weight * losses;
    out.pairs += weight * m * n;
    const std::pair share{wins / (m * n), losses / (m * n)};
    add_projections(treated, n, share, weight, out);
    add_projections(control, m, share, weight, out);
  }
  return out;
}

TEST(PlainReferences, WinStatisticsInStrataAndTheirErrors) {
  for (const WinWeights weights :
       {WinWeights::mantel_haenszel, WinWeights::pairs, WinWeights::strata}) {
    for (std::uint32_t r = 0; r < 10; ++r) {
      const Hierarchy data(r);
      const Pairs plain = pairs_of(data, weights);
      WinTier death, score;
      death.kind = TierKind::event_time;
      death.values = data.time;
      death.event = data.event;
      score.values = data.score;
      const std::array tiers{death, score};
      WinOptions options;
      options.weights = weights;
      WinWorkspace workspace;
      const WinStatistics& own =
          win_statistics({data.treated, tiers, data.stratum, 3}, options, workspace);
      ASSERT_EQ(own.status, WinStatus::compared);
      const double w = plain.wins, l = plain.losses;
      EXPECT_NEAR(own.win_ratio->estimate, w / l, 1e-12 * w / l);
      EXPECT_NEAR(own.win_ratio->inference->se,
                  std::sqrt(plain.ww / (w * w) - 2.0 * plain.wl / (w * l) + plain.ll / (l * l)),
                  1e-12);
      const double benefit = (w - l) / plain.pairs;
      const double error = std::sqrt(plain.ww - 2.0 * plain.wl + plain.ll) / plain.pairs;
      EXPECT_NEAR(own.net_benefit.estimate, benefit, 1e-12);
      EXPECT_NEAR(own.net_benefit.inference->se, error, 1e-12);
      EXPECT_NEAR(own.win_odds.estimate, (1.0 + benefit) / (1.0 - benefit), 1e-12);
      EXPECT_NEAR(own.win_odds.inference->se, 2.0 * error / (1.0 - benefit * benefit), 1e-12);
    }
  }
}

}  // namespace
}  // namespace angiotrial::analysis
