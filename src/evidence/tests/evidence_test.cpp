// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/evidence/published.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>
#include <type_traits>

namespace angiotrial::evidence {
namespace {

static_assert(!std::is_convertible_v<HeldOutRow, FitRow>, "a held-out row cannot be fitted to");
static_assert(!std::is_convertible_v<FitRow, HeldOutRow>);

auto key(const Published& row) {
  return std::tuple(row.trial, row.arm, row.arm_ref, row.paramcd, row.avisit, row.statistic,
                    row.group);
}

TEST(Published, EveryRowStandsOnceAndOnOneSideOfTheGate) {
  std::set<decltype(key(fit_rows()[0]))> keys;
  for (const FitRow& row : fit_rows()) EXPECT_TRUE(keys.insert(key(row)).second) << row.paramcd;
  for (const HeldOutRow& row : held_out_rows()) {
    EXPECT_TRUE(keys.insert(key(row)).second) << row.trial << ' ' << row.paramcd;
  }
}

TEST(Published, FitRowsAreActThirtyFourAtSixMonthsOrItsEnzymes) {
  for (const FitRow& row : fit_rows()) {
    EXPECT_EQ(row.trial, "ACT34-CMI");
    EXPECT_NE(row.arm, "high") << "the high dose is a prediction";
    EXPECT_TRUE(row.month == 6.0 || row.paramcd == "TROPI" || row.paramcd == "ENZNSTMI");
  }
}

TEST(Published, EveryRowHasASourceOrSaysThatItIsRecalled) {
  const auto sourced = [](const Published& row) {
    return !row.citation.empty() && (row.seen == Seen::recalled || !row.identifier.empty());
  };
  for (const FitRow& row : fit_rows()) EXPECT_TRUE(sourced(row)) << row.paramcd;
  for (const HeldOutRow& row : held_out_rows()) EXPECT_TRUE(sourced(row)) << row.paramcd;
}

TEST(Published, IntervalsHoldTheirEstimate) {
  for (const HeldOutRow& row : held_out_rows()) {
    if (!row.lower) continue;
    EXPECT_LT(*row.lower, row.value);
    EXPECT_GT(*row.upper, row.value);
  }
}

}  // namespace
}  // namespace angiotrial::evidence
