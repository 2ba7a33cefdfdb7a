// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "markup.hpp"
#include "sheet.hpp"

/// The parts of the page, in their order. Each returns HTML, or nothing when it has no rows.
namespace angiotrial::report {

[[nodiscard]] std::string_view stylesheet();

[[nodiscard]] std::string banner(const Sheet& sheet);
[[nodiscard]] std::string answer_section(const Sheet& sheet);
[[nodiscard]] std::string flow_section(const Sheet& sheet);
[[nodiscard]] std::string baseline_section(const Sheet& sheet);
[[nodiscard]] std::string comparison_section(const Sheet& sheet);
[[nodiscard]] std::string courses_section(const Sheet& sheet);
[[nodiscard]] std::string forest_section(const Sheet& sheet);
[[nodiscard]] std::string decomposition_section(const Sheet& sheet);
[[nodiscard]] std::string product_section(const Sheet& sheet);
[[nodiscard]] std::string safety_section(const Sheet& sheet);
[[nodiscard]] std::string truth_section(const Sheet& sheet);
[[nodiscard]] std::string weak_link_section(const Sheet& sheet);
[[nodiscard]] std::string parameters_section(const Sheet& sheet);
[[nodiscard]] std::string limitations_section(const Sheet& sheet);

// Pieces that several sections share.

/// One line of a table with a column for each arm.
struct ArmLine {
  std::string label;  ///< HTML
  Want want;          ///< without arm
};

/// A column for all arms together (where a line has such a row), one for each arm, one for what
/// was published. Empty lines are left out.
[[nodiscard]] std::string arm_table(const Sheet& sheet, const std::string& caption,
                                    const std::vector<ArmLine>& lines);

/// Simulated and published value of each arm at one visit.
[[nodiscard]] std::string dot_plot(const Sheet& sheet, std::string_view id, std::string_view title,
                                   std::string_view unit, const Want& want);

/// "10.9 (SE 1.2)", with a mark when the number was not checked against its source.
[[nodiscard]] std::string published_value(const Sheet& sheet, const analysis::Row* row);

/// "10.7 (8.9 to 12.6)".
[[nodiscard]] std::string simulated_value(const Sheet& sheet, const analysis::Row* row);

/// What a whisker around a simulated value spans: over replicates, or one standard error.
struct Span {
  double least = 0.0;
  double most = 0.0;
};
[[nodiscard]] std::optional<Span> simulated_span(const Sheet& sheet, const analysis::Row* row);
/// One published standard error to either side.
[[nodiscard]] std::optional<Span> published_span(const Sheet& sheet, const analysis::Row* row);

/// The mark of a number quoted from memory.
inline constexpr std::string_view unverified =
    " <abbr class=\"mark\" title=\"quoted from memory, not checked against its source\">"
    "unverified</abbr>";

}  // namespace angiotrial::report
