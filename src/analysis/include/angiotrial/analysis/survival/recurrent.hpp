// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/survival_summary.hpp>

#include <span>
#include <vector>

/// Recurrent events: the mean cumulative function, and the proportional means model.
namespace angiotrial::analysis {

/// Rows of the counting process: one subject's rows do not overlap.
struct RecurrentData {
  std::span<const double> start = {};  ///< empty: 0
  std::span<const double> stop = {};
  std::span<const int> event = {};    ///< not 0: an event at `stop`
  std::span<const int> subject = {};  ///< any labels
  /// Not 0: the subject dies at `stop`, of its last row (otherwise invalid). Empty: no deaths.
  std::span<const int> death = {};
};

struct MeanCumulativePoint {
  double time = 0.0;
  double at_risk = 0.0;
  double events = 0.0;
  double mean = 0.0;  ///< expected events of a subject through `time`
  double se = 0.0;    ///< robust to dependence within subjects
};
struct MeanCumulativeFunction {
  SurvivalStatus status = SurvivalStatus::invalid_input;  ///< invalid: also rows that overlap
  std::vector<MeanCumulativePoint> points;                ///< event times, rising
};
/// mu(t) = sum_{u <= t} S(u-) dN(u) / Y(u), S the Kaplan-Meier estimate of survival: nobody has
/// events after death (Ghosh and Lin 2000, doi:10.1111/j.0006-341X.2000.00554.x). Without deaths S
/// is 1. The variance is that of the infinitesimal jackknife by subject.
[[nodiscard]] MeanCumulativeFunction mean_cumulative_function(const RecurrentData& data);
/// The last point not after `time`; all 0 before the first.
[[nodiscard]] MeanCumulativePoint mean_cumulative_at(const MeanCumulativeFunction& function,
                                                     double time);

/// Proportional means (Lin, Wei, Yang and Ying 2000, doi:10.1111/1467-9868.00259): the estimate of
/// Andersen and Gill with the variance that is robust by subject. `data.cluster` is the subject.
[[nodiscard]] const CoxFit& fit_proportional_means(const CoxData& data, CoxTies ties,
                                                   CoxWorkspace& workspace);

}  // namespace angiotrial::analysis
