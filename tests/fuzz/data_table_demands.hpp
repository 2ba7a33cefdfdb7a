// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/data_table.hpp>

#include <cmath>
#include <set>

/// What holds of every table that a reader gives, whatever the bytes were.
namespace angiotrial::formats {

inline void demand(bool condition) {
  if (!condition) __builtin_trap();
}

inline void demand_sound(const DataTable& table) {
  demand(!table.columns.empty());
  std::set<std::string> names;
  for (const DataColumn& column : table.columns) {
    demand(!column.name.empty() && names.insert(column.name).second);
    const bool number = column.kind == DataColumn::Kind::number;
    demand(column.numbers.size() == (number ? table.rows() : 0));
    demand(column.texts.size() == (number ? 0 : table.rows()));
    for (const double x : column.numbers) demand(!std::isinf(x));
    demand(table.find(column.name) == &column);
  }
}

/// Equal but for the file's name.
inline void demand_same(const DataTable& a, const DataTable& b) {
  demand(a.columns.size() == b.columns.size() && a.rows() == b.rows());
  for (std::size_t c = 0; c < a.columns.size(); ++c) {
    demand(a.columns[c].name == b.columns[c].name && a.columns[c].kind == b.columns[c].kind);
    for (std::size_t row = 0; row < a.rows(); ++row) {
      demand(a.columns[c].text(row) == b.columns[c].text(row));
    }
  }
}

}  // namespace angiotrial::formats
