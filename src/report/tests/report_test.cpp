// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/diagnostics/io_error.hpp>
#include <angiotrial/formats/json.hpp>
#include <angiotrial/formats/text_file.hpp>
#include <angiotrial/report/manifest.hpp>
#include <angiotrial/report/output.hpp>
#include <angiotrial/report/published_rows.hpp>
#include <angiotrial/report/results_json.hpp>
#include <angiotrial/report/terminal.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <sstream>

#include "display.hpp"
#include "fixture.hpp"
#include "svg.hpp"

namespace angiotrial::report {
namespace {

using analysis::Row;

Row small_row() {
  Row row;
  row.scenario = "base";
  row.arm = "low";
  row.paramcd = "ANGWK";
  row.param = "Angina \"episodes\" </script>";
  row.avisit = "Month 6";
  row.month = 6.0;
  row.statistic = "mean";
  row.value = 0.1;
  row.unit = "1/week";
  return row;
}

TEST(results_json, writes_the_fields_of_the_contract_in_their_order_byte_for_byte) {
  EXPECT_EQ(results_json("ACT34-CMI", {small_row()}),
            "{\"schema\":1,\"study\":\"ACT34-CMI\","
            "\"notice\":\"SIMULATED - not for clinical decisions\",\"rows\":[\n"
            "{\"source\":\"simulated\",\"scenario\":\"base\",\"arm\":\"low\",\"arm_ref\":\"\","
            "\"group\":\"\",\"paramcd\":\"ANGWK\","
            "\"param\":\"Angina \\\"episodes\\\" <\\/script>\",\"avisit\":\"Month 6\",\"month\":6,"
            "\"statistic\":\"mean\",\"method\":\"\",\"estimand\":\"\",\"analysis\":\"\","
            "\"conventions\":\"\",\"note\":\"\",\"level\":null,"
            "\"value\":0.1,\"unit\":\"1/week\",\"mcse\":null,\"q025\":null,\"q500\":null,"
            "\"q975\":null}\n]}\n");
}

TEST(results_json, is_valid_json_without_any_row) {
  const auto back = read_results_json(results_json("S", {}), "results.json");
  ASSERT_TRUE(back.ok()) << diagnostics::to_string(back.problems());
  EXPECT_TRUE(back.value().empty());
}

TEST(results_json, gives_back_every_row_of_a_run_as_it_was) {
  const auto rows = fixture::input().rows;
  const auto back = read_results_json(results_json("ACT34-CMI", rows), "results.json");
  ASSERT_TRUE(back.ok()) << diagnostics::to_string(back.problems());
  EXPECT_EQ(back.value(), rows);
}

RC_GTEST_PROP(results_json, gives_back_any_finite_number_bit_for_bit, (std::uint64_t bits)) {
  const double value = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(value));
  Row row = small_row();
  row.value = value;
  const auto back = read_results_json(results_json("S", {row}), "f");
  RC_ASSERT(back.ok());
  RC_ASSERT(std::bit_cast<std::uint64_t>(*back.value().at(0).value) == bits);
}

TEST(results_json, names_the_line_of_a_row_that_lacks_a_field_or_has_a_strange_one) {
  std::string text = results_json("S", {small_row(), small_row()});
  const std::string unit = "\"unit\":\"1/week\",";
  text.erase(text.rfind(unit), unit.size());
  const auto back = read_results_json(text, "results.json");
  ASSERT_EQ(back.problems().size(), 1U);
  EXPECT_EQ(back.problems()[0].line, 3);
  EXPECT_EQ(back.problems()[0].key, "unit");

  std::string other = results_json("S", {small_row()});
  other.insert(other.find("\"unit\""), "\"colour\":1,");
  EXPECT_EQ(read_results_json(other, "f").problems().size(), 1U);
}

TEST(results_json, refuses_another_schema_and_what_is_no_json_at_all) {
  EXPECT_FALSE(read_results_json("{\"schema\":2,\"rows\":[]}", "f").ok());
  EXPECT_FALSE(read_results_json("{\"schema\":1,\"rows\":{}}", "f").ok());
  EXPECT_FALSE(read_results_json("{\"schema\":1,\"rows\":[3]}", "f").ok());
  EXPECT_FALSE(read_results_json("[]", "f").ok());
  EXPECT_FALSE(read_results_json("", "f").ok());
}

TEST(manifest, survives_writing_and_reading_with_a_seed_of_64_bits) {
  const Manifest before = fixture::manifest();
  const auto back = read_manifest(to_json(before), "manifest.json");
  ASSERT_TRUE(back.ok()) << diagnostics::to_string(back.problems());
  EXPECT_EQ(back.value(), before);
}

TEST(manifest, lists_every_missing_or_wrong_member) {
  const auto back = read_manifest("{\"version\":1,\"seed\":\"-3\",\"inputs\":[{\"path\":\"a\"}]}",
                                  "manifest.json");
  ASSERT_FALSE(back.ok());
  const auto names = [&](std::string_view key) {
    return std::ranges::count(back.problems(), key, &diagnostics::Problem::key);
  };
  for (const std::string_view key : {"version", "seed", "sha256", "date", "threads", "host"}) {
    EXPECT_EQ(names(key), 1) << key;
  }
}

TEST(published_rows, of_a_trial_without_evidence_are_none) {
  EXPECT_TRUE(published_rows("A trial of my own").empty());
}

TEST(published_rows, say_which_of_them_parameters_may_have_been_fitted_to) {
  const auto rows = published_rows("ACT34-CMI");
  const auto count = std::ranges::count_if(rows, is_fit_target);
  EXPECT_GT(count, 0);
  EXPECT_LT(count, static_cast<std::ptrdiff_t>(rows.size()));
}

TEST(published_rows, name_trial_source_and_how_the_number_is_known) {
  const auto rows = published_rows("act34_cmi");
  ASSERT_FALSE(rows.empty());
  for (const Row& row : rows) {
    EXPECT_EQ(row.source, "published");
    EXPECT_FALSE(row.scenario.empty());
    EXPECT_TRUE(row.method.starts_with("seen; ") || row.method.starts_with("derived; ") ||
                row.method.starts_with("recalled; "))
        << row.method;
    EXPECT_TRUE(row.value.has_value());
  }
}

TEST(complete_rows, measures_the_distance_in_published_standard_errors) {
  const auto rows = fixture::input().rows;
  const auto found = std::ranges::find_if(rows, [](const Row& row) {
    return row.statistic == "published_se_distance" && row.paramcd == "ANGWK" && row.arm == "low" &&
           row.avisit == "Month 6" && row.arm_ref.empty();
  });
  ASSERT_NE(found, rows.end());
  EXPECT_DOUBLE_EQ(*found->value, (7.37 - 6.8) / 1.1);
  EXPECT_DOUBLE_EQ(*found->mcse, 6.1 / 56.0 / 1.1);
  EXPECT_TRUE(within_one_se(*found));
}

TEST(complete_rows, gives_no_distance_where_no_error_was_published) {
  for (const Row& row : fixture::input().rows) {
    if (row.statistic != "published_se_distance") continue;
    EXPECT_FALSE(row.arm == "high" && row.paramcd == "ANGWK");
    EXPECT_NE(row.paramcd, "TROPI");
  }
}

TEST(complete_rows, never_takes_the_error_of_a_mean_for_that_of_a_standard_deviation) {
  Row sd = small_row();
  sd.statistic = "sd";
  Row published = sd;
  published.source = "published";
  published.scenario = "T";
  Row se = published;
  se.statistic = "se";
  for (const Row& row : complete_rows("T", {sd}, {published, se})) {
    EXPECT_NE(row.statistic, "published_se_distance");
  }
}

TEST(complete_rows, adds_steps_that_sum_to_the_whole_change_of_the_placebo_arm) {
  const auto rows = fixture::input().rows;
  double sum = 0.0;
  int steps = 0;
  for (const Row& row : rows) {
    if (row.statistic != "step" || row.scenario != "strong_reporting") continue;
    if (row.paramcd != "ANGWK") continue;
    sum += *row.value;
    ++steps;
  }
  EXPECT_EQ(steps, 5);
  EXPECT_NEAR(sum, 10.51 - 19.9, 1e-12);
}

TEST(complete_rows, keeps_keys_distinct) {
  const auto rows = fixture::input().rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      EXPECT_FALSE(same_statistic(rows[i], rows[j])) << i << " " << j << " " << rows[i].paramcd;
    }
  }
}

TEST(display, rounds_as_the_unit_wants) {
  Row row = small_row();
  row.value = 10.749;
  EXPECT_EQ(number_text(row, Part::value), "10.7");
  row.value = -0.04;
  EXPECT_EQ(number_text(row, Part::value), "0.0");
  row.unit = "cells/kg";
  row.value = 480'000.0;
  EXPECT_EQ(number_text(row, Part::value), "4.80e5");
  row.unit = "s";
  row.value = 139.6;
  EXPECT_EQ(number_text(row, Part::value), "140");
  row.mcse = 0.01234;
  EXPECT_EQ(number_text(row, Part::mcse), "0.012");
  EXPECT_EQ(number_text(row, Part::q025), "");
}

TEST(display, prints_a_published_number_as_it_was_published) {
  Row row = small_row();
  row.source = "published";
  row.value = 11.0;
  EXPECT_EQ(number_text(row, Part::value), "11");
  row.value = 26.5;
  row.unit = "s";
  EXPECT_EQ(number_text(row, Part::value), "26.5");
  row.value = 20.360835;
  EXPECT_EQ(number_text(row, Part::value), "20");
}

RC_GTEST_PROP(ticks, are_round_and_hold_the_data, ()) {
  const double least = *rc::gen::inRange(-100000, 100000) / 100.0;
  const double most = least + *rc::gen::inRange(1, 100000) / 100.0;
  const auto at = ticks(least, most, 5);
  RC_ASSERT(at.size() >= 2U && at.size() <= 9U);
  RC_ASSERT(at.front() <= least + 1e-6 && at.back() >= most - 1e-6);
}

TEST(terminal_summary, fits_80_columns_of_ascii) {
  std::istringstream text(terminal_summary(fixture::input(), "out/report.html"));
  for (std::string line; std::getline(text, line);) {
    EXPECT_LE(line.size(), 80U) << line;
    EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) << line;
  }
}

TEST(terminal_summary, warns_and_shows_simulated_beside_published) {
  const std::string text = terminal_summary(fixture::input(), "out/report.html");
  EXPECT_NE(text.find("SIMULATED - not for clinical decisions"), std::string::npos);
  EXPECT_NE(text.find("placebo    Month 6      10.7 (0.11)      8.3 to 13.2     10.9 (1.2)"
                      "        yes"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("8.3*"), std::string::npos) << text;
  EXPECT_NE(text.find("Report: out/report.html"), std::string::npos);
}

TEST(terminal_summary, of_no_rows_still_warns) {
  ReportInput empty;
  empty.study_id = "S";
  EXPECT_NE(terminal_summary(empty, "").find("SIMULATED"), std::string::npos);
}

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = std::filesystem::path(testing::TempDir()) / (std::string("report_") + test->name());
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::filesystem::path dir_;
};

TEST_F(Folder, receives_every_file_whole) {
  write_output(dir_, {{"results.json", "{}"}, {"adam/ADSL.csv", "A,B\n"}});
  EXPECT_EQ(formats::read_text_file(dir_ / "results.json", 100).value(), "{}");
  EXPECT_EQ(formats::read_text_file(dir_ / "adam" / "ADSL.csv", 100).value(), "A,B\n");
}

TEST_F(Folder, is_never_left_by_a_path) {
  EXPECT_THROW(write_output(dir_, {{"../x", ""}}), diagnostics::ContractViolation);
  EXPECT_THROW(write_output(dir_, {{"/x", ""}}), diagnostics::ContractViolation);
  EXPECT_THROW(write_output(dir_, {{"", ""}}), diagnostics::ContractViolation);
}

TEST_F(Folder, that_cannot_be_made_is_an_error_of_the_outside_world) {
  write_output(dir_, {{"adam", "a file where a folder should be"}});
  EXPECT_THROW(write_output(dir_, {{"adam/ADSL.csv", ""}}), diagnostics::IoError);
}

TEST(adam_files, are_the_six_data_sets_and_each_says_simulated) {
  dataset::TrialDataset data;
  data.study_id = "S";
  const OutputFiles files = adam_files(data);
  ASSERT_EQ(files.size(), 6U);
  EXPECT_EQ(files[0].path, "adam/ADSL.csv");
  for (const OutputFile& file : files) EXPECT_TRUE(file.bytes.starts_with("STUDYID,SIMFL"));
}

}  // namespace
}  // namespace angiotrial::report
