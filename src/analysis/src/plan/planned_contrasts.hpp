// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/task.hpp"

/// Contrasts of arms that a plan lists, beside those of each arm with the reference.
namespace angiotrial::analysis {

/// sum_a c_a mu_a with sum_a c_a = 0, as `over` against `against`: the arms of positive and of
/// negative c_a, as `0.5 low + 0.5 high` against `placebo`.
struct PlannedContrast {
  std::vector<double> weights;  ///< c_a, by arm of the frame
  std::string over, against;

  /// sum_a c_a x_a of rows x_a, one an arm.
  [[nodiscard]] std::vector<double> of(std::span<const std::vector<double>> rows) const;
};

inline constexpr std::string_view contrasts_key = "contrasts";
void describe_contrasts(schema::Visitor& visit, std::vector<double>& numbers);

/// A problem unless these are at most `most` rows of a number an arm, each of sum 0 and not all 0.
/// False if so.
bool check_contrast_rows(std::span<const double> numbers, std::size_t arms, std::size_t most,
                         const Task& task);

/// None with problems; empty where the plan lists none.
[[nodiscard]] std::optional<std::vector<PlannedContrast>> planned_contrasts(
    std::span<const double> numbers, const Frame& frame, const Task& task);

}  // namespace angiotrial::analysis
