// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/study/protocol.hpp>
#include <angiotrial/study/read_study.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace angiotrial::study {
namespace {

std::string shipped(const std::string& name) {
  std::ifstream file(std::string(ANGIOTRIAL_SOURCE_DIR) + "/studies/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string problems_of(const std::string& text) {
  const auto study = read_study(text, "study.toml");
  EXPECT_FALSE(study.ok());
  return diagnostics::to_string(study.problems());
}

TEST(Protocol, IsDescribedWithUnitsRangesAndSources) {
  EXPECT_EQ(schema::audit(Protocol{}), std::vector<std::string>{});
  EXPECT_EQ(schema::audit(Arm{}), std::vector<std::string>{});
  EXPECT_EQ(schema::audit(Visit{}), std::vector<std::string>{});
  EXPECT_EQ(schema::audit(Scenario{}), std::vector<std::string>{});
  EXPECT_EQ(schema::audit(study::Run{}), std::vector<std::string>{});
}

TEST(ReadStudy, ReadsEveryShippedStudy) {
  for (const char* name :
       {"act34-cmi.toml", "renew.toml", "marrow-amplified.toml", "first-steps.toml"}) {
    const auto study = read_study(shipped(name), name);
    EXPECT_TRUE(study.ok()) << diagnostics::to_string(study.problems());
  }
}

TEST(ReadStudy, HasTheArmsDosesAndVisitsOfActThirtyFour) {
  const auto study = read_study(shipped("act34-cmi.toml"), "act34-cmi.toml");
  ASSERT_TRUE(study.ok()) << diagnostics::to_string(study.problems());
  const StudySpec& spec = study.value().spec;
  ASSERT_EQ(spec.arms.size(), 3U);
  EXPECT_EQ(spec.arms[0].name, "placebo");
  EXPECT_EQ(spec.arms[1].dose.dose_cells_per_kg, units::CellsPerKg(1e5));
  EXPECT_EQ(spec.arms[2].dose.dose_cells_per_kg, units::CellsPerKg(5e5));
  EXPECT_EQ(spec.visits.size(), 3U);
  EXPECT_EQ(spec.scenarios.size(), 3U);
  EXPECT_EQ(spec.protocol.randomised, 168);
}

TEST(ReadStudy, TheResolvedStudyReadsBackToTheSameNumbers) {
  const auto study = read_study(shipped("act34-cmi.toml"), "act34-cmi.toml");
  ASSERT_TRUE(study.ok());
  const auto again = read_study(study.value().resolved, "resolved");
  ASSERT_TRUE(again.ok()) << diagnostics::to_string(again.problems());
  ASSERT_EQ(again.value().ledger.size(), study.value().ledger.size());
  for (std::size_t i = 0; i < again.value().ledger.size(); ++i) {
    EXPECT_EQ(again.value().ledger[i].path, study.value().ledger[i].path);
    EXPECT_EQ(again.value().ledger[i].value, study.value().ledger[i].value);
  }
  EXPECT_EQ(again.value().hash, study.value().hash) << "comments and lines do not count";
}

TEST(ReadStudy, TellsEveryProblemAtOnceWithFileAndLine) {
  std::string text = shipped("act34-cmi.toml");
  text = replaced(text, "dose_cells_per_kg = 5.0e5", "dose_cells_per_g = 5.0e5");
  text = replaced(text, "sites = 10", "sites = 1000");
  text = replaced(text, "seed = 20110706\n", "");
  text = replaced(text, "reference_arm = \"placebo\"", "reference_arm = \"placbo\"");
  const std::string problems = problems_of(text);
  EXPECT_NE(problems.find("study.toml:"), std::string::npos);
  EXPECT_NE(problems.find("dose_cells_per_g"), std::string::npos) << problems;
  EXPECT_NE(problems.find("write dose_cells_per_kg"), std::string::npos) << problems;
  EXPECT_NE(problems.find("delivery.injection.sites"), std::string::npos) << problems;
  EXPECT_NE(problems.find("there is no default seed"), std::string::npos) << problems;
  EXPECT_NE(problems.find("did you mean placebo?"), std::string::npos) << problems;
}

TEST(ReadStudy, RefusesArmsThatCannotBe) {
  std::string text = shipped("act34-cmi.toml");
  EXPECT_NE(problems_of(replaced(text, "[arms.high]", "[arms.high]\ninjected = false"))
                .find("must be injected"),
            std::string::npos);
  EXPECT_NE(problems_of(replaced(text, "[arms.high]", "[arms.low]")).find("arms"),
            std::string::npos);
}

TEST(ReadStudy, RefusesATrialWithoutVisits) {
  const std::string visits = "[visits.month_3]\nmonth = 3\n\n[visits.month_6]\nmonth = 6\n";
  const std::string text = replaced(shipped("first-steps.toml"), visits, "[visits]\n");
  EXPECT_NE(problems_of(text).find("a trial needs at least one visit"), std::string::npos);
}

TEST(ReadStudy, RefusesVisitsAndHorizonsThatTheStudyDoesNotHave) {
  const std::string text = shipped("act34-cmi.toml");
  EXPECT_NE(problems_of(text + "[analysis.counts.ANGWK]\nvisits = \"Month 9\"\n")
                .find("is not a visit of this study"),
            std::string::npos);
  EXPECT_NE(problems_of(text + "[analysis.events.MACE]\nhorizon_months = 24.0\n")
                .find("lies beyond protocol.horizon_months"),
            std::string::npos);
  const auto short_study = read_study(shipped("first-steps.toml"), "f");
  ASSERT_TRUE(short_study.ok());
  EXPECT_LE(short_study.value().spec.analysis.events[0].horizon_months, units::Months(6));
}

TEST(ReadStudy, ASeedOnTheCommandLineTakesPrecedence) {
  const auto study = read_study(shipped("first-steps.toml"), "f", 77);
  ASSERT_TRUE(study.ok());
  EXPECT_EQ(study.value().spec.identity.seed, 77U);
  EXPECT_NE(study.value().hash, read_study(shipped("first-steps.toml"), "f").value().hash);
}

TEST(AllParameters, AreManyDistinctAndExplained) {
  std::set<std::string> paths;
  for (const auto& row : all_parameters()) {
    EXPECT_TRUE(paths.insert(row.path).second) << row.path;
    EXPECT_FALSE(row.meaning.empty()) << row.path;
  }
  EXPECT_GT(paths.size(), 200U);
}

}  // namespace
}  // namespace angiotrial::study
