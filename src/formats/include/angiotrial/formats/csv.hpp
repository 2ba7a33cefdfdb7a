// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Comma-separated values as RFC 4180 has them, in UTF-8, with a header row and '\n' line ends.
namespace angiotrial::formats {

struct Missing {
  bool operator==(const Missing&) const = default;
};

using CsvCell = std::variant<Missing, std::string, double, long>;

/// The text as one field: quoted when it holds a separator, a quote or a line end.
[[nodiscard]] std::string csv_field(std::string_view text);

/// Same rows, same bytes. Doubles print shortest; missing and non-finite cells are empty; an empty
/// text is `""`, so that it is not taken for a missing one.
class CsvWriter {
 public:
  /// Expects at least one column and no two of the same name.
  explicit CsvWriter(const std::vector<std::string>& header);

  /// Expects as many cells as the header has columns.
  void row(const std::vector<CsvCell>& cells);

  /// The bytes written since the last call: a caller with many rows may flush now and then.
  [[nodiscard]] std::string take();

 private:
  std::size_t columns_;
  std::string bytes_;
};

struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as wide as the header
  std::vector<int> lines;                      ///< 1-based line on which each row begins

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
};

/// Reads LF or CRLF text with a header row. Ragged rows, stray or unclosed quotes, nameless or
/// twice-named columns, NUL bytes and invalid UTF-8 are problems with their line. Blank lines are
/// skipped unless there is but one column, where they are missing cells.
[[nodiscard]] diagnostics::Result<CsvTable> read_csv(std::string_view text, const std::string& file,
                                                     char separator = ',');

}  // namespace angiotrial::formats
