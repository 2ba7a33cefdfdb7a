// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/from_tables.hpp>

#include "table_fixture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>

namespace angiotrial::dataset {
namespace {

using tests::read_tables;
using tests::table_of;
using tests::two_arms;

TrialDataset read_or_fail(const std::vector<formats::DataTable>& tables,
                          const TableExpectations& expectations = {}) {
  auto data = read_trial(tables, expectations);
  if (!data) throw std::runtime_error(diagnostics::to_string(data.problems()));
  return std::move(data).value();
}

bool same_tables(const TrialDataset& a, const TrialDataset& b) {
  const auto left = to_tables(a);
  const auto right = to_tables(b);
  for (std::size_t t = 0; t < left.size(); ++t) {
    if (left[t].rows != right[t].rows || to_csv(left[t]) != to_csv(right[t])) return false;
  }
  return left.size() == right.size();
}

TEST(ReadTrial, GivesBackTheTrialThatWasWritten) {
  const TrialDataset written = two_arms();
  TableExpectations expectations;
  expectations.arms = {"placebo", "low"};
  const TrialDataset read = read_or_fail(read_tables(written), expectations);
  EXPECT_TRUE(same_tables(written, read));
  EXPECT_EQ(read.study_id, "ACT34-CMI");
  EXPECT_TRUE(read.simulated);
  EXPECT_EQ(read.reference_date, "2006-04-01");
  ASSERT_EQ(read.arms.size(), 2U);
  EXPECT_EQ(read.arms[0].name, "placebo");
  EXPECT_EQ(read.arms[1].dose_cells_per_kg.value(), 1.0e5);
  ASSERT_EQ(read.visits.size(), 4U);
  for (std::size_t v = 0; v < 4; ++v) {
    EXPECT_EQ(read.visits[v].avisit, written.visits[v].avisit);
    EXPECT_EQ(read.visits[v].month, written.visits[v].month);
  }
  EXPECT_EQ(read.subjects[0].randomised_day, 30);
  EXPECT_EQ(read.exposure[1].gcsf_days, 4);
}

TEST(ReadTrial, CountsTheFlowFromRandomisationOn) {
  const TrialDataset read = read_or_fail(read_tables(two_arms()));
  const Disposition& flow = read.disposition;
  EXPECT_EQ(flow.randomised, 2);
  EXPECT_EQ(flow.treated, 2);
  EXPECT_EQ(flow.screened, 0);
  ASSERT_EQ(flow.arms.size(), 2U);
  EXPECT_EQ(flow.arms[1].arm, "low");
  EXPECT_EQ(flow.arms[1].completed, 1);
  EXPECT_EQ(flow.arms[0].discontinued,
            (ReasonCounts{{"Death", 0}, {"Withdrawal", 1}, {"Not treated", 0}}));
  EXPECT_EQ(flow.arms[1].followed, (std::vector<std::pair<std::string, int>>{{"Month 6", 1}}));
}

TEST(ReadTrial, OrdersArmsAsToldThenByNumberThenByDose) {
  const std::string head = "USUBJID,AGE,SEX,ARM,RANDFL,ITTFL,FASFL,SAFFL,CD34DOSE";
  const std::string rows = "\n1,60,M,high,Y,Y,Y,Y,5\n2,60,M,none,Y,Y,Y,Y,0\n3,60,F,low,Y,Y,Y,Y,1";
  const auto names = [](const TrialDataset& data) {
    std::string all;
    for (const Arm& arm : data.arms) all += arm.name + " ";
    return all;
  };
  const std::vector tables{table_of("ADSL", head + rows + "\n")};
  EXPECT_EQ(names(read_or_fail(tables)), "none low high ");
  EXPECT_EQ(names(read_or_fail(tables, {{"low", "none", "high"}})), "low none high ");
  const std::vector numbered{
      table_of("ADSL", head + ",TRT01PN\n1,60,M,high,Y,Y,Y,Y,5,2\n2,60,M,none,Y,Y,Y,Y,0,3\n"
                              "3,60,F,low,Y,Y,Y,Y,1,1\n")};
  EXPECT_EQ(names(read_or_fail(numbered)), "low high none ");
}

TEST(ReadTrial, ReadsAUsersDataWithoutOurOwnColumns) {
  const std::vector tables{
      table_of("ADSL",
               "USUBJID,AGE,SEX,TRT01P,TRT01A,RANDFL,ITTFL,FASFL,SAFFL,RANDDT,TRTSDT,NOTE\n"
               "001,60,M,Drug,Drug,Y,Y,Y,Y,2011-03-02,2011-03-04T08:30:00,x\n"
               "002,61,F,Control,,Y,Y,N,N,2011-02-28,,\n"),
      table_of("ADEFF", "USUBJID,PARAMCD,AVISIT,AVAL\n001,ETTDUR,Week 12,400\n"),
      table_of("ADXX", "WHATEVER\n1\n")};
  const TrialDataset data = read_or_fail(tables);
  EXPECT_FALSE(data.simulated);
  EXPECT_EQ(data.reference_date, "2011-02-28");
  EXPECT_EQ(data.subjects[0].usubjid, "001");
  EXPECT_EQ(data.subjects[0].arm, "Drug");
  EXPECT_EQ(data.subjects[0].randomised_day, 2);
  EXPECT_EQ(data.subjects[0].treatment_day, 4);
  EXPECT_FALSE(data.subjects[1].treatment_day);
  ASSERT_EQ(data.visits.size(), 1U);
  EXPECT_DOUBLE_EQ(data.visits[0].month, 84.0 / (365.25 / 12.0));
}

/// Texts that a CSV file keeps: not empty, nor one that reads as missing.
rc::Gen<std::string> word() {
  static const std::vector<std::string> words{"a",     "007",         "1e5", "x, y",
                                              "\"q\"", "b c",         "1.0", "-2",
                                              "N/A",   "caf\xC3\xA9", "Y",   "two\nlines"};
  return rc::gen::elementOf(words);
}

double value_of(int i) { return 0.1 * i + 1.0 / 3.0; }

rc::Gen<std::optional<double>> maybe_value() {
  return rc::gen::map(rc::gen::inRange(-20, 400),
                      [](int i) { return i < 0 ? std::nullopt : std::optional(value_of(i)); });
}

Subject any_subject(std::size_t i, const std::vector<Arm>& arms) {
  Subject s;
  s.usubjid = *word() + "-" + std::to_string(i);
  s.subjid = *word();
  s.siteid = *word();
  s.age_years = units::Years(*rc::gen::inRange(18, 90));
  s.sex = *rc::gen::element(Sex::female, Sex::male);
  if (const auto x = *maybe_value()) s.weight_kg = units::Kilograms(*x);
  s.height_m = *maybe_value();
  // The first subjects see to it that no arm is empty and one is randomised.
  s.randomised = i < arms.size() || *rc::gen::arbitrary<bool>();
  if (s.randomised) {
    const Arm& arm = arms[i < arms.size() ? i : *rc::gen::inRange<std::size_t>(0, arms.size())];
    s.arm = arm.name;
    s.dose_cells_per_kg = arm.dose_cells_per_kg;
    s.randomised_day = *rc::gen::inRange(-400, 4000);
    if (*rc::gen::arbitrary<bool>()) s.actarm = arms[0].name;
    if (*rc::gen::arbitrary<bool>()) s.treatment_day = *rc::gen::inRange(-400, 4000);
  }
  s.intention_to_treat = *rc::gen::arbitrary<bool>();
  s.full_analysis = *rc::gen::arbitrary<bool>();
  s.safety = *rc::gen::arbitrary<bool>();
  s.end_of_study =
      *rc::gen::element(EndOfStudy::ongoing, EndOfStudy::completed, EndOfStudy::discontinued);
  if (*rc::gen::arbitrary<bool>()) s.discontinuation_reason = *word();
  if (*rc::gen::arbitrary<bool>()) s.ccs_class = *rc::gen::inRange(0, 5);
  if (const auto x = *maybe_value()) s.exercise_time_s = units::Seconds(*x);
  if (const auto x = *maybe_value()) s.angina_per_week = units::PerWeek(*x);
  if (*rc::gen::arbitrary<bool>()) s.diabetes = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) s.ranolazine = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) s.stratum_1 = *word();
  return s;
}

/// Rows of each table for some subjects, parameters and visits, none twice.
void add_rows(TrialDataset& data) {
  const auto subjects = static_cast<SubjectIndex>(data.subjects.size());
  for (SubjectIndex s = 0; s < subjects; ++s) {
    for (VisitIndex v = 0; v < data.visits.size(); ++v) {
      const auto base = *maybe_value();
      if (*rc::gen::arbitrary<bool>()) {
        const int days = *rc::gen::inRange(0, 30);
        const int count = days == 0 ? 0 : *rc::gen::inRange(0, 50);
        data.diary.push_back({s, codes::angina, v, count, units::Days(days), base});
      }
      if (*rc::gen::arbitrary<bool>()) {
        data.exercise.push_back({s, codes::exercise_time, v, *maybe_value(), base});
      }
      if (*rc::gen::arbitrary<bool>()) {
        data.labs.push_back({s, codes::troponin, v, *maybe_value(), *maybe_value(), base});
      }
    }
    if (*rc::gen::arbitrary<bool>()) {
      data.events.push_back({s, codes::death, units::Days(value_of(*rc::gen::inRange(0, 400))),
                             *rc::gen::arbitrary<bool>(), *word()});
    }
    if (*rc::gen::arbitrary<bool>()) {
      ExposureRow row;
      row.subject = s;
      if (const auto x = *maybe_value()) row.administered_cells = units::Cells(1e6 * *x);
      if (const auto x = *maybe_value()) row.dosing_weight_kg = units::Kilograms(*x);
      if (*rc::gen::arbitrary<bool>()) row.injections = *rc::gen::inRange(0, 20);
      if (const auto x = *maybe_value()) row.purity_percent = units::Percent(*x);
      if (*rc::gen::arbitrary<bool>()) row.gcsf_days = *rc::gen::inRange(0, 9);
      data.exposure.push_back(row);
    }
  }
}

TrialDataset any_trial() {
  TrialDataset data;
  data.study_id = *word();
  data.simulated = *rc::gen::arbitrary<bool>();
  data.reference_date = iso_date("2001-01-31", *rc::gen::inRange(0, 9000));
  const int arms = *rc::gen::inRange(1, 4);
  for (int a = 0; a < arms; ++a) {
    data.arms.push_back({*word() + std::to_string(a), units::CellsPerKg(value_of(a))});
  }
  data.visits = {{"Baseline", 0.0},
                 {"After collection", 0.0},
                 {"After injection", 0.0},
                 {"Month 3", 3.0},
                 {"Month 12", 12.0}};
  const auto subjects = data.arms.size() + *rc::gen::inRange<std::size_t>(0, 6);
  for (std::size_t i = 0; i < subjects; ++i) data.subjects.push_back(any_subject(i, data.arms));
  add_rows(data);
  return data;
}

RC_GTEST_PROP(ReadTrial, IsTheInverseOfItsTables, ()) {
  const TrialDataset written = any_trial();
  TableExpectations expectations;
  for (const Arm& arm : written.arms) expectations.arms.push_back(arm.name);
  const auto read = read_trial(read_tables(written), expectations);
  if (!read) RC_FAIL(diagnostics::to_string(read.problems()));
  RC_ASSERT(same_tables(written, read.value()));
  RC_ASSERT(read.value().reference_date == written.reference_date);
  RC_ASSERT(read.value().arms.size() == written.arms.size());
  for (std::size_t a = 0; a < written.arms.size(); ++a) {
    RC_ASSERT(read.value().arms[a].name == written.arms[a].name);
    RC_ASSERT(read.value().arms[a].dose_cells_per_kg == written.arms[a].dose_cells_per_kg);
  }
}

RC_GTEST_PROP(ReadTrial, DoesNotDependOnTheOrderOfTables, ()) {
  const TrialDataset written = any_trial();
  auto tables = read_tables(written);
  const TrialDataset one = read_or_fail(tables);
  std::reverse(tables.begin(), tables.end());
  RC_ASSERT(same_tables(one, read_or_fail(tables)));
}

}  // namespace
}  // namespace angiotrial::dataset
