// SPDX-License-Identifier: Apache-2.0
#include "data_files.hpp"

#include <angiotrial/formats/csv_table.hpp>
#include <angiotrial/formats/dataset_json.hpp>
#include <angiotrial/formats/xpt.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <string_view>

namespace angiotrial::app {
namespace {

namespace fs = std::filesystem;
using diagnostics::Problem;
using diagnostics::Result;
using formats::DataTable;

enum class Kind { csv, xpt, dataset_json };

std::string in_capitals(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// What the ending of a file's name says.
std::optional<Kind> kind_of_ending(const fs::path& path) {
  const std::string ending = in_capitals(path.extension().string());
  if (ending == ".CSV") return Kind::csv;
  if (ending == ".XPT") return Kind::xpt;
  if (ending == ".JSON" || ending == ".NDJSON") return Kind::dataset_json;
  return std::nullopt;
}

/// The first bytes of a file; empty when there are none or it cannot be read.
std::string head_of(const fs::path& path) {
  std::array<char, 65536> bytes{};
  std::ifstream in(path, std::ios::binary);
  in.read(bytes.data(), bytes.size());
  return std::string(bytes.data(), static_cast<std::size_t>(in.gcount()));
}

bool begins_an_object(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::size_t at = head.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && head[at] == '{';
}

/// What a file is: its content where that is unmistakable, else its ending.
std::optional<Kind> kind_of(const fs::path& path, const std::string& head) {
  if (head.starts_with("HEADER RECORD*******LIB")) return Kind::xpt;
  if (begins_an_object(head)) return Kind::dataset_json;
  return kind_of_ending(path);
}

Problem problem(const fs::path& path, std::string rule, std::string hint = "") {
  return {path.string(), 0, "", "", std::move(rule), std::move(hint)};
}

/// Files with a known ending directly within the folder, by name. JSON that does not name the
/// version of Dataset-JSON within its first bytes is something else.
std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    const bool hidden = path.filename().string().starts_with('.');
    const auto kind = kind_of_ending(path);
    std::error_code unreadable;
    if (hidden || !kind || !at->is_regular_file(unreadable)) continue;
    const bool other_json = kind == Kind::dataset_json &&
                            head_of(path).find("\"datasetJSONVersion\"") == std::string::npos;
    if (!other_json) files.push_back(path);
  }
  std::ranges::sort(files);
  return files;
}

class Reading {
 public:
  explicit Reading(const DataFileOptions& options) : options_(options) {}

  Result<DataFiles> read(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return std::vector{problem(path, "there is no such file")};
    if (fs::is_directory(path, error)) {
      folder(path);
    } else {
      file(path);
    }
    same_names();
    if (!problems_.empty()) return std::move(problems_);
    return std::move(data_);
  }

 private:
  void folder(const fs::path& path) {
    std::error_code error;
    const fs::path inner = path / "adam";
    const fs::path& where = fs::is_directory(inner, error) ? inner : path;
    const std::vector<fs::path> files = files_of(where);
    for (const fs::path& each : files) file(each);
    if (files.empty()) {
      problems_.push_back(problem(where, "the folder holds no data",
                                  "data are files .csv, .xpt, .json or .ndjson"));
    }
  }

  void file(const fs::path& path) {
    const std::string head = head_of(path);
    const auto kind = kind_of(path, head);
    if (!kind) {
      problems_.push_back(problem(path, "is neither CSV, SAS transport nor Dataset-JSON",
                                  hint_for(in_capitals(path.extension().string()))));
    } else if (*kind == Kind::csv) {
      const bool read = wanted(in_capitals(path.stem().string()));
      if (read) take(path, formats::read_csv_table(path, csv_options()));
    } else if (*kind == Kind::dataset_json) {
      take(path, formats::read_dataset_json(path, options_.limits));
    } else {
      take_all(path, formats::read_xpt(path, options_.limits));
    }
  }

  static std::string hint_for(const std::string& ending) {
    if (ending == ".SAS7BDAT") return "write it as SAS transport: libname out xport 'adsl.xpt'";
    if (ending == ".GZ" || ending == ".ZIP") return "unpack it first";
    return "name it .csv, .xpt, .json or .ndjson";
  }

  [[nodiscard]] formats::CsvTableOptions csv_options() const {
    formats::CsvTableOptions csv;
    csv.limits = options_.limits;
    return csv;
  }

  [[nodiscard]] bool wanted(const std::string& name) const {
    return options_.wanted.empty() || std::ranges::count(options_.wanted, name) > 0;
  }

  void take(const fs::path& path, Result<DataTable> table) {
    if (!table) return refuse(table.problems());
    data_.files.push_back(path);
    keep(std::move(table).value());
  }

  void take_all(const fs::path& path, Result<std::vector<DataTable>> tables) {
    if (!tables) return refuse(tables.problems());
    data_.files.push_back(path);
    for (DataTable& table : tables.value()) keep(std::move(table));
  }

  void keep(DataTable table) {
    if (wanted(table.name)) data_.tables.push_back(std::move(table));
  }

  void refuse(const std::vector<Problem>& problems) {
    problems_.insert(problems_.end(), problems.begin(), problems.end());
  }

  void same_names() {
    std::map<std::string, std::string> file_of;
    for (const DataTable& table : data_.tables) {
      const auto [first, added] = file_of.emplace(table.name, table.file);
      if (added) continue;
      problems_.push_back(problem(table.file, "holds the table " + table.name + " a second time",
                                  "the first is in " + first->second));
    }
  }

  const DataFileOptions& options_;
  DataFiles data_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<DataFiles> read_data_files(const fs::path& path, const DataFileOptions& options) {
  return Reading(options).read(path);
}

}  // namespace angiotrial::app
