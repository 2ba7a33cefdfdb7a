// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/tables.hpp>
#include <angiotrial/dataset/trial_dataset.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <charconv>
#include <set>

namespace angiotrial::dataset {
namespace {

TrialDataset small_trial() {
  TrialDataset data;
  data.study_id = "ACT34-CMI";
  data.reference_date = "2006-04-01";
  data.arms = {{"placebo", units::CellsPerKg(0.0)}, {"low", units::CellsPerKg(1.0e5)}};
  data.visits = {{"Baseline", 0.0}, {"Month 6", 6.0}};
  for (int i = 0; i < 2; ++i) {
    Subject s;
    s.usubjid = "ACT34-000" + std::to_string(i);
    s.subjid = "000" + std::to_string(i);
    s.arm = s.actarm = data.arms[static_cast<std::size_t>(i)].name;
    s.dose_cells_per_kg = data.arms[static_cast<std::size_t>(i)].dose_cells_per_kg;
    s.randomised = true;
    s.randomised_day = 30;
    data.subjects.push_back(s);
  }
  data.diary.push_back({0, codes::angina, 1, 40, units::Days(28.0), 20.0});
  data.diary.push_back({1, codes::angina, 1, 0, units::Days(0.0), 21.0});
  data.exercise.push_back({0, codes::exercise_time, 1, 430.5, 360.0});
  data.exercise.push_back({1, codes::exercise_time, 1, std::nullopt, 360.0});
  data.events.push_back({1, codes::mace, units::Days(100.0), false, "infarction, \"large\""});
  data.exposure.push_back({1, units::Cells(9.1e6), units::Kilograms(90.0), 10, {}, {}, {}, 5});
  data.labs.push_back({1, codes::troponin, 1, 3.2, 1.0, 0.4});
  return data;
}

const Table& table_named(const std::vector<Table>& tables, const std::string& name) {
  for (const Table& table : tables) {
    if (table.name == name) return table;
  }
  throw std::runtime_error("no table " + name);
}

const Cell& cell(const Table& table, std::size_t row, const std::string& column) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].name == column) return table.rows.at(row).at(c);
  }
  throw std::runtime_error("no column " + column);
}

TEST(TrialDataset, derives_rate_and_change_and_leaves_unobserved_ones_missing) {
  const TrialDataset data = small_trial();
  EXPECT_EQ(data.diary[0].aval(), 10.0);
  EXPECT_EQ(data.diary[0].chg(), -10.0);
  EXPECT_FALSE(data.diary[1].aval().has_value());
  EXPECT_FALSE(data.diary[1].chg().has_value());
  EXPECT_EQ(data.exercise[0].chg(), 70.5);
  EXPECT_FALSE(data.exercise[1].chg().has_value());
  EXPECT_DOUBLE_EQ(data.exposure[0].administered_cells_per_kg()->value(), 9.1e6 / 90.0);
  EXPECT_EQ(data.labs[0].above(3.0), true);
}

TEST(TrialDataset, check_passes_good_data_and_names_each_fault) {
  EXPECT_TRUE(check(small_trial()).empty());
  TrialDataset bad = small_trial();
  bad.subjects[1].usubjid = bad.subjects[0].usubjid;
  bad.subjects[1].arm = "medium";
  bad.diary[0].count = -1;
  bad.diary[1].count = 3;
  bad.exercise[0].visit = 9;
  bad.exercise.push_back(bad.exercise[1]);
  bad.events[0].aval = units::Days(-1.0);
  bad.labs[0].subject = 7;
  bad.labs[0].aval = std::numeric_limits<double>::quiet_NaN();
  std::multiset<std::string> keys;
  for (const auto& problem : check(bad)) keys.insert(problem.file + "." + problem.key);
  EXPECT_EQ(keys, (std::multiset<std::string>{"ADDIARY.COUNT", "ADDIARY.DAYSOBS", "ADEFF.AVISIT",
                                              "ADEFF.PARAMCD", "ADLB.AVAL", "ADLB.USUBJID",
                                              "ADSL.ARM", "ADSL.USUBJID", "ADTTE.AVAL"}));
}

TEST(Tables, keep_the_limits_of_the_transport_format) {
  for (const Table& table : to_tables(small_trial())) {
    EXPECT_LE(table.name.size(), 8U);
    EXPECT_LE(table.label.size(), 40U);
    std::set<std::string> names;
    for (const Column& column : table.columns) {
      EXPECT_LE(column.label.size(), 40U) << column.label;
      EXPECT_TRUE(names.insert(column.name).second) << "twice: " << column.name;
      if (!column.native) {
        EXPECT_LE(column.name.size(), 8U) << column.name;
        EXPECT_EQ(column.name.find_first_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos);
      }
    }
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
  }
}

TEST(Tables, mark_every_row_of_simulated_data_and_none_of_real_data) {
  TrialDataset data = small_trial();
  for (const Table& table : to_tables(data)) {
    ASSERT_FALSE(table.rows.empty()) << table.name;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      EXPECT_EQ(std::get<std::string>(cell(table, r, "STUDYID")), "SIMULATED-ACT34-CMI");
      EXPECT_EQ(std::get<std::string>(cell(table, r, "SIMFL")), "Y");
    }
  }
  data.simulated = false;
  const auto tables = to_tables(data);
  EXPECT_EQ(std::get<std::string>(cell(tables[0], 0, "STUDYID")), "ACT34-CMI");
  EXPECT_EQ(std::get<std::string>(cell(tables[0], 0, "SIMFL")), "N");
}

TEST(Tables, carry_planned_dose_and_given_cells_under_their_own_keys) {
  const auto tables = to_tables(small_trial());
  const Table& adsl = table_named(tables, "ADSL");
  EXPECT_EQ(std::get<double>(cell(adsl, 1, "dose_cells_per_kg")), 1.0e5);
  EXPECT_EQ(std::get<double>(cell(adsl, 1, "CD34DOSE")), 1.0e5);
  const Table& adex = table_named(tables, "ADEX");
  ASSERT_EQ(adex.rows.size(), 6U);
  EXPECT_EQ(std::get<double>(cell(adex, 0, "administered_cells")), 9.1e6);
  EXPECT_EQ(std::get<double>(cell(adex, 0, "dose_cells_per_kg")), 1.0e5);
  EXPECT_TRUE(std::holds_alternative<formats::Missing>(cell(adex, 3, "AVAL")));
}

TEST(Csv, writes_header_first_quotes_what_needs_it_and_leaves_missing_empty) {
  const auto tables = to_tables(small_trial());
  EXPECT_EQ(to_csv(table_named(tables, "ADTTE")),
            "STUDYID,SIMFL,USUBJID,ARM,PARAMCD,PARAM,AVAL,CNSR,EVNTDESC\n"
            "SIMULATED-ACT34-CMI,Y,ACT34-0001,low,MACE,Time to first MACE (days),100,0,"
            "\"infarction, \"\"large\"\"\"\n");
  const std::string adeff = to_csv(table_named(tables, "ADEFF"));
  EXPECT_NE(adeff.find("Month 6,6,430.5,360,70.5\n"), std::string::npos) << adeff;
  EXPECT_NE(adeff.find("Month 6,6,,360,\n"), std::string::npos) << adeff;
}

TEST(Csv, is_the_same_bytes_for_the_same_data) {
  const auto first = to_tables(small_trial());
  const auto second = to_tables(small_trial());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(to_csv(first[i]), to_csv(second[i]));
}

RC_GTEST_PROP(Csv, reads_back_to_the_same_number, (double value)) {
  RC_PRE(std::isfinite(value));
  const Table table{"T", "", {{"X", "x"}}, {{Cell{value}}}};
  const std::string text = to_csv(table);
  double back = 0.0;
  std::from_chars(text.data() + 2, text.data() + text.size(), back);
  RC_ASSERT(back == value);
}

TEST(IsoDate, counts_days_over_leap_years_and_before_the_reference) {
  EXPECT_EQ(iso_date("2006-04-01", 0), "2006-04-01");
  EXPECT_EQ(iso_date("2008-02-28", 1), "2008-02-29");
  EXPECT_EQ(iso_date("2006-04-01", 365), "2007-04-01");
  EXPECT_EQ(iso_date("2006-01-01", -1), "2005-12-31");
  EXPECT_THROW((void)iso_date("2006-02-30", 0), diagnostics::ContractViolation);
  EXPECT_THROW((void)iso_date("soon", 0), diagnostics::ContractViolation);
}

TEST(Code, holds_eight_characters_and_refuses_nine) {
  EXPECT_EQ(Code("ENZNSTMI").view(), "ENZNSTMI");
  EXPECT_EQ(Code("MI").view(), "MI");
  EXPECT_LT(Code("MI"), Code("MIX"));
  EXPECT_THROW((void)Code("NINELONGS"), diagnostics::ContractViolation);
}

}  // namespace
}  // namespace angiotrial::dataset
