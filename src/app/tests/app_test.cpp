// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/arguments.hpp>
#include <angiotrial/app/derived.hpp>
#include <angiotrial/app/explain.hpp>
#include <angiotrial/app/output_folder.hpp>
#include <angiotrial/app/progress.hpp>
#include <angiotrial/app/run_record.hpp>
#include <angiotrial/diagnostics/io_error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace angiotrial::app {
namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::variant<Command, Ending> parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "angiotrial");
  return parse(static_cast<int>(words.size()), words.data());
}

Exit refusal(std::vector<const char*> words) {
  const auto answer = parsed(std::move(words));
  const auto* ending = std::get_if<Ending>(&answer);
  return ending == nullptr ? Exit::success : ending->code;
}

/// Inside a test `Run` is a member of GoogleTest's.
Run parsed_run(std::vector<const char*> words) {
  return std::get<Run>(std::get<Command>(parsed(std::move(words))));
}

TEST(Arguments, RunTakesWhatTheContractNames) {
  const auto run = parsed_run({"run", "a.toml", "--out", "d", "--seed", "7", "--replicates", "40",
                               "--threads", "3", "--progress", "json", "--quiet"});
  EXPECT_EQ(run.study, "a.toml");
  EXPECT_EQ(run.out, "d");
  EXPECT_EQ(run.seed, 7U);
  EXPECT_EQ(run.replicates, 40U);
  EXPECT_EQ(run.session.threads, 3);
  EXPECT_EQ(run.session.progress, ProgressMode::json);
  EXPECT_TRUE(run.session.quiet);
}

TEST(Arguments, ThereIsNoSeedUnlessItIsGiven) {
  EXPECT_FALSE(parsed_run({"run", "a.toml"}).seed.has_value());
}

TEST(Arguments, WrongOnesEndAsBadInput) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{},
                                             {"rum", "a.toml"},
                                             {"run"},
                                             {"run", "a.toml", "--replicates", "0"},
                                             {"run", "a.toml", "--threads", "0"},
                                             {"run", "a.toml", "--seed", "-1"},
                                             {"run", "a.toml", "--seed", "9223372036854775808"},
                                             {"run", "a.toml", "--progress", "loud"},
                                             {"run", "a.toml", "--shard", "1/2"},
                                             {"resume"},
                                             {"init", "a", "b"}}) {
    EXPECT_EQ(refusal(words), Exit::bad_input) << (words.empty() ? "nothing" : words.back());
  }
}

TEST(Explain, EveryRouteBelongsToAParameterThatExists) {
  const auto parameters = explainable();
  EXPECT_GE(routed_paths().size(), 10U);
  for (const std::string& path : routed_paths()) {
    EXPECT_NE(std::ranges::find(parameters, path, &schema::LedgerRow::path), parameters.end())
        << path;
  }
}

TEST(Explain, EveryParameterCanBeExplainedByItsPathAndGoesSomewhere) {
  const auto parameters = explainable();
  for (const schema::LedgerRow& row : parameters) {
    const Ending ending = explain(parameters, row.path);
    EXPECT_EQ(ending.code, Exit::success) << row.path;
    EXPECT_TRUE(ending.out.starts_with(row.path + "\n")) << row.path;
    EXPECT_GE(route_of(row.path).size(), 2U) << row.path << " has no route";
  }
}

TEST(Explain, ASharedLastPartListsAllThatHaveIt) {
  const Ending ending = explain(explainable(), "hill_exponent");
  EXPECT_TRUE(holds(ending.out, "tissue.relay.hill_exponent"));
  EXPECT_TRUE(holds(ending.out, "heart.oxygen.hill_exponent"));
}

TEST(Explain, AnArmsOwnNameFindsTheKeyOfAllArms) {
  const Ending ending = explain(explainable(), "arms.low.dose_cells_per_kg");
  EXPECT_TRUE(ending.out.starts_with("arms.NAME.dose_cells_per_kg\n"));
}

TEST(Explain, AnUnknownKeyNamesTheNearestOne) {
  const Ending ending = explain(explainable(), "retaind_fraction");
  EXPECT_EQ(ending.code, Exit::bad_input);
  EXPECT_TRUE(holds(ending.err, "retained_fraction"));
}

TEST(Progress, LinesTellShareAndTimeLeft) {
  EXPECT_EQ(progress_line({0, 200, {}}), "0 of 200 replicates, 0 %");
  EXPECT_EQ(progress_line({120, 200, 65.2}), "120 of 200 replicates, 60 %, 1 min 05 s left");
  EXPECT_EQ(progress_line({1, 200, 7400.0}), "1 of 200 replicates, 0 %, 2 h 03 min left");
  EXPECT_EQ(progress_line({1, 1, 0.0}), "1 of 1 replicate, 100 %, 0 s left");
  EXPECT_EQ(progress_json({120, 200, 65.24}),
            R"({"replicates_done":120,"replicates":200,"percent":60,"eta_s":65.2})");
  EXPECT_EQ(progress_json({0, 200, {}}),
            R"({"replicates_done":0,"replicates":200,"percent":0,"eta_s":null})");
}

TEST(RunRecord, ReadsBackAsWritten) {
  RunRecord record{"0.1.0", "abc", "a \"b\".toml", "x = 1\n# \u00b5\n", "f00", {}, {}, 200, 20};
  EXPECT_EQ(read_run_record(to_json(record), "run.json").value(), record);
  record.seed = 9223372036854775807U;
  EXPECT_EQ(read_run_record(to_json(record), "run.json").value(), record);
  record.resolution = study::Resolution::voxel;
  EXPECT_EQ(read_run_record(to_json(record), "run.json").value(), record);
}

TEST(RunRecord, DamageIsAProblemWithItsMember) {
  std::string text = to_json(RunRecord{});
  const auto at = text.find("\"replicates\": 1");
  text.replace(at, 15, "\"replicates\": 0");
  const auto damaged = read_run_record(text, "run.json");
  ASSERT_EQ(damaged.problems().size(), 1U);
  EXPECT_EQ(damaged.problems().front().key, "replicates");
  text = to_json(RunRecord{});
  text.replace(text.find("\"resolution\": null"), 18, "\"resolution\": \"fine\"");
  const auto unknown = read_run_record(text, "run.json");
  ASSERT_EQ(unknown.problems().size(), 1U);
  EXPECT_EQ(unknown.problems().front().key, "resolution");
  EXPECT_FALSE(read_run_record("{}", "run.json").ok());
  EXPECT_FALSE(read_run_record("", "run.json").ok());
}

TEST(FolderLock, IsHeldByOneAtATime) {
  const fs::path dir = fs::path(testing::TempDir()) / "angiotrial_folder_lock";
  make_folder(dir);
  {
    const FolderLock first(dir);
    EXPECT_THROW(FolderLock second(dir), diagnostics::IoError);
  }
  EXPECT_NO_THROW(FolderLock third(dir));
  fs::remove(dir);
}

TEST(Derived, CellsFollowDoseWeightAndSites) {
  const std::string file = ANGIOTRIAL_SOURCE_DIR "/studies/first-steps.toml";
  const auto study = study::read_study_file(file);
  ASSERT_TRUE(study.ok()) << diagnostics::to_string(study.problems());
  // 1e5 cells/kg x 90 kg = 9e6 cells; over 10 sites 9e5; in 0.2 mL each 4.5e6 cells/mL.
  const std::string text = derived_quantities(study.value());
  EXPECT_TRUE(holds(text,
                    "low                       1e+05          9e+06            9e+05"
                    "        4.5e+06"))
      << text;
  EXPECT_TRUE(holds(text, "decay length")) << text;
  EXPECT_TRUE(holds(text, "tissue.secretion.potency_ratio")) << text;
}

}  // namespace
}  // namespace angiotrial::app
