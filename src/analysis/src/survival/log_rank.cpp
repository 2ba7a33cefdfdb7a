// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "survival/event_table.hpp"
#include "survival/time_order.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

/// The event times of sorted observations begin .. end - 1, which are one stratum.
void add_stratum(const LogRankData& data, std::span<const std::uint32_t> rows, EventTable& table) {
  const std::size_t groups = table.groups;
  std::vector<double> at_risk(groups, 0.0), deaths(groups), leaving(groups);
  for (const std::uint32_t row : rows) at_risk[static_cast<std::size_t>(data.group[row])] += 1.0;
  double survival = 1.0;
  for (std::size_t i = 0; i < rows.size();) {
    const double time = data.sample[rows[i]].time;
    const auto n = static_cast<double>(rows.size() - i);
    std::fill(deaths.begin(), deaths.end(), 0.0);
    std::fill(leaving.begin(), leaving.end(), 0.0);
    double d = 0.0;
    for (; i < rows.size() && data.sample[rows[i]].time == time; ++i) {
      const auto g = static_cast<std::size_t>(data.group[rows[i]]);
      leaving[g] += 1.0;
      if (!data.sample[rows[i]].event) continue;
      deaths[g] += 1.0;
      d += 1.0;
    }
    if (d > 0.0) {
      table.time.push_back(time);
      table.survival_before.push_back(survival);
      table.at_risk.insert(table.at_risk.end(), at_risk.begin(), at_risk.end());
      table.deaths.insert(table.deaths.end(), deaths.begin(), deaths.end());
      table.all_risk.push_back(n);
      table.all_deaths.push_back(d);
      survival *= (n - d) / n;
    }
    for (std::size_t g = 0; g < groups; ++g) at_risk[g] -= leaving[g];
  }
}

void check(const LogRankData& data) {
  ANGIOTRIAL_EXPECT(data.groups > 0, "at least one group");
  ANGIOTRIAL_EXPECT(data.group.size() == data.sample.size(), "a group an observation");
  ANGIOTRIAL_EXPECT(data.stratum.empty() || data.stratum.size() == data.sample.size(),
                    "a stratum an observation, or none");
  for (const int g : data.group) {
    ANGIOTRIAL_EXPECT(g >= 0 && g < data.groups, "groups count from 0");
  }
}

/// (O - E)' V^- (O - E) over the groups that were ever at risk at an event, less one.
void test(WeightedLogRank& out) {
  const std::size_t groups = out.expected.size();
  std::vector<std::size_t> used;
  for (std::size_t g = 0; g < groups; ++g) {
    if (out.expected[g] > 0.0) used.push_back(g);
  }
  out.status = LogRankStatus::no_information;
  if (used.size() < 2) return;
  used.pop_back();
  const auto m = static_cast<Index>(used.size());
  Eigen::VectorXd difference(m);
  Eigen::MatrixXd v(m, m);
  for (Index a = 0; a < m; ++a) {
    const std::size_t g = used[static_cast<std::size_t>(a)];
    difference[a] = out.observed[g] - out.expected[g];
    for (Index b = 0; b < m; ++b) {
      v(a, b) = out.variance[g * groups + used[static_cast<std::size_t>(b)]];
    }
  }
  const Eigen::LLT<Eigen::MatrixXd> cholesky(v);
  if (cholesky.info() != Eigen::Success) return;
  out.status = LogRankStatus::fitted;
  out.df = static_cast<int>(m);
  out.chi_square = difference.dot(cholesky.solve(difference));
  out.p_value = boost::math::gamma_q(0.5 * static_cast<double>(m), 0.5 * out.chi_square);
  if (groups == 2) out.z = (out.observed[1] - out.expected[1]) / std::sqrt(out.variance[3]);
}

/// One event time's share: O_g += w d_g, E_g += w d n_g / n, V += w^2 hypergeometric covariance.
void add_time(const EventTable& table, std::size_t k, double w, WeightedLogRank& out) {
  const std::size_t groups = table.groups;
  const double n = table.all_risk[k];
  const double d = table.all_deaths[k];
  const double* at_risk = &table.at_risk[k * groups];
  for (std::size_t g = 0; g < groups; ++g) {
    out.observed[g] += w * table.deaths[k * groups + g];
    out.expected[g] += w * ((d / n) * at_risk[g]);
  }
  if (n <= 1.0) return;
  const double factor = w * w * (d * (n - d) / (n * n * (n - 1.0)));
  for (std::size_t g = 0; g < groups; ++g) {
    double* row = &out.variance[g * groups];
    row[g] += factor * n * at_risk[g];
    for (std::size_t h = 0; h < groups; ++h) row[h] -= factor * at_risk[g] * at_risk[h];
  }
}

}  // namespace

std::string_view name_of(LogRankStatus status) {
  switch (status) {
    case LogRankStatus::fitted:
      return "fitted";
    case LogRankStatus::invalid_input:
      return "invalid_input";
    case LogRankStatus::no_information:
      return "no_information";
  }
  return "unknown";
}

std::optional<EventTable> event_table(const LogRankData& data) {
  check(data);
  const std::size_t n = data.sample.size();
  std::vector<double> times(n);
  for (std::size_t i = 0; i < n; ++i) {
    times[i] = data.sample[i].time;
    if (!std::isfinite(times[i]) || times[i] < 0.0) return std::nullopt;
  }
  TimeOrder order;
  order.reset(n);
  order.by(times);
  if (!data.stratum.empty()) order.by(data.stratum);
  const std::span<const std::uint32_t> rows(order.positions());
  EventTable table;
  table.groups = static_cast<std::size_t>(data.groups);
  table.at_risk.reserve(n * table.groups);
  table.deaths.reserve(n * table.groups);
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = data.stratum.empty() ? n : begin + 1;
    while (end < n && data.stratum[rows[end]] == data.stratum[rows[begin]]) ++end;
    table.stratum_begin.push_back(table.time.size());
    add_stratum(data, rows.subspan(begin, end - begin), table);
    begin = end;
  }
  table.stratum_begin.push_back(table.time.size());
  return table;
}

std::vector<double> weights_of(const EventTable& table, const LogRankWeight& weight) {
  std::vector<double> w(table.time.size(), 1.0);
  for (std::size_t s = 0; s + 1 < table.stratum_begin.size(); ++s) {
    const std::size_t begin = table.stratum_begin[s];
    const std::size_t end = table.stratum_begin[s + 1];
    double least = 1.0;
    for (std::size_t k = begin; k < end && weight.modest_until; ++k) {
      if (table.time[k] <= *weight.modest_until) least = table.survival_before[k];
    }
    for (std::size_t k = begin; k < end; ++k) {
      const double survival = table.survival_before[k];
      if (weight.modest_until) {
        w[k] = 1.0 / std::max(survival, least);
      } else if (weight.rho != 0.0 || weight.gamma != 0.0) {
        w[k] = std::pow(survival, weight.rho) * std::pow(1.0 - survival, weight.gamma);
      }
    }
  }
  return w;
}

WeightedLogRank weighted_log_rank(const LogRankData& data, const LogRankWeight& weight) {
  WeightedLogRank out;
  const std::optional<EventTable> table = event_table(data);
  if (!table) return out;
  out.observed.assign(table->groups, 0.0);
  out.expected.assign(table->groups, 0.0);
  out.variance.assign(table->groups * table->groups, 0.0);
  const std::vector<double> w = weights_of(*table, weight);
  for (std::size_t k = 0; k < w.size(); ++k) {
    if (!std::isfinite(w[k])) return out;
    add_time(*table, k, w[k], out);
  }
  test(out);
  return out;
}

LogRankTrend log_rank_trend(const LogRankData& data, std::span<const double> scores,
                            const LogRankWeight& weight) {
  ANGIOTRIAL_EXPECT(scores.size() == static_cast<std::size_t>(data.groups), "a score a group");
  const WeightedLogRank all = weighted_log_rank(data, weight);
  LogRankTrend out{.status = all.status};
  if (all.status != LogRankStatus::fitted) return out;
  double sum = 0.0;
  double variance = 0.0;
  double size = 0.0;
  for (std::size_t g = 0; g < scores.size(); ++g) {
    sum += scores[g] * (all.observed[g] - all.expected[g]);
    size = std::max(size, std::fabs(scores[g]) * std::sqrt(all.variance[g * scores.size() + g]));
    for (std::size_t h = 0; h < scores.size(); ++h) {
      variance += scores[g] * scores[h] * all.variance[g * scores.size() + h];
    }
  }
  // Equal scores: what is left of the variance is rounding.
  if (!std::isfinite(sum)) return {};
  if (!(variance > 1.0e-12 * size * size)) return {.status = LogRankStatus::no_information};
  out.z = sum / std::sqrt(variance);
  out.p_value = normal_p_value(out.z);
  return out;
}

}  // namespace angiotrial::analysis
