// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/data_table.hpp>

#include <string>
#include <vector>

namespace angiotrial::analysis {

[[nodiscard]] inline std::vector<std::string> columns_in(const formats::DataTable& table) {
  std::vector<std::string> names;
  for (const formats::DataColumn& column : table.columns) names.push_back(column.name);
  return names;
}

/// Numbers by size and before texts, texts by their letters.
[[nodiscard]] inline bool by_number_or_text(const std::string& a, const std::string& b) {
  const auto x = formats::cell_number(a), y = formats::cell_number(b);
  if (x && y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return a < b;
}

}  // namespace angiotrial::analysis
