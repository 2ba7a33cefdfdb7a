// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/assessment/parameters.hpp>
#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/random/stream.hpp>

#include <optional>

namespace angiotrial::assessment {

/// Clinical events after injection. No arm, dose or cell enters: no treatment effect is built in.
struct FollowUp {
  std::optional<units::Days> death;
  std::optional<units::Days> infarction;  ///< first
  std::optional<units::Days> admission;   ///< first hospital admission for heart failure or ACS
  std::optional<units::Days> withdrawal;
  units::Days last_contact;  ///< end of observation: horizon, death or withdrawal

  /// First of death, infarction and admission.
  [[nodiscard]] std::optional<units::Days> mace() const;
};

/// Constant hazards (OPTIMIST: 0.037-0.040 per year over nine years), death scaled by age,
/// diabetes, kidney disease and heart failure relative to a 64-year-old with average risk. Events
/// after the end of observation are dropped.
[[nodiscard]] FollowUp follow_up(const Hazards& parameters, const cohort::Patient& patient,
                                 units::Days horizon, const random::Streams& streams);

}  // namespace angiotrial::assessment
