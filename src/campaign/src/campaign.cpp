// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/campaign/campaign.hpp>

#include <angiotrial/analysis/analyse.hpp>
#include <angiotrial/campaign/truth_rows.hpp>
#include <angiotrial/parallel/for_each_index.hpp>
#include <angiotrial/trial/trial.hpp>

#include <algorithm>
#include <iterator>

namespace angiotrial::campaign {

std::vector<Shard> split(std::uint32_t replicates, std::uint32_t size) {
  std::vector<Shard> shards;
  for (std::uint32_t first = 0; first < replicates; first += size) {
    shards.push_back({first, std::min(size, replicates - first)});
  }
  return shards;
}

namespace {

Replicate analysed(const trial::Trial& trial, const trial::TrialRecord& record,
                   std::uint32_t index) {
  const auto& spec = trial.conditions().spec;
  Replicate replicate;
  replicate.index = index;
  replicate.patients = record.flow.referred;
  replicate.failed_patients = record.flow.failed_patients;
  replicate.enrolment_filled = record.enrolment_filled;
  replicate.rows = truth_rows(spec, record);
  std::vector<analysis::Row> observed = analysis::analyse(record.observed, spec.analysis);
  for (analysis::Row& row : observed) row.scenario = "base";
  replicate.rows.insert(replicate.rows.end(), std::make_move_iterator(observed.begin()),
                        std::make_move_iterator(observed.end()));
  return replicate;
}

}  // namespace

Replicate run_replicate(const trial::Trial& trial, std::uint32_t index, int threads) {
  return analysed(trial, trial.conduct(index, threads), index);
}

std::vector<Replicate> run_shard(const trial::Trial& trial, Shard shard, int threads,
                                 const std::function<bool()>& on_done,
                                 const trial::TrialRecord* first) {
  std::vector<Replicate> results(shard.count);
  // Threads share the patients of a lone replicate.
  const int inner = shard.count == 1 ? threads : 1;
  const bool complete = parallel::for_each_index(shard.count, threads, [&](std::size_t i) {
    const std::uint32_t index = shard.first + static_cast<std::uint32_t>(i);
    results[i] = first != nullptr && i == 0 ? analysed(trial, *first, index)
                                            : run_replicate(trial, index, inner);
    return on_done();
  });
  if (!complete) results.clear();
  return results;
}

}  // namespace angiotrial::campaign
