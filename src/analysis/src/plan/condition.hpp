// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::analysis {

/// `COLUMN = VALUE`: which rows an analysis takes.
struct Condition {
  enum class Relation { equal, not_equal, less, at_most, greater, at_least };

  std::string column;
  Relation relation = Relation::equal;
  std::string value;

  /// Whether a cell fulfils it. Numbers are compared as numbers, texts only for equality; empty
  /// where an order is asked of what is no number. A missing cell (empty) fulfils `!=` only.
  [[nodiscard]] std::optional<bool> holds(const std::string& cell) const;
  /// Whether equality is asked of a text that misses it only by its case or blanks.
  [[nodiscard]] bool differs_in_spelling(const std::string& cell,
                                         const std::string& folded_value) const;
};

/// Empty when the text is no condition.
[[nodiscard]] std::optional<Condition> read_condition(std::string_view text);

}  // namespace angiotrial::analysis
