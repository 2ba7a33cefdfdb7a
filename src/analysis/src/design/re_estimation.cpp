// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/re_estimation.hpp>

#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

SizeReview refuse(ReviewStatus status) {
  SizeReview out;
  out.status = status;
  return out;
}

bool valid(const PlanningErrors& errors) {
  return errors.alpha > 0.0 && errors.alpha < 0.5 && errors.power > errors.alpha &&
         errors.power < 1.0;
}

/// As for the planned size, a smaller ratio than the null's favours the treatment.
bool valid(const CountsDesign& plan) {
  return plan.rate_ratio > 0.0 && plan.rate_ratio < plan.null_ratio && plan.allocation > 0.0 &&
         plan.accrual >= 0.0 && plan.follow_up + plan.accrual > 0.0;
}

}  // namespace

std::string_view name_of(ReviewStatus status) {
  switch (status) {
    case ReviewStatus::revised:
      return "revised";
    case ReviewStatus::too_few_data:
      return "too few data";
    case ReviewStatus::no_spread:
      return "all values equal, or no event";
    case ReviewStatus::difference_exceeds_spread:
      return "the planned difference alone would make more spread than the values have: nothing is "
             "left for the patients' own";
    case ReviewStatus::not_fitted:
      return "the pooled count model has no answer";
    case ReviewStatus::invalid_plan:
      return "the plan is refused";
    case ReviewStatus::impossible_rate:
      return "the pooled rate and the planned difference give a rate outside (0, 1)";
    case ReviewStatus::trial_stopped:
      return "the statistic has stopped the trial: it rejects already, or binding futility holds";
  }
  return "unknown";
}

SizeReview review_counts(std::span<const int> counts, std::span<const double> exposure,
                         const CountsDesign& plan, const PlanningErrors& errors) {
  ANGIOTRIAL_EXPECT(counts.size() == exposure.size(), "an exposure a patient");
  if (!valid(errors) || !valid(plan)) return refuse(ReviewStatus::invalid_plan);
  if (counts.size() < 3) return refuse(ReviewStatus::too_few_data);
  if (std::all_of(counts.begin(), counts.end(), [](int y) { return y == 0; })) {
    return refuse(ReviewStatus::no_spread);
  }
  std::vector<double> intercept(counts.size(), 1.0);
  std::vector<double> offset;
  for (const double t : exposure) {
    if (!(t > 0.0) || !std::isfinite(t)) return refuse(ReviewStatus::not_fitted);
    offset.push_back(std::log(t));
  }
  NegativeBinomialWorkspace workspace;
  const auto& fit =
      fit_negative_binomial({intercept, 1, counts, offset, Aliased::refuse}, workspace);
  if (!usable(fit.status)) return refuse(ReviewStatus::not_fitted);
  return review_count_rate(std::exp(fit.coefficients[0]), fit.dispersion, plan, errors);
}

// The pooled rate is (control + r treatment) / (1 + r), treatment = ratio control: the ratio
// planned, whatever the null.
SizeReview review_count_rate(double pooled_rate, double dispersion, const CountsDesign& plan,
                             const PlanningErrors& errors) {
  if (!valid(errors) || !valid(plan)) return refuse(ReviewStatus::invalid_plan);
  if (!(pooled_rate > 0.0)) return refuse(ReviewStatus::no_spread);
  SizeReview out;
  out.status = ReviewStatus::revised;
  out.nuisance = pooled_rate;
  out.dispersion = dispersion;
  CountsDesign design = plan;
  const double r = plan.allocation;
  design.control_rate = (1.0 + r) * pooled_rate / (1.0 + r * plan.rate_ratio);
  design.dispersion = dispersion;
  out.total = count_patients(design, errors);
  return out;
}

SizeReview review_means(std::span<const double> values, const MeansDesign& plan,
                        const PlanningErrors& errors, bool adjusted) {
  if (values.size() < 3) return refuse(ReviewStatus::too_few_data);
  if (!valid(errors) || !(plan.difference > 0.0) || !(plan.allocation > 0.0)) {
    return refuse(ReviewStatus::invalid_plan);
  }
  const auto n = static_cast<double>(values.size());
  double mean = 0.0;
  for (const double v : values) mean += v / n;
  double variance = 0.0;
  for (const double v : values) variance += (v - mean) * (v - mean) / (n - 1.0);
  if (!(variance > 0.0) || !std::isfinite(variance)) return refuse(ReviewStatus::no_spread);
  if (adjusted) {
    const double r = plan.allocation;
    const double share = r / ((1.0 + r) * (1.0 + r));
    variance -= share * plan.difference * plan.difference * n / (n - 1.0);
    if (!(variance > 0.0)) return refuse(ReviewStatus::difference_exceeds_spread);
  }
  SizeReview out;
  out.status = ReviewStatus::revised;
  out.nuisance = std::sqrt(variance);
  MeansDesign design = plan;
  design.sd = out.nuisance;
  out.total = sample_size(design, errors);
  return out;
}

SizeReview review_rates(double events, double patients, const RatesDesign& plan,
                        const PlanningErrors& errors) {
  if (!(patients >= 1.0) || !(events >= 0.0 && events <= patients)) {
    return refuse(ReviewStatus::too_few_data);
  }
  if (!valid(errors) || !(plan.allocation > 0.0) ||
      plan.treatment - plan.control - plan.margin == 0.0) {
    return refuse(ReviewStatus::invalid_plan);
  }
  SizeReview out;
  out.nuisance = events / patients;
  const double difference = plan.treatment - plan.control;
  RatesDesign design = plan;
  design.control = out.nuisance - plan.allocation / (1.0 + plan.allocation) * difference;
  design.treatment = design.control + difference;
  const auto inside = [](double p) { return p > 0.0 && p < 1.0; };
  if (!inside(design.control) || !inside(design.treatment)) {
    return refuse(ReviewStatus::impossible_rate);
  }
  out.status = ReviewStatus::revised;
  out.total = sample_size(design, errors);
  return out;
}

// P(Z > c* - e sqrt(n)) = target  where c* is the last stage's own critical value given the rest:
//   n = ((c* + z_target) / e)^2
UnblindedReview review_unblinded(const AdaptiveDesign& design, std::size_t k, double statistic,
                                 double observed, const UnblindedPlan& plan) {
  UnblindedReview out;
  const bool valid_limits = plan.least > 0.0 && plan.most >= plan.least && plan.target > 0.0 &&
                            plan.target < 1.0 && observed > 0.0;
  // A pooled test weighs the last stage by the size it comes to, not as planned.
  const bool combines = design.plan.rule != StageRule::group_sequential;
  if (design.status != DesignStatus::planned || !combines || k + 2 != design.critical.size() ||
      !valid_limits) {
    return out;
  }
  // Fisher's futility is for the stage's own p-value, which the product does not name.
  const bool futile = design.plan.binding && design.plan.rule != StageRule::fisher &&
                      k < design.plan.futility.size() && statistic <= design.plan.futility[k];
  if (rejects(design, k, statistic) || futile) {
    out.status = ReviewStatus::trial_stopped;
    return out;
  }
  const double error = conditional_rejection_probability(design, k, statistic);
  out.status = ReviewStatus::revised;
  if (design.plan.rule == StageRule::fisher && !plan.effect) {
    out.status = ReviewStatus::invalid_plan;  // the product names no effect
    return out;
  }
  const double effect = plan.effect.value_or(statistic / std::sqrt(observed));
  const double critical = error <= 0.0   ? std::numeric_limits<double>::infinity()
                          : error >= 1.0 ? -std::numeric_limits<double>::infinity()
                                         : quadrature::upper_quantile(error);
  const auto power = [&](double n) {
    return quadrature::normal_cdf(effect * std::sqrt(n) - critical);
  };
  const double sum = critical + quadrature::normal_quantile(plan.target);
  out.wanted = sum <= 0.0     ? 0.0
               : effect > 0.0 ? sum * sum / (effect * effect)
                              : std::numeric_limits<double>::infinity();
  out.power_at_least = power(plan.least);
  out.size = out.power_at_least < plan.promising ? plan.least
                                                 : std::clamp(out.wanted, plan.least, plan.most);
  out.conditional_power = power(out.size);
  return out;
}

}  // namespace angiotrial::analysis
