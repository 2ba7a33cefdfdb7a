// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/data_table.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// A CSV file of any length as a table of numbers and texts.
namespace angiotrial::formats {

struct CsvTableOptions {
  char separator = ',';
  /// Columns that hold texts whatever stands in them, as ADaM has them: site 012 is not site 12.
  std::vector<std::string> text_columns = {
      "STUDYID", "USUBJID", "SUBJID", "SITEID", "ARM",   "ACTARM", "TRT01P", "TRT01A",  "TRTP",
      "TRTA",    "PARAMCD", "PARAM",  "AVISIT", "AVALC", "STRAT1", "STRAT2", "DCSREAS", "EVNTDESC"};
  TableLimits limits;
  std::size_t block_bytes = std::size_t{4} << 20U;  ///< read at a time
};

/// Reads a CSV file by blocks: LF or CRLF text in UTF-8 with a header row, as read_csv reads it.
///
/// A cell is missing when it is empty, `NA` or `.`, quoted or not. A column holds numbers when each
/// cell that is not missing reads as one; a whole number that begins with 0 and goes on, or has
/// more than 15 digits, is an identifier and makes its column one of texts. Ragged rows, stray or
/// unclosed quotes, nameless or twice-named columns, NUL bytes, invalid UTF-8 and a table beyond
/// the limits are problems with their line. The result does not depend on `block_bytes`.
[[nodiscard]] diagnostics::Result<DataTable> read_csv_table(const std::filesystem::path& path,
                                                            const CsvTableOptions& options = {});

/// The same of bytes in memory; `file` names them.
[[nodiscard]] diagnostics::Result<DataTable> parse_csv_table(std::string_view bytes,
                                                             const std::string& file,
                                                             const CsvTableOptions& options = {});

}  // namespace angiotrial::formats
