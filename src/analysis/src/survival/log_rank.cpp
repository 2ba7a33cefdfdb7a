// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "survival/survival_state.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

/// The event times of sorted observations, which are one stratum, of `known` groups, or 0 for as
/// many as the table has. Every time is written, and the next one over it where nobody died: no
/// branch depends on who dies.
template <std::size_t known>
void add_stratum(const LogRankData& data, std::span<const std::uint32_t> rows, SurvivalState& s) {
  EventTable& table = s.table;
  const std::size_t groups = known > 0 ? known : table.groups;
  const auto group = [&](std::size_t i) { return static_cast<std::size_t>(data.group[rows[i]]); };
  s.at_risk.assign(groups, 0.0);
  double* at_risk = s.at_risk.data();
  for (std::size_t i = 0; i < rows.size(); ++i) at_risk[group(i)] += 1.0;
  std::size_t k = table.time.size();
  table.resize(k + rows.size());
  double survival = 1.0;
  for (std::size_t i = 0, end = 0; i < rows.size(); i = end) {
    const double time = s.times[rows[i]];
    const auto n = static_cast<double>(rows.size() - i);
    double* deaths = &table.deaths[k * groups];
    for (std::size_t g = 0; g < groups; ++g) {
      table.at_risk[k * groups + g] = at_risk[g];
      deaths[g] = 0.0;
    }
    double d = 0.0;
    for (end = i; end < rows.size() && s.times[rows[end]] == time; ++end) {
      const auto died = static_cast<double>(data.sample[rows[end]].event);
      deaths[group(end)] += died;
      at_risk[group(end)] -= 1.0;
      d += died;
    }
    table.time[k] = time;
    table.survival_before[k] = survival;
    table.all_risk[k] = n;
    table.all_deaths[k] = d;
    survival *= (n - d) / n;
    k += d > 0.0 ? 1 : 0;
  }
  table.resize(k);
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
void test(SurvivalState& s) {
  WeightedLogRank& out = s.weighted;
  const std::size_t groups = out.expected.size();
  std::vector<std::size_t>& used = s.used;
  used.clear();
  for (std::size_t g = 0; g < groups; ++g) {
    if (out.expected[g] > 0.0) used.push_back(g);
  }
  out.status = LogRankStatus::no_information;
  if (used.size() < 2) return;
  used.pop_back();
  const auto m = static_cast<Index>(used.size());
  s.difference.resize(m);
  s.variance.resize(m, m);
  for (Index a = 0; a < m; ++a) {
    const std::size_t g = used[static_cast<std::size_t>(a)];
    s.difference[a] = out.observed[g] - out.expected[g];
    for (Index b = 0; b < m; ++b) {
      s.variance(a, b) = out.variance[g * groups + used[static_cast<std::size_t>(b)]];
    }
  }
  const QuadraticForm form = quadratic_form(s.difference, s.variance, s.form);
  if (form.rank == 0) return;
  out.status = LogRankStatus::fitted;
  out.df = form.rank;
  out.chi_square = form.value;
  out.p_value = boost::math::gamma_q(0.5 * static_cast<double>(out.df), 0.5 * out.chi_square);
  if (groups == 2) out.z = (out.observed[1] - out.expected[1]) / std::sqrt(out.variance[3]);
}

/// One event time's share: O_g += w d_g, E_g += w d n_g / n, V += w^2 hypergeometric covariance.
/// `known` groups, or 0 for as many as the table has.
template <std::size_t known>
void add_time(const EventTable& table, std::size_t k, double w, WeightedLogRank& out) {
  const std::size_t groups = known > 0 ? known : table.groups;
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

void clear(WeightedLogRank& out) {
  out.status = LogRankStatus::invalid_input;
  for (auto* values : {&out.observed, &out.expected, &out.variance}) values->clear();
  out.chi_square = out.z = 0.0;
  out.df = 0;
  out.p_value = 1.0;
}

}  // namespace

std::string_view name_of(LogRankStatus status) {
  switch (status) {
    case LogRankStatus::fitted:
      return "fitted";
    case LogRankStatus::invalid_input:
      return "invalid input";
    case LogRankStatus::no_information:
      return "no information: two groups at risk at no event, or equal scores";
  }
  return "unknown";
}

bool take_event_table(const LogRankData& data, SurvivalState& s) {
  check(data);
  const std::size_t n = data.sample.size();
  s.times.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    s.times[i] = data.sample[i].time;
    if (!std::isfinite(s.times[i]) || s.times[i] < 0.0) return false;
  }
  s.order.reset(n);
  s.order.by(s.times);
  if (!data.stratum.empty()) s.order.by(data.stratum);
  const std::span<const std::uint32_t> rows(s.order.positions());
  EventTable& table = s.table;
  table.clear(static_cast<std::size_t>(data.groups));
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = data.stratum.empty() ? n : begin + 1;
    while (end < n && data.stratum[rows[end]] == data.stratum[rows[begin]]) ++end;
    table.stratum_begin.push_back(table.time.size());
    if (table.groups == 2) {
      add_stratum<2>(data, rows.subspan(begin, end - begin), s);
    } else {
      add_stratum<0>(data, rows.subspan(begin, end - begin), s);
    }
    begin = end;
  }
  table.stratum_begin.push_back(table.time.size());
  return true;
}

void take_weights(const EventTable& table, const LogRankWeight& weight, std::vector<double>& w) {
  w.assign(table.time.size(), 1.0);
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
}

WeightedLogRank weighted_log_rank(const LogRankData& data, const LogRankWeight& weight) {
  SurvivalWorkspace workspace;
  return weighted_log_rank(data, weight, workspace);
}

const WeightedLogRank& weighted_log_rank(const LogRankData& data, const LogRankWeight& weight,
                                         SurvivalWorkspace& workspace) {
  SurvivalState& s = workspace.state();
  WeightedLogRank& out = s.weighted;
  clear(out);
  if (!take_event_table(data, s)) return out;
  const std::size_t groups = s.table.groups;
  out.observed.assign(groups, 0.0);
  out.expected.assign(groups, 0.0);
  out.variance.assign(groups * groups, 0.0);
  take_weights(s.table, weight, s.weights);
  for (std::size_t k = 0; k < s.weights.size(); ++k) {
    if (!std::isfinite(s.weights[k])) return out;
    if (groups == 2) {
      add_time<2>(s.table, k, s.weights[k], out);
    } else {
      add_time<0>(s.table, k, s.weights[k], out);
    }
  }
  test(s);
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
