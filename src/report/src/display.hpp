// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Numbers of rows as a reader wants to see them.
namespace angiotrial::report {

/// Which number of a row is shown.
enum class Part { value, mcse, q025, q500, q975 };

[[nodiscard]] std::string_view name_of(Part part);
[[nodiscard]] std::optional<double> part_of(const analysis::Row& row, Part part);

/// `value` with that many decimals; never "-0.0".
[[nodiscard]] std::string fixed(double value, int decimals);

/// In ASCII, rounded as its statistic and unit want: 10.7 per week, 69 s, 0.68, 4.82e5 cells. A
/// published number stands as it was published; a missing one is empty.
[[nodiscard]] std::string number_text(const analysis::Row& row, Part part);

/// `rate_ratio` -> "rate ratio", `published_se_distance` -> "distance in published SE".
[[nodiscard]] std::string statistic_title(std::string_view statistic);

/// "1/week" -> "per week", "1" and "subjects" -> nothing.
[[nodiscard]] std::string unit_title(std::string_view unit);

/// How far the value is from the published one, in words: a row of distance_statistic.
[[nodiscard]] bool within_one_se(const analysis::Row& distance);

}  // namespace angiotrial::report
