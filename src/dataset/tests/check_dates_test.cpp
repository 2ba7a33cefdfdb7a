// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/check_dates.hpp>

#include "table_fixture.hpp"

#include <gtest/gtest.h>

namespace angiotrial::dataset {
namespace {

std::string problems_of(const std::string& csv) {
  const std::vector tables{tests::table_of("ADSL", csv)};
  return diagnostics::to_string(check_dates(tables));
}

TEST(CheckDates, NamesEachDayThatTheCalendarLacks) {
  EXPECT_EQ(problems_of("USUBJID,RANDDT,AESTDTC\nS-1,2011-02-30,2011-02\nS-2,2012-02-29,\n"
                        "S-3,,2011-13-01T10:00\n"),
            "ADSL.csv:2: RANDDT = 2011-02-30: is no date of the calendar (a date reads "
            "2011-02-28)\n"
            "ADSL.csv:4: AESTDTC = 2011-13-01T10:00: is no date of the calendar (a date reads "
            "2011-02-28)\n");
}

TEST(CheckDates, LooksAtColumnsOfDatesWhateverTheirName) {
  EXPECT_NE(problems_of("ID,entry\n1,2011-02-01\n2,2011-02-02\n3,2011-04-31\n"), "");
}

TEST(CheckDates, KnowsTheSpellingsOfSasAndOfSpreadsheets) {
  for (const std::string day : {"30FEB2011", "31apr2011", "01FEV2011", "31/02/2011", "2/30/2011",
                                "29.2.2011", "13/13/2011", "0/1/2011"}) {
    EXPECT_NE(problems_of("ID,RANDDT\n1," + day + "\n").find(day), std::string::npos) << day;
  }
  for (const std::string day : {"28FEB2011", "31Oct2011", "28/02/2011", "2/28/2011", "29.2.2012",
                                "1-12-2011", "31-12-2011"}) {
    EXPECT_EQ(problems_of("ID,RANDDT\n1," + day + "\n"), "") << day;
  }
}

TEST(CheckDates, PassesOverWhatIsNoCompleteDate) {
  EXPECT_EQ(problems_of("ID,STARTDT,CODE\n1,9999-12-31,1001-23-45\n2,12MAR2011,1001-23-46\n"
                        "3,unknown,1001-02-03\n"),
            "");
}

}  // namespace
}  // namespace angiotrial::dataset
