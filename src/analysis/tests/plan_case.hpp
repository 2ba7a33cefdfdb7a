// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/plan/plan_file.hpp>
#include <angiotrial/formats/csv_table.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

/// Plans run on the data of reference cases, as a user would write them.
namespace angiotrial::analysis::plan_test {

/// The CSV file of a case, by its path below tests/data/stat_reference.
inline formats::DataTable table(const std::string& name) {
  auto read = formats::read_csv_table(std::string(ANGIOTRIAL_SOURCE_DIR) +
                                      "/tests/data/stat_reference/" + name);
  EXPECT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  return std::move(read).value();
}

inline PlanFile plan(const std::string& text) {
  const auto read = read_plan(text, "plan.toml");
  EXPECT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  return read.ok() ? read.value() : PlanFile{};
}

inline PlanResult result(const std::string& text, const std::vector<formats::DataTable>& tables) {
  return run_plan(plan(text), tables);
}

/// Of data in which nothing tells subjects apart.
inline const std::string row_is_a_subject = "[columns]\nsubject = \"row\"\n";

/// Rows of a plan that has nothing to complain of.
inline std::vector<Row> rows(const std::string& text,
                             const std::vector<formats::DataTable>& tables) {
  PlanResult out = result(text, tables);
  EXPECT_EQ(diagnostics::to_string(out.problems), "");
  EXPECT_EQ(diagnostics::to_string(out.refusals), "");
  return std::move(out.rows);
}

/// The value of the first row with this analysis, statistic, and arm (and group) where given.
inline double value(const std::vector<Row>& rows, const std::string& analysis,
                    const std::string& statistic, const std::string& arm = "",
                    const std::string& group = "") {
  for (const Row& row : rows) {
    if (row.analysis == analysis && row.statistic == statistic && row.arm == arm &&
        row.group == group) {
      EXPECT_TRUE(row.value.has_value()) << analysis << " " << statistic;
      return row.value.value_or(-1e300);
    }
  }
  ADD_FAILURE() << "no row " << analysis << " " << statistic << " " << arm << " " << group;
  return -1e300;
}

/// The values of a statistic by look.
inline std::vector<double> by_look(const std::vector<Row>& rows, const std::string& analysis,
                                   const std::string& statistic) {
  std::vector<double> out;
  for (const Row& row : rows) {
    if (row.analysis == analysis && row.statistic == statistic && row.group.starts_with("look ")) {
      out.push_back(row.value.value_or(-1e300));
    }
  }
  return out;
}

/// What a plan complains of, whether as it is read or as it is run.
inline std::string complaints(const std::string& text,
                              const std::vector<formats::DataTable>& tables = {}) {
  const auto read = read_plan(text, "plan.toml");
  if (!read.ok()) return diagnostics::to_string(read.problems());
  const PlanResult out = run_plan(read.value(), tables);
  return diagnostics::to_string(out.problems) + diagnostics::to_string(out.refusals);
}

}  // namespace angiotrial::analysis::plan_test
