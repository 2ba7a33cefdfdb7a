// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which numbers of another analysis a plan means by `NAME`, `NAME/ARM` or `NAME/ARM/GROUP`, with
/// `@VISIT` or `@*` behind.
namespace angiotrial::analysis {

inline constexpr std::string_view all_visits = "*";

struct RowChoice {
  std::string analysis;
  std::optional<std::string> arm, group, visit;  ///< empty: any

  [[nodiscard]] bool matches(const Row& row) const;
};
[[nodiscard]] RowChoice read_choice(std::string text);

/// Whether the row is of an effect that no arm has: a covariate's, with its interval.
[[nodiscard]] bool of_covariate(const Row& row, const std::vector<Row>& rows);

/// Rows of `statistic` that a choice stands for: those of arms where there are any, without a group
/// where there are any; the first of a comparison at a visit; never effects of covariates.
[[nodiscard]] std::vector<const Row*> rows_of(const RowChoice& choice, std::string_view statistic,
                                              const std::vector<Row>& rows);

/// The last row, where they are of several visits and the choice does not say which is meant; else
/// null.
[[nodiscard]] const Row* of_several_visits(const RowChoice& choice,
                                           const std::vector<const Row*>& rows);

}  // namespace angiotrial::analysis
