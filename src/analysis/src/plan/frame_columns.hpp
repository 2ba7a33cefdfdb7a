// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/data_table.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
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

/// The text without blanks and with ASCII letters small: two spellings of one name agree in it.
[[nodiscard]] inline std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

/// Names that are folded like one before them, each with that one.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>> spelt_twice(
    const std::vector<std::string>& names) {
  std::map<std::string, std::string> first;
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& name : names) {
    const auto [known, fresh] = first.emplace(folded(name), name);
    if (!fresh) out.emplace_back(known->second, name);
  }
  return out;
}

}  // namespace angiotrial::analysis
