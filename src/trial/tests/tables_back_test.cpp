// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/analyse.hpp>
#include <angiotrial/dataset/from_tables.hpp>
#include <angiotrial/dataset/tables.hpp>
#include <angiotrial/formats/csv_table.hpp>
#include <angiotrial/study/read_study.hpp>
#include <angiotrial/trial/trial.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace angiotrial::trial {
namespace {

study::StudySpec three_arms() {
  const auto study = study::read_study(R"(
schema = 1
[study]
id = "BACK"
seed = 7
[protocol]
randomised = 30
[arms.high]
dose_cells_per_kg = 5.0e5
[arms.placebo]
dose_cells_per_kg = 0.0
[arms.low]
dose_cells_per_kg = 1.0e5
[visits.month_3]
month = 3
[visits.month_12]
month = 12
[scenarios.base]
[analysis]
reference_arm = "placebo"
)",
                                       "back.toml");
  EXPECT_TRUE(study.ok()) << diagnostics::to_string(study.problems());
  return study.value().spec;
}

/// The flow before randomisation, which no table holds.
bool before_randomisation(const analysis::Row& row) {
  static const std::set<std::string> groups{"screened", "screen failed", "mobilised",
                                            "completed mobilisation", "failed harvest"};
  return row.paramcd == "DISP" && row.arm.empty() &&
         (groups.contains(row.group) || row.group.starts_with("screen failed: "));
}

TEST(TablesBack, TheAnalysisOfItsTablesIsThatOfTheTrial) {
  const study::StudySpec spec = three_arms();
  const dataset::TrialDataset trial = Trial(spec).conduct(0).observed;
  std::vector<formats::DataTable> tables;
  for (const dataset::Table& table : dataset::to_tables(trial)) {
    auto read = formats::parse_csv_table(dataset::to_csv(table), table.name + ".csv");
    ASSERT_TRUE(read) << diagnostics::to_string(read.problems());
    tables.push_back(std::move(read).value());
  }
  const auto back = dataset::read_trial(tables, {{"high", "placebo", "low"}});
  ASSERT_TRUE(back) << diagnostics::to_string(back.problems());

  std::vector<analysis::Row> expected = analysis::analyse(trial, spec.analysis);
  std::vector<analysis::Row> actual = analysis::analyse(back.value(), spec.analysis);
  ASSERT_GT(expected.size(), 100U);
  std::erase_if(expected, before_randomisation);
  std::erase_if(actual, before_randomisation);
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(actual[i], expected[i]) << expected[i].paramcd << " " << expected[i].avisit << " "
                                      << expected[i].statistic << " " << expected[i].group;
  }
}

}  // namespace
}  // namespace angiotrial::trial
