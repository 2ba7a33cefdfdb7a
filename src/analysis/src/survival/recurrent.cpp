// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/recurrent.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "survival/time_order.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

/// Rows numbered by subject 0 .. subjects - 1.
struct Rows {
  std::vector<double> start, stop;
  std::vector<std::size_t> subject;
  std::size_t subjects = 0;
};

/// False where a number is not finite, a row is empty or a subject's rows overlap.
bool load(const RecurrentData& data, Rows& rows) {
  const std::size_t n = data.stop.size();
  rows.stop.assign(data.stop.begin(), data.stop.end());
  rows.start.assign(data.start.begin(), data.start.end());
  rows.start.resize(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(rows.start[i]) || !std::isfinite(rows.stop[i])) return false;
    if (!(rows.stop[i] > rows.start[i])) return false;
  }
  TimeOrder order;
  order.reset(n);
  order.by(rows.start);
  order.by(data.subject);
  rows.subject.resize(n);
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t row = order.positions()[k];
    const bool same = k > 0 && data.subject[row] == data.subject[order.positions()[k - 1]];
    if (same && rows.start[row] < rows.stop[order.positions()[k - 1]]) return false;
    rows.subjects += same ? 0 : 1;
    rows.subject[row] = rows.subjects - 1;
  }
  return true;
}

}  // namespace

/// var mu(t) = sum_i (int_0^t Y_i / Y (dN_i - dmu))^2.
MeanCumulativeFunction mean_cumulative_function(const RecurrentData& data) {
  const std::size_t n = data.stop.size();
  ANGIOTRIAL_EXPECT(data.event.size() == n && data.subject.size() == n, "an outcome a row");
  ANGIOTRIAL_EXPECT(data.start.empty() || data.start.size() == n, "a start a row, or none");
  MeanCumulativeFunction out;
  Rows rows;
  if (!load(data, rows)) return out;
  out.status = n == 0 ? SurvivalStatus::empty_sample : SurvivalStatus::fitted;
  TimeOrder by_stop, by_start;
  by_stop.reset(n);
  by_stop.by(rows.stop);
  by_start.reset(n);
  by_start.by(rows.start);
  std::vector<double> influence(rows.subjects, 0.0);
  std::vector<char> at_risk(rows.subjects, 0);
  double mean = 0.0;
  std::size_t entered = 0;
  for (std::size_t i = 0; i < n;) {
    const double time = rows.stop[by_stop.positions()[i]];
    for (; entered < n && rows.start[by_start.positions()[entered]] < time; ++entered) {
      at_risk[rows.subject[by_start.positions()[entered]]] = 1;
    }
    const auto y = static_cast<double>(entered - i);
    double events = 0.0;
    std::size_t end = i;
    for (; end < n && rows.stop[by_stop.positions()[end]] == time; ++end) {
      const std::size_t row = by_stop.positions()[end];
      if (data.event[row] == 0) continue;
      events += 1.0;
      influence[rows.subject[row]] += 1.0 / y;
    }
    if (events > 0.0) {
      mean += events / y;
      double variance = 0.0;
      for (std::size_t k = 0; k < rows.subjects; ++k) {
        if (at_risk[k] != 0) influence[k] -= events / (y * y);
        variance += influence[k] * influence[k];
      }
      out.points.push_back({time, y, events, mean, std::sqrt(variance)});
    }
    for (; i < end; ++i) at_risk[rows.subject[by_stop.positions()[i]]] = 0;
  }
  return out;
}

MeanCumulativePoint mean_cumulative_at(const MeanCumulativeFunction& function, double time) {
  const auto after =
      std::upper_bound(function.points.begin(), function.points.end(), time,
                       [](double t, const MeanCumulativePoint& p) { return t < p.time; });
  return after == function.points.begin() ? MeanCumulativePoint{} : *(after - 1);
}

const CoxFit& fit_proportional_means(const CoxData& data, CoxTies ties, CoxWorkspace& workspace) {
  ANGIOTRIAL_EXPECT(data.cluster.size() == data.stop.size(), "the subject of each row");
  return fit_cox(data, {.ties = ties, .robust = true}, workspace);
}

}  // namespace angiotrial::analysis
