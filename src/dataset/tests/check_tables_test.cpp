// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/check_tables.hpp>

#include "table_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace angiotrial::dataset {
namespace {

using tests::read_tables;
using tests::table_of;
using tests::two_arms;

const std::string adsl_head = "USUBJID,AGE,SEX,ARM,ACTARM,RANDFL,ITTFL,FASFL,SAFFL,RANDDT\n";
const std::string adsl_rows =
    "S-1,60,M,placebo,placebo,Y,Y,Y,Y,2011-02-28\n"
    "S-2,61,F,low,low,Y,Y,Y,Y,2012-02-29\n";

/// The problems of ADSL with these rows, and of another table where one is given.
std::string problems_of(const std::string& rows, const std::string& name = "",
                        const std::string& csv = "", const TableExpectations& expectations = {}) {
  std::vector tables{table_of("ADSL", adsl_head + rows)};
  if (!name.empty()) tables.push_back(table_of(name, csv));
  return diagnostics::to_string(check_tables(tables, expectations));
}

TEST(CheckTables, PassesGoodTables) {
  EXPECT_EQ(problems_of(adsl_rows), "");
  EXPECT_TRUE(check_tables(read_tables(two_arms())).empty());
}

TEST(CheckTables, WantsATableOfSubjects) {
  EXPECT_EQ(diagnostics::to_string(check_tables({})),
            "ADSL: there is no table of subjects, ADSL (no table was read)\n");
  const std::vector tables{table_of("ADXX", "A\n1\n")};
  EXPECT_EQ(diagnostics::to_string(check_tables(tables)),
            "ADXX.csv: ADSL: there is no table of subjects, ADSL (the tables read are ADXX)\n");
}

TEST(CheckTables, NamesEachMissingColumnAndTheNearest) {
  const std::vector tables{
      table_of("ADSL", "usubjid,AGE,SEXX,ARM,RANDFL,ITTFL,FASFL,SAFFL\nS-1,60,M,low,Y,Y,Y,Y\n"),
      table_of("ADTTE", "USUBJID,PARAMCD,AVAL,CNSR1\nS-1,MACE,3,0\n")};
  EXPECT_EQ(diagnostics::to_string(check_tables(tables)),
            "ADSL.csv: USUBJID: the column is missing in ADSL (the column usubjid must be written "
            "USUBJID)\n"
            "ADSL.csv: SEX: the column is missing in ADSL (the nearest column is SEXX)\n"
            "ADTTE.csv: CNSR: the column is missing in ADTTE (the nearest column is CNSR1)\n");
}

TEST(CheckTables, NamesEachWrongCell) {
  EXPECT_EQ(problems_of("S-1,sixty,m,placebo,placebo,Y,Y,Y,yes,2011-02-30\n"
                        "S-2,-3,F,low,low,Y,Y,Y,Y,2011-02\n"
                        ",70,F,low,low,Y,Y,Y,Y,\n"),
            "ADSL.csv:4: USUBJID: must not be missing\n"
            "ADSL.csv:2: AGE = sixty: must be a number\n"
            "ADSL.csv:2: SEX = m: must be one of F, M (the nearest is M)\n"
            "ADSL.csv:2: SAFFL = yes: must be Y or N\n"
            "ADSL.csv:2: RANDDT = 2011-02-30: is no date of the calendar (a date reads "
            "2011-02-28)\n"
            "ADSL.csv:3: RANDDT = 2011-02: is no date of the calendar (a date reads 2011-02-28)\n");
  EXPECT_EQ(problems_of("S-1,-3,M,placebo,,Y,Y,Y,Y,\nS-2,,F,low,,Y,Y,Y,Y,\n"),
            "ADSL.csv:2: AGE = -3: must be a number of at least 0 and at most 150\n"
            "ADSL.csv:3: AGE: must not be missing\n");
}

TEST(CheckTables, KnowsEachSubjectOnce) {
  EXPECT_EQ(problems_of(adsl_rows + "S-1,60,M,low,low,Y,Y,Y,Y,\n"),
            "ADSL.csv:4: USUBJID = S-1: the subject is in ADSL twice, first in line 2\n");
  EXPECT_EQ(problems_of(adsl_rows, "ADTTE", "USUBJID,PARAMCD,AVAL,CNSR\nS-3,MACE,3,0\n"),
            "ADTTE.csv:2: USUBJID = S-3: ADSL does not have this subject (the nearest is S-1)\n");
}

TEST(CheckTables, KnowsNobodyWhereAdslIsEmpty) {
  EXPECT_EQ(problems_of("", "ADTTE", "USUBJID,PARAMCD,AVAL,CNSR\nS-3,MACE,3,0\n"),
            "ADTTE.csv:2: USUBJID = S-3: ADSL does not have this subject\n");
}

TEST(CheckTables, KnowsTheArms) {
  EXPECT_EQ(problems_of("S-1,60,M,placebo,plcebo,Y,Y,Y,Y,\nS-2,61,F,,,Y,Y,Y,Y,\n"),
            "ADSL.csv:2: ACTARM = plcebo: must name one of the arms or be missing (the nearest is "
            "placebo)\n"
            "ADSL.csv:3: ARM: a randomised subject must have an arm\n");
  EXPECT_EQ(problems_of(adsl_rows, "", "", {{"placebo", "low", "high"}}),
            "ADSL.csv: ARM = high: no randomised subject is in this arm\n");
  EXPECT_EQ(problems_of(adsl_rows, "", "", {{"placebo", "lov"}}),
            "ADSL.csv:3: ARM = low: must name one of the arms (the nearest is lov)\n"
            "ADSL.csv:3: ACTARM = low: must name one of the arms or be missing (the nearest is "
            "lov)\n"
            "ADSL.csv: ARM = lov: no randomised subject is in this arm (the nearest is low)\n");
  EXPECT_EQ(problems_of(adsl_rows, "ADTTE", "USUBJID,ARM,PARAMCD,AVAL,CNSR\nS-1,low,MACE,3,0\n"),
            "ADTTE.csv:2: ARM = low: must be the arm of ADSL, placebo\n");
}

TEST(CheckTables, PlansOneDoseForAnArm) {
  const std::vector tables{table_of("ADSL",
                                    "USUBJID,AGE,SEX,ARM,RANDFL,ITTFL,FASFL,SAFFL,CD34DOSE\n"
                                    "S-1,60,M,low,Y,Y,Y,Y,1e5\nS-2,60,M,low,Y,Y,Y,Y,2e5\n")};
  EXPECT_EQ(diagnostics::to_string(check_tables(tables)),
            "ADSL.csv:3: CD34DOSE = 200000: must be the same for all of the arm low\n");
}

TEST(CheckTables, RefusesNegativeTimesAndCountsAndOtherCensoring) {
  EXPECT_EQ(problems_of(adsl_rows, "ADTTE",
                        "USUBJID,PARAMCD,AVAL,CNSR\nS-1,MACE,-1,0\nS-2,MACE,5,2\n"
                        "S-1,ELEVENCHARS,5,\n"),
            "ADTTE.csv:4: PARAMCD = ELEVENCHARS: must have at most 8 characters\n"
            "ADTTE.csv:2: AVAL = -1: must be a number of at least 0\n"
            "ADTTE.csv:3: CNSR = 2: must be a whole number of at least 0 and at most 1\n"
            "ADTTE.csv:4: CNSR: must not be missing\n");
  EXPECT_EQ(problems_of(adsl_rows, "ADDIARY",
                        "USUBJID,PARAMCD,AVISIT,AVAL,COUNT,DAYSOBS\nS-1,ANGWK,Month 3,,-1,0\n"
                        "S-1,ANGWK,Month 6,,2,0\nS-2,ANGWK,Month 6,10,20,28\n"),
            "ADDIARY.csv:2: COUNT = -1: must be a whole number of at least 0 and at most "
            "2147483647\n"
            "ADDIARY.csv:3: DAYSOBS = 0: must be above 0 where something was counted\n"
            "ADDIARY.csv:4: AVAL = 10: must be 7 COUNT / DAYSOBS, 5\n");
}

TEST(CheckTables, WantsOneRowForASubjectParameterAndVisit) {
  EXPECT_EQ(problems_of(adsl_rows, "ADEFF",
                        "USUBJID,PARAMCD,AVISIT,AVAL\nS-1,ETTDUR,Month 3,1\n"
                        "S-1,ETTDUR,Month 6,1\nS-1,ETTDUR,Month 3,2\n"),
            "ADEFF.csv:4: PARAMCD = ETTDUR: a second row for this subject, parameter and visit; "
            "the first is line 2\n");
}

TEST(CheckTables, WantsOneMonthForAVisit) {
  EXPECT_EQ(problems_of(adsl_rows, "ADEFF",
                        "USUBJID,PARAMCD,AVISIT,AVISITN,AVAL\nS-1,ETTDUR,Third,3,1\n"
                        "S-2,ETTDUR,Third,4,1\nS-1,ETTDUR,Fourth,,1\n"),
            "ADEFF.csv:3: AVISITN = 4: the visit Third is in month 3 elsewhere\n"
            "ADEFF.csv: AVISIT = Fourth: the month of this visit is not known (give it in "
            "AVISITN, or name the visit as `Month 3`)\n");
}

TEST(CheckTables, MixesNoStudiesAndHidesNoSimulation) {
  auto tables = read_tables(two_arms());
  tables[3] = table_of("ADTTE",
                       "STUDYID,SIMFL,USUBJID,PARAMCD,AVAL,CNSR\n"
                       "OTHER,N,ACT34-0000,MACE,3,0\n");
  EXPECT_EQ(diagnostics::to_string(check_tables(tables)),
            "ADTTE.csv:2: STUDYID = OTHER: must be SIMULATED-ACT34-CMI as in other rows\n"
            "ADTTE.csv:2: SIMFL = N: must be Y as in other rows\n");
  const std::vector unmarked{table_of("ADSL",
                                      "STUDYID,USUBJID,AGE,SEX,ARM,RANDFL,ITTFL,FASFL,SAFFL\n"
                                      "SIMULATED-X,S-1,60,M,low,Y,Y,Y,Y\n")};
  EXPECT_EQ(diagnostics::to_string(check_tables(unmarked)),
            "ADSL.csv:2: SIMFL: must be Y where STUDYID begins with SIMULATED-\n");
}

TEST(CheckTables, ListsTwentyOfAKindAndACount) {
  std::string rows = "USUBJID,PARAMCD,AVAL,CNSR\n";
  for (int i = 0; i < 1000; ++i) rows += "X-" + std::to_string(i) + ",MACE,-1,0\n";
  const auto all =
      check_tables(std::vector{table_of("ADSL", adsl_head + adsl_rows), table_of("ADTTE", rows)});
  ASSERT_EQ(all.size(), 42U);
  EXPECT_EQ(all[20].rule, "980 more of the same kind: must be a number of at least 0");
  EXPECT_EQ(all[41].rule, "980 more of the same kind: ADSL does not have this subject");
}

TEST(CheckTables, RefusesATableThatIsThereTwice) {
  const std::vector tables{table_of("ADSL", adsl_head + adsl_rows),
                           table_of("ADSL", adsl_head + adsl_rows)};
  EXPECT_EQ(diagnostics::to_string(check_tables(tables)),
            "ADSL.csv: holds the table ADSL a second time (the first is in ADSL.csv)\n");
}

TEST(CheckTables, CountsDaysFromOneDate) {
  const std::vector tables{
      table_of("ADSL",
               "USUBJID,AGE,SEX,ARM,RANDFL,ITTFL,FASFL,SAFFL,RANDDT,randomised_days\n"
               "S-1,60,M,low,Y,Y,Y,Y,2011-03-02,1\nS-2,60,M,low,Y,Y,Y,Y,2011-03-03,1\n")};
  EXPECT_EQ(diagnostics::to_string(check_tables(tables)),
            "ADSL.csv:3: randomised_days = 1: counts to RANDDT from another day than in the rows "
            "before\n");
}

TEST(CheckTables, RefusesAPartOfAnInjection) {
  EXPECT_EQ(problems_of(adsl_rows, "ADEX", "USUBJID,PARAMCD,AVAL\nS-1,NINJ,9.5\n"),
            "ADEX.csv:2: AVAL = 9.5: a number of injections is whole and at most 1000000\n");
}

}  // namespace
}  // namespace angiotrial::dataset
