// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/task.hpp"

namespace angiotrial::analysis {

/// A p-value of an earlier analysis.
struct Hypothesis {
  std::string name;  ///< of the analysis, with the group of its row
  std::string arm, arm_ref, paramcd, avisit;
  double p_value = 1.0;
  std::string note;       ///< why the p-value is 1 where the analysis has none
  std::size_t entry = 0;  ///< of the list asked for
  bool one_sided = false;
  bool taken = true;  ///< a p-value was there; else it has no side
};

/// The p-values that `NAME`, `NAME/ARM` or `NAME/ARM/GROUP`, with `@VISIT` or `@*` behind, stand
/// for among the rows written so far: contrasts of arms, those without a group where there are any;
/// the test of the whole where an analysis has no contrast; of one visit unless all are asked for;
/// never effects of covariates. An analysis that was refused has p-values of 1: as many as its arms
/// have comparisons. Empty with problems where an entry has none.
[[nodiscard]] std::vector<Hypothesis> hypotheses_of(const std::vector<std::string>& entries,
                                                    const Task& task);

/// Sides of an error rate: those of the p-values, which must be alike; two, where p-values of one
/// side count double; one, which they must all be.
enum class SidesRule { preset, one, two };
inline constexpr std::array<std::string_view, 3> sides_rules{"preset", "one", "two"};
/// Whether the error rate has two sides, and the p-values as it needs them. Empty with a problem
/// where sides mix.
[[nodiscard]] std::optional<bool> two_sided(SidesRule sides, std::vector<Hypothesis>& hypotheses,
                                            const Task& task);

}  // namespace angiotrial::analysis
