// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "plan_case.hpp"

/// Reading the rows of dose-response analyses.
namespace angiotrial::analysis::plan_test {

/// The values of a statistic for these groups.
inline std::vector<double> values(const std::vector<Row>& rows, const std::string& statistic,
                                  const std::vector<std::string>& groups,
                                  const std::string& analysis = "x") {
  std::vector<double> out;
  for (const std::string& group : groups) {
    out.push_back(value(rows, analysis, statistic, "", group));
  }
  return out;
}

/// The first value of a statistic, of whatever group.
inline double first(const std::vector<Row>& rows, const std::string& statistic) {
  const auto at = std::ranges::find(rows, statistic, &Row::statistic);
  EXPECT_TRUE(at != rows.end() && at->value.has_value()) << statistic;
  return at != rows.end() ? at->value.value_or(-1e300) : -1e300;
}

inline void expect_each_once(std::vector<Row> rows) {
  std::ranges::sort(rows, before);
  const auto twice = std::ranges::adjacent_find(rows, same_statistic);
  if (twice != rows.end()) ADD_FAILURE() << twice->statistic << " of " << twice->group;
}

inline std::string note_of(const std::vector<Row>& rows, const std::string& statistic) {
  for (const Row& row : rows) {
    if (row.statistic == statistic && !row.value) return row.note;
  }
  return "";
}

}  // namespace angiotrial::analysis::plan_test
