// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/data_table.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// A user's own data, from a file or a folder of files.
namespace angiotrial::app {

struct DataFiles {
  std::vector<formats::DataTable> tables;    ///< no two of the same name
  std::vector<std::filesystem::path> files;  ///< that were read, in the order of their names
};

struct DataFileOptions {
  /// Names of the tables that are wanted, in capitals; empty: all. A CSV file of another name is
  /// not opened then.
  std::vector<std::string> wanted;
  formats::TableLimits limits;
};

/// Every table that `path` holds: that of a file, or those of the files directly within a folder,
/// or of its folder adam/ where it has one, as a folder that `run` wrote.
///
/// A file is what its first bytes say (SAS transport, Dataset-JSON), else what its ending says
/// (.csv, .xpt, .json, .ndjson in any case). In a folder, files of other endings, hidden ones, and
/// JSON that is no Dataset-JSON are passed over. Problems: a path that is not there, a file of
/// another kind, a folder without data, a table that two files hold, and all that the readers
/// refuse, of all files at once.
[[nodiscard]] diagnostics::Result<DataFiles> read_data_files(const std::filesystem::path& path,
                                                             const DataFileOptions& options = {});

}  // namespace angiotrial::app
