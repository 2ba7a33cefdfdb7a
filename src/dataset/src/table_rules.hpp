// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <span>
#include <string_view>

/// What each column of the six tables may hold.
namespace angiotrial::dataset {

enum class CellKind { text, identifier, code, number, whole, flag, date, choice };
enum class Need { may_lack, column, each_cell };

struct ColumnRule {
  std::string_view name;
  CellKind kind = CellKind::text;
  Need need = Need::may_lack;
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool above_least = false;       ///< whether `least` itself is too little
  std::string_view choices = "";  ///< of a choice, with a blank around each
  std::string_view instead = "";  ///< a column that does as well
};

struct TableRule {
  std::string_view name;
  std::span<const ColumnRule> columns;
};

[[nodiscard]] std::span<const TableRule> table_rules();

}  // namespace angiotrial::dataset
