// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/campaign/campaign.hpp>

#include <angiotrial/study/read_study.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace angiotrial::campaign {
namespace {

constexpr const char* small_study = R"(
schema = 1
[study]
id = "SMALL"
seed = 5
[protocol]
randomised = 12
horizon_months = 6.0
[arms.placebo]
dose_cells_per_kg = 0.0
[arms.low]
dose_cells_per_kg = 1.0e5
[visits.month_6]
month = 6
[scenarios.base]
[analysis]
reference_arm = "placebo"
)";

const study::Study& small() {
  static const study::Study study = study::read_study(small_study, "small.toml").value();
  return study;
}

const trial::Trial& small_trial() {
  static const trial::Trial trial(small().spec);
  return trial;
}

std::vector<Replicate> run(Shard shard, int threads) {
  return run_shard(small_trial(), shard, threads, [] { return true; });
}

TEST(Split, CoversEveryReplicateOnce) {
  const auto shards = split(45, 20);
  ASSERT_EQ(shards.size(), 3U);
  EXPECT_EQ(shards[2].first, 40U);
  EXPECT_EQ(shards[2].count, 5U);
}

TEST(RunShard, GivesTheSameRowsAtAnyThreadCount) {
  const auto one = run({0, 6}, 1);
  EXPECT_EQ(one, run({0, 6}, 2));
  EXPECT_EQ(one, run({0, 6}, 8));
}

TEST(RunShard, GivesTheSameRowsInAnyCut) {
  const auto whole = run({0, 4}, 2);
  const auto late = run({2, 2}, 1);
  EXPECT_EQ(whole[2], late[0]);
  EXPECT_EQ(whole[3], late[1]);
}

TEST(RunShard, StoppedEarlyGivesNothing) {
  EXPECT_TRUE(run_shard(small_trial(), {0, 4}, 1, [] { return false; }).empty());
}

TEST(ShardFile, ReadsBackToTheSameReplicates) {
  const auto shard = run({3, 3}, 2);
  const std::string text = to_json(small().hash, shard);
  const auto again = from_json(small().hash, text, "shard.json");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.value(), shard);
  EXPECT_EQ(to_json(small().hash, again.value()), text);
}

TEST(ShardFile, RefusesDamageAndOtherStudies) {
  const std::string text = to_json(small().hash, run({0, 1}, 1));
  EXPECT_FALSE(from_json("0", text, "shard.json").ok());
  EXPECT_FALSE(from_json(small().hash, text.substr(0, text.size() / 2), "shard.json").ok());
  EXPECT_FALSE(from_json(small().hash, "{}", "shard.json").ok());
}

Replicate with_value(std::uint32_t index, std::optional<double> value) {
  Replicate replicate;
  replicate.index = index;
  replicate.rows.resize(1);
  replicate.rows[0].statistic = "mean";
  replicate.rows[0].value = value;
  return replicate;
}

TEST(Aggregate, IsMeanErrorAndQuantiles) {
  Aggregate aggregate;
  for (std::uint32_t i = 0; i < 5; ++i) aggregate.add(with_value(i, i + 1.0));
  const analysis::Row row = aggregate.rows().at(0);
  EXPECT_DOUBLE_EQ(*row.value, 3.0);
  EXPECT_DOUBLE_EQ(*row.mcse, std::sqrt(2.5 / 5.0));
  EXPECT_DOUBLE_EQ(*row.q025, 1.1);
  EXPECT_DOUBLE_EQ(*row.q500, 3.0);
  EXPECT_DOUBLE_EQ(*row.q975, 4.9);
}

TEST(Aggregate, CountsRejectionsBesideThePValue) {
  Aggregate aggregate;
  for (const double p : {0.01, 0.04, 0.20, 0.60}) {
    Replicate replicate = with_value(static_cast<std::uint32_t>(aggregate.replicates()), p);
    replicate.rows[0].statistic = "p_value";
    aggregate.add(replicate);
  }
  const auto rows = aggregate.rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].statistic, "power");
  EXPECT_DOUBLE_EQ(*rows[1].value, 0.5);
  EXPECT_DOUBLE_EQ(*rows[1].mcse, 0.25);
}

TEST(RunShard, EveryReplicateHasTheSameRowsInTheSameOrder) {
  const auto shard = run({0, 6}, 2);
  for (const Replicate& replicate : shard) {
    ASSERT_EQ(replicate.rows.size(), shard[0].rows.size());
    for (std::size_t i = 0; i < replicate.rows.size(); ++i) {
      EXPECT_TRUE(analysis::same_statistic(replicate.rows[i], shard[0].rows[i])) << i;
    }
  }
}

TEST(Aggregate, LeavesASingleReplicateAsItIs) {
  Aggregate aggregate;
  aggregate.add(with_value(0, 2.0));
  EXPECT_DOUBLE_EQ(*aggregate.rows().at(0).value, 2.0);
  EXPECT_FALSE(aggregate.rows().at(0).mcse.has_value());
}

TEST(Aggregate, LeavesOutWhatCouldNotBeEstimated) {
  Aggregate aggregate;
  aggregate.add(with_value(0, std::nullopt));
  aggregate.add(with_value(1, 4.0));
  aggregate.add(with_value(2, 6.0));
  EXPECT_DOUBLE_EQ(*aggregate.rows().at(0).value, 5.0);
}

}  // namespace
}  // namespace angiotrial::campaign
