// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/group_sequential.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Designs whose later stages may be changed after an interim look. One-sided; large statistics
/// favour the alternative.
///
///   group sequential   Z_k of all data so far
///   inverse normal     C_k = sum_j w_j Phi^-1(1 - p_j) / sqrt(sum_j w_j^2),  w_j^2 = t_j - t_(j-1)
///   Fisher             C_k = prod_j p_j^(v_j),  v_j = w_j / w_1; small values reject
///
/// p_j of the stage's own data (Lehmacher and Wassmer 1999, doi:10.1111/j.0006-341X.1999.01286.x;
/// Bauer and Koehne 1994, doi:10.2307/2533441). The inverse normal with the planned weights is
/// the weighted test of Cui, Hung and Wang 1999 (doi:10.1111/j.0006-341X.1999.00853.x).
namespace angiotrial::analysis {

enum class StageRule { group_sequential, inverse_normal, fisher };

enum class BoundFamily {
  spending,        ///< `spending`
  wang_tsiatis,    ///< `parameter` is Delta
  haybittle_peto,  ///< `parameter` is the interim bound; the last is solved
};

/// How Fisher's critical values share the level.
enum class FisherLevels {
  equal,  ///< the same level of each stage's own product test
  full,   ///< the last stage keeps Fisher's own critical value; the others share a common level
};

enum class DesignStatus {
  planned = 0,
  invalid_information,   ///< fractions that do not rise from 0 to 1, or by less than the least step
  invalid_level,         ///< alpha outside (0, 1/2)
  invalid_futility,      ///< not one bound an interim look, or a bound above the efficacy bound
  invalid_bound,         ///< parameters of the bound outside their range, or no level left
  too_many_stages,       ///< beyond 50, Fisher beyond six
  futility_leaves_none,  ///< binding futility stops more trials than a later level needs
};
[[nodiscard]] std::string_view name_of(DesignStatus status);

struct AdaptivePlan {
  StageRule rule = StageRule::inverse_normal;
  std::vector<double> information{1.0};  ///< planned fractions, rising to 1
  double alpha = 0.025;
  BoundFamily family = BoundFamily::spending;
  Spending spending;
  double parameter = 0.0;
  FisherLevels fisher_levels = FisherLevels::equal;
  /// Stop for futility where the statistic is below (Fisher: where the stage's p-value is above);
  /// empty: never. One an interim look.
  std::vector<double> futility;
  bool binding = false;  ///< futility must be obeyed, and the bounds use it
};

struct AdaptiveDesign {
  DesignStatus status = DesignStatus::invalid_information;
  AdaptivePlan plan;
  std::vector<double> critical;      ///< z bounds; products for Fisher
  std::vector<double> weights;       ///< w_j (Fisher: v_j)
  std::vector<double> stage_levels;  ///< level of each bound on its own
  std::vector<double> spent;         ///< cumulative level
};

[[nodiscard]] AdaptiveDesign plan_adaptive(AdaptivePlan plan);

/// C_k of stage-wise p-values p_1 .. p_k in [0, 1]; no rule for group sequential.
[[nodiscard]] double combine(const AdaptiveDesign& design, std::span<const double> p);
/// Does the statistic of stage k (from 0) reject?
[[nodiscard]] bool rejects(const AdaptiveDesign& design, std::size_t k, double statistic);

/// P(rejection at a later stage | statistic at stage k) under the null: the level that a new second
/// part may spend (Mueller and Schaefer 2001, doi:10.1111/j.0006-341X.2001.00886.x). Futility of
/// later stages counts where it binds. Fisher: 1 once rejected. 0 <= k < stages - 1.
[[nodiscard]] double conditional_rejection_probability(const AdaptiveDesign& design, std::size_t k,
                                                       double statistic);

/// P(rejection by stage k + 1, k + 2, ..) where stage j adds drift shift_j (mean of its own z) and
/// the trial stops at futility bounds (Fisher: binding ones). `shift` has one number a remaining
/// stage.
[[nodiscard]] std::vector<double> conditional_power(const AdaptiveDesign& design, std::size_t k,
                                                    double statistic,
                                                    std::span<const double> shift);

/// The level at which the statistic just rejects at stage k: the repeated p-value, at most 0.5.
/// None at interim looks of Haybittle and Peto: their bound is the same at every level.
[[nodiscard]] std::optional<double> repeated_p_value(const AdaptiveDesign& design, std::size_t k,
                                                     double statistic);

/// P(a result at least as extreme) in the stage-wise ordering, where the trial stops at stage k;
/// `mean` is the mean of each stage's statistic under the effect considered (0: the p-value).
/// Fisher: only under the null.
[[nodiscard]] double stagewise_p_value(const AdaptiveDesign& design, std::size_t k,
                                       double statistic, std::span<const double> mean = {});

/// Median-unbiased estimate, equal-tailed interval and bias-adjusted estimate (Whitehead 1986,
/// doi:10.1093/biomet/73.3.573) of delta, where stage j's statistic has mean delta root_j.
/// Not for Fisher. alpha is the level of either tail.
struct SequentialEstimate {
  double median_unbiased = 0.0;
  double lower = 0.0, upper = 0.0;
  double bias_adjusted = 0.0;
};
[[nodiscard]] std::optional<SequentialEstimate> estimate_after(
    const AdaptiveDesign& design, std::size_t k, double statistic,
    std::span<const double> root_information);

/// Whitehead's estimate alone: delta whose expected estimate at stopping is `naive`.
[[nodiscard]] std::optional<double> bias_adjusted(const AdaptiveDesign& design, std::size_t k,
                                                  double naive,
                                                  std::span<const double> root_information);

}  // namespace angiotrial::analysis
