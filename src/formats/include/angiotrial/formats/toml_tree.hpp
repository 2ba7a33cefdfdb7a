// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Study files as a tree that remembers where each value stood.
///
///   text -> size, UTF-8, screen (nesting, control characters) -> TOML library -> TomlNode
///
/// What a user typed can be wrong in any way: the answer is a list of problems with file and line,
/// never an exception.
namespace angiotrial::formats {

struct TomlNode {
  enum class Kind { table, array, string, integer, floating, boolean, datetime };
  struct Member;

  Kind kind = Kind::table;
  int line = 0;                    ///< 1-based, where the value (or the table's header) begins
  std::vector<Member> members;     ///< of a table, ordered by line
  std::vector<TomlNode> elements;  ///< of an array
  /// string and datetime: text; integer: int64; floating: double; boolean: bool; else nothing.
  std::variant<std::monostate, std::string, std::int64_t, double, bool> scalar;
  std::string raw;  ///< the value as one would write it, at most 80 bytes, for messages

  /// The member of that name, or nullptr; nullptr too when this is not a table.
  [[nodiscard]] const TomlNode* find(std::string_view key) const;
};

struct TomlNode::Member {
  std::string key;
  TomlNode value;
};

/// "a table", "an integer" ...: for messages.
[[nodiscard]] std::string_view name_of(TomlNode::Kind kind);

/// A key as TOML wants it written: bare where that is allowed, quoted otherwise.
[[nodiscard]] std::string toml_key(std::string_view key);

/// A TOML basic string: quoted, with the escapes TOML requires.
[[nodiscard]] std::string toml_quoted(std::string_view text);

inline constexpr std::size_t largest_toml_bytes = std::size_t{4} << 20U;

/// Parses the text of `file` (named in the problems only). The root is a table; its line is 1.
[[nodiscard]] diagnostics::Result<TomlNode> read_toml(std::string_view text,
                                                      const std::string& file);

/// Reads and parses a file. A missing, unreadable, empty or too large file is a problem too.
[[nodiscard]] diagnostics::Result<TomlNode> read_toml_file(const std::filesystem::path& path);

}  // namespace angiotrial::formats
