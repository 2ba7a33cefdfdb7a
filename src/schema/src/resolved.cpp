// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/schema/resolved.hpp>

#include <algorithm>
#include <utility>

namespace angiotrial::schema {
namespace {

/// Where the last key of a dotted path begins; dots inside quotes do not part keys.
std::size_t last_key(std::string_view path) {
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (quoted && path[i] == '\\') {
      ++i;
    } else if (path[i] == '"') {
      quoted = !quoted;
    } else if (path[i] == '.' && !quoted) {
      begin = i + 1;
    }
  }
  return begin;
}

/// One line of a comment: what TOML forbids there becomes a blank.
std::string comment(const LedgerRow& row) {
  std::string text = row.unit.empty() ? origin(row) : row.unit + "; " + origin(row);
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

std::string origin(const LedgerRow& row) {
  if (row.line > 0) return "study file, line " + std::to_string(row.line);
  std::string text(name_of(row.provenance));
  if (!row.citation.empty()) text += ": " + row.citation;
  if (!row.identifier.empty()) text += " [" + row.identifier + "]";
  return text;
}

std::string to_toml(const std::vector<LedgerRow>& rows) {
  struct Section {
    std::string_view table;  ///< empty for the root, which must come first
    std::string lines;
  };
  std::vector<Section> sections{{"", ""}};
  for (const LedgerRow& row : rows) {
    const std::string_view path = row.path;
    const std::size_t key = last_key(path);
    const std::string_view table = path.substr(0, key == 0 ? 0 : key - 1);
    auto section = std::ranges::find(sections, table, &Section::table);
    if (section == sections.end()) section = sections.insert(section, Section{table, ""});
    section->lines += std::string(path.substr(key)) + " = " + row.value + "  # " + comment(row);
    section->lines += '\n';
  }
  std::string text;
  for (const Section& section : sections) {
    if (section.lines.empty()) continue;
    if (!text.empty()) text += '\n';
    if (!section.table.empty()) text += "[" + std::string(section.table) + "]\n";
    text += section.lines;
  }
  return text;
}

}  // namespace angiotrial::schema
