// SPDX-License-Identifier: Apache-2.0
#include "design/final_effect.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "design/stage_bounds.hpp"

namespace angiotrial::analysis {
namespace {

/// Standard error of each stage's test, as that of the statistic up to it: 1 / sqrt(information).
std::vector<double> roots_of_tests(const AdaptiveDesign& d, const StageEvidence& evidence,
                                   std::size_t k) {
  std::vector<double> out;
  double sum = 0.0;
  double square = 0.0;
  for (std::size_t j = 0; j <= k; ++j) {
    const double w = d.weights[j];
    sum += w / evidence.stage_error(j);
    square += w * w;
    out.push_back(d.plan.rule == StageRule::group_sequential ? 1.0 / evidence.overall_error(j)
                                                             : sum / std::sqrt(square));
  }
  return out;
}

/// P(at least as extreme) of the test of theta: under theta the statistic of the null is shifted,
/// at stage j, by what separates the two statistics in the data.
double p_of(const StoppedTrial& s, double theta) {
  const StageStatistic z = s.statistic();
  const AdaptivePlan& plan = s.design.plan;
  std::vector<double> upper, lower;
  for (std::size_t j = 0; j < s.k; ++j) {
    const double shift = z(j, s.null, s.sign) - z(j, theta, s.sign);
    upper.push_back(s.design.critical[j] - shift);
    if (plan.binding && j < plan.futility.size()) lower.push_back(plan.futility[j] - shift);
  }
  upper.push_back(z(s.k, theta, s.sign));
  return std::min(1.0, crossing(plan.information, lower, upper, {}).reject());
}

std::optional<double> theta_at(const StoppedTrial& s, double p) {
  return monotone_root([&](double theta) { return p_of(s, theta) - p; }, s.evidence.estimate(s.k),
                       std::max(s.evidence.overall_error(s.k), 1.0e-12));
}

std::optional<double> adjusted_estimate(const StoppedTrial& s) {
  const double naive =
      s.statistic().solve(s.k, 0.0, 1.0).value_or(s.evidence.estimate(s.k)) - s.null;
  const auto delta =
      bias_adjusted(s.design, s.k, s.sign * naive, roots_of_tests(s.design, s.evidence, s.k));
  return delta ? std::optional(s.null + s.sign * *delta) : std::nullopt;
}

std::optional<SequentialEstimate> effect_by_test(const StoppedTrial& s) {
  const double alpha = s.design.plan.alpha;
  const auto median = s.k == 0 ? s.evidence.estimate(0) : theta_at(s, 0.5);
  auto lower = theta_at(s, alpha);
  auto upper = theta_at(s, 1.0 - alpha);
  const auto adjusted = adjusted_estimate(s);
  if (!median || !lower || !upper || !adjusted) return std::nullopt;
  if (s.sign < 0.0) std::swap(lower, upper);
  // At the edge of what rates may be the tests saturate, and roots meet the edge to their
  // tolerance.
  return SequentialEstimate{*median, std::min(*lower, *median), std::max(*upper, *median),
                            *adjusted};
}

/// sqrt(information) of the design's statistic up to each stage, for an effect in units of scale.
std::vector<double> planned_roots(const AdaptiveDesign& d, const StageEvidence& evidence,
                                  std::size_t k) {
  std::vector<double> out;
  double sum = 0.0;
  double square = 0.0;
  for (std::size_t j = 0; j <= k; ++j) {
    const double w = d.weights[j];
    sum += w * evidence.stage_root(j);
    square += w * w;
    const double planned = std::sqrt(d.plan.information[j] / d.plan.information[k]);
    out.push_back(d.plan.rule == StageRule::group_sequential ? planned * evidence.overall_root(k)
                                                             : sum / std::sqrt(square));
  }
  return out;
}

/// rpact's: made where the effect tested is 0 and large values favour the treatment.
std::optional<SequentialEstimate> effect_by_spread(const StoppedTrial& s) {
  const auto& [d, evidence, k, null, sign] = s;
  auto e = estimate_after(d, k, s.statistic()(k, null, sign), planned_roots(d, evidence, k));
  const auto adjusted = adjusted_estimate(s);
  if (!e || !adjusted) return std::nullopt;
  const double scale = sign * evidence.scale(k);
  e = {null + e->median_unbiased * scale, null + e->lower * scale, null + e->upper * scale,
       *adjusted};
  if (sign < 0.0) std::swap(e->lower, e->upper);
  if (k == 0) {
    std::tie(e->lower, e->upper) =
        evidence.first_interval(quadrature::upper_quantile(d.plan.alpha));
    e->median_unbiased = evidence.estimate(0);
  }
  return e;
}

}  // namespace

std::optional<SequentialEstimate> final_effect(const StoppedTrial& s, FinalScale scale) {
  if (s.design.plan.rule == StageRule::fisher) return std::nullopt;
  return scale == FinalScale::of_the_test ? effect_by_test(s) : effect_by_spread(s);
}

}  // namespace angiotrial::analysis
