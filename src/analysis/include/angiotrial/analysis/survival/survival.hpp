// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

/// Time to event: Kaplan-Meier with Greenwood's variance, and the log-rank test.
namespace angiotrial::analysis {

struct Observation {
  double time = 0.0;   ///< any unit, at least 0
  bool event = false;  ///< false: censored
};

struct SurvivalPoint {
  double time = 0.0;
  int at_risk = 0;  ///< just before `time`
  int events = 0;
  double survival = 1.0;   ///< just after `time`
  double greenwood = 0.0;  ///< sum of d / (n (n - d)) so far; infinite once all have died
};

/// The steps of the estimate: one point a distinct event time, rising. A subject censored at an
/// event time is still at risk there.
[[nodiscard]] std::vector<SurvivalPoint> kaplan_meier(std::span<const Observation> sample);

/// Buffers of curves and log-rank tests, kept between calls: one on a sample no larger than before
/// allocates nothing. What is returned by reference lives in the workspace until its next use.
class SurvivalWorkspace {
 public:
  SurvivalWorkspace();
  ~SurvivalWorkspace();
  SurvivalWorkspace(SurvivalWorkspace&&) noexcept;
  SurvivalWorkspace& operator=(SurvivalWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};
const std::vector<SurvivalPoint>& kaplan_meier(std::span<const Observation> sample,
                                               SurvivalWorkspace& workspace);

/// Scale on which the interval is symmetric. R's default is `log`, SAS's is `log_log`.
enum class SurvivalInterval {
  log,
  log_log,
  plain,  ///< cut at 0 and 1
  logit,
  arcsine  ///< of the square root
};

struct SurvivalEstimate {
  double survival = 1.0;
  double se = 0.0;  ///< Greenwood, of the survival itself
  /// Empty once survival is 0, and while it is 1 on the scales where that is infinite or of no
  /// variance (log_log, logit, arcsine).
  std::optional<double> lower, upper;
};

/// The estimate at `time`.
[[nodiscard]] SurvivalEstimate survival_at(std::span<const SurvivalPoint> curve, double time,
                                           double level, SurvivalInterval interval);

struct LogRank {
  std::vector<double> observed;  ///< events by group
  std::vector<double> expected;
  double chi_squared = 0.0;
  int degrees_of_freedom = 0;
  std::optional<double> p_value = {};  ///< empty without two groups that were at risk at an event
};

/// Log-rank test of equal hazards in groups 0 to groups - 1 (hypergeometric variance).
[[nodiscard]] LogRank log_rank(std::span<const Observation> sample, std::span<const int> group,
                               int groups);
const LogRank& log_rank(std::span<const Observation> sample, std::span<const int> group, int groups,
                        SurvivalWorkspace& workspace);

}  // namespace angiotrial::analysis
