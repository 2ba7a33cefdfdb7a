// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/response_adaptive.hpp>

#include <cstdint>
#include <span>
#include <vector>

/// Operating characteristics of response-adaptive trials. Trial i is the same however many are
/// asked for; a patient's luck does not depend on the arm.
namespace angiotrial::analysis {

/// Arm taken where no arm was superior.
enum class ArmsFallback {
  none,
  control,  ///< the first control, if it is still in the trial
  best      ///< of the arms left, the one most probably best at the last look
};

struct ArmsTruth {
  std::vector<double> means;  ///< binary: rates
  std::vector<double> sds;    ///< normal only
};

struct Simulated {
  double value = 0.0;
  double error = 0.0;  ///< Monte Carlo standard error
};

struct ArmsOutcome {
  ArmsStatus status = ArmsStatus::invalid_design;
  Simulated superiority, equivalence, futility;
  Simulated inconclusive;  ///< stopped at the maximum without a decision
  Simulated replaced;      ///< the first control gave way to a better arm
  Simulated size;          ///< patients randomised
  double size_sd = 0.0;
  Simulated sum;                          ///< binary: events; normal: sum of the outcomes
  std::vector<Simulated> patients, sums;  ///< the same of each arm
  std::vector<Simulated> selected;
  Simulated none_selected;
  Simulated best_selected;  ///< an arm whose truth is the best
  Simulated rmse;  ///< of the posterior mean of the selected arm, all randomised patients in
};

/// One draw of a stream for each patient's arm and one for the outcome; one stream a trial.
[[nodiscard]] ArmsOutcome simulate_adaptive_arms(const AdaptiveArms& design, const ArmsTruth& truth,
                                                 ArmsFallback fallback, int trials,
                                                 std::uint64_t seed);

}  // namespace angiotrial::analysis
