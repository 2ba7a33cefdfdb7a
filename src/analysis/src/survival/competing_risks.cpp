// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "stable_order.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace angiotrial::analysis {
namespace {

bool valid(std::span<const CompetingObservation> sample, int causes) {
  return std::all_of(sample.begin(), sample.end(), [causes](const CompetingObservation& o) {
    return std::isfinite(o.time) && o.time >= 0.0 && o.cause >= 0 && o.cause <= causes;
  });
}

std::vector<std::uint32_t> by_time(std::span<const CompetingObservation> sample) {
  std::vector<double> time;
  for (const CompetingObservation& o : sample) time.push_back(o.time);
  StableOrder order;
  order.reset(time.size());
  order.by(time);
  return order.positions();
}

/// var F_k(t) = sum over events of v(u) (a(u) - b(u) F_k(t))^2, v the variance of d/n:
///   cause k: a = 1 + F_k(u) / S(u), others: a = F_k(u) / S(u);   b = 1 / S(u)
/// kept as the three sums of its powers of F_k(t).
struct IncidenceVariance {
  double constant = 0.0, linear = 0.0, square = 0.0;

  void add(double v, double own, double incidence, double survival) {
    const double a = survival > 0.0 ? own + incidence / survival : own;
    const double b = survival > 0.0 ? 1.0 / survival : 0.0;
    constant += v * a * a;
    linear += v * a * b;
    square += v * b * b;
  }
  [[nodiscard]] double at(double incidence) const {
    return std::max(0.0, constant - 2.0 * linear * incidence + square * incidence * incidence);
  }
};

/// S(u-)^2 times the variance of d / n: d (n - d) / (n^2 (n - 1)), 1 / n^2 for a single event.
double increment_variance(double survival, double n, double d) {
  const double ties = d > 1.0 ? 1.0 - (d - 1.0) / (n - 1.0) : 1.0;
  return survival * survival * ties * d / (n * n);
}

}  // namespace

std::string_view name_of(CompetingStatus status) {
  switch (status) {
    case CompetingStatus::fitted:
      return "fitted";
    case CompetingStatus::invalid_input:
      return "invalid input";
    case CompetingStatus::empty_sample:
      return "empty sample";
    case CompetingStatus::no_information:
      return "no information: two groups at risk at no event";
  }
  return "unknown";
}

CumulativeIncidence cumulative_incidence(std::span<const CompetingObservation> sample, int causes) {
  ANGIOTRIAL_EXPECT(causes > 0, "at least one cause");
  CumulativeIncidence out;
  out.causes = causes;
  if (!valid(sample, causes)) return out;
  out.status = sample.empty() ? CompetingStatus::empty_sample : CompetingStatus::fitted;
  const std::vector<std::uint32_t> order = by_time(sample);
  const auto kinds = static_cast<std::size_t>(causes);
  std::vector<double> incidence(kinds, 0.0), deaths(kinds);
  std::vector<IncidenceVariance> variance(kinds);
  double survival = 1.0;
  for (std::size_t i = 0; i < order.size();) {
    const double time = sample[order[i]].time;
    const auto n = static_cast<double>(order.size() - i);
    std::fill(deaths.begin(), deaths.end(), 0.0);
    double all = 0.0;
    for (; i < order.size() && sample[order[i]].time == time; ++i) {
      const int cause = sample[order[i]].cause;
      if (cause == 0) continue;
      deaths[static_cast<std::size_t>(cause - 1)] += 1.0;
      all += 1.0;
    }
    if (all == 0.0) continue;
    const double before = survival;
    survival *= (n - all) / n;
    for (std::size_t k = 0; k < kinds; ++k) incidence[k] += before * deaths[k] / n;
    out.time.push_back(time);
    out.event_free.push_back(survival);
    for (std::size_t k = 0; k < kinds; ++k) {
      const double others = all - deaths[k];
      if (deaths[k] > 0.0) {
        const double v = increment_variance(before, n, deaths[k]);
        variance[k].add(v, 1.0, incidence[k], survival);
      }
      if (others > 0.0) {
        const double v = increment_variance(before, n, others);
        variance[k].add(v, 0.0, incidence[k], survival);
      }
      out.incidence.push_back(incidence[k]);
      out.variance.push_back(variance[k].at(incidence[k]));
    }
  }
  return out;
}

IncidenceEstimate incidence_at(const CumulativeIncidence& curve, int cause, double time) {
  ANGIOTRIAL_EXPECT(cause >= 1 && cause <= curve.causes, "causes count from 1");
  const auto after = std::upper_bound(curve.time.begin(), curve.time.end(), time);
  if (after == curve.time.begin()) return {};
  const auto row = static_cast<std::size_t>(after - curve.time.begin() - 1);
  const std::size_t at =
      row * static_cast<std::size_t>(curve.causes) + static_cast<std::size_t>(cause - 1);
  return {curve.incidence[at], curve.variance[at]};
}

/// Influence of a subject on F_k(t) at risk until T, with increments over times u <= min(t, T):
///   sum S(u-) (dN_k - d_k / n) / n - (F_k(t) - F_k(u)) S(u-) / S(u) (dN - d / n) / n
/// and on S(t) likewise with -S(t) S(u-) / S(u) (dN - d / n) / n. Sums over u are kept by time.
std::vector<double> jackknife_errors(std::span<const CompetingObservation> sample,
                                     const CumulativeIncidence& curve,
                                     std::span<const double> times) {
  const auto kinds = static_cast<std::size_t>(curve.causes);
  const std::size_t steps = curve.time.size();
  std::vector<double> at_risk(steps), own(steps * kinds, 0.0), all(steps), linear(steps * kinds);
  std::vector<double> observed;
  for (const CompetingObservation& o : sample) observed.push_back(o.time);
  std::sort(observed.begin(), observed.end());
  std::vector<double> sums(1 + 2 * kinds, 0.0);
  std::vector<double> by_step(steps * (1 + 2 * kinds));
  std::vector<double> ratio(steps);  // S(u-) / S(u) / n
  for (std::size_t j = 0; j < steps; ++j) {
    const auto first = std::lower_bound(observed.begin(), observed.end(), curve.time[j]);
    const auto n = static_cast<double>(observed.end() - first);
    const double before = j == 0 ? 1.0 : curve.event_free[j - 1];
    ratio[j] = curve.event_free[j] > 0.0 ? before / curve.event_free[j] / n : 0.0;
    at_risk[j] = n;
    const double hazard = 1.0 - curve.event_free[j] / before;
    sums[0] += ratio[j] * hazard;
    for (std::size_t k = 0; k < kinds; ++k) {
      const double f = curve.incidence[j * kinds + k];
      const double step = f - (j == 0 ? 0.0 : curve.incidence[(j - 1) * kinds + k]);
      sums[1 + k] += step / n;  // S(u-) d_k / n^2
      sums[1 + kinds + k] += f * ratio[j] * hazard;
    }
    std::copy(sums.begin(), sums.end(),
              by_step.begin() + static_cast<std::ptrdiff_t>(j * sums.size()));
  }
  std::vector<double> out;
  for (const double t : times) {
    const auto last = static_cast<std::size_t>(
        std::upper_bound(curve.time.begin(), curve.time.end(), t) - curve.time.begin());
    std::vector<double> variance(1 + kinds, 0.0);
    for (const CompetingObservation& o : sample) {
      const auto seen = std::min(
          last,
          static_cast<std::size_t>(std::upper_bound(curve.time.begin(), curve.time.end(), o.time) -
                                   curve.time.begin()));
      if (seen == 0) continue;
      const double* sum = &by_step[(seen - 1) * sums.size()];
      const bool event = o.cause != 0 && o.time <= t;
      const std::size_t j = seen - 1;
      const double jump = event ? ratio[j] : 0.0;
      const double free = -curve.event_free[last - 1] * (jump - sum[0]);
      variance[0] += free * free;
      for (std::size_t k = 0; k < kinds; ++k) {
        const double f = curve.incidence[(last - 1) * kinds + k];
        double influence = -sum[1 + k] + f * sum[0] - sum[1 + kinds + k];
        if (event) {
          influence -= (f - curve.incidence[j * kinds + k]) * jump;
          const double before = j == 0 ? 1.0 : curve.event_free[j - 1];
          if (o.cause == static_cast<int>(k) + 1) influence += before / at_risk[j];
        }
        variance[1 + k] += influence * influence;
      }
    }
    for (const double v : variance) out.push_back(std::sqrt(v));
  }
  return out;
}

}  // namespace angiotrial::analysis
