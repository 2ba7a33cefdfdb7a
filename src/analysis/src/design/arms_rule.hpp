// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/response_adaptive.hpp>

#include <cstddef>
#include <span>
#include <vector>

#include "design/arm_posteriors.hpp"

namespace angiotrial::analysis {

/// Shares of the arms left, from their probabilities of being best among themselves.
void allocate(const AdaptiveArms& design, std::span<const char> left,
              std::optional<std::size_t> control, double softening, std::span<const double> best,
              std::span<double> shares);

[[nodiscard]] inline bool taking_part(ArmState state) {
  return state == ArmState::active || state == ArmState::control;
}

/// The number of a list that has one, or one a look.
[[nodiscard]] inline double at_look(const std::vector<double>& list, std::size_t look) {
  return list.size() == 1 ? list[0] : list[look];
}

/// Decides looks of one design, and keeps its buffers.
class ArmsRule {
 public:
  /// `complete`: every probability is worked out, not only those that the rule asks for.
  ArmsRule(const AdaptiveArms& design, bool complete);

  /// Before: states and control of `trial` stand as the last look left them. `first` and `second`:
  /// beta parameters, or mean and its standard error. False: posteriors too unlike for one grid.
  bool decide(std::span<const double> first, std::span<const double> second, std::size_t look,
              ArmsLook& trial);

 private:
  void decide_alone(std::size_t look, ArmsLook& trial);
  void decide_controlled(std::size_t look, ArmsLook& trial);
  void compare(ArmsLook& trial, std::size_t control, bool record);
  bool drop(std::span<const double> probability, bool above, double limit, ArmState state,
            ArmsLook& trial);
  bool take_new_control(double limit, ArmsLook& trial);
  [[nodiscard]] std::size_t left() const;

  const AdaptiveArms& design_;
  bool complete_;
  ArmPosteriors posteriors_;
  std::vector<char> in_;
  std::vector<double> best_, better_, equivalent_, futile_;
};

}  // namespace angiotrial::analysis
