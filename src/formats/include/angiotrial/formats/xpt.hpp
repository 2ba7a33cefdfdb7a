// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/data_table.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// SAS transport files of version 5, the form in which analysis data sets are submitted.
namespace angiotrial::formats {

/// Every data set of a SAS transport file, in the order of the file.
///
/// Numbers are IBM floats of 3 to 8 bytes; each of SAS's missing values (., ._, .A to .Z) is NaN.
/// A number with a date or date-time format becomes an ISO 8601 text. Trailing blanks are no part
/// of a text; text that is not UTF-8 is taken for Latin-1. `lines` holds record numbers.
///
/// Problems with their byte: a file of version 8, of another kind, or cut short; variables whose
/// length or place does not fit the record; a table beyond the limits. What the format cannot tell
/// is not seen: a file cut at the end of a record, and rows at the end that are blank all over.
[[nodiscard]] diagnostics::Result<std::vector<DataTable>> read_xpt(
    const std::filesystem::path& path, const TableLimits& limits = {});

/// The same of bytes in memory; `file` names them.
[[nodiscard]] diagnostics::Result<std::vector<DataTable>> parse_xpt(std::string_view bytes,
                                                                    const std::string& file,
                                                                    const TableLimits& limits = {});

}  // namespace angiotrial::formats
