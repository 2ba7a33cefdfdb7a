// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/diagnostics/problem.hpp>

#include <gtest/gtest.h>

namespace angiotrial::diagnostics {
namespace {

TEST(Problem, PrintsPlaceKeyValueRuleHint) {
  const Problem problem{
      "study.toml",         12, "arms.low.dose_cells_per_kg", "-1", "must be between 0 and 1e8",
      "write 0 for placebo"};
  EXPECT_EQ(to_string(problem),
            "study.toml:12: arms.low.dose_cells_per_kg = -1: must be between 0 and 1e8 "
            "(write 0 for placebo)");
}

TEST(Problem, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(to_string(Problem{"study.toml", 0, "seed", "", "is missing", ""}),
            "study.toml: seed: is missing");
}

TEST(Nearest, FindsTransposedAndMisspeltKeys) {
  const std::vector<std::string> keys{"dose_cells_per_kg", "sites", "tolerance_fraction"};
  EXPECT_EQ(nearest("dose_cell_per_kg", keys), "dose_cells_per_kg");
  EXPECT_EQ(nearest("sties", keys), "sites");
  EXPECT_EQ(nearest("usubjid", {"subjid", "USUBJID"}), "USUBJID");
  EXPECT_EQ(nearest("completely_else", keys), std::nullopt);
}

TEST(Result, HoldsAValueOrProblems) {
  const Result<int> good = 7;
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(good.value(), 7);
  EXPECT_TRUE(good.problems().empty());
  const Result<int> bad = std::vector<Problem>{{"f", 1, "k", "v", "r", ""}};
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.problems().size(), 1U);
}

TEST(Contract, ThrowsWithFileAndLine) {
  try {
    ANGIOTRIAL_EXPECT(1 > 2, "one exceeds two");
    FAIL() << "no exception";
  } catch (const ContractViolation& violation) {
    const std::string text = violation.what();
    EXPECT_NE(text.find("diagnostics_test.cpp:"), std::string::npos) << text;
    EXPECT_NE(text.find("one exceeds two"), std::string::npos);
  }
}

}  // namespace
}  // namespace angiotrial::diagnostics
