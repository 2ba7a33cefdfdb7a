// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/survival.hpp>

#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "survival/survival_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {
namespace {

/// Of S strictly between 0 and 1; h = z se(ln S).
void put_interval(double s, double h, SurvivalInterval interval, SurvivalEstimate& out) {
  switch (interval) {
    case SurvivalInterval::log:
      out.lower = s * std::exp(-h);
      out.upper = std::min(1.0, s * std::exp(h));
      return;
    case SurvivalInterval::log_log: {
      const double spread = h / std::log(s);  // negative: ln S < 0
      out.lower = std::pow(s, std::exp(-spread));
      out.upper = std::pow(s, std::exp(spread));
      return;
    }
    case SurvivalInterval::plain:
      out.lower = std::max(0.0, s - h * s);
      out.upper = std::min(1.0, s + h * s);
      return;
    case SurvivalInterval::logit: {
      const double odds = s / (1.0 - s);
      const double factor = std::exp(h / (1.0 - s));
      out.lower = odds / (odds + factor);
      out.upper = odds * factor / (1.0 + odds * factor);
      return;
    }
    case SurvivalInterval::arcsine: {
      const double angle = std::asin(std::sqrt(s));
      const double spread = 0.5 * h * std::sqrt(s / (1.0 - s));
      const double low = std::sin(std::max(0.0, angle - spread));
      const double high = std::sin(std::min(0.5 * std::numbers::pi, angle + spread));
      out.lower = low * low;
      out.upper = high * high;
      return;
    }
  }
}

}  // namespace

SurvivalWorkspace::SurvivalWorkspace() : state_(std::make_unique<State>()) {}
SurvivalWorkspace::~SurvivalWorkspace() = default;
SurvivalWorkspace::SurvivalWorkspace(SurvivalWorkspace&&) noexcept = default;
SurvivalWorkspace& SurvivalWorkspace::operator=(SurvivalWorkspace&&) noexcept = default;

std::vector<SurvivalPoint> kaplan_meier(std::span<const Observation> sample) {
  SurvivalWorkspace workspace;
  return kaplan_meier(sample, workspace);
}

const std::vector<SurvivalPoint>& kaplan_meier(std::span<const Observation> sample,
                                               SurvivalWorkspace& workspace) {
  SurvivalState& s = workspace.state();
  const std::size_t n = sample.size();
  std::vector<double>& times = s.times;
  times.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    times[i] = sample[i].time;
    ANGIOTRIAL_EXPECT(times[i] >= 0.0, "times start at 0");
  }
  s.order.reset(n);
  s.order.by(times);
  const auto& position = s.order.positions();
  std::vector<SurvivalPoint>& curve = s.curve;
  curve.clear();
  curve.reserve(n);
  double survival = 1.0;
  double greenwood = 0.0;
  for (std::size_t i = 0; i < n;) {
    const double now = times[position[i]];
    const auto at_risk = static_cast<int>(n - i);
    int events = 0;
    for (; i < n && times[position[i]] == now; ++i) events += sample[position[i]].event ? 1 : 0;
    if (events == 0) continue;
    survival *= static_cast<double>(at_risk - events) / at_risk;
    greenwood += events == at_risk ? std::numeric_limits<double>::infinity()
                                   : events / (static_cast<double>(at_risk) * (at_risk - events));
    curve.push_back({now, at_risk, events, survival, greenwood});
  }
  return curve;
}

SurvivalEstimate survival_at(std::span<const SurvivalPoint> curve, double time, double level,
                             SurvivalInterval interval) {
  const auto after = std::upper_bound(curve.begin(), curve.end(), time,
                                      [](double t, const SurvivalPoint& p) { return t < p.time; });
  SurvivalEstimate out;
  if (after == curve.begin()) {
    if (interval == SurvivalInterval::log || interval == SurvivalInterval::plain) {
      out.lower = out.upper = 1.0;
    }
    return out;
  }
  const SurvivalPoint& point = *(after - 1);
  out.survival = point.survival;
  if (point.survival <= 0.0) return out;
  const double relative = std::sqrt(point.greenwood);  // se(S) / S = se(ln S)
  out.se = point.survival * relative;
  put_interval(point.survival, normal_half_width(level) * relative, interval, out);
  return out;
}

LogRank log_rank(std::span<const Observation> sample, std::span<const int> group, int groups) {
  SurvivalWorkspace workspace;
  return log_rank(sample, group, groups, workspace);
}

const LogRank& log_rank(std::span<const Observation> sample, std::span<const int> group, int groups,
                        SurvivalWorkspace& workspace) {
  for (const Observation& o : sample) ANGIOTRIAL_EXPECT(o.time >= 0.0, "times start at 0");
  const WeightedLogRank& test = weighted_log_rank(
      {.sample = sample, .group = group, .groups = groups}, LogRankWeight{}, workspace);
  LogRank& out = workspace.state().plain;
  out.observed.assign(test.observed.begin(), test.observed.end());
  out.expected.assign(test.expected.begin(), test.expected.end());
  out.chi_squared = 0.0;
  out.degrees_of_freedom = 0;
  out.p_value.reset();
  if (test.status != LogRankStatus::fitted) return out;
  out.chi_squared = test.chi_square;
  out.degrees_of_freedom = test.df;
  out.p_value = test.p_value;
  return out;
}

}  // namespace angiotrial::analysis
