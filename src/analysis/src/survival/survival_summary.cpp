// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/survival/survival_summary.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

/// Two shares this close are the same step (R's tolerance).
constexpr double same_share = 1.4901161193847656e-8;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// A step function of time: the share failed, from `time` on.
struct Step {
  double time = 0.0;
  double failed = 0.0;  ///< NaN where the limit does not exist
};

/// Drops steps from the end whose height was there before: they say nothing new.
void drop_repeated_end(std::vector<Step>& steps) {
  const auto repeated = [&] {
    const double last = steps.back().failed;
    return std::any_of(steps.begin(), steps.end() - 1, [last](const Step& earlier) {
      return earlier.failed == last || (std::isnan(earlier.failed) && std::isnan(last));
    });
  };
  while (repeated()) steps.pop_back();
}

/// Of the steps at least `height` high the lowest (limits of the curve need not rise).
const Step* lowest_from(const std::vector<Step>& steps, double height) {
  const Step* best = nullptr;
  for (const Step& step : steps) {
    if (!(step.failed >= height)) continue;
    if (best == nullptr || step.failed < best->failed) best = &step;
  }
  return best;
}

/// The middle of the times at which the share reaches p and leaves it.
std::optional<double> reach(std::vector<Step>& steps, double last_time, double p) {
  drop_repeated_end(steps);
  const Step* first = lowest_from(steps, p - same_share);
  if (first == nullptr) return std::nullopt;
  if (std::fabs(p - steps.back().failed) < same_share) return 0.5 * (first->time + last_time);
  const Step* next = lowest_from(steps, p + same_share);
  if (next == nullptr) return std::nullopt;
  return 0.5 * (first->time + next->time);
}

/// d / (n (n - d)), 0 once all have died: the area beyond is 0.
double greenwood_term(const SurvivalPoint& point) {
  const double left = static_cast<double>(point.at_risk) - point.events;
  return left > 0.0 ? point.events / (point.at_risk * left) : 0.0;
}

RestrictedContrast contrast_of(double estimate, double se, double half_width, bool log_scale) {
  RestrictedContrast out{log_scale ? std::exp(estimate) : estimate, se, estimate - half_width * se,
                         estimate + half_width * se, normal_p_value(estimate / se)};
  if (log_scale) {
    out.lower = std::exp(out.lower);
    out.upper = std::exp(out.upper);
  }
  return out;
}

}  // namespace

std::string_view name_of(SurvivalStatus status) {
  switch (status) {
    case SurvivalStatus::fitted:
      return "fitted";
    case SurvivalStatus::invalid_input:
      return "invalid input";
    case SurvivalStatus::empty_sample:
      return "empty sample";
    case SurvivalStatus::no_information:
      return "no information: no mean has any variance";
  }
  return "unknown";
}

SurvivalQuantile survival_quantile(std::span<const SurvivalPoint> curve, double last_time, double p,
                                   double level, SurvivalInterval interval) {
  ANGIOTRIAL_EXPECT(p > 0.0 && p < 1.0, "a share between 0 and 1");
  std::vector<Step> estimate{{0.0, 0.0}}, lower{{0.0, 0.0}}, upper{{0.0, 0.0}};
  for (std::size_t k = 0; k < curve.size(); ++k) {
    const double time = curve[k].time;
    const SurvivalEstimate at = survival_at(curve.subspan(k, 1), time, level, interval);
    estimate.push_back({time, 1.0 - at.survival});
    lower.push_back({time, at.lower ? 1.0 - *at.lower : unknown});
    upper.push_back({time, at.upper ? 1.0 - *at.upper : unknown});
  }
  return {reach(estimate, last_time, p), reach(lower, last_time, p), reach(upper, last_time, p)};
}

std::vector<HazardPoint> cumulative_hazard(std::span<const SurvivalPoint> curve,
                                           HazardEstimate estimate) {
  std::vector<HazardPoint> out;
  out.reserve(curve.size());
  double hazard = 0.0;
  double variance = 0.0;
  for (const SurvivalPoint& point : curve) {
    const double n = point.at_risk;
    if (estimate == HazardEstimate::nelson_aalen) {
      hazard += point.events / n;
      variance += point.events / (n * n);
    } else {
      for (int k = 0; k < point.events; ++k) {
        hazard += 1.0 / (n - k);
        variance += 1.0 / ((n - k) * (n - k));
      }
    }
    out.push_back({point.time, hazard, std::sqrt(variance)});
  }
  return out;
}

RestrictedMean restricted_mean(std::span<const Observation> sample, double horizon) {
  SurvivalWorkspace workspace;
  return restricted_mean(sample, horizon, workspace);
}

RestrictedMean restricted_mean(std::span<const Observation> sample, double horizon,
                               SurvivalWorkspace& workspace) {
  RestrictedMean out;
  if (sample.empty()) return out;
  out.status = SurvivalStatus::invalid_input;
  out.horizon = horizon;
  if (!std::isfinite(horizon) || !(horizon > 0.0)) return out;
  double last = 0.0;
  for (const Observation& o : sample) {
    if (!std::isfinite(o.time) || o.time < 0.0) return out;
    last = std::max(last, o.time);
  }
  out.status = SurvivalStatus::fitted;
  const std::vector<SurvivalPoint>& curve = kaplan_meier(sample, workspace);
  double area = 0.0;  // from a step to the horizon, from the last step back
  double variance = 0.0;
  double right = horizon;
  for (std::size_t k = curve.size(); k-- > 0;) {
    if (curve[k].time >= horizon) continue;
    area += curve[k].survival * (right - curve[k].time);
    right = curve[k].time;
    variance += area * area * greenwood_term(curve[k]);
  }
  out.mean = area + right;
  out.se = std::sqrt(variance);
  out.extended = horizon > last && (curve.empty() || curve.back().survival > 0.0);
  return out;
}

RestrictedComparison compare_restricted_means(const RestrictedMean& first,
                                              const RestrictedMean& second, double level) {
  RestrictedComparison out;
  if (first.status != SurvivalStatus::fitted || second.status != SurvivalStatus::fitted) return out;
  if (first.horizon != second.horizon) return out;
  out.status = SurvivalStatus::no_information;
  const double se = std::hypot(first.se, second.se);
  if (!(se > 0.0)) return out;
  out.status = SurvivalStatus::fitted;
  const double half = normal_half_width(level);
  out.difference = contrast_of(first.mean - second.mean, se, half, false);
  const auto ratio = [&](double a, double b) -> std::optional<RestrictedContrast> {
    if (!(a > 0.0) || !(b > 0.0)) return std::nullopt;
    return contrast_of(std::log(a / b), std::hypot(first.se / a, second.se / b), half, true);
  };
  out.ratio = ratio(first.mean, second.mean);
  out.lost_ratio = ratio(first.horizon - first.mean, second.horizon - second.mean);
  return out;
}

}  // namespace angiotrial::analysis
