// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/survival.hpp>

#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

/// Group and outcome, sorted by time; ties keep their order.
struct Entry {
  double time = 0.0;
  bool event = false;
  int group = 0;
};

std::vector<Entry> sorted(std::span<const Observation> sample, std::span<const int> group) {
  std::vector<Entry> entries;
  entries.reserve(sample.size());
  for (std::size_t i = 0; i < sample.size(); ++i) {
    ANGIOTRIAL_EXPECT(sample[i].time >= 0.0, "times start at 0");
    entries.push_back({sample[i].time, sample[i].event, group.empty() ? 0 : group[i]});
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.time < b.time; });
  return entries;
}

/// Adds one event time's share: O_g += d_g, E_g += d n_g / n, V += hypergeometric covariance.
void add_time(const Eigen::VectorXd& at_risk, const Eigen::VectorXd& deaths,
              Eigen::VectorXd& observed, Eigen::VectorXd& expected, Eigen::MatrixXd& variance) {
  const double n = at_risk.sum();
  const double d = deaths.sum();
  observed += deaths;
  expected += (d / n) * at_risk;
  if (n <= 1.0) return;
  const double factor = d * (n - d) / (n * n * (n - 1.0));
  for (Index g = 0; g < at_risk.size(); ++g) {
    variance(g, g) += factor * n * at_risk[g];
    for (Index h = 0; h < at_risk.size(); ++h) variance(g, h) -= factor * at_risk[g] * at_risk[h];
  }
}

/// (O - E)' V^- (O - E) over the groups that were ever at risk at an event, less one.
void test(const Eigen::VectorXd& observed, const Eigen::VectorXd& expected,
          const Eigen::MatrixXd& variance, LogRank& out) {
  std::vector<Index> used;
  for (Index g = 0; g < expected.size(); ++g) {
    if (expected[g] > 0.0) used.push_back(g);
  }
  if (used.size() < 2) return;
  used.pop_back();
  const auto m = static_cast<Index>(used.size());
  Eigen::VectorXd difference(m);
  Eigen::MatrixXd v(m, m);
  for (Index a = 0; a < m; ++a) {
    const Index g = used[static_cast<std::size_t>(a)];
    difference[a] = observed[g] - expected[g];
    for (Index b = 0; b < m; ++b) v(a, b) = variance(g, used[static_cast<std::size_t>(b)]);
  }
  const Eigen::LLT<Eigen::MatrixXd> cholesky(v);
  if (cholesky.info() != Eigen::Success) return;
  out.degrees_of_freedom = static_cast<int>(m);
  out.chi_squared = difference.dot(cholesky.solve(difference));
  out.p_value = boost::math::gamma_q(0.5 * static_cast<double>(m), 0.5 * out.chi_squared);
}

}  // namespace

std::vector<SurvivalPoint> kaplan_meier(std::span<const Observation> sample) {
  const std::vector<Entry> entries = sorted(sample, {});
  std::vector<SurvivalPoint> curve;
  double survival = 1.0;
  double greenwood = 0.0;
  for (std::size_t i = 0; i < entries.size();) {
    const double time = entries[i].time;
    const auto at_risk = static_cast<int>(entries.size() - i);
    int events = 0;
    for (; i < entries.size() && entries[i].time == time; ++i) events += entries[i].event ? 1 : 0;
    if (events == 0) continue;
    survival *= static_cast<double>(at_risk - events) / at_risk;
    greenwood += events == at_risk ? std::numeric_limits<double>::infinity()
                                   : events / (static_cast<double>(at_risk) * (at_risk - events));
    curve.push_back({time, at_risk, events, survival, greenwood});
  }
  return curve;
}

SurvivalEstimate survival_at(std::span<const SurvivalPoint> curve, double time, double level,
                             SurvivalInterval interval) {
  const auto after = std::upper_bound(curve.begin(), curve.end(), time,
                                      [](double t, const SurvivalPoint& p) { return t < p.time; });
  SurvivalEstimate out;
  if (after == curve.begin()) return out;
  const SurvivalPoint& point = *(after - 1);
  const double s = point.survival;
  out.survival = s;
  if (s <= 0.0) return out;
  const double relative = std::sqrt(point.greenwood);  // se(S) / S = se(ln S)
  out.se = s * relative;
  const double half = normal_half_width(level) * relative;
  if (interval == SurvivalInterval::log) {
    out.lower = s * std::exp(-half);
    out.upper = std::min(1.0, s * std::exp(half));
  } else {
    const double spread = half / std::log(s);  // negative: ln S < 0
    out.lower = std::pow(s, std::exp(-spread));
    out.upper = std::pow(s, std::exp(spread));
  }
  return out;
}

LogRank log_rank(std::span<const Observation> sample, std::span<const int> group, int groups) {
  ANGIOTRIAL_EXPECT(group.size() == sample.size(), "a group an observation");
  for (const int g : group) ANGIOTRIAL_EXPECT(g >= 0 && g < groups, "groups count from 0");
  const std::vector<Entry> entries = sorted(sample, group);
  Eigen::VectorXd at_risk = Eigen::VectorXd::Zero(groups);
  for (const Entry& entry : entries) at_risk[entry.group] += 1.0;
  Eigen::VectorXd observed = Eigen::VectorXd::Zero(groups);
  Eigen::VectorXd expected = observed;
  Eigen::VectorXd deaths = observed;
  Eigen::VectorXd leaving = observed;
  Eigen::MatrixXd variance = Eigen::MatrixXd::Zero(groups, groups);
  for (std::size_t i = 0; i < entries.size();) {
    const double time = entries[i].time;
    deaths.setZero();
    leaving.setZero();
    for (; i < entries.size() && entries[i].time == time; ++i) {
      leaving[entries[i].group] += 1.0;
      if (entries[i].event) deaths[entries[i].group] += 1.0;
    }
    if (deaths.sum() > 0.0) add_time(at_risk, deaths, observed, expected, variance);
    at_risk -= leaving;
  }
  LogRank out;
  out.observed.assign(observed.data(), observed.data() + groups);
  out.expected.assign(expected.data(), expected.data() + groups);
  test(observed, expected, variance, out);
  return out;
}

}  // namespace angiotrial::analysis
