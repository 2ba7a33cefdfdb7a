// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/recurrent.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "stable_order.hpp"

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
  StableOrder order;
  order.reset(n);
  order.by(rows.start);
  order.by(data.subject);
  rows.subject.resize(n);
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t row = order.positions()[k];
    const bool same = k > 0 && data.subject[row] == data.subject[order.positions()[k - 1]];
    if (same && rows.start[row] < rows.stop[order.positions()[k - 1]]) return false;
    if (same && !data.death.empty() && data.death[order.positions()[k - 1]] != 0) return false;
    rows.subjects += same ? 0 : 1;
    rows.subject[row] = rows.subjects - 1;
  }
  return true;
}

/// Influence of each subject on mu(t), with increments of events and of deaths
///   own = sum S(u-) (dN_i - Y_i dN/Y) / Y,   fate = sum (dD_i - Y_i dD/Y) / (Y (1 - dD/Y)),
///   own - mu(t) fate + sum mu(u) dfate.
struct Influence {
  std::vector<double> own, fate, fate_by_mean;
  std::vector<char> at_risk;

  explicit Influence(std::size_t subjects)
      : own(subjects, 0.0),
        fate(subjects, 0.0),
        fate_by_mean(subjects, 0.0),
        at_risk(subjects, 0) {}

  void add_fate(std::size_t i, double amount, double mean) {
    fate[i] += amount;
    fate_by_mean[i] += amount * mean;
  }
  void subtract(double events, double deaths, double mean) {
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (at_risk[i] == 0) continue;
      own[i] -= events;
      add_fate(i, -deaths, mean);
    }
  }
  [[nodiscard]] double variance(double mean) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < own.size(); ++i) {
      const double here = own[i] - mean * fate[i] + fate_by_mean[i];
      sum += here * here;
    }
    return sum;
  }
};

}  // namespace

MeanCumulativeFunction mean_cumulative_function(const RecurrentData& data) {
  const std::size_t n = data.stop.size();
  ANGIOTRIAL_EXPECT(data.event.size() == n && data.subject.size() == n, "an outcome a row");
  ANGIOTRIAL_EXPECT(data.start.empty() || data.start.size() == n, "a start a row, or none");
  ANGIOTRIAL_EXPECT(data.death.empty() || data.death.size() == n, "a death a row, or none");
  MeanCumulativeFunction out;
  Rows rows;
  if (!load(data, rows)) return out;
  out.status = n == 0 ? SurvivalStatus::empty_sample : SurvivalStatus::fitted;
  StableOrder by_stop, by_start;
  by_stop.reset(n);
  by_stop.by(rows.stop);
  by_start.reset(n);
  by_start.by(rows.start);
  const auto dies = [&](std::size_t row) { return !data.death.empty() && data.death[row] != 0; };
  Influence influence(rows.subjects);
  double mean = 0.0;
  double survival = 1.0;
  std::size_t entered = 0;
  for (std::size_t i = 0; i < n;) {
    const double time = rows.stop[by_stop.positions()[i]];
    for (; entered < n && rows.start[by_start.positions()[entered]] < time; ++entered) {
      influence.at_risk[rows.subject[by_start.positions()[entered]]] = 1;
    }
    const auto y = static_cast<double>(entered - i);
    double events = 0.0;
    double deaths = 0.0;
    std::size_t end = i;
    for (; end < n && rows.stop[by_stop.positions()[end]] == time; ++end) {
      events += data.event[by_stop.positions()[end]] != 0 ? 1.0 : 0.0;
      deaths += dies(by_stop.positions()[end]) ? 1.0 : 0.0;
    }
    mean += survival * events / y;
    // Once all are dead mu no longer moves, so that their fate has no influence.
    const double unit = deaths < y ? 1.0 / (y - deaths) : 0.0;
    for (std::size_t k = i; k < end; ++k) {
      const std::size_t row = by_stop.positions()[k];
      if (data.event[row] != 0) influence.own[rows.subject[row]] += survival / y;
      if (dies(row)) influence.add_fate(rows.subject[row], unit, mean);
    }
    if (events + deaths > 0.0) {
      influence.subtract(survival * events / (y * y), unit * deaths / y, mean);
    }
    if (events > 0.0) {
      out.points.push_back({time, y, events, mean, std::sqrt(influence.variance(mean))});
    }
    survival *= 1.0 - deaths / y;
    for (; i < end; ++i) influence.at_risk[rows.subject[by_stop.positions()[i]]] = 0;
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
