// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/make_plan.hpp>

#include <span>
#include <vector>

/// What different plans do for one and the same patient, on the true heart.
namespace angiotrial::delivery {

struct PlanOutcome {
  PlanKind kind = PlanKind::protocol;
  bool made = true;  ///< false where a list of sites was refused; the rest is then 0
  int sites = 0;
  int sites_off_target = 0;               ///< in truth not ischaemic or not viable
  int sites_breaking_rule = 0;            ///< by the map
  units::Percent threshold_gain_percent;  ///< of RPP* at the horizon
  units::Percent expected_gain_percent;   ///< as the plan's maker expected it; searched kinds only
  units::Millivolts mean_voltage_mv;      ///< shown at the sites
  double effective_hearts = 0.0;          ///< of an optimised plan
  double temper = 1.0;
};

/// The nominal dose goes through `inject` with the patient's own catheter errors and retention;
/// draw j of one plan is draw j of another, so differences are paired. Expects a true RPP* that is
/// finite.
[[nodiscard]] std::vector<PlanOutcome> compare_plans(const Parameters& parameters,
                                                     const PlanContext& context,
                                                     const PlanCase& patient,
                                                     std::span<const PlanKind> kinds);

}  // namespace angiotrial::delivery
