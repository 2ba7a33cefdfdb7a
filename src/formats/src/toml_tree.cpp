// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/toml_tree.hpp>

#include <angiotrial/formats/text_file.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace angiotrial::formats {

const TomlNode* TomlNode::find(std::string_view key) const {
  for (const auto& [name, node] : members) {
    if (name == key) return &node;
  }
  return nullptr;
}

std::string_view name_of(TomlNode::Kind kind) {
  switch (kind) {
    case TomlNode::Kind::table:
      return "a table";
    case TomlNode::Kind::array:
      return "an array";
    case TomlNode::Kind::string:
      return "a text";
    case TomlNode::Kind::integer:
      return "a whole number";
    case TomlNode::Kind::floating:
      return "a number";
    case TomlNode::Kind::boolean:
      return "a truth value";
    case TomlNode::Kind::datetime:
      return "a date or time";
  }
  return "";
}

std::string toml_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        continue;
      case '\\':
        quoted += "\\\\";
        continue;
      case '\n':
        quoted += "\\n";
        continue;
      case '\t':
        quoted += "\\t";
        continue;
      case '\r':
        quoted += "\\r";
        continue;
      default:
        break;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned char>(c));
      quoted += escape.data();
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string toml_key(std::string_view key) {
  const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(key) : toml_quoted(key);
}

diagnostics::Result<TomlNode> read_toml_file(const std::filesystem::path& path) {
  const auto text = read_text_file(path, largest_toml_bytes);
  if (!text) return text.problems();
  return read_toml(text.value(), path.string());
}

}  // namespace angiotrial::formats
