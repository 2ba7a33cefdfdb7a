// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/trial/conditions.hpp>

#include <string>
#include <vector>

/// Injection plans side by side over a population: what the choice of sites alone would change.
namespace angiotrial::trial {

/// One kind of plan. Intervals are of the mean, 95 % by Student's t, over patients.
struct PlanSummary {
  std::string kind;
  int patients = 0;
  double gain_percent = 0.0, gain_lower = 0.0, gain_upper = 0.0;  ///< of the true RPP*
  /// Gain minus that of the protocol's rule in the same patient.
  double difference = 0.0, difference_lower = 0.0, difference_upper = 0.0;
  double sites = 0.0, sites_off_target = 0.0;  ///< means
};

/// Protocol, even spread, optimised and oracle for the first `patients` of replicate 0 who could be
/// treated: the same patients, catheter errors and cells. Expects conditions of a study whose kind
/// of plan is `optimised`: others keep no prior. With fewer than two patients only their number is
/// told.
[[nodiscard]] std::vector<PlanSummary> compare_plans(const Conditions& conditions, int patients,
                                                     int threads);

}  // namespace angiotrial::trial
