// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/data_table.hpp>

#include <filesystem>
#include <string>
#include <string_view>

/// CDISC Dataset-JSON 1.1: one data set a file, its columns described and its rows as arrays.
namespace angiotrial::formats {

/// Reads either form: one JSON object with the member `rows`, or NDJSON, whose first line is that
/// object without `rows` and whose further lines are a row each. Which of them a file is follows
/// from its content. The file is read by pieces, no tree of it is built.
///
/// Columns of dataType integer, float, double, decimal (numbers in texts) and boolean (1 and 0)
/// hold numbers, all others texts: dates stay in ISO 8601. null and "" are missing. `lines` holds
/// the number of the row from 1.
///
/// Problems, with line and row: another version than 1.1, a missing attribute, an unknown dataType,
/// a row of another length than the columns, a value of another type, another number of rows than
/// `records` says, breaches of JSON and a table beyond the limits.
[[nodiscard]] diagnostics::Result<DataTable> read_dataset_json(const std::filesystem::path& path,
                                                               const TableLimits& limits = {});

/// The same of bytes in memory; `file` names them.
[[nodiscard]] diagnostics::Result<DataTable> parse_dataset_json(std::string_view bytes,
                                                                const std::string& file,
                                                                const TableLimits& limits = {});

}  // namespace angiotrial::formats
