// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "plan_case.hpp"

/// The pages on methods and the methods themselves tell the same.
namespace angiotrial::analysis::plan_test {
namespace {

std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(ANGIOTRIAL_SOURCE_DIR) +
                                                               "/docs/reference")) {
    if (entry.path().extension() == ".md") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

/// The ```toml blocks of a page.
std::vector<std::string> blocks_of(const std::string& page) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while ((at = page.find("```toml\n", at)) != std::string::npos) {
    at += 8;
    const std::size_t end = page.find("```", at);
    out.push_back(page.substr(at, end - at));
    at = end;
  }
  return out;
}

TEST(PlanDocs, EveryPlanOnAPageIsValid) {
  std::size_t count = 0;
  for (const auto& path : pages()) {
    for (const std::string& block : blocks_of(slurp(path))) {
      const auto read = read_plan(block, path.filename().string());
      EXPECT_TRUE(read.ok()) << diagnostics::to_string(read.problems());
      ++count;
    }
  }
  EXPECT_GT(count, 0U);
}

TEST(PlanDocs, EveryMethodStandsInAPlanOnSomePage) {
  std::set<std::string> shown;
  for (const auto& path : pages()) {
    for (const std::string& block : blocks_of(slurp(path))) {
      const auto read = read_plan(block, path.filename().string());
      if (!read.ok()) continue;
      for (const PlannedAnalysis& analysis : read.value().analyses) shown.insert(analysis.method);
    }
  }
  for (const MethodSummary& method : plan_methods()) {
    EXPECT_TRUE(shown.contains(std::string(method.name))) << method.name;
  }
}

TEST(PlanDocs, EveryOptionSaysWhatItMeans) {
  for (const MethodSummary& method : plan_methods()) {
    EXPECT_FALSE(method.what.empty());
    for (const schema::LedgerRow& row : plan_options(method.name)) {
      EXPECT_FALSE(row.meaning.empty()) << method.name << " " << row.path;
    }
  }
}

}  // namespace
}  // namespace angiotrial::analysis::plan_test
