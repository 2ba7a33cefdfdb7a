// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive.hpp>
#include <angiotrial/analysis/design/sample_size.hpp>
#include <angiotrial/analysis/design/trial_size.hpp>

#include <optional>
#include <span>
#include <string_view>

/// Sample size again, from data at an interim look: blinded (arms pooled, effect as planned) or
/// unblinded (conditional power).
namespace angiotrial::analysis {

enum class ReviewStatus {
  revised = 0,
  too_few_data,
  no_spread,                  ///< all values equal, or no event
  difference_exceeds_spread,  ///< the planned difference's share is more than the variance
  not_fitted,                 ///< the pooled count model has no answer
  invalid_plan,               ///< the plan itself, or its size, is refused
  impossible_rate,            ///< pooled and planned difference give a rate outside (0, 1)
  trial_stopped,              ///< the statistic rejects already, or stops for binding futility
};
[[nodiscard]] std::string_view name_of(ReviewStatus status);

struct SizeReview {
  ReviewStatus status = ReviewStatus::too_few_data;
  double nuisance = 0.0;    ///< rate of counts or events, or standard deviation, as re-estimated
  double dispersion = 0.0;  ///< counts
  double total = 0.0;       ///< patients of both arms, not rounded
};

/// Counts: pooled NB2 rate and dispersion by maximum likelihood with each patient's exposure, the
/// planned ratio (Friede and Schmidli 2010, doi:10.1002/sim.3861). `plan` brings ratios,
/// allocation, accrual and follow-up; its rate and dispersion are replaced. The planned ratio lies
/// below the null.
[[nodiscard]] SizeReview review_counts(std::span<const int> counts,
                                       std::span<const double> exposure, const CountsDesign& plan,
                                       const PlanningErrors& errors);
/// The same from the pooled rate and dispersion themselves.
[[nodiscard]] SizeReview review_count_rate(double pooled_rate, double dispersion,
                                           const CountsDesign& plan, const PlanningErrors& errors);

/// Means: variance of all values about their mean; `adjusted` takes off the planned difference's
/// share, r d^2 / (1 + r)^2 n / (n - 1) (Kieser and Friede 2003, doi:10.1002/sim.1585).
[[nodiscard]] SizeReview review_means(std::span<const double> values, const MeansDesign& plan,
                                      const PlanningErrors& errors, bool adjusted = true);

/// Rates: pooled rate p, the planned difference kept: control p - r d / (1 + r).
[[nodiscard]] SizeReview review_rates(double events, double patients, const RatesDesign& plan,
                                      const PlanningErrors& errors);

/// Unblinded, with the combination of the plan kept: size of the next and last stage for which
/// P(reject | statistic so far) is `target`, inside [least, most].
struct UnblindedPlan {
  double target = 0.8;
  double least = 0.0, most = 0.0;  ///< size of the next stage
  /// Effect assumed, as drift of the stage's own z for each sqrt(patient); none: as observed.
  std::optional<double> effect;
  double promising = 0.0;  ///< below this conditional power at `least`, `least` is kept
};
struct UnblindedReview {
  ReviewStatus status = ReviewStatus::invalid_plan;
  double size = 0.0;               ///< of the next stage
  double wanted = 0.0;             ///< before the limits; infinite where no size gives the target
  double conditional_power = 0.0;  ///< at `size`
  double power_at_least = 0.0;
};
/// `k` is the stage analysed, the last but one; `observed` its patients so far. The rule must
/// combine stages: a pooled test weighs the last one by the size it comes to.
[[nodiscard]] UnblindedReview review_unblinded(const AdaptiveDesign& design, std::size_t k,
                                               double statistic, double observed,
                                               const UnblindedPlan& plan);

}  // namespace angiotrial::analysis
