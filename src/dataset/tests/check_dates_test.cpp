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

TEST(CheckDates, PassesOverWhatIsNoCompleteDate) {
  EXPECT_EQ(problems_of("ID,STARTDT,CODE\n1,9999-12-31,1001-23-45\n2,12MAR2011,1001-23-46\n"
                        "3,unknown,1001-02-03\n"),
            "");
}

}  // namespace
}  // namespace angiotrial::dataset
