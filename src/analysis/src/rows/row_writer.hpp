// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angiotrial::analysis {

/// Writes rows: `row` is the template, set once for many statistics.
class RowWriter {
 public:
  explicit RowWriter(std::string source) {
    row.source = std::move(source);
    rows_.reserve(2048);
  }

  /// Starts anew: only the source stays.
  void reset() {
    std::string source = std::move(row.source);
    row = Row{};
    row.source = std::move(source);
  }
  void put(std::string_view statistic, std::optional<double> value, std::string_view unit) {
    Row& out = rows_.emplace_back(row);
    out.statistic = statistic;
    out.value = value;
    out.unit = unit;
  }
  void put(std::string_view statistic, int count) { put(statistic, count, "1"); }
  /// A count out of a total: n, count, percent.
  void put_share(int count, int total, std::string_view of_what) {
    put("n", total, of_what);
    put("count", count, of_what);
    put("percent", total > 0 ? std::optional(100.0 * count / total) : std::nullopt, "%");
  }
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] std::vector<Row> take() { return std::move(rows_); }

  Row row;

 private:
  std::vector<Row> rows_;
};

}  // namespace angiotrial::analysis
