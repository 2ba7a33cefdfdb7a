// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dataset_json_head.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace angiotrial::formats::dataset_json {

/// Puts the values of rows into the columns of a table.
class RowFilling {
 public:
  /// Keeps a reference to the limits.
  RowFilling(Head head, const TableLimits& limits) : head_(std::move(head)), limits_(limits) {}

  std::vector<diagnostics::Problem> problems;

  /// A row that begins on `line`.
  void begin(int line) {
    line_ = line;
    cell_ = 0;
  }
  void add(const JsonValue& value);
  /// False when going on makes no sense.
  bool end();

  /// The table, or what was wrong; the number of rows must be the one that the file says.
  [[nodiscard]] diagnostics::Result<DataTable> take();

 private:
  void refuse(const std::string& key, std::string value, const std::string& rule);
  bool put(const JsonValue& value);
  bool within_limits();

  Head head_;
  const TableLimits& limits_;
  int line_ = 0;
  std::size_t cell_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace angiotrial::formats::dataset_json
