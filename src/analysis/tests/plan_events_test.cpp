// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "plan_case.hpp"

/// Strategies for events after randomisation in plans: whose responses they change, and how.
namespace angiotrial::analysis::plan_test {
namespace {

using formats::DataTable;

DataTable parsed(const std::string& csv, const std::string& name) {
  auto read = formats::parse_csv_table(csv, name + ".csv");
  EXPECT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
  DataTable out = std::move(read).value();
  out.name = name;
  return out;
}

/// s2 is rescued on day 40 and has no month 6; s3 on day 50, and was seen at month 6; s7 on day
/// 300; s8 on day 60, and has no row in ADEFF at all; s9 missed month 6 without an event.
std::vector<DataTable> trial() {
  return {parsed("USUBJID,ARM,SEX,FASFL,RESCDY\n"
                 "s1,a,F,Y,\ns2,a,F,Y,40\ns3,a,M,Y,50\ns4,b,F,Y,\ns5,b,M,Y,\ns6,b,F,Y,\n"
                 "s7,a,M,Y,300\ns8,b,M,Y,60\ns9,b,F,Y,\n",
                 "ADSL"),
          parsed("USUBJID,PARAMCD,AVISIT,ADY,BASE,AVAL\n"
                 "s1,ETT,Month 3,90,10,12\ns1,ETT,Month 6,180,10,14\n"
                 "s2,ETT,Baseline,1,11,11\ns2,ETT,Month 1,30,11,13\ns2,ANG,Month 1,30,2,3\n"
                 "s3,ETT,Month 1,30,12,9\ns3,ETT,Month 6,185,12,40\ns3,ANG,Month 1,32,2,77\n"
                 "s4,ETT,Month 6,181,13,13\ns5,ETT,Month 6,182,12,15\ns6,ETT,Month 6,180,11,17\n"
                 "s7,ETT,Month 3,95,10,18\ns9,ETT,Month 3,91,10,50\n",
                 "ADEFF")};
}

std::string month_6(const std::string& strategy, const std::string& more = "",
                    const std::string& options = "") {
  return "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"ancova\"\ntable = \"ADEFF\"\n"
         "response = \"AVAL\"\nerrors = \"model\"\nwhere = [\"PARAMCD = ETT\", \"AVISIT = Month "
         "6\"" +
         more + "]\n" + options +
         "[analysis.x.estimand]\ncomposite_value = 0.0\npopulation = \"FASFL\"\n"
         "[analysis.x.estimand.events]\nrescue = \"" +
         strategy + "\"\n";
}

std::string note_of(const std::vector<Row>& rows, const std::string& statistic) {
  for (const Row& row : rows) {
    if (row.statistic == statistic) return row.note;
  }
  return "no such row";
}

TEST(PlanEvents, TheCompositeValueIsGivenToThoseTheEventKeptFromTheVisit) {
  const auto own = rows(month_6("composite"), trial());
  // a: s1 14, s2 and s3 0; s7's event came after the visit. b: 13, 15, 17 and s8, never seen.
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "a"), 14.0 / 3.0);
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "b"), 45.0 / 4.0);
  EXPECT_EQ(value(own, "x", "n"), 7.0);
  EXPECT_EQ(value(own, "x", "n_composite"), 3.0);
  EXPECT_NE(note_of(own, "n_composite").find("2 of them without a record"), std::string::npos);
}

TEST(PlanEvents, ASubjectGivenTheCompositeValueKeepsItsOwnCovariates) {
  const auto own = rows(month_6("composite", "", "covariates = [\"BASE\", \"SEX\"]\n"), trial());
  EXPECT_EQ(value(own, "x", "n"), 6.0);  // s8 has no row, so no BASE
  EXPECT_EQ(value(own, "x", "n_missing"), 1.0);
}

TEST(PlanEvents, AConditionOnTheSubjectHoldsForThoseWithoutARecord) {
  const auto own = rows(month_6("composite", ", \"SEX = F\""), trial());
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "a"), 7.0);
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "b"), 15.0);
}

TEST(PlanEvents, AConditionOnTheResponseKeepsTheCompositeValueIn) {
  const auto own = rows(month_6("composite", ", \"AVAL >= 14\""), trial());
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "a"), 14.0 / 3.0);
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "b"), 32.0 / 3.0);
  const auto low = rows(month_6("composite", ", \"AVAL < 20\""), trial());  // s3 had 40
  EXPECT_DOUBLE_EQ(value(low, "x", "adjusted_mean", "a"), 14.0 / 3.0);
}

TEST(PlanEvents, RowsWithoutADayAndAResponseAreVisitsNotMade) {
  const auto data = parsed(
      "USUBJID,ARM,ADY,RESCDY,y\ns1,a,180,,1\ns2,a,,40,\ns3,a,,400,\ns4,b,185,,0\ns5,b,180,,1\n",
      "T");
  const auto own = rows(
      "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\n"
      "errors = \"model\"\n[analysis.x.estimand]\ncomposite_value = 0.0\n"
      "[analysis.x.estimand.events]\nrescue = \"composite\"\n",
      {data});
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "a"), 0.5);
  EXPECT_EQ(value(own, "x", "n_missing"), 1.0);
}

TEST(PlanEvents, WhileOnTreatmentTakesTheLastValueUpToTheEvent) {
  const auto own = rows(month_6("while_on_treatment"), trial());
  // s1 14; s2, not seen later, its 13 of day 30; s3 its 9, not 40 of after the event.
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "a"), 12.0);
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "b"), 15.0);
  EXPECT_EQ(value(own, "x", "n_last_value"), 2.0);
  EXPECT_NE(note_of(own, "n_last_value").find("1 of them without a record"), std::string::npos);
}

TEST(PlanEvents, WhileOnTreatmentIsRefusedWhereNoEarlierValueIsInTheData) {
  const auto data =
      parsed("USUBJID,ARM,ADY,RESCDY,y\ns1,a,10,,1\ns2,a,10,5,100\ns4,b,10,,5\n", "T");
  const auto out = result(
      "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"ancova\"\nresponse = \"y\"\n"
      "[analysis.x.estimand.events]\nrescue = \"while_on_treatment\"\n",
      {data});
  const std::string text = diagnostics::to_string(out.problems);
  EXPECT_NE(text.find("takes the last value up to the event"), std::string::npos) << text;
}

TEST(PlanEvents, TheFirstOfTwoEventsDecides) {
  const auto data = parsed(
      "USUBJID,ARM,ADY,DTHDY,RESCDY,y\ns1,a,180,,,1\ns2,a,180,40,60,9\ns3,a,180,60,40,9\n"
      "s4,b,180,,,5\ns5,b,181,,,7\n",
      "T");
  const auto own = rows(
      "[events]\nrescue = \"RESCDY\"\ndeath = \"DTHDY\"\n[analysis.x]\nmethod = \"ancova\"\n"
      "response = \"y\"\nerrors = \"model\"\n[analysis.x.estimand]\ncomposite_value = 0.0\n"
      "[analysis.x.estimand.events]\nrescue = \"hypothetical\"\ndeath = \"composite\"\n",
      {data});
  EXPECT_DOUBLE_EQ(value(own, "x", "adjusted_mean", "a"), 0.5);  // s3 was rescued first: left out
  EXPECT_EQ(value(own, "x", "n_after_event"), 1.0);
}

/// Three visits of eight subjects; p1 has the event on day 50 and no row after it.
DataTable visits(bool with_p1_later) {
  std::string csv = "USUBJID,ARM,AVISIT,AVISITN,ADY,RESCDY,y\n";
  for (int s = 1; s <= 8; ++s) {
    for (int v = 1; v <= 3; ++v) {
      if (s == 1 && v > 1 && !with_p1_later) continue;
      const int y = s == 1 && v > 1 ? 2 : (s * 7 + v * v * (s % 3 + 1)) % 11;
      csv += "p" + std::to_string(s) + "," + (s % 2 == 0 ? "a" : "b") + ",V" + std::to_string(v) +
             "," + std::to_string(v) + "," + std::to_string(30 * v) + "," +
             (s == 1 && !with_p1_later ? "50" : "") + "," + std::to_string(y) + "\n";
    }
  }
  return parsed(csv, "T");
}

TEST(PlanEvents, RepeatedVisitsNotMadeAfterTheEventTakeTheCompositeValueToo) {
  const std::string head =
      "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"mmrm\"\nresponse = \"y\"\nvisit = "
      "\"AVISIT\"\ncovariance = \"compound_symmetry\"\n";
  const auto own = rows(head +
                            "[analysis.x.estimand]\ncomposite_value = 2.0\n"
                            "[analysis.x.estimand.events]\nrescue = \"composite\"\n",
                        {visits(false)});
  const auto full = rows(head, {visits(true)});
  EXPECT_EQ(value(own, "x", "n_composite"), 2.0);
  EXPECT_NEAR(value(own, "x", "log_likelihood"), value(full, "x", "log_likelihood"), 1e-9);
}

TEST(PlanEvents, WithoutAVisitColumnMissingRowsOfRepeatedDataAreNamed) {
  const auto out = result(
      "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"gee\"\nresponse = \"y\"\n"
      "[analysis.x.estimand]\ncomposite_value = 2.0\n"
      "[analysis.x.estimand.events]\nrescue = \"composite\"\n",
      {visits(false)});
  const std::string text = diagnostics::to_string(out.problems);
  EXPECT_NE(text.find("p1: has the event and no row after it"), std::string::npos) << text;
}

TEST(PlanEvents, AMethodWithoutAResponseRefusesACompositeValue) {
  const auto data = parsed("USUBJID,ARM,ADY,RESCDY,y\ns1,a,10,,1\ns2,b,10,5,100\n", "T");
  const auto out = result(
      "[events]\nrescue = \"RESCDY\"\n[analysis.x]\nmethod = \"win_statistics\"\n"
      "tiers = [\"value y higher\"]\n[analysis.x.estimand.events]\nrescue = "
      "\"while_on_treatment\"\n",
      {data});
  EXPECT_FALSE(out.problems.empty());
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
